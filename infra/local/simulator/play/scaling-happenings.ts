import type { Ess } from '../../world/ess/ess.ts';
import type { ScalingInstance } from '../../world/ess/model.ts';
import type { ScalingHappening } from '../day.ts';

type GroupHappening = Extract<ScalingHappening, { scalingGroupId: string }>;

/** Lets happen to a scaling group what the day says. Throws CloudError for what Auto Scaling refuses at that moment. */
export function performScaling(
  ess: Ess,
  happening: GroupHappening,
  find: (name: string) => string | null,
): void {
  const { kind, scalingGroupId } = happening;
  switch (kind) {
    case 'scale': {
      const adjustmentType = 'QuantityChangeInCapacity';
      ess.scaleWithAdjustment({ scalingGroupId, adjustmentType, adjustmentValue: happening.by });
      return;
    }
    case 'remove-members': {
      const instanceIds = [...new Set(happening.names.flatMap((name) => find(name) ?? []))];
      const decreaseDesiredCapacity = !happening.isReplaced;
      ess.removeInstances({ scalingGroupId, instanceIds, decreaseDesiredCapacity });
      return;
    }
    case 'attach': {
      const instanceIds = happening.names.flatMap((name) => find(name) ?? []);
      ess.attachInstances({ scalingGroupId, instanceIds });
      return;
    }
    case 'enter-standby': {
      const first = ess.members(scalingGroupId).find(isAtRest);
      if (first !== undefined) ess.enterStandby({ scalingGroupId, instanceIds: [first.instanceId] });
      return;
    }
    case 'exit-standby': {
      const aside = ess.members(scalingGroupId).filter(({ lifecycleState }) => lifecycleState === 'Standby');
      const instanceIds = aside.map(({ instanceId }) => instanceId);
      if (instanceIds.length > 0) ess.exitStandby({ scalingGroupId, instanceIds });
    }
  }
}

/** Whether the instance is in service and no activity has it. */
export function isAtRest({ lifecycleState, heldBy }: ScalingInstance): boolean {
  return lifecycleState === 'InService' && heldBy === null;
}
