import type { MakeInvariant } from './invariant.ts';
import { AllKnowledge } from './knowledge.ts';
import { groupWriteOf } from './our-writes.ts';

/** Older than this, an observation is no ground for a write. */
const OBSERVATION_AGE_MAX_MS = 10_000;

/**
 * I1: no write of ours, judged on the observation it was planned on, takes a group's effective capacity below its guard.
 * Effective is what has a weight and runs.
 */
export const capacity: MakeInvariant = ({ config, nowMs }, violate) => {
  const knowledge = new AllKnowledge();
  const guardOf = (groupId: string) =>
    Math.max(
      1,
      ...config.bindings
        .filter(({ vServerGroupId }) => vServerGroupId === groupId)
        .map(({ guards }) => guards.minInService),
    );
  return {
    heard: (call) => knowledge.heard(call),
    sent(call) {
      const write = groupWriteOf(call);
      if (write === null || write.kind === 'add') return;
      const { vServerGroupId } = write;
      const { groups, instances } = knowledge.of(call.worker);
      const seen = groups.get(vServerGroupId);
      if (seen === undefined) {
        violate(`${call.worker} writes to ${vServerGroupId} without having looked at it`);
        return;
      }
      const ageMs = nowMs() - seen.readAtMs;
      if (ageMs > OBSERVATION_AGE_MAX_MS) {
        violate(`${call.worker} writes to ${vServerGroupId} on an observation that is ${ageMs} ms old`);
        return;
      }
      const isEffective = (serverId: string, weight: number) =>
        weight > 0 && instances.get(serverId)?.status === 'Running';
      let before = 0;
      for (const { serverId, weight } of seen.backends.values()) if (isEffective(serverId, weight)) before++;
      const lost = write.backends.filter(({ key, serverId, weight }) => {
        const present = seen.backends.get(key);
        return present !== undefined && weight === 0 && isEffective(serverId, present.weight);
      });
      const after = before - lost.length;
      const guard = guardOf(vServerGroupId);
      if (lost.length === 0 || after >= guard) return;
      const names = lost.map(({ key }) => key).join(' ');
      violate(
        `${call.worker} takes ${names} out of ${vServerGroupId}, which leaves ${after} of ${before} able to serve, and ${guard} must`,
      );
    },
  };
};
