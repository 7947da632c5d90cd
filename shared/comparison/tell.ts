import type { Signal } from '../acceptance/model.ts';
import type { InboxStore } from '../acceptance/ports.ts';
import type { Binding } from '../config/binding.ts';
import { eventKey } from '../events/event-key.ts';
import type { LaneStore } from '../lanes/ports.ts';
import { subjectOfBinding } from '../server-groups/backend/pause.ts';
import type { LoadBalancerLook } from './look.ts';

/** What telling a lane needs. */
export interface TellDeps {
  readonly inbox: Pick<InboxStore, 'put'>;
  readonly lanes: Pick<LaneStore, 'signal'>;
}

/** Has the lane of a binding's load balancer correct nothing of the binding until then; `null` = again as ever. */
export async function tellPause(
  { inbox, lanes }: TellDeps,
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

/** Tells the lane what it has not heard of, and that it has work. Its next pass decides anew, under its lease. */
export async function tellLane(
  { inbox, lanes }: TellDeps,
  { loadBalancerId, lost }: Pick<LoadBalancerLook, 'loadBalancerId' | 'lost'>,
): Promise<void> {
  if (lost.length > 0) await inbox.put(lost.map((signal) => ({ laneId: loadBalancerId, signal })));
  await lanes.signal([loadBalancerId]);
}
