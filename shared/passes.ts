import type { RunPass } from './lanes/apply.ts';
import { createLoadBalancerPass, type LoadBalancerPassDeps } from './load-balancer-pass.ts';
import { createPairPass, type PairPassDeps } from './pairs/apply.ts';
import { isPairLane, pairLaneId } from './pairs/model.ts';
import { createRequestPass, type RequestPassDeps } from './requests/apply.ts';
import { isRequestLane, targetOfLane } from './requests/model.ts';
import { createScalingPass, type ScalingPassDeps } from './scaling/apply.ts';
import { isScalingLane } from './scaling/model.ts';

/** What the passes over lanes of every kind need. */
export type LanePassDeps = LoadBalancerPassDeps & ScalingPassDeps & PairPassDeps & RequestPassDeps;

/** The kinds of lanes: whose lane it is, and what is done in it. */
const KINDS: ReadonlyArray<{
  readonly owns: (laneId: string) => boolean;
  readonly createPass: (deps: LanePassDeps) => RunPass;
}> = [
  { owns: isScalingLane, createPass: createScalingPass },
  { owns: isPairLane, createPass: createPairPass },
  { owns: isRequestLane, createPass: createRequestPass },
  { owns: (laneId) => laneId.startsWith('lb-'), createPass: createLoadBalancerPass },
];

/**
 * Makes the pass over a lane: that of a load balancer keeps its vServer groups and their members, that of a scaling group answers its hooks,
 * that of a pair keeps a primary and a secondary, that of requests carries out what people ask for.
 */
export function createPass(deps: LanePassDeps): RunPass {
  const kinds = KINDS.map(({ owns, createPass: create }) => ({ owns, run: create(deps) }));
  return async (held, deadlineMs) => {
    const kind = kinds.find(({ owns }) => owns(held.laneId));
    if (kind === undefined) throw new RangeError(`no lane is called ${held.laneId}`);
    return await kind.run(held, deadlineMs);
  };
}

/** Whether the configuration, or a scaling group's message, may have made this lane; wake-ups of others lead nowhere. */
export function isKnownLane(
  laneId: string,
  { bindings, pairs }: Pick<LanePassDeps, 'bindings' | 'pairs'>,
): boolean {
  if (isScalingLane(laneId)) return true;
  // Also one whose binding or pair has left the configuration: somebody has to end the requests that are open in it.
  if (isRequestLane(laneId)) return targetOfLane(laneId) !== null;
  if (isPairLane(laneId)) return pairs.some((pair) => pairLaneId(pair) === laneId);
  return bindings.some(({ loadBalancerId }) => loadBalancerId === laneId);
}
