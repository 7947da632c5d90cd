import { createHash } from 'node:crypto';
import type { Binding } from '../config/binding.ts';
import type { Maintenance } from '../config/maintenance.ts';
import type { Pair } from '../config/pair.ts';
import type { HealthAlarm, InboundEvent, NotUnderstood } from '../events/model.ts';
import type { InstanceObservation } from '../instances/model.ts';
import { maySelect } from '../instances/selection.ts';
import { pairLaneId } from '../pairs/model.ts';
import type { DoneRecord, InboxEntry, QuarantineItem } from './model.ts';
import {
  type AcceptedEvent,
  type AcceptPolicy,
  type InstanceEvent,
  ignoredBecause,
  newsOfEvent,
} from './news.ts';

/** A batch, folded: each content once. */
export interface FoldedBatch {
  /** By key: usually one; more when a key was used for several contents. */
  readonly events: ReadonlyMap<string, ReadonlyArray<AcceptedEvent>>;
  readonly quarantine: ReadonlyMap<string, QuarantineItem>;
  readonly ignored: Readonly<Record<string, number>>;
  readonly duplicates: number;
}

/** Folds a batch by key; a row may appear only once in a table call, and a copy needs nothing of its own. */
export function foldBatch(
  batch: ReadonlyArray<InboundEvent>,
  policy: AcceptPolicy,
  nowMs: number,
): FoldedBatch {
  const events = new Map<string, ReadonlyArray<AcceptedEvent>>();
  const quarantine = new Map<string, QuarantineItem>();
  const ignored: Record<string, number> = Object.create(null);
  let duplicates = 0;
  const ignore = (reason: string) => {
    ignored[reason] = (ignored[reason] ?? 0) + 1;
  };
  for (const event of batch) {
    switch (event.kind) {
      case 'instance-state-changed':
      case 'instance-interrupted':
      case 'system-event':
      case 'lifecycle-hook':
      case 'health-alarm': {
        const reason = ignoredBecause(event, policy);
        const same = events.get(event.key) ?? [];
        if (reason !== null) ignore(reason);
        else if (same.some(({ payloadHash }) => payloadHash === event.payloadHash)) duplicates++;
        else events.set(event.key, [...same, event]);
        break;
      }
      case 'wake-up':
      case 'tick':
      case 'reconcile':
      case 'change-request':
        // Not meant for acceptance: the functions of timers, of sweeps and of change requests work them.
        ignore(event.kind);
        break;
      case 'ignored':
        ignore(event.reason);
        break;
      case 'not-understood':
        if (quarantine.has(quarantineKey(event.text))) duplicates++;
        else quarantine.set(quarantineKey(event.text), quarantineItem(event, nowMs));
        break;
    }
  }
  return { events, quarantine, ignored, duplicates };
}

/** What is left of a batch once the known messages are taken out. */
export interface FreshBatch {
  readonly events: ReadonlyArray<AcceptedEvent>;
  readonly quarantine: ReadonlyArray<QuarantineItem>;
  readonly duplicates: number;
}

/** The keys to look up: everything that would be written. */
export function keysOf(folded: FoldedBatch): ReadonlyArray<string> {
  return [...folded.events.keys(), ...folded.quarantine.keys()];
}

/** The quarantine keys of events that reuse a key for other content: to be looked up before they are set aside. */
export function keysOfReuse(
  folded: FoldedBatch,
  known: ReadonlyMap<string, DoneRecord>,
): ReadonlyArray<string> {
  return [...folded.events.values()]
    .flatMap((same) => sorted(same, known.get(same[0]?.key ?? '')).reused)
    .map((event) => quarantineKey(textOf(event)));
}

/** Takes out what the done-keys know; another content under a key that is taken goes to quarantine, once. */
export function withoutKnown(
  folded: FoldedBatch,
  known: ReadonlyMap<string, DoneRecord>,
  nowMs: number,
): FreshBatch {
  const events: Array<AcceptedEvent> = [];
  const quarantine = new Map([...folded.quarantine].filter(([key]) => !known.has(key)));
  let seen = folded.quarantine.size;
  for (const [key, same] of folded.events) {
    seen += same.length;
    const { fresh, reused } = sorted(same, known.get(key));
    events.push(...fresh);
    for (const item of reused.map((event) => reusedKey(event, nowMs))) {
      if (!known.has(item.key)) quarantine.set(item.key, item);
    }
  }
  return { events, quarantine: [...quarantine.values()], duplicates: seen - events.length - quarantine.size };
}

