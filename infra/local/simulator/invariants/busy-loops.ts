import { readLane } from '../play/tables.ts';
import type { MakeInvariant } from './invariant.ts';

const WINDOW_MS = 60_000;
/** Times that a lane may be taken within a minute: each of them reads the whole load balancer. */
export const PASSES_MAX = 90;
/** Calls of SLB that all workers together may send for a load balancer within a minute. */
export const CALLS_MAX = 1_500;

/** D: nobody goes round in circles: neither the passes nor the calls of a lane are without bound. */
export const busyLoops: MakeInvariant = ({ config, nowMs }, violate) => {
  const passes = new Map<string, Array<number>>();
  const calls = new Map<string, Array<number>>();
  const laneOf = new Map(config.bindings.map((binding) => [binding.vServerGroupId, binding.loadBalancerId]));
  const count = (of: Map<string, Array<number>>, id: string): number => {
    const recent = of.get(id) ?? [];
    of.set(id, recent);
    recent.push(nowMs());
    while ((recent[0] ?? 0) <= nowMs() - WINDOW_MS) recent.shift();
    return recent.length;
  };
  return {
    rowWritten({ table, before, after }) {
      if (table !== 'lanes' || after === null) return;
      const { loadBalancerId, fence } = readLane(after);
      if (fence === (before === null ? 0 : readLane(before).fence)) return;
      const recent = count(passes, loadBalancerId);
      if (recent > PASSES_MAX) violate(`${loadBalancerId} was taken ${recent} times within a minute`);
    },
    sent({ travel }) {
      if (travel.product !== 'slb') return;
      const { LoadBalancerId, VServerGroupId } = travel.parameters as {
        readonly LoadBalancerId?: string | ReadonlyArray<string>;
        readonly VServerGroupId?: string;
      };
      const id = laneOf.get(VServerGroupId ?? '') ?? String([LoadBalancerId].flat()[0]);
      const recent = count(calls, id);
      if (recent > CALLS_MAX) violate(`${recent} calls were sent for ${id} within a minute`);
    },
  };
};
