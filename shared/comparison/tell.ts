import type { Signal } from '../acceptance/model.ts';
import type { InboxStore } from '../acceptance/ports.ts';
import type { Binding } from '../config/binding.ts';
import { isToBeKept } from '../declarations/look.ts';
import type { DeclarationOrders } from '../declarations/ports.ts';
import { eventKey } from '../events/event-key.ts';
import type { LaneStore } from '../lanes/ports.ts';
import { subjectOfBinding } from '../server-groups/backend/pause.ts';
import type { LoadBalancerLook } from './look.ts';

/** What telling a lane needs. */
export interface TellDeps {
  readonly inbox: Pick<InboxStore, 'put'>;
  readonly lanes: Pick<LaneStore, 'signal'>;
  readonly declarationOrders: DeclarationOrders;
}

/** Has the lane of a binding's load balancer correct nothing of the binding until then; `null` = again as ever. */
export async function tellPause(
  { inbox, lanes }: Pick<TellDeps, 'inbox' | 'lanes'>,
  { name, loadBalancerId }: Pick<Binding, 'name' | 'loadBalancerId'>,
  { id, reason, untilMs, atMs }: PauseOrder,
): Promise<void> {
  const signal: Signal = {
    key: eventKey('pause', name, id),
    instanceId: subjectOfBinding(name),
    news: { kind: 'pause', binding: name, reason, untilMs },
    eventAtMs: atMs,
    acceptedAtMs: atMs,
  };
  await inbox.put([{ laneId: loadBalancerId, signal }]);
  await lanes.signal([loadBalancerId]);
}

/** What somebody asks for about a binding's differences. */
export interface PauseOrder {
  /** Unlike any other: a repeat is the same order. */
  readonly id: string;
  /** With who asks. */
  readonly reason: string;
  /** `null` = a pause that stands is to end. */
  readonly untilMs: number | null;
  readonly atMs: number;
}

/** The id of the order that comparisons give: until it is answered there is one of them at most. */
const BY_COMPARISON = 'comparison';

/**
 * Tells the lane what it has not heard of, that its declared groups are to be kept, and that it has work. Its next pass
 * decides anew, under its lease.
 */
export async function tellLane(
  { inbox, lanes, declarationOrders }: TellDeps,
  {
    loadBalancerId,
    lost,
    declared,
    nowMs,
  }: Pick<LoadBalancerLook, 'loadBalancerId' | 'lost' | 'declared' | 'nowMs'>,
): Promise<void> {
  if (lost.length > 0) await inbox.put(lost.map((signal) => ({ laneId: loadBalancerId, signal })));
  for (const { binding } of declared.filter(isToBeKept)) {
    const order = {
      orderId: BY_COMPARISON,
      kind: 'apply',
      by: 'the comparison',
      orderedAtMs: nowMs,
    } as const;
    await declarationOrders.put(loadBalancerId, { ...order, binding: binding.name });
  }
  await lanes.signal([loadBalancerId]);
}
