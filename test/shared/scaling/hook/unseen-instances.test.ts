import { describe, expect, it } from 'vitest';
import { scaleOut } from '../../../../shared/scaling/hook/scale-out.ts';
import type { HookSituation } from '../../../../shared/scaling/hook/situation.ts';
import { noticedRow } from '../../../../shared/scaling/model.ts';
import { NOW_MS, SCALING, SCALING_GROUP } from '../../../support/builders.ts';

const MINUTE_MS = 60_000;
const ID = 'i-bp1new00000000000001';

/** A scale-out of one instance that belongs nowhere, as far as anybody can see. */
const aScaleOut = (overrides: Partial<HookSituation> = {}): HookSituation => ({
  row: {
    ...noticedRow({
      scalingGroupId: SCALING_GROUP,
      lifecycleHookId: 'ash-bp1scaleout001',
      token: 'T1',
      activityId: 'asa-1',
      instanceIds: [ID],
      noticedAtMs: NOW_MS,
    }),
    transition: 'SCALE_OUT',
    phase: 'waiting',
    startedAtMs: NOW_MS,
    deadlineMs: NOW_MS + 10 * MINUTE_MS,
  },
  hook: null,
  action: null,
  states: new Map([[ID, 'Pending:Wait']]),
  placesOf: () => [],
  unhandled: new Set(),
  unseen: new Set(),
  isBlind: false,
  policy: SCALING.policy,
  nowMs: NOW_MS,
  ...overrides,
});

describe('an instance of a scale-out that ECS does not list', () => {
  const unseen = new Set([ID]);

  it('has its hook wait: where it belongs cannot be told yet', () => {
    const turn = scaleOut(aScaleOut({ unseen }));

    expect(turn.call).toBeNull();
    expect(turn.wake?.atMs).toBe(NOW_MS + 2_000);
  });

  it('is not ready when ECS still does not list it after a minute', () => {
    const turn = scaleOut(aScaleOut({ unseen, nowMs: NOW_MS + MINUTE_MS }));

    expect(turn.row?.answer).toMatchObject({ result: 'ABANDON', reason: 'ECS does not list every instance' });
  });

  it('is nobody to wait for once it has left its scaling group', () => {
    const turn = scaleOut(aScaleOut({ unseen, states: new Map() }));

    expect(turn.row?.answer?.result).toBe('CONTINUE');
  });
});

it('an instance that is listed and belongs nowhere has its hook answered at once', () => {
  expect(scaleOut(aScaleOut()).row?.answer?.result).toBe('CONTINUE');
});
