import type { Binding } from '../../../../shared/config/binding.ts';
import { formatDuration } from '../../../../shared/config/duration.ts';
import { REMOVAL_MS } from '../../../../shared/scaling/hook/scale-in.ts';
import { JOIN_SLACK_MS } from '../../../../shared/scaling/hook/scale-out.ts';
import { HEARTBEAT_MARGIN_MS, HEARTBEATS_MAX, WAIT_MAX_MS } from '../../../../shared/scaling/limits.ts';
import { isOurs, type LifecycleHook } from '../../../../shared/scaling/model.ts';
import { heartbeatsFor } from '../heartbeats.ts';
import { anError, aWarning, type Facts, type Finding, fine } from '../model.ts';
import { bindingsOf, drainMsOf, whereOf } from '../relations.ts';

/** The longest that a hook can be kept waiting: six hours, less two ticks to answer in. */
const LONGEST_MS = WAIT_MAX_MS - HEARTBEAT_MARGIN_MS;
const LONGEST = `ESS waits ${formatDuration(WAIT_MAX_MS)} at most with ${HEARTBEATS_MAX} heartbeats, less two ticks as a margin: ${formatDuration(LONGEST_MS)}`;

/** Whether the hooks of a scaling group can wait as long as drains and joins last. */
export function waitFindings(
  facts: Facts,
  scalingGroupId: string,
  hooks: ReadonlyArray<LifecycleHook>,
): ReadonlyArray<Finding> {
  const { assume } = facts.config;
  const bindings = bindingsOf(facts, scalingGroupId);
  return hooks
    .filter((hook) => isOurs(hook, assume))
    .flatMap((hook) =>
      bindings.flatMap((binding) =>
        hook.transition === 'SCALE_IN'
          ? [drainOf(facts, scalingGroupId, hook, binding)]
          : joinOf(facts, scalingGroupId, hook, binding),
      ),
    );
}

function drainOf(facts: Facts, scalingGroupId: string, hook: LifecycleHook, binding: Binding): Finding {
  const where = { ...whereOf(scalingGroupId, hook), binding: binding.name };
  const drainMs = drainMsOf(facts, binding);
  const neededMs = Math.min(drainMs + REMOVAL_MS, LONGEST_MS);
  const heartbeats = heartbeatsFor(hook.timeoutSeconds, neededMs, facts.config.assume);
  const drain = `a drain of ${formatDuration(drainMs)}`;
  // Within that time the functions' plan never needs more heartbeats than ESS grants; if it did, this would tell.
  if (drainMs > LONGEST_MS || heartbeats === null) {
    const found = `${drain} is longer than the hook can wait; ${LONGEST}`;
    return anError('drain-wait', where, found, `set drain.time to ${formatDuration(LONGEST_MS)} at most`);
  }
  const { count, longestSeconds } = heartbeats;
  const beats = count === 1 ? '1 heartbeat' : `${count} heartbeats`;
  const told = count === 0 ? 'no heartbeat' : `${beats} of ${HEARTBEATS_MAX}, of ${longestSeconds} s at most`;
  return fine('drain-wait', where, `${drain} needs ${told}`);
}

function joinOf(
  { config }: Facts,
  scalingGroupId: string,
  hook: LifecycleHook,
  binding: Binding,
): ReadonlyArray<Finding> {
  const { readyWithinMs } = binding.join;
  if (binding.readiness === 'running' || readyWithinMs + JOIN_SLACK_MS <= LONGEST_MS) return [];
  const result = config.scaling.policy.whenNotReady === 'abandon' ? 'ABANDON' : 'CONTINUE';
  const found = `join.readyWithin is ${formatDuration(readyWithinMs)}, longer than the hook can wait; ${LONGEST}, then it is answered ${result}`;
  const fix = `set join.readyWithin to ${formatDuration(LONGEST_MS - JOIN_SLACK_MS)} at most`;
  const where = { ...whereOf(scalingGroupId, hook), binding: binding.name };
  return [aWarning('join-wait', where, found, fix)];
}
