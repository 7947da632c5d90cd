import type { Pair } from '../../../shared/config/pair.ts';
import type { PairOrder } from '../../../shared/pairs/record.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import { type Conclusion, concludeOn } from '../pairs/conclusion.ts';
import type { PairDesk } from '../pairs/desk.ts';
import { type Followed, followOrder } from '../pairs/follow.ts';
import { giveOrder, whoAsks } from '../pairs/give.ts';
import { askOrEnd } from '../place.ts';
import type { Terminal } from '../terminal.ts';
import type { OrderOptions } from './pair-options.ts';

type Wanted<Order> = Order extends unknown ? Omit<Order, 'orderId' | 'by' | 'orderedAtMs'> : never;

/** The order as it is put: with an id of its own, by whom and when. Reads the row, since only then the time is certain. */
export async function orderFor(
  desk: PairDesk,
  pair: Pair,
  wanted: Wanted<PairOrder>,
  { by }: Pick<OrderOptions, 'by'>,
): Promise<PairOrder> {
  await askOrEnd(`nothing was put: the row of ${pair.name} cannot be read`, desk.pairRows.read(pair.name));
  return { ...wanted, orderId: desk.newId(), by: by ?? whoAsks(), orderedAtMs: desk.clock.nowMs() };
}

/** Puts the order, watches it unless told otherwise, and tells what came of it. Throws CommandError unless it is done. */
export async function carryOut(
  desk: PairDesk,
  pair: Pair,
  order: PairOrder,
  options: OrderOptions,
  terminal: Terminal,
): Promise<void> {
  const { name } = pair;
  const { orderId } = order;
  const people = options.json ? terminal.err : terminal.out;
  const warning = await askOrEnd(
    `the order for ${name} may not have been put (autopilot pairs ${name} tells)`,
    giveOrder(desk, name, order),
  );
  if (warning !== null) people.write(`${people.colors.yellow(warning)}\n`);
  if (!options.wait) {
    if (options.json) terminal.out.write(`${JSON.stringify({ pair: name, orderId, outcome: 'put' })}\n`);
    else people.write(`The order is put. autopilot pairs ${name} tells what becomes of it.\n`);
    return;
  }
  const followed = await askOrEnd(
    `the order for ${name} is put, and its row cannot be read`,
    followOrder({ desk, name, orderId, screen: people, limitMs: options.waitLimit }),
  );
  const conclusion = concludeOn(followed, pair, people.colors);
  if (options.json)
    terminal.out.write(`${JSON.stringify(documentOf(name, orderId, conclusion, followed))}\n`);
  else terminal.out.write(`${conclusion.text}\n`);
  if (conclusion.status !== EXIT_STATUS.ok) throw new CommandError(conclusion.status, null);
}

function documentOf(pair: string, orderId: string, { outcome }: Conclusion, followed: Followed): object {
  const saga = 'saga' in followed ? followed.saga : null;
  const reason = 'reason' in followed ? followed.reason : (saga?.failure?.message ?? saga?.reason ?? null);
  return { pair, orderId, outcome, reason, change: saga };
}
