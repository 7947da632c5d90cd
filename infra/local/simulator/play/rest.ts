import { QUEUES } from '../../../../shared/adapters/mns/queues.ts';
import type { Config } from '../../../../shared/config/load.ts';
import type { MemoryClouds } from '../../memory/clouds.ts';
import type { ScalingActivity } from '../../world/ess/model.ts';

const MINUTE_MS = 60_000;
/** Waits that no configuration names: proof of absence, an event ahead of ECS, a held backend, back-off at its longest. */
const OWN_WAITS_MS = 3 * MINUTE_MS;
const TICKS_MS = 3 * MINUTE_MS;
/** A secondary is waited for five minutes, and a group that counts as in use for as long before it can be deleted. */
const PAIR_CHANGE_MS = 11 * MINUTE_MS;

/**
 * How long everything may take to come to rest once nothing disturbs any more: the longest wait of the configuration, a
 * full comparison, the verification of a last write, some ticks.
 */
export function restMs({ bindings, pairs, timing }: Config): number {
  const waits = bindings.map(({ drain, join, readiness }) => {
    const ramp = join.rampPercents.length * join.rampEveryMs;
    const proof = readiness === 'running' ? 0 : join.readyWithinMs;
    return drain.timeMs + proof + ramp;
  });
  const verification = timing.leaseMs + timing.callTimeoutMs;
  const ofPairs = pairs.map(({ badForMs, coolDownMs, runningForMs, failBackAfterMs }) => {
    // What is due after a change waits for its cool-down; one more change may be due by then.
    return badForMs + runningForMs + (failBackAfterMs ?? 0) + 2 * (coolDownMs + PAIR_CHANGE_MS);
  });
  return Math.max(0, ...waits, ...ofPairs) + timing.compareMs + verification + OWN_WAITS_MS + TICKS_MS;
}

/** A request that is held is followed for an hour; what it asked for may end after that. */
export const REQUESTS_MS = 70 * MINUTE_MS;

/** Whether nothing is on its way in the clouds themselves: no message, no change of an instance, no scaling activity. */
export function isCalm(clouds: MemoryClouds): boolean {
  const { foundation, mns, ecs } = clouds;
  const { store } = foundation;
  const isEmpty = (queueName: string) => {
    const { activeMessages, inactiveMessages, delayMessages } = mns.getQueueAttributes(queueName);
    return activeMessages + inactiveMessages + delayMessages === 0;
  };
  return (
    store.collection('eventbridge-deliveries').size + store.collection('ess/notifications').size === 0 &&
    isEmpty(QUEUES.instanceEvents) &&
    isEmpty(QUEUES.scalingHooks) &&
    isEmpty(QUEUES.changeRequests) &&
    ecs.instances().every(({ steps, reclaimAtMs }) => steps.length === 0 && reclaimAtMs === undefined) &&
    ecs.systemEvents().length === 0 &&
    !isScaling(clouds)
  );
}

/** Whether anything is in progress in a scaling group. */
export function isScaling({ foundation }: Pick<MemoryClouds, 'foundation'>): boolean {
  for (const { endedAtMs } of foundation.store.collection<ScalingActivity>('ess/activities').values()) {
    if (endedAtMs === null) return true;
  }
  return false;
}
