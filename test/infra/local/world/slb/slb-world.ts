import { VirtualClock } from '../../../../../infra/local/world/clock.ts';
import { createEcs } from '../../../../../infra/local/world/ecs/ecs.ts';
import { createFoundation } from '../../../../../infra/local/world/foundation.ts';
import { createSlb } from '../../../../../infra/local/world/slb/slb.ts';
import { memoryStore, type WorldStore } from '../../../../../infra/local/world/store.ts';
import type { Switches } from '../../../../../infra/local/world/switches.ts';

/** The load balancer of {@link slbWorld}. */
export const LB = 'lb-bp1shop';
/** Its vServer group. */
export const GROUP = 'rsp-bp1web';

/** A world in virtual time with one load balancer and one empty group, whose writes need no waiting. */
export function slbWorld(switches: Partial<Switches> = {}, store: WorldStore = memoryStore()) {
  const clock = new VirtualClock(Date.parse('2026-11-20T08:00:00Z'));
  const foundation = createFoundation({ clock, store, switches: { slbGroupProcessingMs: 0, ...switches } });
  const ecs = createEcs(foundation, { pendingMs: 0, startingMs: 0, stoppingMs: 0, releasingMs: 0 });
  const slb = createSlb(foundation, { ecs });
  slb.seedLoadBalancer({ loadBalancerId: LB, name: 'shop' });
  slb.seedVServerGroup({ vServerGroupId: GROUP, loadBalancerId: LB, name: 'web' });
  /** Instances that are Running. */
  const run = (amount: number, vpcId?: string) => {
    const ids = ecs.runInstances({ amount, vpcId });
    clock.advanceBy(0);
    return ids;
  };
  /** `i-1:80=100` for each backend, in order. */
  const members = (vServerGroupId = GROUP) =>
    (slb.group(vServerGroupId)?.backends ?? []).map(
      ({ serverId, port, weight }) => `${serverId}:${port}=${weight}`,
    );
  return { clock, foundation, ecs, slb, run, members, ...slb.vServerGroups };
}

/** The code and status that `run` is refused with; `null` when it is not. */
export function refusalOf(run: () => unknown): { code: string; status: number; message: string } | null {
  try {
    run();
    return null;
  } catch (error) {
    const { code, status, message } = error as { code: string; status: number; message: string };
    return { code, status, message };
  }
}

/** The code alone. */
export function codeOf(run: () => unknown): string | null {
  return refusalOf(run)?.code ?? null;
}
