import type { News, Signal } from '../acceptance/model.ts';
import { drainFromMs, drainsAhead } from '../acceptance/news.ts';
import { groupBy } from '../collections.ts';
import type { Binding } from '../config/binding.ts';
import type { Maintenance } from '../config/maintenance.ts';
import { interrupts, phaseOfStatus } from '../events/ecs-system-event.ts';
import { eventKey } from '../events/event-key.ts';
import { typeOfServer } from '../instances/backend-type.ts';
import type { Instance, OpenSystemEvent } from '../instances/model.ts';
import { isSelected } from '../instances/selection.ts';
import type { BackendRow } from '../server-groups/backend/record.ts';
import { happenedAtMs, isEarly } from '../server-groups/signals.ts';

/**
 * An order is not doubted for this long after the last notice of its event: events that are being carried out may not be
 * listed (the vendor's page speaks of the scheduled ones), and a list may be behind a notice.
 */
export const UNDOUBTED_MS = 10 * 60_000;

/** What is known here of system events: the records of a load balancer's backends, and what its inbox holds. */
export interface KnownOrders {
  readonly rows: ReadonlyArray<BackendRow>;
  readonly inbox: ReadonlyArray<Signal>;
}

/** The ECS instances whose system events matter: those that a binding selects, and those that an order keeps out for one. */
export function instancesToAsk(
  bindings: ReadonlyArray<Binding>,
  present: ReadonlyMap<string, Instance>,
  known: KnownOrders,
): ReadonlyArray<string> {
  const ordered = new Set(ordersOf(known).map(({ instanceId }) => instanceId));
  return [...present.values()]
    .filter(
      (instance) =>
        typeOfServer(instance.instanceId) === 'ecs' &&
        (ordered.has(instance.instanceId) || bindings.some((binding) => isSelected(instance, binding))),
    )
    .map(({ instanceId }) => instanceId);
}

/**
 * Signals for what `open`, asked for at `askedAtMs`, and the known orders do not agree on: the notices about it were lost.
 * Keys are made of what is said, so that a repeat is the same signal. Of instances that `open` has no entry for nothing
 * is said.
 */
export function lostSystemEvents(
  open: ReadonlyMap<string, ReadonlyArray<OpenSystemEvent>>,
  known: KnownOrders,
  maintenance: Maintenance,
  askedAtMs: number,
): ReadonlyArray<Signal> {
  return [...unheardOf(open, known, maintenance, askedAtMs), ...unheardEnds(open, known, askedAtMs)];
}

/** Whether the signal has something to do that no plan shows: it waits for its time, or ends what does. */
export function isForLater({ news }: Signal, nowMs: number): boolean {
  return news.kind === 'return' || (news.kind === 'leave' && isEarly(news, nowMs));
}

function unheardOf(
  open: ReadonlyMap<string, ReadonlyArray<OpenSystemEvent>>,
  { rows, inbox }: KnownOrders,
  maintenance: Maintenance,
  askedAtMs: number,
): ReadonlyArray<Signal> {
  const rowsOf = groupBy(rows, ({ serverId }) => serverId);
  const signals: Array<Signal> = [];
  for (const [instanceId, events] of open) {
    for (const event of events) {
      const news = orderFor(event, maintenance);
      if (news === null) continue;
      const isInInbox = inbox.some((signal) => signal.instanceId === instanceId && covers(signal.news, news));
      const own = rowsOf.get(instanceId) ?? [];
      const isRecorded = own.length > 0 && own.every((row) => knows(row, event.eventId));
      if (isInInbox || isRecorded) continue;
      const key = eventKey('comparison', instanceId, 'leave', event.eventId, String(news.fromMs));
      signals.push({ key, instanceId, news, eventAtMs: null, acceptedAtMs: askedAtMs });
    }
  }
  return signals;
}

type Leave = Extract<News, { kind: 'leave' }>;

/** The order that the notice of an open event would have been; `null` = none. */
function orderFor(
  { eventId, eventType, status, notBeforeMs }: OpenSystemEvent,
  maintenance: Maintenance,
): Leave | null {
  const phase = interrupts(eventType) ? phaseOfStatus(status) : null;
  if (phase === null || phase === 'over' || (phase === 'planned' && !drainsAhead(maintenance))) return null;
  const fromMs = phase === 'planned' ? drainFromMs(notBeforeMs, maintenance) : null;
  return { kind: 'leave', cause: 'maintenance', ref: eventId, fromMs, deadlineAtMs: null, untilMs: null };
}

/** Whether what was said orders the same, and not later. */
function covers(said: News, news: Leave): boolean {
  const isSame = said.kind === 'leave' && said.cause === news.cause && said.ref === news.ref;
  return isSame && (said.fromMs ?? -Infinity) <= (news.fromMs ?? -Infinity);
}

/** Of an event that was heard to be over nothing more comes, though a list may still have it. */
function knows({ orders, returns }: BackendRow, eventId: string): boolean {
  return [...orders, ...returns].some(({ cause, ref }) => cause === 'maintenance' && ref === eventId);
}

function unheardEnds(
  open: ReadonlyMap<string, ReadonlyArray<OpenSystemEvent>>,
  known: KnownOrders,
  askedAtMs: number,
): ReadonlyArray<Signal> {
  const ended = new Map<string, Signal>();
  const undoubted = new Set<string>();
  for (const { instanceId, ref, sinceMs } of ordersOf(known)) {
    const listed = open.get(instanceId);
    if (listed === undefined || listed.some(({ eventId }) => eventId === ref)) continue;
    const key = eventKey('comparison', instanceId, 'return', ref);
    if (sinceMs > askedAtMs - UNDOUBTED_MS) undoubted.add(key);
    const news = { kind: 'return', cause: 'maintenance', ref } as const;
    ended.set(key, { key, instanceId, news, eventAtMs: null, acceptedAtMs: askedAtMs });
  }
  return [...ended.values()].filter(({ key }) => !undoubted.has(key));
}

/** The orders of system events that stand or wait for their time, of each port and group by itself. */
function ordersOf({ rows, inbox }: KnownOrders) {
  const standing = rows.flatMap(({ serverId: instanceId, orders }) =>
    orders.flatMap(({ cause, ref, sinceMs }) =>
      cause === 'maintenance' && ref !== null ? [{ instanceId, ref, sinceMs }] : [],
    ),
  );
  const waiting = inbox.flatMap((signal) => {
    const { instanceId, news } = signal;
    const isOrder = news.kind === 'leave' && news.cause === 'maintenance';
    return isOrder && news.ref !== null ? [{ instanceId, ref: news.ref, sinceMs: happenedAtMs(signal) }] : [];
  });
  return [...standing, ...waiting];
}
