import type { Binding } from '../../../shared/config/binding.ts';
import { namesPortOf } from '../../../shared/instances/backend-type.ts';
import { backendKey } from '../../../shared/server-groups/model.ts';
import type { LocalClouds } from '../clouds.ts';
import { boundBindings } from '../declared-bindings.ts';
import type { BackendServer } from '../world/slb/model.ts';
import type { TimelineEntry } from '../world/timeline.ts';
import { desiredBackends } from './desired.ts';
import { RECORDER_NAME } from './event-recorder.ts';
import { functionCalls, slbWrites } from './function-calls.ts';
import { serversOf } from './servers.ts';
import type { Stage } from './stage.ts';

/** What the checks look at: the world itself, never what the product says of it. */
export interface CheckedWorld {
  readonly config: Pick<Stage['config'], 'bindings' | 'timing'>;
  readonly clouds: Pick<LocalClouds, 'foundation' | 'ecs' | 'eci' | 'ess' | 'slb'>;
}

// Every check returns what is not as it should be, one sentence each.

/** Backends that are missing, should not be there or have another weight than the configuration says. */
export function groupsNotAsDesired({ config, clouds }: CheckedWorld): ReadonlyArray<string> {
  const bindings = boundBindings(config.bindings, clouds.slb);
  const wanted = new Map(
    desiredBackends({ bindings }, serversOf(clouds), clouds.ess).map((backend) => [
      `${backendKey(backend)} of ${backend.vServerGroupId}`,
      backend.weight,
    ]),
  );
  const problems: Array<string> = [];
  for (const { vServerGroupId, backends } of clouds.slb.groups()) {
    for (const { weight, ...backend } of backends) {
      const name = `${backendKey(backend)} of ${vServerGroupId}`;
      const wantedWeight = wanted.get(name);
      wanted.delete(name);
      if (wantedWeight === undefined) problems.push(`${name} is there with weight ${weight}`);
      else if (wantedWeight !== weight)
        problems.push(`${name} has weight ${weight} instead of ${wantedWeight}`);
    }
  }
  return [...problems, ...[...wanted.keys()].map((name) => `${name} is missing`)];
}

/** Backends with weight whose instance is stopping, stopped or gone. */
export function weightOnDeadInstances({ clouds }: CheckedWorld): ReadonlyArray<string> {
  return clouds.slb.groups().flatMap(({ vServerGroupId, backends }) =>
    backends
      .filter(({ weight, serverId }) => weight > 0 && clouds.ecs.find(serverId)?.status !== 'Running')
      .map(({ serverId, port, weight }) => {
        const status = clouds.ecs.find(serverId)?.status ?? 'gone';
        return `${serverId}:${port} of ${vServerGroupId} has weight ${weight} and is ${status}`;
      }),
  );
}

/** Backends that were removed with weight, or sooner than their drain time after they got weight 0 while their instance was there. */
export function earlyRemovals({ config, clouds }: CheckedWorld): ReadonlyArray<string> {
  const { entries } = clouds.foundation.timeline;
  const bindings = boundBindings(config.bindings, clouds.slb);
  const zeroedAtMs = new Map<string, number | null>();
  const released = new Set<unknown>();
  const problems: Array<string> = [];
  for (const { kind, atMs, details } of entries) {
    if (kind === 'instance-deleted') released.add(details.instanceId);
    if (!['backends-added', 'weights-set', 'backends-removed'].includes(kind)) continue;
    const { vServerGroupId, backends } = details as {
      vServerGroupId: string;
      backends: ReadonlyArray<BackendServer>;
    };
    for (const backend of backends) {
      const { serverId, weight } = backend;
      const name = `${backendKey(backend)} of ${vServerGroupId}`;
      const sinceMs = zeroedAtMs.get(name) ?? null;
      if (kind !== 'backends-removed') zeroedAtMs.set(name, weight > 0 ? null : (sinceMs ?? atMs));
      else if (sinceMs === null) problems.push(`${name} was removed with weight ${weight}`);
      else if (!released.has(serverId) && atMs - sinceMs < drainTimeMs(bindings, vServerGroupId, backend)) {
        problems.push(`${name} was removed ${atMs - sinceMs} ms after it got weight 0`);
      }
    }
  }
  return problems;
}

