import type { Clock } from '../clock.ts';
import { allOrFailure } from '../concurrency.ts';
import type { Binding } from '../config/binding.ts';
import type { InboundEvent } from '../events/model.ts';
import { observeInstances } from '../instances/observe.ts';
import type { InstanceGateway } from '../instances/ports.ts';
import type { LaneStore } from '../lanes/ports.ts';
import type { AcceptReport, DoneRecord, InboxEntry, QuarantineItem } from './model.ts';
import type { AcceptedEvent, AcceptPolicy } from './news.ts';
import { foldBatch, keysOf, keysOfReuse, routeEvents, withoutKnown } from './plan.ts';
import type { DoneStore, InboxStore, MemberIndex, Quarantine } from './ports.ts';

/** What accepting needs. */
export interface AcceptDeps extends AcceptPolicy {
  readonly done: DoneStore;
  readonly inbox: InboxStore;
  readonly lanes: Pick<LaneStore, 'signal'>;
  readonly members: MemberIndex;
  readonly quarantine: Quarantine;
  readonly instances: Pick<InstanceGateway, 'describe' | 'provePermission'>;
  readonly clock: Clock;
  readonly bindings: ReadonlyArray<Binding>;
}

/**
 * Accepts a batch: when this returns, every message is a lane's signal, known from before, ignored or in quarantine,
 * and its done-key stands, so that it may be acknowledged. Each step can be repeated: dying after any of them leaves
 * the batch to be delivered again, with the same end. Throws when it could not; then nothing may be acknowledged.
 */
export async function acceptBatch(
  deps: AcceptDeps,
  batch: ReadonlyArray<InboundEvent>,
): Promise<AcceptReport> {
  const folded = foldBatch(batch, deps, deps.clock.nowMs());
  const known = await readDone(deps, keysOf(folded));
  const reused = await readDone(deps, keysOfReuse(folded, known));
  const fresh = withoutKnown(folded, new Map([...known, ...reused]), deps.clock.nowMs());

  const routes = await route(deps, fresh.events);
  const entries = [...routes.values()].flat();
  const lanes = [...new Set(entries.map(({ laneId }) => laneId))].sort();
  if (fresh.quarantine.length > 0) await deps.quarantine.put(fresh.quarantine);
  if (entries.length > 0) await deps.inbox.put(entries);
  // After the inbox: who sees the count sees the signals. Before the done-keys: what is done is in a lane.
  if (lanes.length > 0) await deps.lanes.signal(lanes);
  const records = doneRecords(fresh.events, routes, fresh.quarantine, deps.clock.nowMs());
  if (records.length > 0) await deps.done.write(records);

  const notSelected = fresh.events.filter(({ key }) => (routes.get(key) ?? []).length === 0).length;
  return {
    lanes,
    accepted: fresh.events.length - notSelected,
    duplicates: folded.duplicates + fresh.duplicates,
    notSelected,
    quarantined: fresh.quarantine.length,
    ignored: folded.ignored,
  };
}

async function readDone(
  { done }: AcceptDeps,
  keys: ReadonlyArray<string>,
): Promise<ReadonlyMap<string, DoneRecord>> {
  return keys.length === 0 ? new Map() : await done.read(keys);
}

async function route(
  deps: AcceptDeps,
  events: ReadonlyArray<AcceptedEvent>,
): Promise<ReadonlyMap<string, ReadonlyArray<InboxEntry>>> {
  if (events.length === 0) return new Map();
  const instanceIds = [...new Set(events.map(({ instanceId }) => instanceId))];
  const [instances, members] = await allOrFailure([
    observeInstances(deps.instances, instanceIds),
    deps.members.lanesOf(instanceIds),
  ]);
  return routeEvents(events, instances, members, deps, deps.clock.nowMs());
}

function doneRecords(
  events: ReadonlyArray<AcceptedEvent>,
  routes: ReadonlyMap<string, ReadonlyArray<InboxEntry>>,
  quarantined: ReadonlyArray<QuarantineItem>,
  atMs: number,
): ReadonlyArray<DoneRecord> {
  const ofEvents = events.map(({ key, payloadHash }) => {
    const lanes = (routes.get(key) ?? []).map(({ laneId }) => laneId);
    const result = lanes.length === 0 ? 'not selected' : `accepted for ${lanes.join(', ')}`;
    return { key, payloadHash, result, atMs };
  });
  const ofQuarantine = quarantined.map(({ key, reason }) => ({
    key,
    payloadHash: key,
    result: `quarantined: ${reason}`,
    atMs,
  }));
  return [...ofEvents, ...ofQuarantine];
}
