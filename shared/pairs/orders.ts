import type { PairDraft } from './draft.ts';
import type { PairInput } from './model.ts';
import type { ChangeOrder, OrderAnswer, PairOrder } from './record.ts';
import { isUnderWay } from './saga/model.ts';

/** Answers that are kept, so that whoever asked finds them. */
const ANSWERS_KEPT = 20;
/**
 * Orders that one pass rules on, the oldest. No more than there is room for beside their answers: an order whose answer
 * was forgotten before it was taken out would be carried out a second time.
 */
const ORDERS_AT_ONCE = ANSWERS_KEPT / 2;

/** An order that nobody could carry out for so long is about a world that has passed. */
const ORDER_LIFE_MS = 3_600_000;

/**
 * Notes what people ask for: pauses at once; of what may change the pair the oldest is returned to be decided on, `null` = none.
 * While a change is under way these are refused, since what they were to change is changing; and whatever has waited for
 * an hour.
 */
export function settleOrders(draft: PairDraft, { orders, nowMs }: PairInput): ChangeOrder | null {
  const inOrder = [...orders].sort(
    (a, b) => a.orderedAtMs - b.orderedAtMs || (a.orderId < b.orderId ? -1 : 1),
  );
  if (inOrder.length > ORDERS_AT_ONCE) draft.wait(nowMs, 'the orders that came after these');
  let next: ChangeOrder | null = null;
  for (const order of inOrder.slice(0, ORDERS_AT_ONCE)) {
    const known = draft.row.answers.some(({ orderId }) => orderId === order.orderId);
    if (known) draft.settleOrder(order.orderId);
    else if (order.kind === 'pause') notePause(draft, order, nowMs);
    else if (isUnderWay(draft.row.saga)) {
      const { kind, number } = draft.row.saga;
      answerOrder(draft, order.orderId, 'refused', `${kind} ${number} is under way`, null);
    } else if (order.orderedAtMs + ORDER_LIFE_MS < nowMs) {
      answerOrder(draft, order.orderId, 'refused', 'it was given more than an hour ago', null);
    } else next ??= order;
  }
  return next;
}

/** Writes down what becomes of an order. */
export function answerOrder(
  draft: PairDraft,
  orderId: string,
  outcome: OrderAnswer['outcome'],
  reason: string,
  number: number | null,
): void {
  const answer: OrderAnswer = { orderId, outcome, reason, number };
  draft.set({ answers: [...draft.row.answers, answer].slice(-ANSWERS_KEPT) });
  draft.settleOrder(orderId);
  if (outcome !== 'begun') draft.decide('pair-order-answered', `${outcome}: ${reason}`, { orderId });
}

function notePause(draft: PairDraft, order: Extract<PairOrder, { kind: 'pause' }>, nowMs: number): void {
  const { orderId, untilMs, by, reason } = order;
  if (untilMs !== null && untilMs <= nowMs) {
    answerOrder(draft, orderId, 'refused', 'the end of the pause has passed', null);
    return;
  }
  draft.set({ pause: untilMs === null ? null : { untilMs, by, reason } });
  const what = untilMs === null ? 'resumed' : 'paused';
  answerOrder(draft, orderId, 'noted', `${what} by ${by}: ${reason}`, null);
}
