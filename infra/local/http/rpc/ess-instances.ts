import { z } from 'zod';
import type { EssOperations } from '../../world/ess/operations.ts';
import * as answers from './ess-answers.ts';
import { nothing, rpcOperation } from './product.ts';
import { flag, integer, text } from './wire.ts';

const namedInstances = { ScalingGroupId: text, InstanceIds: z.array(text).min(1) };

function namesOf(wire: z.infer<z.ZodObject<typeof namedInstances>>) {
  return { scalingGroupId: wire.ScalingGroupId, instanceIds: wire.InstanceIds };
}

/** Auto Scaling's calls about the instances of groups, as the wire has them. */
export function essInstanceCalls(operations: EssOperations) {
  return {
    DescribeScalingInstances: rpcOperation(operations.DescribeScalingInstances, {
      parameters: z
        .object({
          RegionId: text,
          ScalingGroupId: text.optional(),
          InstanceIds: z.array(text).max(100).optional(),
          LifecycleState: text.optional(),
          LifecycleStates: z.array(text).optional(),
          HealthStatus: text.optional(),
          CreationType: text.optional(),
          CreationTypes: z.array(text).optional(),
          ScalingActivityId: text.optional(),
          PageNumber: integer.optional(),
          PageSize: integer.optional(),
        })
        .transform((wire) => ({
          scalingGroupId: wire.ScalingGroupId,
          instanceIds: wire.InstanceIds,
          lifecycleStates: eitherOf(wire.LifecycleState, wire.LifecycleStates),
          healthStatus: wire.HealthStatus,
          creationTypes: eitherOf(wire.CreationType, wire.CreationTypes),
          scalingActivityId: wire.ScalingActivityId,
          pageNumber: wire.PageNumber,
          pageSize: wire.PageSize,
        })),
      answer: answers.instancesDescribed,
    }),
    RemoveInstances: rpcOperation(operations.RemoveInstances, {
      parameters: z
        .object({ RegionId: text.optional(), ...namedInstances, DecreaseDesiredCapacity: flag.optional() })
        .transform((wire) => ({
          ...namesOf(wire),
          decreaseDesiredCapacity: wire.DecreaseDesiredCapacity,
        })),
      answer: answers.activityBegun,
    }),
    SetInstancesProtection: rpcOperation(operations.SetInstancesProtection, {
      parameters: z
        .object({ RegionId: text.optional(), ...namedInstances, ProtectedFromScaleIn: flag })
        .transform((wire) => ({ ...namesOf(wire), protectedFromScaleIn: wire.ProtectedFromScaleIn })),
      answer: nothing,
    }),
    EnterStandby: rpcOperation(operations.EnterStandby, {
      parameters: z.object({ RegionId: text.optional(), ...namedInstances }).transform(namesOf),
      answer: nothing,
    }),
    ExitStandby: rpcOperation(operations.ExitStandby, {
      parameters: z.object({ RegionId: text.optional(), ...namedInstances }).transform(namesOf),
      answer: nothing,
    }),
  };
}

function eitherOf(one: string | undefined, several: ReadonlyArray<string> | undefined) {
  return one === undefined ? several : [one];
}
