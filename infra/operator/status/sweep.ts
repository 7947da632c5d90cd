import type { LastSweep } from '../../../shared/sweep/last.ts';
import { roughly } from '../../../shared/times.ts';
import type { SweepStatus } from './model.ts';

/** So many intervals without a report: the timer does not run, or its function fails. */
const LATE_INTERVALS = 3;
/** A short interval is no reason to hurry: the timer fires once a minute. */
const LATE_LEAST_MS = 3 * 60_000;
const NAMED_MAX = 3;

/** How the last sweep went; `last` `null` = none has reported. Pure. */
export function statusOfSweep(last: LastSweep | null, compareMs: number, nowMs: number): SweepStatus {
  if (last === null) return { last, isLate: false, text: 'no sweep has reported yet' };
  const agoMs = nowMs - last.sweepAtMs;
  const isLate = agoMs > Math.max(LATE_LEAST_MS, LATE_INTERVALS * compareMs);
  const { groups, pairs, found, corrected, held, failed, unreported } = last;
  const what = [`${groups} groups`, ...(pairs === 0 ? [] : [`${pairs} pairs`])].join(', ');
  const figures = found === 0 ? 'nothing found' : `${found} found, ${corrected} corrected, ${held} held`;
  const parts = [
    `last sweep ${roughly(agoMs)} ago: ${what}: ${figures}`,
    ...(failed === 0 ? [] : [`${failed} not compared`]),
    ...(unreported.length === 0 ? [] : [`no report yet on ${someOf(unreported)}`]),
    ...(isLate ? ['does slb-autopilot-drift-sweep run?'] : []),
  ];
  return { last, isLate, text: parts.join('; ') };
}

function someOf(ids: ReadonlyArray<string>): string {
  const rest = ids.length - NAMED_MAX;
  return rest > 0 ? `${ids.slice(0, NAMED_MAX).join(', ')} and ${rest} more` : ids.join(', ');
}