function drainTimeMs(
  bindings: ReadonlyArray<Binding>,
  vServerGroupId: string,
  backend: { readonly serverId: string; readonly port: number },
): number {
  const binding = bindings.find(
    (candidate) => candidate.vServerGroupId === vServerGroupId && namesPortOf(candidate, backend),
  );
  return binding?.drain.timeMs ?? 0;
}

/** Writes of the functions to one load balancer of which the second began before the first had its answer. */
export function overlappingWrites({ clouds }: CheckedWorld): ReadonlyArray<string> {
  const endedAtMs = new Map<string | null, number>();
  const writes = [...slbWrites(clouds.foundation)].sort((a, b) => a.startedAtMs - b.startedAtMs);
  return writes.flatMap(({ action, subject, startedAtMs, endedAtMs: atMs }) => {
    const before = endedAtMs.get(subject) ?? 0;
    endedAtMs.set(subject, Math.max(before, atMs));
    return startedAtMs < before
      ? [`${action} on ${subject} began ${before - startedAtMs} ms before the write before it had ended`]
      : [];
  });
}

/** Calls of the functions that the RAM policy does not allow. */
export function deniedCalls({ clouds }: CheckedWorld): ReadonlyArray<string> {
  return functionCalls(clouds.foundation)
    .filter(({ errorCode }) => errorCode === 'AccessDenied')
    .map(({ product, action, subject }) => `${product}:${action} on ${subject ?? 'nothing in particular'}`);
}

/** Messages that are not done. A delayed one is none: it is a wake-up that says "look again then", and cannot be cancelled. */
export function undoneMessages({ mns }: Pick<LocalClouds, 'mns'>): ReadonlyArray<string> {
  const { queues } = mns.listQueues({ prefix: '', marker: '', limit: 1_000 });
  return queues.flatMap(({ name, activeMessages, inactiveMessages }) => {
    const count = activeMessages + inactiveMessages;
    return count === 0 || name === RECORDER_NAME ? [] : [`${count} messages on ${name}`];
  });
}

/**
 * Load balancers whose last write may not have been looked at again. That is due one lease and one call's timeout after
 * the lane was taken for it; a wake-up comes up to a second late.
 */
export function verificationsDue({ config, clouds }: CheckedWorld): ReadonlyArray<string> {
  const { leaseMs, callTimeoutMs } = config.timing;
  const sinceMs = clouds.foundation.clock.nowMs() - (leaseMs + callTimeoutMs + 1_000);
  const late = slbWrites(clouds.foundation).filter(({ endedAtMs }) => endedAtMs > sinceMs);
  return [...new Set(late.map(({ subject }) => `${subject} has been written to`))];
}

/** What the functions are working on at this moment. */
export function workUnderWay({
  eventStreams,
  host,
}: Pick<LocalClouds, 'eventStreams' | 'host'>): ReadonlyArray<string> {
  return [
    ...eventStreams.listStreams().flatMap(({ stream, status, batchesInFlight, stopReason }) => {
      if (status !== 'Running') return [`the stream ${stream.name} has stopped: ${stopReason}`];
      return batchesInFlight > 0 ? [`the stream ${stream.name} is delivering`] : [];
    }),
    ...host
      .instances()
      .filter(({ isBusy }) => isBusy)
      .map(({ functionName }) => `${functionName} is running`),
    ...host.pendingInvocations().map(({ functionName }) => `${functionName} is to be invoked`),
  ];
}

/** How often each event was put on a queue of the product, by the event's id, in the order of first arrival. */
export function deliveryCounts(entries: ReadonlyArray<TimelineEntry>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { kind, details } of entries) {
    if (kind !== 'event-delivered' || details.ruleName === RECORDER_NAME) continue;
    const id = String(details.eventId);
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}
