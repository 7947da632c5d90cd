import type { WorkerCall } from '../play/calls.ts';
import type { Scene } from './invariant.ts';
import { groupWriteOf } from './our-writes.ts';
import { pairOf, pairWriteOf } from './pair-writes.ts';

/** The lane of a pair: beside that of its load balancer, and never the same. */
export function laneOfPair({ name }: { readonly name: string }): string {
  return `pair-${name}`;
}

/**
 * The lane under which a write of ours has to be sent, `''` where no lane of the configuration could be its own; `null` = the
 * call is no write to SLB.
 */
export function laneOfWrite(scene: Pick<Scene, 'config' | 'pairs'>, call: WorkerCall): string | null {
  const group = groupWriteOf(call);
  if (group !== null) {
    const { bindings } = scene.config;
    return (
      bindings.find(({ vServerGroupId }) => vServerGroupId === group.vServerGroupId)?.loadBalancerId ?? ''
    );
  }
  const write = pairWriteOf(call);
  if (write === null) return null;
  const pair = pairOf(scene.config, scene.pairs, write);
  return pair === null ? '' : laneOfPair(pair);
}
