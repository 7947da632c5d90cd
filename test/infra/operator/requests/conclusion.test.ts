import { describe, expect, it } from 'vitest';
import { concludeOnRequest } from '../../../../infra/operator/requests/conclusion.ts';
import type { FollowedRequest } from '../../../../infra/operator/requests/follow.ts';
import type { RequestResult } from '../../../../shared/requests/model.ts';
import { A_PLAN, anEndedRow, aResult, aSentRow, PLAIN, PLAN_HASH } from './builders.ts';

const conclude = (followed: FollowedRequest) =>
  concludeOnRequest(followed, { requestId: 'deploy-4711' }, PLAIN);
const ended = (result: Partial<RequestResult>): FollowedRequest => ({
  kind: 'ended',
  row: anEndedRow(result),
  result: aResult(result),
});

describe('how a command about a request ends', () => {
  it.each<[FollowedRequest, number, string]>([
    [ended({ outcome: 'refused', code: 'expired' }), 1, 'refused'],
    [ended({ outcome: 'failed', code: 'held' }), 1, 'failed'],
    [{ kind: 'time-is-up', row: null, why: null }, 3, 'unknown'],
    [{ kind: 'time-is-up', row: aSentRow(), why: 'no answer' }, 3, 'unknown'],
    [{ kind: 'detached', row: aSentRow() }, 3, 'unknown'],
    [{ kind: 'awaiting-approval', row: aSentRow({ phase: 'awaiting-approval' }) }, 4, 'awaiting-approval'],
    [ended({ outcome: 'foreseen', plan: A_PLAN, planHash: PLAN_HASH }), 0, 'foreseen'],
    [ended({}), 0, 'done'],
  ])('%#: %j', (followed, status, outcome) => {
    expect(conclude(followed)).toMatchObject({ status, outcome });
  });

  it('tells how to approve, and what', () => {
    const row = aSentRow({ phase: 'awaiting-approval', plan: A_PLAN, planHash: PLAN_HASH });

    expect(conclude({ kind: 'awaiting-approval', row }).text.split('\n')).toEqual([
      'awaiting approval: deploy-4711, drain i-bp1a of web for 2h',
      'What would be done:',
      '  ~ i-bp1a :8080  set-weight 0',
      '  ! i-bp1a :8080  held by min-in-service',
      `Plan hash: ${PLAN_HASH}`,
      'Somebody other than ci lets it go ahead with:',
      `  autopilot approve deploy-4711 --reason TEXT --key FILE --plan-hash ${PLAN_HASH}`,
    ]);
  });

  it('tells of a stale plan what it is now and what had been expected', () => {
    const steps = [{ subject: 'rsp-1/i-b:80', action: 'set-weight', to: '0' }] as const;
    const result = { outcome: 'refused', code: 'stale-plan', reason: 'The plan has changed.' } as const;

    const { text } = conclude(
      ended({ ...result, plan: A_PLAN, planHash: PLAN_HASH, expectedPlan: { steps, held: [] } }),
    );

    expect(text.split('\n')).toEqual([
      'refused (stale-plan): deploy-4711, drain i-bp1a of web for 2h',
      'The plan has changed.',
      'What would be done:',
      '  ~ i-bp1a :8080  set-weight 0',
      '  ! i-bp1a :8080  held by min-in-service',
      `Plan hash: ${PLAN_HASH}`,
      'What had been approved or expected:',
      '  ~ i-b :80  set-weight 0',
    ]);
  });

  it.each<[FollowedRequest, string]>([
    [ended({}), 'done: deploy-4711, drain i-bp1a of web for 2h\ni-bp1a is out of web until 06:18.'],
    [
      { kind: 'time-is-up', row: null, why: 'no answer' },
      'no function has taken deploy-4711 in yet (no answer). autopilot show deploy-4711 tells what becomes of it.',
    ],
    [
      { kind: 'detached', row: aSentRow({ phase: 'in-progress', waitingFor: 'a guard' }) },
      'Not watched any more; deploy-4711 is in progress, waits: a guard. It goes on. autopilot show deploy-4711 tells what becomes of it.',
    ],
  ])('%#: is told in sentences', (followed, text) => {
    expect(conclude(followed).text).toBe(text);
  });
});
