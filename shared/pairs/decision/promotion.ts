import type { PairInput, PairMember, PairQuestion } from '../model.ts';
import { probeKey } from '../model.ts';
import { isAccused } from '../testimony/hear.ts';
import { judge, type Verdict } from '../verdict.ts';
import { askTogether, chooseSecondary, firstFit } from './members.ts';
import type { DecisionInput, Ruling } from './model.ts';

const LOOK_MIN_MS = 5_000;
const LOOK_MAX_MS = 60_000;
/** It is looked at so often while what is said of it grows twice as old. */
const LOOKS_PER_AGE = 12;

/**
 * From one look at an accused primary to the next: 5 s in the first minute, then longer, 60 s at most. What may stay as it
 * is for days must not take the account's reads for as long; and what changes it sends an event or an alarm.
 */
export function lookAfterMs({ sinceMs }: Pick<Verdict, 'sinceMs'>, nowMs: number): number {
  const ageMs = sinceMs === null ? 0 : nowMs - sinceMs;
  return Math.min(LOOK_MAX_MS, Math.max(LOOK_MIN_MS, Math.ceil(ageMs / LOOKS_PER_AGE)));
}

/** What the state of the primary asks for, with the verdict on it. */
export function ruleOnPrimary(decision: DecisionInput): {
  readonly ruling: Ruling;
  readonly verdict: Verdict;
} {
  const { input, row, group } = decision;
  const { pair, nowMs } = input;
  const { primary, secondary } = group.members;
  const verdict = judge(input, row, primary);
  const rule = (ruling: Ruling) => ({ ruling, verdict });
  // Once others have called it bad for long enough its own answer changes nothing, and a dead server's takes its time.
  const mayCount = isAccused(verdict.testimony) && !verdict.isBad;
  const question = mayCount ? questionTo(input, primary) : null;
  if (question !== null) return rule({ kind: 'ask', questions: [question], needsSystemEvents: false });
  const lookAtMs = nowMs + lookAfterMs(verdict, nowMs);
  if (verdict.isOneSided) {
    // That ECS says nothing may be said only once it was asked.
    if (input.systemEvents === null) return rule({ kind: 'ask', questions: [], needsSystemEvents: true });
    const reason = `${verdict.reason}; nobody else says so, so nothing is done`;
    return rule({ kind: 'hold', reason, metric: 'pairs-one-sided', lookAtMs });
  }
  if (!verdict.isBad || verdict.trigger === null) return rule({ kind: 'nothing' });
  if (!pair.promoteOn.has(verdict.trigger)) {
    const reason = `${verdict.reason}; promoteOn does not name ${verdict.trigger}`;
    return rule({ kind: 'hold', reason, metric: 'pairs-held', lookAtMs });
  }
  const degraded = (why: string) => {
    const reason = `degraded, CLB's own failover is in charge: ${verdict.reason}; ${why}`;
    return rule({ kind: 'hold', reason, metric: 'pairs-degraded', lookAtMs });
  };
  const candidate = firstFit(decision, [secondary]);
  if (candidate.kind === 'nobody') return degraded(`the secondary cannot take over: ${candidate.reason}`);
  const mayStay = pair.degraded === 'swap' ? primary : null;
  const standby = chooseSecondary(decision, secondary, mayStay);
  if (candidate.kind === 'ask' || standby.kind === 'ask') return rule(askTogether(candidate, standby));
  if (standby.kind === 'nobody') return degraded(`waiting for a standby: ${standby.reason}`);
  const to = { primary: candidate.member, secondary: standby.member };
  return rule({ kind: 'begin', sagaKind: 'promotion', to, reason: verdict.reason, orderId: null });
}

/** What an accused primary is asked itself; `null` = it was, or there is no way to. */
function questionTo({ pair, instances, answers }: PairInput, member: PairMember): PairQuestion | null {
  const { serverId, port } = member;
  const privateIp = instances.get(serverId)?.privateIp ?? null;
  if (pair.candidate !== 'probe' || privateIp === null || answers.has(probeKey(member))) return null;
  return { serverId, privateIp, port };
}