/** Of the contents under one key, the known one is done, or else the first one is the event; the others misuse it. */
function sorted(
  same: ReadonlyArray<AcceptedEvent>,
  record: DoneRecord | undefined,
): { fresh: ReadonlyArray<AcceptedEvent>; reused: ReadonlyArray<AcceptedEvent> } {
  if (record === undefined) return { fresh: same.slice(0, 1), reused: same.slice(1) };
  return { fresh: [], reused: same.filter(({ payloadHash }) => payloadHash !== record.payloadHash) };
}

/** The lanes of the pairs that an alarm concerns: those behind its listener. */
export function routeAlarm(
  { loadBalancerId, listenerPort }: HealthAlarm,
  pairs: ReadonlyArray<Pair>,
): ReadonlyArray<string> {
  return pairs
    .filter(
      (pair) =>
        pair.loadBalancerId === loadBalancerId &&
        (listenerPort === null || pair.listeners.some(({ port }) => port === listenerPort)),
    )
    .map(pairLaneId);
}

/** What routing goes by. */
export interface RoutePolicy {
  readonly bindings: ReadonlyArray<Binding>;
  readonly pairs: ReadonlyArray<Pair>;
  readonly maintenance: Maintenance;
}

/** The lanes that each event about an instance concerns; an empty list = none. */
export function routeEvents(
  events: ReadonlyArray<InstanceEvent>,
  instances: InstanceObservation,
  members: ReadonlyMap<string, ReadonlySet<string>>,
  { bindings, pairs, maintenance }: RoutePolicy,
  nowMs: number,
): ReadonlyMap<string, ReadonlyArray<InboxEntry>> {
  const everyLane = new Set([
    ...bindings.map(({ loadBalancerId }) => loadBalancerId),
    ...pairs.map(pairLaneId),
  ]);
  const routes = new Map<string, ReadonlyArray<InboxEntry>>();
  for (const event of events) {
    const lanes = new Set(members.get(event.instanceId) ?? []);
    const instance = instances.present.get(event.instanceId);
    if (instance !== undefined) {
      for (const binding of bindings) if (maySelect(instance, binding)) lanes.add(binding.loadBalancerId);
      // A standby may be what a pair waits for.
      for (const pair of pairs) {
        if (pair.standby !== null && maySelect(instance, pair.standby)) lanes.add(pairLaneId(pair));
      }
    } else if (event.kind === 'instance-state-changed' && event.state === 'Running') {
      // ECS does not list it yet, so its tags are unknown: every lane looks again until they are.
      for (const lane of everyLane) lanes.add(lane);
    }
    const { key, instanceId, atMs } = event;
    const news = newsOfEvent(event, maintenance, nowMs);
    const signal = { key, instanceId, news, eventAtMs: atMs, acceptedAtMs: nowMs };
    routes.set(
      event.key,
      [...lanes].filter((lane) => everyLane.has(lane)).map((laneId) => ({ laneId, signal })),
    );
  }
  return routes;
}

/** A message as it goes to quarantine: the same text always under the same key. */
export function quarantineItem({ reason, text, messageId }: NotUnderstood, atMs: number): QuarantineItem {
  return { key: quarantineKey(text), reason, text, messageId, atMs };
}

function reusedKey(event: AcceptedEvent, atMs: number): QuarantineItem {
  const text = textOf(event);
  const reason = `the event id ${event.key} was used before for other content`;
  return { key: quarantineKey(text), reason, text, messageId: null, atMs };
}

function textOf(event: AcceptedEvent): string {
  return JSON.stringify(event);
}

/** What every key of quarantine begins with. */
export const QUARANTINE_SPACE = 'quarantine:';

/** The key under which a text is put aside. */
export function quarantineKey(text: string): string {
  return `${QUARANTINE_SPACE}${createHash('sha256').update(text).digest('hex')}`;
}
