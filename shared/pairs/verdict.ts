import type { PairTrigger } from '../config/pair.ts';
import type { PairInput, PairMember, PairRow } from './model.ts';
import { activeNotice } from './notices.ts';
import { departureOf, findingsOf } from './testimony/findings.ts';
import { accusers, describeAccusations, hear, isAccused } from './testimony/hear.ts';
import { OBSERVERS, type Testimony } from './testimony/model.ts';

/** How many observers must agree. */
const OBSERVERS_MIN = 2;

/** What is to be believed of a primary. */
export interface Verdict {
  readonly isBad: boolean;
  /** What makes it bad; `null` = nobody accuses it. */
  readonly trigger: PairTrigger | null;
  /** For people; `''` = nobody accuses it. */
  readonly reason: string;
  /** Accused for long enough, yet not by enough. */
  readonly isOneSided: boolean;
  /** When those who accuse it will have done so for long enough; `null` = they have, or nobody does. */
  readonly ripeAtMs: number | null;
  readonly testimony: Testimony;
}

/**
 * Judges a primary. It is bad when two observers have called it bad for the pair's time, or when ECS shows that it takes the
 * instance away and a notice has said so, too: then there is nothing to wait for.
 */
export function judge(input: PairInput, row: PairRow, primary: PairMember): Verdict {
  const { pair, nowMs } = input;
  const before = row.testimonies[primary.serverId] ?? null;
  const testimony = hear(before, findingsOf({ ...input, row }, primary), nowMs);
  const notice = activeNotice(row.notices, primary.serverId, nowMs);
  const departure = departureOf({ ...input, row }, primary.serverId);
  const isLeaving = notice !== null && departure !== null && departure.cause === notice.cause;
  if (isLeaving) {
    const reason = `${primary.serverId} is leaving: ${departure.text}, as a notice has said`;
    return { isBad: true, trigger: notice.cause, reason, isOneSided: false, ripeAtMs: null, testimony };
  }
  if (!isAccused(testimony)) {
    const reason =
      notice === null ? '' : `${primary.serverId}: a notice of ${notice.cause} that ECS does not confirm`;
    return { isBad: false, trigger: null, reason, isOneSided: notice !== null, ripeAtMs: null, testimony };
  }
  const ripe = accusers(testimony, pair.badForMs, nowMs);
  const young = OBSERVERS.filter(
    (observer) => testimony[observer].finding === 'bad' && !ripe.includes(observer),
  ).map((observer) => testimony[observer].sinceMs + pair.badForMs);
  return {
    isBad: ripe.length >= OBSERVERS_MIN,
    trigger: departure?.cause ?? (testimony.ecs.finding === 'bad' ? 'stop' : 'unhealthy'),
    reason: `${primary.serverId} is bad: ${describeAccusations(testimony)}`,
    isOneSided: ripe.length > 0 && ripe.length < OBSERVERS_MIN,
    ripeAtMs: young.length === 0 ? null : Math.min(...young),
    testimony,
  };
}
