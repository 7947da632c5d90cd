import { expect, it } from 'vitest';
import type { LifecycleState } from '../../../../shared/instances/model.ts';
import { ending } from '../../../../shared/scaling/hook/ending.ts';
import type { Place } from '../../../../shared/scaling/places.ts';
import { aHookRow, LB, NOW_MS, SCALING } from '../../../support/builders.ts';
import { aPlace } from '../scaling-input.ts';

const ID = 'i-web0001';
const PLACE: Place = aPlace({ record: null, backend: null });

/** A wait that was over ten seconds ago; its one instance is in this state. */
const endingIn = (state: LifecycleState) =>
  ending({
    row: aHookRow({ phase: 'ending', instanceIds: [ID], endedAtMs: NOW_MS - 10_000 }),
    hook: null,
    action: null,
    states: new Map([[ID, state]]),
    placesOf: () => [PLACE],
    unhandled: new Set(),
    unseen: new Set(),
    isBlind: false,
    policy: SCALING.policy,
    nowMs: NOW_MS,
  });

it.each(['InService', 'Protected', 'Standby', 'Stopped'] as const)(
  'an instance that stays in its scaling group as %s leaves no longer for the scale-in, and that is all',
  (state) => {
    const { row, orders } = endingIn(state);

    expect(row).toBeNull();
    expect(orders).toMatchObject([
      { laneId: LB, signal: { instanceId: ID, news: { kind: 'return', cause: 'scale-in' } } },
    ]);
  },
);

it('an instance that waits for another hook on its way out is waited for', () => {
  const { row, orders } = endingIn('Removing:Wait');

  expect(row).not.toBeNull();
  expect(orders).toEqual([]);
});
