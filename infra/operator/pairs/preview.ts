import type { Pair } from '../../../shared/config/pair.ts';
import { foreseeChange } from '../../../shared/pairs/foresee.ts';
import type { PlannedCall } from '../../../shared/pairs/ports.ts';
import type { PairOrder } from '../../../shared/pairs/record.ts';
import type { Saga } from '../../../shared/pairs/saga/model.ts';
import type { Prober } from '../../../shared/readiness/ports.ts';
import type { PairDesk } from './desk.ts';

/** What an order would lead to if every call were answered as it should be. */
export interface Preview {
  /** `null` = nothing would be begun. */
  readonly saga: Saga | null;
  /** Why nothing would be begun; `null` = it would. */
  readonly reason: string | null;
  /** Those that write, in order. */
  readonly calls: ReadonlyArray<PlannedCall>;
  /** `10.0.0.4:3306`: whoever was taken to answer our probe without being asked. */
  readonly presumed: ReadonlyArray<string>;
}

/**
 * Foresees what the order would lead to: reads SLB, ECS and the tables, and writes nothing anywhere. Only functions inside the VPC can
 * probe; from here `asksInstances` says whether to try, and otherwise candidates are taken to answer.
 */
export async function previewOrder(
  desk: PairDesk,
  pair: Pair,
  order: PairOrder,
  asksInstances: boolean,
): Promise<Preview> {
  const { row, orders } = await desk.pairRows.read(pair.name);
  const presumed = new Set<string>();
  const deps = asksInstances ? desk : { ...desk, prober: trustingProber(presumed) };
  // Whoever asked before comes first.
  const waiting = orders.filter(({ orderId }) => orderId !== order.orderId);
  const { plan, saga, steps } = await foreseeChange(deps, pair, {
    row,
    orders: [...waiting, order],
    signals: [],
  });
  if (saga?.orderId === order.orderId) {
    const calls = steps.map((step) => desk.pairGroups.callOf(step));
    return { saga, reason: null, calls, presumed: [...presumed] };
  }
  const answer = plan.row.answers.find(({ orderId }) => orderId === order.orderId);
  const begun = saga === null ? null : `${saga.kind} ${saga.number} comes first: ${saga.reason}`;
  const reason = answer?.reason ?? begun ?? plan.row.held ?? 'no reason was given';
  return { saga: null, reason, calls: [], presumed: [...presumed] };
}

/** Takes everybody to answer, and notes whom in `presumed`, as `10.0.0.4:3306`. */
export function trustingProber(presumed: Set<string>): Prober {
  return {
    async probe(privateIp, port) {
      presumed.add(`${privateIp}:${port}`);
      return { isReady: true, reason: null };
    },
  };
}
