import type { Config } from '../../../../shared/config/load.ts';
import type { NativeAttachment } from '../../../../shared/scaling/model.ts';
import { anError, type Finding } from '../model.ts';
import { whereOf } from '../relations.ts';

/**
 * Whether Auto Scaling itself manages what bindings manage. On the way in it would add behind our back, on the way out it
 * removes before its hook waits.
 */
export function attachmentFindings(
  { bindings, regionId }: Config,
  scalingGroupId: string,
  attachments: ReadonlyArray<NativeAttachment>,
): ReadonlyArray<Finding> {
  return attachments.flatMap(({ loadBalancerId, vServerGroupId, port }) => {
    const binding = bindings.find(
      (each) =>
        each.vServerGroupId === vServerGroupId &&
        each.type === 'ecs' &&
        each.ports.some((entry) => entry.port === port),
    );
    if (binding === undefined) return [];
    const found =
      `the scaling group itself attaches port ${port} of ${vServerGroupId}, which the binding ${binding.name} manages: ` +
      'Auto Scaling takes instances out before its hook waits, so nothing can be drained';
    const kept = binding.adopt
      ? 'its backends stay, and the binding adopts them'
      : 'its backends stay, as somebody else’s until the binding says adopt: true';
    const call = {
      api: 'DetachVServerGroups',
      parameters: {
        RegionId: regionId,
        ScalingGroupId: scalingGroupId,
        VServerGroups: [
          {
            LoadBalancerId: loadBalancerId,
            VServerGroupAttributes: [{ VServerGroupId: vServerGroupId, Port: port }],
          },
        ],
        ForceDetach: false,
      },
    };
    const where = { ...whereOf(scalingGroupId), binding: binding.name, vServerGroup: vServerGroupId };
    return [anError('native-attachment', where, found, `detach it; ${kept}`, call)];
  });
}
