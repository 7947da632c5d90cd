import { type Binding, selectorTags } from '../../../shared/config/binding.ts';
import type { Config } from '../../../shared/config/load.ts';
import { weightOn } from '../../../shared/config/weights.ts';
import type { Instance } from '../world/ecs/instance.ts';
import type { Ess } from '../world/ess/ess.ts';
import type { LifecycleState } from '../world/ess/model.ts';

/** A backend of a vServer group, as far as a configuration says anything about it. */
export interface DesiredBackend {
  readonly vServerGroupId: string;
  readonly serverId: string;
  readonly port: number;
  readonly weight: number;
}

/** What tells which scaling group an instance is in. */
export type ScalingMembers = Pick<Ess, 'member'>;

const LEAVING: ReadonlySet<LifecycleState> = new Set(['Removing', 'Removing:Wait']);

/**
 * Whether the instance belongs into the binding's group while it runs: it has all tags that the binding selects by, or is
 * in that scaling group. One that its scaling group takes out, or has set aside, does not.
 */
export function matchesBinding(
  { instanceId, tags }: Pick<Instance, 'instanceId' | 'tags'>,
  { selector }: Pick<Binding, 'selector'>,
  ess: ScalingMembers,
): boolean {
  const member = ess.member(instanceId);
  if (member !== null && LEAVING.has(member.lifecycleState)) return false;
  if (selector.kind === 'scaling-group') {
    return member?.scalingGroupId === selector.scalingGroupId && member.lifecycleState !== 'Standby';
  }
  return selectorTags(selector).every(({ key, value }) =>
    tags.some((tag) => tag.key === key && tag.value === value),
  );
}

/** What the groups should hold: every port of a binding for every Running instance that it selects. */
export function desiredBackends(
  { bindings }: Pick<Config, 'bindings'>,
  instances: ReadonlyArray<Instance>,
  ess: ScalingMembers,
): ReadonlyArray<DesiredBackend> {
  const running = instances.filter(({ status }) => status === 'Running');
  return bindings.flatMap((binding) =>
    running
      .filter((instance) => matchesBinding(instance, binding, ess))
      .flatMap((instance) =>
        binding.ports.map((ofPort) => ({
          vServerGroupId: binding.vServerGroupId,
          serverId: instance.instanceId,
          port: ofPort.port,
          weight: weightOn(ofPort, instance.instanceId, instance)?.weight ?? ofPort.weight,
        })),
      ),
  );
}
