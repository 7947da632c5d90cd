import type { Pair } from '../../config/pair.ts';
import type { PairRow } from '../record.ts';

/** A change that was given up before anything had moved is followed by the next sooner: nobody has noticed it. */
const GIVEN_UP_COOL_DOWN_MS = 60_000;

/** Until when no further change of the pair begins by itself, because of the last one; `-Infinity` = there was none. */
export function coolDownUntilMs(
  { coolDownMs }: Pick<Pair, 'coolDownMs'>,
  { saga }: Pick<PairRow, 'saga'>,
): number {
  if (saga?.endedAtMs == null) return -Infinity;
  const waitMs = saga.outcome === 'given-up' ? Math.min(coolDownMs, GIVEN_UP_COOL_DOWN_MS) : coolDownMs;
  return saga.endedAtMs + waitMs;
}
