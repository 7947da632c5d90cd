import type { RunPass } from './lanes/apply.ts';
import { createScalingPass, type ScalingPassDeps } from './scaling/apply.ts';
import { isScalingLane } from './scaling/model.ts';
import { createServerGroupPass, type PassDeps } from './server-groups/apply.ts';

/** What the passes over lanes of either kind need. */
export type LanePassDeps = PassDeps & ScalingPassDeps;

/** Makes the pass over a lane: that of a load balancer keeps its groups, that of a scaling group answers its hooks. */
export function createPass(deps: LanePassDeps): RunPass {
  const ofServerGroups = createServerGroupPass(deps);
  const ofScaling = createScalingPass(deps);
  return (held, deadlineMs) => (isScalingLane(held.laneId) ? ofScaling : ofServerGroups)(held, deadlineMs);
}
