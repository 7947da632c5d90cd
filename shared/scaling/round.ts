import { mapBounded } from '../concurrency.ts';
import { describeError } from '../errors.ts';
import type { LaneStore } from '../lanes/ports.ts';
import type { Logger } from '../logger.ts';
import type { HookStore, ScalingGateway } from './ports.ts';

/** What a round needs. */
export interface RoundDeps {
  readonly scaling: Pick<ScalingGateway, 'activitiesInProgress'>;
  readonly hooks: Pick<HookStore, 'read'>;
  readonly lanes: Pick<LaneStore, 'signal'>;
  readonly logger: Logger;
  /** The scaling groups that the configuration knows. */
  readonly scalingGroupIds: ReadonlyArray<string>;
}

const GROUPS_AT_ONCE = 4;

/**
 * Signals the lanes of the scaling groups that have activities in progress, whether or not a message told of them, and of
 * those of which hooks are recorded all the same: a record that was written late, when its hook had long been answered,
 * would stay for ever. Returns these lanes. A group that cannot be asked is left to the next tick; it never fails the others.
 */
export async function signalScalingGroups({
  scaling,
  hooks,
  lanes,
  logger,
  scalingGroupIds,
}: RoundDeps): Promise<ReadonlyArray<string>> {
  const asked = await mapBounded(scalingGroupIds, GROUPS_AT_ONCE, async (scalingGroupId) => {
    try {
      if ((await scaling.activitiesInProgress(scalingGroupId)).length > 0) return true;
      return (await hooks.read(scalingGroupId)).length > 0;
    } catch (error) {
      logger.warn({ scalingGroupId }, `scaling group not looked at: ${describeError(error)}`);
      return false;
    }
  });
  const active = scalingGroupIds.filter((_, index) => asked[index]);
  if (active.length > 0) await lanes.signal(active);
  return active;
}
