import type * as z from 'zod';
import type { Binding } from './binding.ts';
import { durationSchema } from './duration.ts';
import { HOUR_MS, list, oneOf, SCALING_GROUP_ID, section, text } from './schema-parts.ts';

/** How lifecycle hooks are answered, and the scaling groups whose hooks are looked for without a message. */
export const ScalingSchema = section({
  whenNotReady: oneOf(['abandon', 'continue']).optional(),
  whenForbidden: oneOf(['hold', 'rollback']).optional(),
  whenTimeIsUp: oneOf(['rollback', 'continue']).optional(),
  groups: list(
    section({
      id: text(SCALING_GROUP_ID, 'the id of a scaling group, asg-…'),
      // ESS itself takes 30 s to 6 h; what is too short for us is a matter of several values.
      hookTimeout: durationSchema(30_000, 6 * HOUR_MS).optional(),
    }),
    1_000,
    'scaling groups',
  ).optional(),
});

/** How lifecycle hooks of scaling groups are answered. */
export interface ScalingPolicy {
  /** On the way in, when an instance does not serve in time: it is released again, or comes in all the same. */
  readonly whenNotReady: 'abandon' | 'continue';
  /** On the way out, when a guard forbids the drain: wait as long as ESS does, or have the instances stay at once. */
  readonly whenForbidden: 'hold' | 'rollback';
  /** On the way out, when ESS will wait no longer: the instances stay, or go without the drain that they were to have. */
  readonly whenTimeIsUp: 'rollback' | 'continue';
}

/** What the configuration says about scaling groups. */
export interface Scaling {
  readonly policy: ScalingPolicy;
  /** Those that are named besides the ones that bindings select by. */
  readonly groups: ReadonlyArray<{
    readonly scalingGroupId: string;
    /** Of its hooks, as far as the file says; `null` = it does not. */
    readonly hookTimeoutMs: number | null;
  }>;
}

/** The file's section, with our defaults where it is silent. */
export function resolveScaling(scaling: z.infer<typeof ScalingSchema> | undefined): Scaling {
  return {
    policy: {
      whenNotReady: scaling?.whenNotReady ?? 'abandon',
      whenForbidden: scaling?.whenForbidden ?? 'hold',
      whenTimeIsUp: scaling?.whenTimeIsUp ?? 'rollback',
    },
    groups: (scaling?.groups ?? []).map(({ id, hookTimeout }) => ({
      scalingGroupId: id,
      hookTimeoutMs: hookTimeout ?? null,
    })),
  };
}

/** Every scaling group that the configuration knows: those that bindings select by, and those that it only names. */
export function scalingGroupIdsOf(
  bindings: ReadonlyArray<Pick<Binding, 'selector'>>,
  { groups }: Pick<Scaling, 'groups'>,
): ReadonlyArray<string> {
  const selected = bindings.flatMap(({ selector }) =>
    selector.kind === 'scaling-group' ? [selector.scalingGroupId] : [],
  );
  return [...new Set([...selected, ...groups.map(({ scalingGroupId }) => scalingGroupId)])].sort();
}
