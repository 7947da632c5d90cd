import type { Pair } from '../../config/pair.ts';
import type { PairRow } from '../model.ts';

/** Until when no further change of the pair begins by itself, because of the last one; `-Infinity` = there was none. */
export function coolDownUntilMs(
  { coolDownMs }: Pick<Pair, 'coolDownMs'>,
  { saga }: Pick<PairRow, 'saga'>,
): number {
  return saga?.endedAtMs == null ? -Infinity : saga.endedAtMs + coolDownMs;
}
