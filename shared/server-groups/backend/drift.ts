import { isWithinWindows } from '../../config/drift.ts';
import { instant } from '../../times.ts';
import type { ObservedBackend } from '../model.ts';
import type { InstanceNews } from './news.ts';
import type { Override } from './override.ts';
import { type BackendRow, withColumns } from './record.ts';
import { decided, type Situation, type Transition, unchanged } from './situation.ts';

/** What is only reported is looked at again after this. */
const DRIFT_LOOK_MS = 60_000;
/** The request that an adopted weight seems to come from. */
const OUTSIDE = 'outside';

/** Why a difference that nobody has ordered is not corrected now; `null` = it is. */
export function driftHold({
  binding,
  identity,
  news: { paused },
  nowMs,
}: Pick<Situation, 'binding' | 'identity' | 'nowMs'> & {
  readonly news: Pick<InstanceNews, 'paused'>;
}): string | null {
  if (binding === null) return null;
  const { policy, ignore, windows, pause } = binding.drift;
  const held = paused ?? (pause !== null && pause.untilMs > nowMs ? pause : undefined);
  if (held !== undefined) return `${binding.name} is paused until ${instant(held.untilMs)}: ${held.reason}`;
  if (ignore.includes(identity.serverId))
    return `${binding.name} ignores what differs about ${identity.serverId}`;
  if (policy === 'report') return `${binding.name} only has differences reported`;
  return isWithinWindows(windows, nowMs) ? null : `outside of the windows of ${binding.name}`;
}

/** Leaves the difference as it is, and says so once. `found` completes "it is not corrected: …". */
export function reportedOnly({ nowMs }: Situation, row: BackendRow, found: string, why: string): Transition {
  const reason = `${found}; ${why}`;
  if (row.held?.by === 'drift' && row.held.reason === reason) {
    return unchanged(row, nowMs + DRIFT_LOOK_MS, 'a difference to be corrected');
  }
  return decided(withColumns(row, { held: { by: 'drift', reason } }), 'held', reason);
}

/** What becomes of a weight that somebody else has set; `null` = ours comes back. */
export function ofTheirWeight(
  situation: Situation,
  row: BackendRow,
  { weight }: ObservedBackend,
): Transition | null {
  const { binding, nowMs } = situation;
  if (binding === null || weight === situation.weight) return null;
  switch (binding.drift.weight) {
    case 'restore':
      return null;
    case 'keep':
      return reportedOnly(situation, row, `somebody has set weight ${weight}`, 'it is kept');
    case 'adopt': {
      const override: Override = {
        ref: OUTSIDE,
        joins: false,
        weight: { is: weight },
        sinceMs: nowMs,
        // It has no end but its release.
        untilMs: Number.MAX_SAFE_INTEGER,
      };
      const reason = `somebody has set weight ${weight}, which is adopted`;
      return decided(withColumns(row, { override, confirmedWeight: weight, held: null }), 'adopted', reason);
    }
  }
}
