import type { Pair } from '../../config/pair.ts';
import { describeUntil } from '../describe.ts';
import type { PairRow } from '../record.ts';

/** A change that was given up before anything had moved is followed by the next sooner: nobody has noticed it. */
const GIVEN_UP_COOL_DOWN_MS = 60_000;

/** Until when no further change of the pair begins by itself, because of the last one; `-Infinity` = there was none. */
export function coolDownUntilMs(
  { coolDownMs }: Pick<Pair, 'coolDownMs'>,
  { saga }: Pick<PairRow, 'saga'>,
): number {
  if (saga?.endedAtMs == null) return -Infinity;
  // That it has a group at last must not delay its first failover.
  if (saga.kind === 'creation' && saga.outcome === 'done') return -Infinity;
  const waitMs = saga.outcome === 'given-up' ? Math.min(coolDownMs, GIVEN_UP_COOL_DOWN_MS) : coolDownMs;
  return saga.endedAtMs + waitMs;
}

/** Why a paused pair is not changed though somebody asks for it, for them; `null` = it is not paused. */
export function pauseRefusal({ pause }: Pick<PairRow, 'pause'>, nowMs: number): string | null {
  if (pause === null || pause.untilMs <= nowMs) return null;
  const { untilMs, by, reason } = pause;
  return `paused ${describeUntil(untilMs)} by ${by} (${reason}): resume the pair first`;
}
