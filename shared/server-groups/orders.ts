import { RECYCLING } from '../instances/model.ts';
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

/** The order that stands now; `null` = none. The row's own object while it is the same. */
export function standingOrder(situation: Situation): LeaveOrder | null {
  const { row, news, instance, nowMs } = situation;
  let order = row?.order ?? null;
  for (const said of news.orders) {
    if (!isTakenBack(said, situation)) order = stronger(order, said);
  }
  if (instance?.lockReasons.includes(RECYCLING)) {
    order = stronger(order, { cause: 'spot-reclaim', sinceMs: nowMs, deadlineAtMs: null, untilMs: null });
  }
  return order === null || hasEnded(order, situation) ? null : order;
}

/** The newest order that was taken back, as far as anybody said. */
export function lastReturn({ row, news }: Situation): ReturnOrder | null {
  const known = row?.returned ?? null;
  const said = news.returns.at(-1) ?? null;
  if (said === null) return known;
  return known !== null && known.atMs >= said.atMs ? known : said;
}

function isTakenBack({ cause, sinceMs }: LeaveOrder, { row, news }: Situation): boolean {
  return [row?.returned ?? null, ...news.returns].some(
    (each) => each !== null && each.cause === cause && each.atMs >= sinceMs,
  );
}

function stronger(standing: LeaveOrder | null, said: LeaveOrder): LeaveOrder {
  if (standing === null) return said;
  const order = STRONGEST_FIRST.indexOf(said.cause) - STRONGEST_FIRST.indexOf(standing.cause);
  if (order !== 0) return order < 0 ? said : standing;
  // The same said again counts only if it says something new.
  const isNewer = said.sinceMs > standing.sinceMs;
  const isSame = said.deadlineAtMs === standing.deadlineAtMs && said.untilMs === standing.untilMs;
  return isNewer && !isSame && said.cause !== 'spot-reclaim' ? said : withDeadline(standing, said);
}

/** A deadline is never put off by somebody who does not know it. */
function withDeadline(standing: LeaveOrder, { deadlineAtMs }: LeaveOrder): LeaveOrder {
  const isEarlier = deadlineAtMs !== null && deadlineAtMs < (standing.deadlineAtMs ?? Infinity);
  return isEarlier ? { ...standing, deadlineAtMs } : standing;
}

function hasEnded(order: LeaveOrder, situation: Situation): boolean {
  const { row, backend, news, instance, binding, nowMs } = situation;
  if (order.untilMs !== null && order.untilMs <= nowMs) return true;
  if (isTakenBack(order, situation)) return true;
  switch (order.cause) {
    case 'not-ready':
      // Whoever has restarted since gets another chance.
      return (
        (instance !== null && instance.status !== 'Running') ||
        (news.runningAtMs ?? -Infinity) > order.sinceMs
      );
    case 'health-alarm': {
      // Out of the group nothing reaches it and no health check could ever end this: it proves itself by joining.
      if (backend === null) return true;
      const sinceMs = row?.healthySinceMs ?? null;
      return sinceMs !== null && binding !== null && nowMs >= sinceMs + binding.drain.healthyForMs;
    }
    default:
      return false;
  }
}
