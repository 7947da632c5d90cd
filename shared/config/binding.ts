import type { BindingEntry, ConfigFile, SelectorEntry } from './schema.ts';

/** Which instances belong in a binding's group. */
export type Selector =
  | {
      readonly kind: 'tags';
      /** An instance must have all of them; at least one. */
      readonly tags: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'scaling-group'; readonly scalingGroupId: string };

/** A port that each selected instance serves on, with the weight it gets there: 0 to 100. */
export interface BindingPort {
  readonly port: number;
  readonly weight: number;
}

/** These instances belong in that vServer group on these ports. A (group, port) is in one binding at most. */
export interface Binding {
  /** Unique in the configuration. */
  readonly name: string;
  readonly loadBalancerId: string;
  readonly vServerGroupId: string;
  readonly selector: Selector;
  readonly ports: ReadonlyArray<BindingPort>;
  /** When an instance may join: `running` as soon as ECS says Running. */
  readonly readiness: 'running';
  /** How long a backend stays at weight 0 before it is removed. */
  readonly drainTimeMs: number;
  /** Whether selected backends that somebody else added without our mark may become ours. */
  readonly adopt: boolean;
  readonly guards: Guards;
}

/** What no write of ours may undercut. */
export interface Guards {
  /** Backends in service that must remain per group; at least 1, so that no group is emptied. */
  readonly minInService: number;
}

/** The tag that Auto Scaling puts on the instances that it creates. */
const SCALING_GROUP_TAG = 'acs:autoscaling:scalingGroupId';

/** The ECS tags that select the instances: the selector's own, or the one that names the scaling group. */
export function selectorTags(
  selector: Selector,
): ReadonlyArray<{ readonly key: string; readonly value: string }> {
  if (selector.kind === 'scaling-group') return [{ key: SCALING_GROUP_TAG, value: selector.scalingGroupId }];
  return Object.entries(selector.tags).map(([key, value]) => ({ key, value }));
}

/** The binding that an entry of the file describes, with the file's defaults and then ours where it is silent. */
export function resolveBinding(entry: BindingEntry, defaults: ConfigFile['defaults']): Binding {
  return {
    name: entry.name,
    loadBalancerId: entry.loadBalancer,
    vServerGroupId: entry.vServerGroup,
    selector: resolveSelector(entry.selector),
    ports: entry.ports.map(({ port, weight }) => ({ port, weight: weight ?? 100 })),
    readiness: entry.readiness ?? defaults?.readiness ?? 'running',
    drainTimeMs: entry.drain?.time ?? defaults?.drain?.time ?? 30_000,
    adopt: entry.adopt ?? defaults?.adopt ?? false,
    guards: { minInService: entry.guards?.minInService ?? defaults?.guards?.minInService ?? 1 },
  };
}

/** The cross-checks have seen to it that exactly one of the two is there. */
function resolveSelector({ tags, scalingGroup }: SelectorEntry): Selector {
  if (scalingGroup !== undefined) return { kind: 'scaling-group', scalingGroupId: scalingGroup };
  return { kind: 'tags', tags: tags ?? {} };
}
