import type { PairTrigger } from '../config/pair.ts';
import type { PairInput, PairMember } from './model.ts';
import { activeNotice } from './notices.ts';
import type { PairRow } from './record.ts';
import { departureOf, findingsOf } from './testimony/findings.ts';
import { accusers, describeAccusations, hear, isAccused } from './testimony/hear.ts';
import { OBSERVERS, type Testimony } from './testimony/model.ts';

/** How many observers must agree. */
const OBSERVERS_MIN = 2;

/** An instance that ECS does not list is gone once ECS has called it bad for this time, stopped or absent: answers have left out instances that exist. */
const GONE_MS = 60_000;

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
  /** Since when somebody has been saying something bad of it; `null` = nobody does. */
  readonly sinceMs: number | null;
  readonly testimony: Testimony;
}

/**
 * Judges a primary. It is bad when two observers have called it bad for the pair's time, or when ECS shows that it takes the
 * instance away and a notice has said so, too: then there is nothing to wait for. One that was released is bad on ECS' word.
 */
export function judge(input: PairInput, row: PairRow, primary: PairMember): Verdict {
  const { pair, nowMs } = input;
  const before = row.testimonies[primary.serverId] ?? null;
  const testimony = hear(before, findingsOf({ ...input, row }, primary), nowMs);
  const notice = activeNotice(row.notices, primary.serverId, nowMs);
  const departure = departureOf({ ...input, row }, primary.serverId);
  const isLeaving = notice !== null && departure !== null && departure.cause === notice.cause;
  const since = [
    ...OBSERVERS.filter((observer) => testimony[observer].finding === 'bad').map(
      (observer) => testimony[observer].sinceMs,
    ),
    ...(notice === null ? [] : [notice.fromMs]),
  ];
  const said = { sinceMs: since.length === 0 ? null : Math.min(...since), testimony };
  const certain = { isBad: true, isOneSided: false, ripeAtMs: null, ...said };
  if (isLeaving) {
    const reason = `${primary.serverId} is leaving: ${departure.text}, as a notice has said`;
    return { ...certain, trigger: notice.cause, reason };
  }
  if (isGone(input, primary, testimony)) {
    const reason = `${primary.serverId} is gone: ${describeAccusations(testimony)}`;
    return { ...certain, trigger: 'stop', reason };
  }
  if (!isAccused(testimony)) {
    const reason =
      notice === null ? '' : `${primary.serverId}: a notice of ${notice.cause} that ECS does not confirm`;
    return { isBad: false, trigger: null, reason, isOneSided: notice !== null, ripeAtMs: null, ...said };
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
    ...said,
  };
}

/**
 * An instance that was released: nobody else may be left to say so, since it has no address to be asked at and SLB may have
 * dropped it. ECS lists it no more, has called it bad for long enough, and nobody finds it well.
 */
function isGone(
  { instances, asked, nowMs }: PairInput,
  { serverId }: PairMember,
  { health, ecs, probe }: Testimony,
): boolean {
  if (instances.has(serverId) || !asked.has(serverId)) return false;
  if (health.finding === 'good' || probe.finding === 'good') return false;
  return ecs.finding === 'bad' && ecs.sinceMs + GONE_MS <= nowMs;
}
