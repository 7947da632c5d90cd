import { fateOfState } from '../server-groups/signals.ts';
import { PairDraft } from './draft.ts';
import type { PairInput, PairPlan } from './model.ts';
import { withSignals } from './notices.ts';
import { settleOrders } from './orders.ts';
import { newPairRow, type PairRow } from './record.ts';
import { isUnderWay } from './saga/model.ts';
import { planSaga } from './saga-work.ts';
import { planStanding } from './standing-work.ts';

/**
 * Decides what a pair needs. Pure: the same input gives the same plan. One thing at a time: a change that is under way goes
 * on before anything else is thought of.
 */
export function planPair(input: PairInput): PairPlan {
  const draft = new PairDraft(rowOf(input));
  const { nowMs } = input;
  draft.set({ notices: withSignals(draft.row.notices, input.signals, input) });
  const { pause } = draft.row;
  if (pause !== null && pause.untilMs <= nowMs) draft.set({ pause: null });
  const order = settleOrders(draft, input);
  if (isUnderWay(draft.row.saga)) planSaga(draft, draft.row.saga, input);
  else planStanding(draft, input, order);
  return draft.plan(settledSignals(draft, input));
}

/**
 * The signals that have done their work. What says more than ECS shows is kept, and everything is looked at again a few
 * times; then it is left to the ticks.
 */
function settledSignals(
  draft: PairDraft,
  { signals, instances, asked, nowMs }: PairInput,
): ReadonlyArray<string> {
  return signals.flatMap((signal) => {
    const { news, key, instanceId } = signal;
    if (news.kind !== 'state') return [key];
    const fate = fateOfState(news.state, signal, { present: instances, asked }, nowMs);
    if (fate.kind !== 'waiting') return [key];
    draft.wait(fate.untilMs, `ECS to show ${instanceId} as ${fate.claimed}`);
    return [];
  });
}

/** The row, or a new one: also where the name now stands for a pair of another load balancer, whose groups go on counting. */
function rowOf({ pair, row }: PairInput): PairRow {
  if (row !== null && row.loadBalancerId === pair.loadBalancerId) return row;
  const fresh = newPairRow(pair);
  return row === null ? fresh : { ...fresh, number: row.number, revision: row.revision, fence: row.fence };
}
