import { describe, expect, it } from 'vitest';
import { composeRequest, newRequestId, OPTION_NAMES } from '../../../../infra/operator/requests/compose.ts';
import { checkDocument } from '../../../../infra/operator/requests/faults.ts';
import { NOW_MS } from '../../../support/builders.ts';

const GIVEN = { requestId: 'cli-1', requestedBy: 'ci' };
const DRAIN = { kind: 'drain', binding: 'web', instances: ['i-bp1a'] };

const faultsOf = (document: unknown, names = OPTION_NAMES) => {
  const checked = checkDocument(document, names);
  return checked.kind === 'faulty' ? checked.faults : [];
};

describe('a request that is composed of options', () => {
  it('tells every fault by the name of its option', () => {
    const said = { for: '20d', port: ['8080', 'http'], id: 'a b', notAfter: 'tomorrow' };

    const document = composeRequest({ ...DRAIN, instances: ['web-1'] }, said, GIVEN);

    expect(faultsOf(document)).toEqual([
      '--id: found "a b", allowed is 1 to 64 of letters, digits, ".", "_", ":" and "-".',
      '--reason is missing (--reason "kernel update").',
      '--not-after: found "tomorrow", allowed is an instant such as 2026-04-09T04:18:26Z.',
      'the instances: found "web-1", allowed is the id of an instance, i-…, eni-… or eci-….',
      '--port: found "http", allowed is a number.',
      '--for: found "20d", allowed is a duration such as 30s, 5m or 2h.',
    ]);
  });

  it.each([
    [{ for: '8000h', reason: 'x' }, ['--for: found "8000h", allowed is a duration from 1 s to 168 h.']],
    [{ reason: 'x' }, ['--for is missing (--for 2h).']],
    [{ for: '2h', reason: ' ' }, ['--reason: found " ", allowed is more than spaces.']],
    [
      { for: '2h', reason: 'x', port: ['80', '80'] },
      ['--port: found a list of 2, allowed is each port once.'],
    ],
    [{ for: '2h', reason: 'x', port: ['70000'] }, ['--port: found 70000, allowed is at most 65535.']],
    [
      { for: '2h', reason: 'half \ud800' },
      ['The request cannot be signed: it has a text with half a surrogate pair.'],
    ],
  ])('finds what is wrong with %j', (said, faults) => {
    expect(faultsOf(composeRequest(DRAIN, said, GIVEN))).toEqual(faults);
  });

  it.each([
    [
      { for: '2h' },
      ['--weight, --weight-of, --percent: allowed is either percent, or weight, weights or both.'],
    ],
    [
      { for: '2h', weight: '3', percent: '5' },
      ['--weight, --weight-of, --percent: allowed is either percent, or weight, weights or both.'],
    ],
    [{ for: '2h', weight: '101' }, ['--weight: found 101, allowed is at most 100.']],
    [{ for: '2h', percent: 'half' }, ['--percent: found "half", allowed is a number.']],
    [
      { for: '2h', weightOf: ['i-bp1a=5', 'i-bp1a=6'] },
      ['--weight-of: found a list of 2, allowed is each instance, instance type and zone once.'],
    ],
    [{ for: '2h', weightOf: ['i-bp1a=500'] }, ['--weight-of: found 500, allowed is at most 100.']],
    [
      { for: '2h', weightOf: ['g7=5'] },
      ['--weight-of: found "g7", allowed is a zone such as cn-hangzhou-h.'],
    ],
  ])('finds what is wrong with a weight of %j', (said, faults) => {
    const asked = { ...DRAIN, kind: 'set-weight' };

    expect(faultsOf(composeRequest(asked, { reason: 'x', ...said }, GIVEN))).toEqual(faults);
  });

  it('says of weights whether they are of an instance, an instance type or a zone', () => {
    const asked = { kind: 'set-weight', binding: 'web', instances: 'all' } as const;
    const weightOf = ['i-bp1a=5', 'ecs.g7.large=50', 'cn-hangzhou-h=80'];
    const document = composeRequest(asked, { reason: 'x', for: '1h', weight: '90', weightOf }, GIVEN);

    expect(faultsOf(document)).toEqual([]);
    expect(document.change).toMatchObject({
      instances: 'all',
      weight: 90,
      weights: [
        { instance: 'i-bp1a', weight: 5 },
        { instanceType: 'ecs.g7.large', weight: 50 },
        { zone: 'cn-hangzhou-h', weight: 80 },
      ],
    });
  });

  it('names the guards that may be lifted', () => {
    const asked = { ...DRAIN, kind: 'lift-guard' };

    expect(faultsOf(composeRequest(asked, { reason: 'x', for: '1h', guard: 'quota' }, GIVEN))).toEqual([
      '--guard: found "quota", allowed is one of min-in-service, max-disruption, unsure.',
    ]);
  });

  it('says what was said and nothing else', () => {
    const said = { reason: 'kernel update', for: '2h', port: ['8080', '8081'], dryRun: true } as const;

    expect(composeRequest(DRAIN, said, GIVEN)).toEqual({
      kind: 'slb-autopilot/change-request',
      version: 1,
      requestId: 'cli-1',
      requestedBy: 'ci',
      reason: 'kernel update',
      dryRun: true,
      change: { kind: 'drain', binding: 'web', instances: ['i-bp1a'], ports: [8080, 8081], for: '2h' },
    });
  });

  it('has an id that says when it was made, and another one for every one made then', () => {
    const ids = ['a', 'b', 'c'].map((newId) => newRequestId(NOW_MS, newId));

    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^cli-20260409T041826-[a-z0-9]{4}$/);
  });
});

describe('a request that is written already', () => {
  it('tells faults by their path, and no value of a member that nobody knows', () => {
    const document = { kind: 'slb-autopilot/change-request', version: 1, password: 'hunter2' };

    const faults = faultsOf(document, {});

    expect(faults).toContain('change is missing.');
    expect(faults).toContain('password: the request has no such member.');
    expect(faults.join()).not.toContain('hunter2');
  });

  it.each([
    [[], 'The request is no JSON object.'],
    [
      { change: { kind: 'explode' } },
      'change.kind: found "explode", allowed is one of drain, remove, join, set-weight, release-override, lift-guard, promote, fail-back, pause, resume, approve.',
    ],
    [{ version: 2 }, 'version: found 2, allowed is 1.'],
  ])('refuses %j', (document, fault) => {
    const faults = faultsOf(document, {});

    expect(faults).toContain(fault);
  });

  it('fits into a message', () => {
    expect(faultsOf({ reason: 'x'.repeat(50_000) }, {})).toEqual([
      'The request has 50013 bytes; at most 49152 are allowed.',
    ]);
  });
});
