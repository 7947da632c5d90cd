import { describe, expect, it } from 'vitest';
import { configurationFindings } from '../../../../infra/operator/doctor/checks/configuration.ts';
import { tableFindings } from '../../../../infra/operator/doctor/checks/tables.ts';
import { diagnose, notesOn } from '../../../../infra/operator/doctor/diagnose.ts';
import { ConfigError } from '../../../../shared/config/faults.ts';
import { aLoadBalancer, LB } from '../../../support/builders.ts';
import { known, scaledFacts, someFacts, unknown } from './facts.ts';

describe('the diagnosis', () => {
  it('finds nothing wrong where nothing is', () => {
    for (const facts of [someFacts(), scaledFacts()]) {
      expect(diagnose(facts).filter(({ severity }) => severity !== 'ok')).toEqual([]);
    }
  });

  it('tells errors first, then warnings, then what is well', () => {
    const facts = someFacts({
      loadBalancers: new Map([[LB, known(aLoadBalancer({ backendCount: 180, listeners: [] }))]]),
      tables: known([{ name: 'lanes', state: 'missing' }]),
    });

    const severities = diagnose(facts).map(({ severity }) => severity);

    expect(severities).toEqual(['error', 'warning', 'warning', 'ok', 'ok', 'ok']);
  });
});

describe('tables', () => {
  it('that are missing are errors, and those that may not be read are neither well nor wrong', () => {
    const tables = known([
      { name: 'lanes', state: 'present' as const },
      { name: 'hooks', state: 'missing' as const },
      { name: 'audit', state: 'forbidden' as const },
    ]);

    expect(tableFindings(someFacts({ tables }))).toMatchObject([
      { severity: 'error', where: { table: 'hooks' } },
      { severity: 'ok', found: 'the tables lanes are there' },
    ]);
    expect(notesOn(someFacts({ tables }))[0]).toBe(
      'Not looked at: the tables audit, which this key may not read.',
    );
  });

  it('that cannot be asked about are told of once', () => {
    expect(tableFindings(someFacts({ tables: unknown('no answer') }))).toMatchObject([
      { check: 'not-checked', found: 'could not be checked: the tables: no answer' },
    ]);
  });
});

describe('faults of the configuration', () => {
  it('are findings with their place, in the words of validate', () => {
    const error = new ConfigError('autopilot.yaml', [
      {
        path: 'bindings[0].ports[0].weight',
        found: '101',
        allowed: 'a whole number from 0 to 100',
        line: 8,
        column: 33,
      },
      {
        path: '',
        found: 'a larger file',
        allowed: 'a file of at most 1048576 bytes',
        line: null,
        column: null,
      },
    ]);

    expect(configurationFindings(error)).toMatchObject([
      {
        severity: 'error',
        check: 'configuration',
        where: { file: 'autopilot.yaml:8:33' },
        found: 'bindings[0].ports[0].weight: found 101',
        fix: 'allowed is a whole number from 0 to 100',
      },
      { where: { file: 'autopilot.yaml' }, found: 'found a larger file' },
    ]);
  });
});
