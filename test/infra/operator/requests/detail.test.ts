import { describe, expect, it } from 'vitest';
import { describeRequest } from '../../../../infra/operator/requests/detail.ts';
import { describeRequests } from '../../../../infra/operator/requests/overview.ts';
import { NOW_MS } from '../../../support/builders.ts';
import { aRequest, signed } from '../../../support/requests.ts';
import { A_PLAN, anEndedRow, aScreen, aSentRow, PLAN_HASH } from './builders.ts';

const LATER_MS = NOW_MS + 180_000;

describe('requests in a table', () => {
  it('fits the terminal, with what each waits for', () => {
    const instances = ['1', '2', '3', '4'].map((each) => `i-bp1ecr0000000005go2g${each}`);
    const long = aRequest({
      requestId: 'cli-20260409T041826-x7k2',
      change: { kind: 'drain', binding: 'web', instances, for: '2h' },
    });
    const rows = [
      anEndedRow({ outcome: 'refused', code: 'right-not-held' }),
      aSentRow({ phase: 'in-progress', waitingFor: 'min-in-service holds two of the four backends' }, long),
    ];

    const text = describeRequests(rows, LATER_MS, aScreen(true, 100));

    expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
    expect(text).toMatch(/deploy-4711 +drain i-bp1a of web for 2h, by ci +refused +3 min/);
    expect(text).toMatch(/cli-20260409T041826-x7k2 .* in progress +3 min/);
    expect(text).toContain('waits: min-in-service holds two of the');
  });
});

describe('one request in detail', () => {
  it('says who must do what while it waits for approval', () => {
    const row = aSentRow({ phase: 'awaiting-approval', plan: A_PLAN, planHash: PLAN_HASH });

    const text = describeRequest(row, LATER_MS, aScreen());

    expect(text.split('\n').slice(0, 9)).toEqual([
      'deploy-4711  drain i-bp1a of web for 2h',
      'state       awaiting approval',
      'asked       by ci, signed with ci-2026: kernel update',
      'received    2026-04-09T04:18:26Z, 3 min ago, for the binding web',
      'approval    nobody yet: autopilot approve deploy-4711 --reason TEXT --key FILE',
      'The plan:',
      '  ~ i-bp1a :8080  set-weight 0',
      '  ! i-bp1a :8080  held by min-in-service',
      `Plan hash: ${PLAN_HASH}`,
    ]);
    expect(text).toContain('"requestId": "deploy-4711"');
  });

  it('says who approved it, how it ended and which calls were made', () => {
    const call = {
      atMs: NOW_MS,
      action: 'weight-set',
      subject: 'rsp-1/i-a:80',
      reason: 'asked for',
      requestIds: ['A-1'],
    };
    const row = {
      ...anEndedRow({ calls: [call] }, signed(aRequest({ notAfter: '2026-04-09T06:00:00Z' }))),
      begunAtMs: NOW_MS + 1_000,
      approval: { by: 'mei', requestId: 'yes-1', atMs: NOW_MS },
    };

    const text = describeRequest(row, LATER_MS, aScreen());

    expect(text.split('\n').slice(1, 8)).toEqual([
      'state       done',
      'asked       by ci, signed with ci-2026: kernel update',
      'received    2026-04-09T04:18:26Z, 3 min ago, for the binding web; begun 2026-04-09T04:18:27Z',
      'bounds      not begun after 2026-04-09T06:00:00Z',
      'approved    by mei at 2026-04-09T04:18:26Z (request yes-1)',
      'ended       2026-04-09T04:18:26Z: i-bp1a is out of web until 06:18.',
      'calls       2026-04-09T04:18:26Z weight-set i-a :80: asked for (request A-1)',
    ]);
  });
});
