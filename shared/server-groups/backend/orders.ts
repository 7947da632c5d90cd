import { RECYCLING } from '../../instances/model.ts';
import { isInService, isLeavingGroup } from '../../instances/selection.ts';
import type { LeaveOrder, ReturnOrder } from './record.ts';
import type { Situation } from './situation.ts';

/** From what nobody can take back to what mends itself: a weaker order never hides a stronger one. */
const STRONGEST_FIRST: ReadonlyArray<LeaveOrder['cause']> = [
  'spot-reclaim',
  'scale-in',
  'change-request',
  'maintenance',
  'health-alarm',
  'not-ready',
];

/** Nobody orders anything: what nearly every backend has. */
export const NO_ORDERS: ReadonlyArray<never> = [];

/** A scaling group may still show as in service what it has just begun to take out. */
const SCALING_SETTLE_MS = 15_000;

/** Returns that a record remembers. An instance has a few system events in its life; what is older comes late no more. */
const RETURNS_MAX = 20;

/** The orders that stand now, one for each cause and `ref`, the strongest first. The row's own list while it is the same. */
export function standingOrders(situation: Situation): ReadonlyArray<LeaveOrder> {
  const { row, news, instance, heritage, nowMs } = situation;
  const known: ReadonlyArray<LeaveOrder> = row?.orders ?? heritage?.orders ?? NO_ORDERS;
  const isReclaimed = instance?.lockReasons.includes(RECYCLING) === true;
  const isLeaving = instance !== null && isLeavingGroup(instance) && !known.some(isScaleIn);
  if (known.length === 0 && news.orders.length === 0 && !isReclaimed && !isLeaving) return known;
  const said = news.orders.filter((order) => !isTakenBack(order, situation));
  if (isReclaimed)
    said.push({ cause: 'spot-reclaim', ref: null, sinceMs: nowMs, deadlineAtMs: null, untilMs: null });
  // Whether or not a hook has it wait: what its scaling group takes out is not to get new requests.
  if (isLeaving)
    said.push({ cause: 'scale-in', ref: null, sinceMs: nowMs, deadlineAtMs: null, untilMs: null });
  const standing = said.reduce(withOrder, known).filter((order) => !hasEnded(order, situation));
  const isSame = standing.length === known.length && standing.every((order, index) => order === known[index]);
  return isSame ? known : standing;
}

/** The last return of each cause and `ref` that anybody told of. The row's own list while it is the same. */
export function lastReturns({ row, news, heritage }: Situation): ReadonlyArray<ReturnOrder> {
  return lastReturnsOf(row?.returns ?? heritage?.returns ?? NO_ORDERS, news.returns);
}

/** The same of those that are known and those that are said now. */
export function lastReturnsOf(
  known: ReadonlyArray<ReturnOrder>,
  saidNow: ReadonlyArray<ReturnOrder>,
): ReadonlyArray<ReturnOrder> {
  return saidNow.reduce((returns, said) => {
    if (returns.some((each) => takesBack(each, { ...said, sinceMs: said.atMs }))) return returns;
    const others = returns.filter((each) => !takesBack(said, { ...each, sinceMs: each.atMs }));
    if (others.length < RETURNS_MAX) return [...others, said];
    const oldest = others.reduce((a, b) => (b.atMs < a.atMs ? b : a));
    // Said again at every look until its signal is forgotten, so the list must stay the very same.
    if (said.atMs <= oldest.atMs) return returns;
    return [...others.filter((each) => each !== oldest), said];
  }, known);
}

/** Whether it takes back an order of this kind that was given at `sinceMs`: of the same cause, and not a later one. */
export function takesBack(
  { cause, ref, atMs }: ReturnOrder,
  order: Pick<LeaveOrder, 'cause' | 'ref' | 'sinceMs'>,
): boolean {
  return cause === order.cause && (ref === null || ref === order.ref) && atMs >= order.sinceMs;
}

/** The orders with one more; of the same cause and `ref` the newer stays, with the earliest deadline that anybody knows. */
export function withOrder(orders: ReadonlyArray<LeaveOrder>, said: LeaveOrder): ReadonlyArray<LeaveOrder> {
  const same = orders.find(({ cause, ref }) => cause === said.cause && ref === said.ref);
  const merged = same === undefined ? said : newer(same, said);
  if (merged === same) return orders;
  return [...orders.filter((order) => order !== same), merged].sort(byStrength);
}

/** The earliest instant by which an order wants the backend out; `null` = there is no hurry. */
export function deadlineOf(orders: ReadonlyArray<LeaveOrder>): number | null {
  return earliest(orders.map(({ deadlineAtMs }) => deadlineAtMs));
}

/** When the first of the orders ends by itself; `null` = none does. */
export function endOfOrders(orders: ReadonlyArray<LeaveOrder>): number | null {
  return earliest(orders.map(({ untilMs }) => untilMs));
}

function earliest(instants: ReadonlyArray<number | null>): number | null {
  const known = instants.filter((instant) => instant !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function byStrength(a: LeaveOrder, b: LeaveOrder): number {
  return STRONGEST_FIRST.indexOf(a.cause) - STRONGEST_FIRST.indexOf(b.cause);
}

/** The same said again counts only if it says something new; how far a system event has come is something new. */
function newer(standing: LeaveOrder, said: LeaveOrder): LeaveOrder {
  const isNewer = said.sinceMs > standing.sinceMs;
  const isSame = said.deadlineAtMs === standing.deadlineAtMs && said.untilMs === standing.untilMs;
  return isNewer && (!isSame || said.ref !== null) && said.cause !== 'spot-reclaim'
    ? said
    : withDeadline(standing, said);
}

/** A deadline is never put off by somebody who does not know it. */
function withDeadline(standing: LeaveOrder, { deadlineAtMs }: LeaveOrder): LeaveOrder {
  const isEarlier = deadlineAtMs !== null && deadlineAtMs < (standing.deadlineAtMs ?? Infinity);
  return isEarlier ? { ...standing, deadlineAtMs } : standing;
}

function isTakenBack(order: LeaveOrder, { row, news, heritage }: Situation): boolean {
  const isOf = (each: ReturnOrder) => takesBack(each, order);
  return news.returns.some(isOf) || ((row ?? heritage)?.returns.some(isOf) ?? false);
}

function hasEnded(order: LeaveOrder, situation: Situation): boolean {
  const { row, backend, news, instance, binding, group, nowMs } = situation;
  if (order.untilMs !== null && order.untilMs <= nowMs) return true;
  if (isTakenBack(order, situation)) return true;
  switch (order.cause) {
    case 'not-ready':
      // Whoever has restarted since gets another chance.
      return (
        (instance !== null && instance.status !== 'Running') ||
        (news.runningAtMs ?? -Infinity) > order.sinceMs
      );
    case 'scale-in':
      // Where nobody asks the scaling group, only what its hook comes to ends it.
      return (
        instance !== null && isInService(instance) && order.sinceMs + SCALING_SETTLE_MS <= group.readAtMs
      );
    case 'health-alarm': {
      // Out of the group nothing reaches it and no health check could ever end this: it proves itself by joining.
      // Where no binding wants it any more it is to be removed, not to come back.
      if (backend === null || binding === null) return true;
      const sinceMs = row?.healthySinceMs ?? null;
      return sinceMs !== null && nowMs >= sinceMs + binding.drain.healthyForMs;
    }
    default:
      return false;
  }
}

function isScaleIn({ cause }: LeaveOrder): boolean {
  return cause === 'scale-in';
}
