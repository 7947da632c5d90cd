import { standbysFor } from '../candidates.ts';
import { describeUntil } from '../describe.ts';
import type { PairMember } from '../model.ts';
import type { PromoteOrder } from '../record.ts';
import { askTogether, chooseSecondary, firstFit, homeMember } from './members.ts';
import type { DecisionInput, Ruling } from './model.ts';
import { coolDownUntilMs, pauseRefusal } from './pauses.ts';

/** What an order to promote comes to on a pair that stands still. */
export function ruleOnOrder(decision: DecisionInput, order: PromoteOrder): Ruling {
  const { input, row, group } = decision;
  const { pair, nowMs } = input;
  const { primary, secondary } = group.members;
  const refuse = (reason: string): Ruling => ({ kind: 'refuse', orderId: order.orderId, reason });
  const paused = pauseRefusal(row, nowMs);
  if (paused !== null) return refuse(paused);
  const coolUntilMs = coolDownUntilMs(pair, row);
  if (coolUntilMs > nowMs && !order.overridesCoolDown) {
    return refuse(
      `the last change of the pair ended less than its cool-down ago: no other ${describeUntil(coolUntilMs)}`,
    );
  }
  const wanted = order.to ?? secondary.serverId;
  if (wanted === primary.serverId) return refuse(`${wanted} is the primary already`);
  const pool = standbysFor(input, group.members, primary);
  // Whoever was replaced is in no pool; going back to it is what people ask for most.
  const home = row.homeId === null ? [] : [homeMember(decision, row.homeId)];
  const target = [secondary, ...pool, ...home].find(({ serverId }) => serverId === wanted) ?? null;
  if (target === null) {
    return refuse(
      `${wanted} is neither the secondary (${secondary.serverId}) nor the former primary nor in the standby pool`,
    );
  }
  const candidate = firstFit(decision, [target]);
  if (candidate.kind === 'nobody') return refuse(`it must not become the primary: ${candidate.reason}`);
  const standby = secondaryBeside(decision, target);
  if (candidate.kind === 'ask' || standby.kind === 'ask') return askTogether(candidate, standby);
  if (standby.kind === 'nobody') return refuse(`nobody could be the secondary: ${standby.reason}`);
  const to = { primary: candidate.member, secondary: standby.member };
  const reason = `${order.by} asked for it: ${order.reason}`;
  return { kind: 'begin', sagaKind: 'promotion', to, reason, orderId: order.orderId };
}

/** A person's change keeps the former primary where it can; else the pool helps out. */
function secondaryBeside(decision: DecisionInput, target: PairMember) {
  const { primary } = decision.group.members;
  const kept = firstFit(decision, [primary]);
  return kept.kind === 'nobody' ? chooseSecondary(decision, target, primary) : kept;
}
