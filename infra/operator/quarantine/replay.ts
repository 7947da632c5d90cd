import type { QuarantineItem, ReplayPlace } from '../../../shared/acceptance/model.ts';
import { planReplay } from '../../../shared/acceptance/replay.ts';
import { describeError } from '../../../shared/errors.ts';
import type { Desk } from './desk.ts';

/** What became of a replay. */
export type Replayed =
  /** On its queue, and out of quarantine. */
  | { readonly kind: 'replayed'; readonly places: ReadonlyArray<ReplayPlace> }
  /** On its queue, and the functions have put it aside again already; it stays. */
  | { readonly kind: 'again'; readonly places: ReadonlyArray<ReplayPlace> }
  /** Today's reason; it stays. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** A call failed: it stays, and may have been sent. Another replay does no harm. */
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * Puts a message back onto its queue, if it is understood today, and takes it out of quarantine. First of all it is forgotten
 * that the text was put aside: else the functions would take it for known, should they put it aside again, and it would be lost.
 */
export async function replay({ quarantine, replays }: Desk, item: QuarantineItem): Promise<Replayed> {
  const plan = planReplay(item);
  if (plan.kind === 'refused') return plan;
  const places = [...new Set(plan.messages.map(({ place }) => place))];
  try {
    await quarantine.forget(item.key);
    for (const { place, text } of plan.messages) await replays.send(place, text);
    return { kind: (await quarantine.remove(item)) ? 'replayed' : 'again', places };
  } catch (error) {
    return { kind: 'failed', reason: describeError(error) };
  }
}
