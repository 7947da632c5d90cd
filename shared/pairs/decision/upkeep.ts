import { formatDuration } from '../../config/duration.ts';
import { findingsOf } from '../testimony/findings.ts';
import { accusers, hear } from '../testimony/hear.ts';
import { chooseSecondary, firstFit, homeMember } from './members.ts';
import type { DecisionInput, Ruling, Wake } from './model.ts';

/** A secondary that ECS has not shown Running for so long is replaced: a reboot is over by then, and connections may break. */
export const STANDBY_GONE_MS = 5 * 60_000;

/** What a pair with a good primary is to do for its secondary. */
export function ruleOnSecondary(decision: DecisionInput): { readonly ruling: Ruling; readonly wake: Wake } {
  const { input, row, group } = decision;
  const { pair, nowMs } = input;
  const { primary, secondary } = group.members;
  const testimony = hear(
    row.testimonies[secondary.serverId] ?? null,
    findingsOf({ ...input, row }, secondary),
    nowMs,
  );
  if (testimony.ecs.finding !== 'bad' || pair.standby === null) return NOTHING;
  if (!accusers(testimony, STANDBY_GONE_MS, nowMs).includes('ecs')) {
    const atMs = testimony.ecs.sinceMs + STANDBY_GONE_MS;
    return { ruling: { kind: 'nothing' }, wake: { atMs, reason: `${secondary.serverId} to come back` } };
  }
  const reason = `the secondary ${secondary.serverId} is gone: ${testimony.ecs.text}`;
  const standby = chooseSecondary(decision, primary, null);
  if (standby.kind === 'ask') return { ruling: standby, wake: null };
  if (standby.kind === 'nobody') {
    const text = `degraded, without a standby: ${reason}; ${standby.reason}`;
    return { ruling: { kind: 'hold', reason: text, metric: 'pairs-degraded', lookAtMs: null }, wake: null };
  }
  const to = { primary, secondary: standby.member };
  return { ruling: { kind: 'begin', sagaKind: 'new-standby', to, reason, orderId: null }, wake: null };
}

const NOTHING = { ruling: { kind: 'nothing' }, wake: null } as const;

/** Since when the former primary has been fit to come back, now that it was asked; `null` = it is not, or need not. */
export interface HomeNews {
  readonly ruling: Ruling;
  readonly goodSinceMs: number | null;
  readonly wake: Wake;
}

/** What a policy of failing back asks for on a pair whose members are well. */
export function ruleOnHome(decision: DecisionInput): HomeNews {
  const { input, row, group } = decision;
  const { pair, nowMs } = input;
  const { primary } = group.members;
  const { homeId } = row;
  if (pair.failBackAfterMs === null || homeId === null || homeId === primary.serverId) return NOBODY;
  const home = homeMember(decision, homeId);
  const choice = firstFit(decision, [home]);
  if (choice.kind === 'ask') return { ruling: choice, goodSinceMs: row.homeGoodSinceMs, wake: null };
  if (choice.kind === 'nobody') return NOBODY;
  const goodSinceMs = row.homeGoodSinceMs ?? nowMs;
  const atMs = goodSinceMs + pair.failBackAfterMs;
  if (atMs > nowMs)
    return {
      ruling: { kind: 'nothing' },
      goodSinceMs,
      wake: { atMs, reason: `the time to go back to ${homeId}` },
    };
  const to = { primary: home, secondary: primary };
  const reason = `${homeId} has been good again for ${formatDuration(pair.failBackAfterMs)}`;
  return {
    ruling: { kind: 'begin', sagaKind: 'fail-back', to, reason, orderId: null },
    goodSinceMs,
    wake: null,
  };
}

const NOBODY: HomeNews = { ruling: { kind: 'nothing' }, goodSinceMs: null, wake: null };
