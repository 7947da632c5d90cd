import { describe, expect, it } from 'vitest';
import {
  heldTooMuch,
  notAtWeight,
  type Place,
  strangersChanged,
  unexplained,
  unremarked,
  untold,
  untoldWait,
  writesToStrangers,
} from '../../../../../infra/local/scenes/drift/checks.ts';
import type { CallRecord } from '../../../../../infra/local/world/calls.ts';
import type { PlanLine } from '../../../../../shared/comparison/sections/model.ts';
import type { SweepReport } from '../../../../../shared/sweep/model.ts';

const PLACE: Place = { vServerGroupId: 'rsp-1', serverId: 'i-1', port: 80 };
const SUBJECT = 'rsp-1/i-1:80';
const aHold = (reason: string, by = 'drift', subject = SUBJECT): PlanLine => ({
  kind: 'held',
  subject,
  by,
  reason,
});
const aWait = (reason: string): PlanLine => ({ kind: 'under-way', subject: SUBJECT, reason });

function aReport(
  lines: ReadonlyArray<PlanLine>,
  remarks: ReadonlyArray<string> = [],
): Pick<SweepReport, 'sections' | 'remarks'> {
  const about = { of: 'binding', name: 'web', place: 'lb-1 rsp-1', laneId: 'lb-1', failure: null } as const;
  return { sections: [{ ...about, lines, remarks, inService: 0, strangers: 0 }], remarks: ['of the sweep'] };
}

describe('notAtWeight', () => {
  const listed = { serverId: 'i-1', port: 80, weight: 7, description: '' };

  it('finds another weight, one that is missing, and one too many', () => {
    expect(notAtWeight([listed], PLACE, 100)).toEqual(['i-1:80 of rsp-1 has weight 7']);
    expect(notAtWeight([], PLACE, 100)).toEqual(['i-1:80 of rsp-1 is not there']);
    expect(notAtWeight([listed], PLACE, null)).toEqual(['i-1:80 of rsp-1 has weight 7']);
  });

  it('tells the port of an instance from its others', () => {
    expect(notAtWeight([{ ...listed, port: 81 }], PLACE, null)).toEqual([]);
    expect(notAtWeight([listed], PLACE, 7)).toEqual([]);
  });
});

describe('unexplained', () => {
  it('leaves out what is about these backends or groups, and nothing else', () => {
    const problems = [
      'i-1:80 of rsp-1 is missing',
      'i-1:8 of rsp-1 is missing',
      'i-2:80 of rsp-2 is missing',
      'i-2:80 of rsp-22 is missing',
    ];

    expect(unexplained(problems, [PLACE], ['rsp-2'])).toEqual([
      'i-1:8 of rsp-1 is missing',
      'i-2:80 of rsp-22 is missing',
    ]);
  });
});

describe('untold', () => {
  const expected = [{ subject: SUBJECT, by: 'drift', reason: 'it is kept' }];

  it('finds what the report does not say, does not hold, or holds for another reason', () => {
    expect(untold(aReport([]), expected)).toEqual([`the report says nothing of ${SUBJECT}`]);
    expect(untold(aReport([aWait('draining')]), expected)).toEqual([`${SUBJECT} is not held: under-way`]);
    expect(untold(aReport([aHold('too few', 'min-in-service')]), expected)).toEqual([
      `${SUBJECT} is held by min-in-service: too few`,
    ]);
  });

  it('accepts the reason with more words', () => {
    expect(untold(aReport([aHold('somebody has set weight 9; it is kept')]), expected)).toEqual([]);
  });
});

describe('untoldWait', () => {
  it('finds what waits for something else, is held, or is not told', () => {
    expect(untoldWait(aReport([aWait('ECS does not list it')]), SUBJECT, 'does not list')).toEqual([]);
    expect(untoldWait(aReport([aWait('draining')]), SUBJECT, 'does not list')).toHaveLength(1);
    expect(untoldWait(aReport([aHold('does not list')]), SUBJECT, 'does not list')).toHaveLength(1);
    expect(untoldWait(aReport([]), SUBJECT, 'does not list')).toHaveLength(1);
  });
});

describe('heldTooMuch', () => {
  it('finds what nobody expected to be held', () => {
    const report = aReport([aHold('kept'), aHold('too few', 'min-in-service', 'rsp-1/i-2:80'), aWait('x')]);

    expect(heldTooMuch(report, [{ subject: SUBJECT, by: 'drift', reason: '' }])).toEqual([
      'rsp-1/i-2:80 is held: too few',
    ]);
  });
});

describe('unremarked', () => {
  const report = aReport([], ['no listener uses the group']);

  it('looks for the words at the binding, or at the sweep', () => {
    expect(unremarked(report, 'web', 'no listener')).toEqual([]);
    expect(unremarked(report, null, 'of the sweep')).toEqual([]);
    expect(unremarked(report, null, 'no listener')).toEqual(['no remark says “no listener”: of the sweep']);
    expect(unremarked(report, 'api', 'no listener')).toEqual(['no remark says “no listener”']);
  });
});

describe('strangers', () => {
  it('are found when they are gone or any letter of them differs', () => {
    const before = new Map([
      ['a', '{"weight":1}'],
      ['b', '{"weight":2}'],
      ['c', '{"weight":3}'],
    ]);
    const after = new Map([
      ['a', '{"weight":1}'],
      ['b', '{"weight":20}'],
    ]);

    expect(strangersChanged(before, after)).toEqual(['b was {"weight":2} and is {"weight":20}', 'c is gone']);
  });

  it('are found in the writes to their group, by server and port', () => {
    const write = (vServerGroupId: string, port: number) =>
      ({
        action: 'SetVServerGroupAttribute',
        parameters: { vServerGroupId, backendServers: [{ serverId: 'i-1', port }] },
      }) as unknown as CallRecord;

    expect(writesToStrangers([write('rsp-1', 80), write('rsp-1', 81), write('rsp-2', 80)], [PLACE])).toEqual([
      'SetVServerGroupAttribute named i-1:80 of rsp-1',
    ]);
  });
});
