import { selectorTags } from '../../../../shared/config/binding.ts';
import { namesPortOf } from '../../../../shared/instances/backend-type.ts';
import { givenAway } from './given-away.ts';
import type { MakeInvariant } from './invariant.ts';
import { instancesSince, type SeenBackend, type SeenInstance } from './knowledge.ts';
import { groupWriteOf } from './our-writes.ts';
import { unhealthyAsSeen } from './seen-health.ts';

/** Older than this, an observation is no ground for a write. */
const OBSERVATION_AGE_MAX_MS = 10_000;

/**
 * I1: no write of ours, judged on the observation it was planned on, takes a group's effective capacity below its guard.
 * Effective is what has a weight, runs and is not known to be unhealthy; when all of it is unhealthy, health is not
 * believed. Who is out at once stays within `maxDisruption`, and nobody leaves for a selector that matches nothing any more.
 * What a scaling group releases by our answer counts as well, unless the configuration says that it may.
 */
export const capacity: MakeInvariant = ({ config, clouds, hooks, knowledge, records, nowMs }, violate) => ({
  sent(call) {
    const given = givenAway({ config, clouds, hooks }, call);
    if (given !== null) violate(given);
    const write = groupWriteOf(call);
    if (write === null) return;
    const { worker } = call;
    const { vServerGroupId } = write;
    const known = knowledge.of(worker);
    const seen = known.groups.get(vServerGroupId);
    if (seen === undefined) {
      violate(`${worker} writes to ${vServerGroupId} without having looked at it`);
      return;
    }
    const ageMs = nowMs() - seen.readAtMs;
    if (ageMs > OBSERVATION_AGE_MAX_MS) {
      violate(`${worker} writes to ${vServerGroupId} on an observation that is ${ageMs} ms old`);
      return;
    }
    const leaving = write.backends.flatMap(({ key, weight }) => {
      const present = seen.backends.get(key);
      return weight === 0 && present !== undefined && present.weight > 0 ? [present] : [];
    });
    if (leaving.length === 0) return;

    // Not only since the newest reading of the group: that may be another lane's of the same worker.
    const answers = instancesSince(known, nowMs() - OBSERVATION_AGE_MAX_MS);
    // Where answers differ, the one that speaks for the write counts: another lane of the worker may have got the other.
    const mayRun = ({ serverId }: SeenBackend) => (answers.get(serverId) ?? []).some(isRunning);
    const surelyRuns = ({ serverId }: SeenBackend) => {
      const all = answers.get(serverId) ?? [];
      return all.length > 0 && all.every(isRunning);
    };
    const bindings = config.bindings.filter((binding) => binding.vServerGroupId === vServerGroupId);
    const loadBalancerId = bindings[0]?.loadBalancerId ?? '';
    const unhealthy = unhealthyAsSeen(known, loadBalancerId, vServerGroupId);
    const all = [...seen.backends.values()];
    const able = all.filter((backend) => backend.weight > 0 && mayRun(backend));
    const healthy = able.filter(({ key }) => !unhealthy.has(key));
    const effective = healthy.length > 0 ? healthy : able;
    const leavingKeys = new Set(leaving.map(({ key }) => key));
    const lost = effective.filter((backend) => leavingKeys.has(backend.key) && surelyRuns(backend));
    const left = effective.length - lost.length;
    const floor = Math.max(1, ...bindings.map(({ guards }) => guards.minInService));
    if (lost.length > 0 && left < floor) {
      violate(
        `${worker} takes ${namesOf(lost)} out of ${vServerGroupId}, which leaves ${left} of ${effective.length} able to serve, and ${floor} must`,
      );
      return;
    }

    const leavingRunning = leaving.filter(surelyRuns);
    if (leavingRunning.length === 0) return;
    const running = all.filter(mayRun).length;
    const percent = Math.min(100, ...bindings.map(({ guards }) => guards.maxDisruptionPercent));
    const mayBeOut = Math.max(1, Math.floor((running * percent) / 100));
    const wereOut = all.filter(
      (backend) =>
        backend.weight === 0 &&
        surelyRuns(backend) &&
        records.find(vServerGroupId, backend.key)?.phase === 'draining',
    );
    const out = wereOut.length + leavingRunning.length;
    if (out > mayBeOut) {
      violate(
        `${worker} takes ${namesOf(leavingRunning)} out of ${vServerGroupId}, with which ${out} of ${running} are out at once, and ${mayBeOut} may`,
      );
      return;
    }

    for (const backend of leavingRunning) {
      const binding = bindings.find((each) => namesPortOf(each, backend));
      // Who leaves by an order does not leave for what the selector matches.
      const isOrdered = (records.find(vServerGroupId, backend.key)?.orders.length ?? 0) > 0;
      if (binding === undefined || isOrdered) continue;
      const tags = selectorTags(binding.selector);
      const matches = (instance: SeenInstance | null) =>
        instance !== null && tags.every(({ key, value }) => instance.tags[key] === value);
      const isMember = (id: string) =>
        binding.selector.kind === 'scaling-group' &&
        known.members.get(binding.selector.scalingGroupId)?.has(id) === true;
      if ([...answers].some(([id, some]) => isMember(id) || some.some(matches))) continue;
      violate(
        `${worker} takes ${backend.key} out of ${vServerGroupId}, though the selector of ${binding.name} matches nothing at all any more`,
      );
      return;
    }
  },
});

function isRunning(instance: SeenInstance | null): boolean {
  return instance?.status === 'Running';
}

function namesOf(backends: ReadonlyArray<SeenBackend>): string {
  return backends.map(({ key }) => key).join(' ');
}
