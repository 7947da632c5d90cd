import { selectorTags } from '../../../shared/config/binding.ts';
import type { Config } from '../../../shared/config/load.ts';
import type { Instance } from '../world/ecs/instance.ts';

/** A backend of a vServer group, as far as a configuration says anything about it. */
export interface DesiredBackend {
  readonly vServerGroupId: string;
  readonly serverId: string;
  readonly port: number;
  readonly weight: number;
}

/** Whether the instance has all tags that the binding selects by. */
export function matchesBinding(
  { tags }: Pick<Instance, 'tags'>,
  { selector }: Config['bindings'][number],
): boolean {
  return selectorTags(selector).every(({ key, value }) =>
    tags.some((tag) => tag.key === key && tag.value === value),
  );
}

/** What the groups should hold: every port of a binding for every Running instance that it selects. */
export function desiredBackends(
  { bindings }: Pick<Config, 'bindings'>,
  instances: ReadonlyArray<Instance>,
): ReadonlyArray<DesiredBackend> {
  const running = instances.filter(({ status }) => status === 'Running');
  return bindings.flatMap((binding) =>
    running
      .filter((instance) => matchesBinding(instance, binding))
      .flatMap(({ instanceId }) =>
        binding.ports.map(({ port, weight }) => ({
          vServerGroupId: binding.vServerGroupId,
          serverId: instanceId,
          port,
          weight,
        })),
      ),
  );
}
