import type { Clock } from '../clock.ts';
import { allOrFailure } from '../concurrency.ts';
import type { Binding } from '../config/binding.ts';
import type { Pair } from '../config/pair.ts';
import type { InboundEvent, LifecycleHookReached } from '../events/model.ts';
import { observeInstances } from '../instances/observe.ts';
import type { InstanceGateway } from '../instances/ports.ts';
import type { LaneStore } from '../lanes/ports.ts';
import type { AcceptReport, DoneRecord, InboxEntry, QuarantineItem } from './model.ts';
import { type AcceptedEvent, type AcceptPolicy, type InstanceEvent, noticeOf } from './news.ts';
import { foldBatch, keysOf, keysOfReuse, routeAlarm, routeEvents, withoutKnown } from './plan.ts';
import type { DoneStore, HookNotices, InboxStore, MemberIndex, Quarantine } from './ports.ts';

/** What accepting needs. */
export interface AcceptDeps extends AcceptPolicy {
  readonly done: DoneStore;
  readonly inbox: InboxStore;
  readonly hooks: HookNotices;
  readonly lanes: Pick<LaneStore, 'signal'>;
  readonly members: MemberIndex;
  readonly quarantine: Quarantine;
  readonly instances: Pick<InstanceGateway, 'describe' | 'provePermission'>;
  readonly clock: Clock;
  readonly bindings: ReadonlyArray<Binding>;
  readonly pairs: ReadonlyArray<Pair>;
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

  const hooks = fresh.events.filter(isHook);
  const routes = await route(deps, fresh.events.filter(isAboutInstance));
  const entries = [...routes.values()].flat();
  const lanesOf = (event: AcceptedEvent): ReadonlyArray<string> => {
    if (isHook(event)) return [event.scalingGroupId];
    if (event.kind === 'health-alarm') return routeAlarm(event, deps.pairs);
    return (routes.get(event.key) ?? []).map(({ laneId }) => laneId);
  };
  const lanes = [...new Set(fresh.events.flatMap(lanesOf))].sort();
  if (fresh.quarantine.length > 0) await deps.quarantine.put(fresh.quarantine);
  if (entries.length > 0) await deps.inbox.put(entries);
  if (hooks.length > 0) await deps.hooks.notice(hooks.map((hook) => noticeOf(hook, deps.clock.nowMs())));
  // After the inbox: who sees the count sees the signals. Before the done-keys: what is done is in a lane.
  if (lanes.length > 0) await deps.lanes.signal(lanes);
  const records = doneRecords(fresh.events, lanesOf, fresh.quarantine, deps.clock.nowMs());
  if (records.length > 0) await deps.done.write(records);

  const notSelected = fresh.events.filter((event) => lanesOf(event).length === 0).length;
  return {
    lanes,
    accepted: fresh.events.length - notSelected,
    duplicates: folded.duplicates + fresh.duplicates,
    notSelected,
    quarantined: fresh.quarantine.length,
    ignored: folded.ignored,
  };
}

function isHook(event: AcceptedEvent): event is LifecycleHookReached {
  return event.kind === 'lifecycle-hook';
}

function isAboutInstance(event: AcceptedEvent): event is InstanceEvent {
  return !isHook(event) && event.kind !== 'health-alarm';
}

async function readDone(
  { done }: AcceptDeps,
  keys: ReadonlyArray<string>,
): Promise<ReadonlyMap<string, DoneRecord>> {
  return keys.length === 0 ? new Map() : await done.read(keys);
}

async function route(
  deps: AcceptDeps,
  events: ReadonlyArray<InstanceEvent>,
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
  lanesOf: (event: AcceptedEvent) => ReadonlyArray<string>,
  quarantined: ReadonlyArray<QuarantineItem>,
  atMs: number,
): ReadonlyArray<DoneRecord> {
  const ofEvents = events.map((event) => {
    const { key, payloadHash } = event;
    const lanes = lanesOf(event);
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
