import { selectorTags } from '../../../shared/config/binding.ts';
import type { Config } from '../../../shared/config/load.ts';
import { scalingGroupIdsOf } from '../../../shared/config/scaling.ts';
import { HOOK_QUEUE } from '../../../shared/scaling/model.ts';
import type { LocalClouds } from '../clouds.ts';
import type { Tag } from '../world/ecs/instance.ts';
import type { Ess } from '../world/ess/ess.ts';

/** Names of the hooks that a seeded scaling group gets, by the way that they hold up. */
export const SEEDED_HOOKS = { SCALE_OUT: 'until-it-serves', SCALE_IN: 'until-it-is-drained' } as const;

/** As many as a vServer group of the vendor's takes, and more than anybody watches. */
const SIZE_MAX = 100;
const TIMEOUT_SECONDS = 600;
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{1,63}$/;

/**
 * Puts the scaling groups that the configuration names into the world, empty, each with a hook each way that tells the
 * product's queue; it must be there already. A group has the name of the first binding that selects by it, else its id.
 * Where bindings select by tags alone, the instances of a group that is only named get the tags of the first of them. What
 * is there already stays as it is.
 */
export function seedScalingGroups(
  { ess, foundation }: { readonly ess: Ess; readonly foundation: LocalClouds['foundation'] },
  { bindings, scaling }: Pick<Config, 'bindings' | 'scaling'>,
): void {
  const { region, identities } = foundation;
  for (const scalingGroupId of scalingGroupIdsOf(bindings, scaling)) {
    const binding = bindings.find(
      ({ selector }) => selector.kind === 'scaling-group' && selector.scalingGroupId === scalingGroupId,
    );
    ess.seedScalingGroup({
      scalingGroupId,
      scalingGroupName: NAME.test(binding?.name ?? '') ? binding?.name : undefined,
      minSize: 0,
      maxSize: SIZE_MAX,
      instanceTags: binding === undefined ? firstTags(bindings) : [],
    });
    const named = scaling.groups.find((group) => group.scalingGroupId === scalingGroupId);
    const hook = {
      scalingGroupId,
      heartbeatTimeoutSeconds: named?.hookTimeoutMs
        ? Math.ceil(named.hookTimeoutMs / 1_000)
        : TIMEOUT_SECONDS,
      notificationArn: `acs:mns:${region}:${identities.accountId}:queue/${HOOK_QUEUE}`,
    };
    const id = scalingGroupId.slice('asg-'.length);
    ess.seedLifecycleHook({
      ...hook,
      lifecycleHookId: `ash-${id}-out`,
      lifecycleHookName: SEEDED_HOOKS.SCALE_OUT,
      lifecycleTransition: 'SCALE_OUT',
      // Who never served must not come in because nobody answered.
      defaultResult: 'ABANDON',
    });
    ess.seedLifecycleHook({
      ...hook,
      lifecycleHookId: `ash-${id}-in`,
      lifecycleHookName: SEEDED_HOOKS.SCALE_IN,
      lifecycleTransition: 'SCALE_IN',
    });
  }
}

function firstTags(bindings: Config['bindings']): ReadonlyArray<Tag> {
  const binding = bindings.find(({ selector }) => selector.kind === 'tags');
  return binding === undefined ? [] : selectorTags(binding.selector);
}
