import { describe, expect, it } from 'vitest';
import {
  describeCalls,
  describeChange,
  describePlan,
  describeStanding,
} from '../../../../infra/operator/requests/words.ts';
import type { Change } from '../../../../shared/requests/document.ts';
import { NOW_MS } from '../../../support/builders.ts';
import { A_PLAN, anEndedRow, aSentRow } from './builders.ts';

describe('a change in words', () => {
  const OF_WEB = { binding: 'web', instances: ['i-a'] };

  it.each<[Change, string]>([
    [{ kind: 'drain', ...OF_WEB, for: '2h' }, 'drain i-a of web for 2h'],
    [{ kind: 'remove', ...OF_WEB, ports: [80, 81] }, 'remove i-a :80, :81 of web'],
    [
      { kind: 'join', ...OF_WEB, instances: ['i-a', 'i-b', 'i-c', 'i-d', 'i-e'], for: '1h' },
      'join i-a, i-b, i-c and 2 more of web for 1h',
    ],
    [{ kind: 'set-weight', ...OF_WEB, weight: 0, for: '1h' }, 'set-weight i-a of web to 0 for 1h'],
    [{ kind: 'set-weight', ...OF_WEB, percent: 50, for: '1h' }, 'set-weight i-a of web to 50 % for 1h'],
    [
      {
        kind: 'set-weight',
        binding: 'web',
        instances: 'all',
        weights: [
          { instance: 'i-a', weight: 5 },
          { zone: 'cn-hangzhou-h', weight: 80 },
        ],
        weight: 90,
        for: '1h',
      },
      'set-weight all instances of web to 5 for i-a, 80 for cn-hangzhou-h, 90 for the others for 1h',
    ],
    [{ kind: 'release-override', ...OF_WEB }, 'release-override i-a of web'],
    [{ kind: 'lift-guard', ...OF_WEB, guard: 'unsure', for: '5m' }, 'lift-guard i-a of web, unsure for 5m'],
    [{ kind: 'promote', pair: 'db', to: 'i-b' }, 'promote db to i-b'],
    [{ kind: 'fail-back', pair: 'db' }, 'fail-back db'],
    [{ kind: 'pause', pair: 'db', for: '2h' }, 'pause db for 2h'],
    [{ kind: 'approve', binding: 'web', requestId: 'r-1', planHash: '' }, 'approve r-1 of web'],
  ])('%j', (change, text) => {
    expect(describeChange(change)).toBe(text);
  });
});

describe('a plan in words', () => {
  it('has a line for each step, and says what would hold it', () => {
    const steps = [
      ...A_PLAN.steps,
      { subject: 'rsp-bp1web000001/i-bp1longer:80', action: 'remove', to: '' },
      { subject: 'CreateMasterSlaveServerGroup', action: 'call', to: 'i-b > i-a' },
    ] as const;

    expect(describePlan({ ...A_PLAN, steps })).toEqual([
      '  ~ i-bp1a :8080                  set-weight 0',
      '  - i-bp1longer :80               remove',
      '  > CreateMasterSlaveServerGroup  call i-b > i-a',
      '  ! i-bp1a :8080  held by min-in-service',
    ]);
  });

  it('says so when nothing would be changed', () => {
    expect(describePlan({ steps: [], held: [] })).toEqual(['  nothing would be changed']);
  });
});

it.each([
  [aSentRow({ phase: 'in-progress' }), 'in progress'],
  [anEndedRow(), 'done'],
  [anEndedRow({ outcome: 'refused', code: 'stale-plan' }), 'refused (stale-plan)'],
])('says where a request is', (row, text) => {
  expect(describeStanding(row)).toBe(text);
});

describe('a request that has just been approved', () => {
  it('awaits no approval any more, though no function has gone on with it', () => {
    const row = aSentRow({
      phase: 'awaiting-approval',
      approval: { by: 'ops', requestId: 'a-1', atMs: NOW_MS },
    });

    expect(describeStanding(row)).toBe('approved');
  });
});

it('tells calls with the request ids that the cloud gave', () => {
  const call = { atMs: NOW_MS, action: 'weight-set', subject: 'rsp-1/i-a:80', reason: 'asked for' };

  expect(
    describeCalls({
      calls: [
        { ...call, requestIds: ['A-1', 'A-2'] },
        { ...call, requestIds: [] },
      ],
    }),
  ).toEqual([
    '2026-04-09T04:18:26Z weight-set i-a :80: asked for (request A-1, A-2)',
    '2026-04-09T04:18:26Z weight-set i-a :80: asked for',
  ]);
});
