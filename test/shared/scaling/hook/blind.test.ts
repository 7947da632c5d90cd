import { describe, expect, it } from 'vitest';
import type { HookSituation } from '../../../../shared/scaling/hook/situation.ts';
import { transition } from '../../../../shared/scaling/hook/transition.ts';
import { type HookRow, noticedRow } from '../../../../shared/scaling/model.ts';
import { NOW_MS, SCALING, SCALING_GROUP } from '../../../support/builders.ts';

const MINUTE_MS = 60_000;
const HOOK = 'ash-bp1scalein0001';
const ID = 'i-bp1old00000000000001';
const KNOWN = { lifecycleHookId: HOOK, token: 'T1', activityId: 'asa-1', instanceIds: [ID] };

const aRow = (changes: Partial<HookRow>): HookRow => ({
  ...noticedRow({ scalingGroupId: SCALING_GROUP, ...KNOWN, noticedAtMs: NOW_MS }),
  transition: 'SCALE_IN',
  phase: 'waiting',
  startedAtMs: NOW_MS,
  deadlineMs: NOW_MS + 5 * MINUTE_MS,
  orderedAtMs: NOW_MS,
  ...changes,
});

/** SLB does not answer, so that nobody is seen to be anywhere. */
const unseeing = (row: HookRow, nowMs: number): HookSituation => ({
  row,
  hook: {
    lifecycleHookId: HOOK,
    name: 'out',
    transition: 'SCALE_IN',
    timeoutSeconds: 300,
    defaultResult: 'CONTINUE',
    isActive: true,
    notificationArn: '',
  },
  action: { ...KNOWN, status: 'Pending', result: null },
  states: new Map([[ID, 'InService']]),
  placesOf: () => [],
  unhandled: new Set(),
  unseen: new Set(),
  isBlind: true,
  policy: SCALING.policy,
  nowMs,
});

describe('a hook whose instances nobody can see', () => {
  it('is not answered for that', () => {
    const turn = transition(unseeing(aRow({}), NOW_MS + MINUTE_MS));

    expect(turn.call).toBeNull();
    expect(turn.row?.answer).toBeNull();
  });

  it('is kept waiting, for its own timeout', () => {
    const { call } = transition(unseeing(aRow({}), NOW_MS + 3 * MINUTE_MS));

    expect(call).toMatchObject({ kind: 'heartbeat', seconds: 300 });
  });

  it('gets the answer that was decided before', () => {
    const answer = { result: 'CONTINUE', reason: 'drained', clientToken: 'c', decidedAtMs: NOW_MS } as const;
    const { call } = transition(unseeing(aRow({ answer }), NOW_MS + MINUTE_MS));

    expect(call).toMatchObject({ kind: 'complete', answer });
  });

  it('is answered by the setting when its time is up', () => {
    const { row } = transition(unseeing(aRow({}), NOW_MS + 6 * 60 * MINUTE_MS - 2 * MINUTE_MS));

    expect(row?.answer).toMatchObject({ result: 'ROLLBACK' });
  });

  it('has nobody told to come back when its wait is over: whom, would not be known', () => {
    const row = aRow({ phase: 'ending', endedAtMs: NOW_MS, orderedAtMs: null });
    const turn = transition(unseeing(row, NOW_MS + MINUTE_MS));

    expect(turn.row).toBe(row);
    expect(turn.orders).toEqual([]);
  });
});
