import { groupBy } from '../../../../shared/collections.ts';
import type { Binding } from '../../../../shared/config/binding.ts';
import { groupListenerName } from '../../../../shared/config/group.ts';
import { listenerName } from '../../../../shared/config/pair.ts';
import { BINDING_TAG, isDeclared } from '../../../../shared/declarations/model.ts';
import { backendKey } from '../../../../shared/server-groups/model.ts';
import type { BackendServer } from '../../world/slb/model.ts';
import { notPlaced, placementsOf } from '../placements.ts';
import type { Stage } from '../stage.ts';

/** What the checks look at: the world itself. */
export interface DeclaredWorld {
  readonly config: Pick<Stage['config'], 'bindings' | 'pairs'>;
  readonly clouds: Pick<Stage['clouds'], 'slb' | 'foundation'>;
}

// Every check returns what is not as it should be, one sentence each. All of them look at the world itself.

/** Declared vServer groups that are missing, twofold, tagged otherwise, or not used by whoever is to use them. */
export function groupsNotAsDeclared({ config, clouds: { slb } }: DeclaredWorld): ReadonlyArray<string> {
  return config.bindings.filter(isDeclared).flatMap(({ name: binding, loadBalancerId, group }) => {
    const named = slb.groups().filter(({ vServerGroupName }) => vServerGroupName === group.name);
    const [found] = named;
    if (found === undefined || named.length > 1) return [`there are ${named.length} groups ${group.name}`];
    const { vServerGroupId } = found;
    const tags = [...group.tags, { key: BINDING_TAG, value: binding }];
    const missing = tags.filter(
      ({ key, value }) => !found.tags.some((tag) => tag.key === key && tag.value === value),
    );
    const listeners = group.listeners.filter(
      ({ protocol, port }) =>
        slb.listeners.find({ loadBalancerId, listenerProtocol: protocol, listenerPort: port })
          ?.vServerGroupId !== vServerGroupId,
    );
    const used = slb.rules.usersOf(vServerGroupId).map(({ domain, url }) => `${domain}${url}`);
    const rules = group.rules.flatMap((rule) =>
      rule.kind === 'place' && !used.includes(`${rule.domain}${rule.url}`)
        ? [`${rule.domain}${rule.url}`]
        : [],
    );
    return [
      ...missing.map(({ key, value }) => `${group.name} has no tag ${key}=${value}`),
      ...listeners.map((listener) => `${groupListenerName(listener)} does not use ${group.name}`),
      ...rules.map((rule) => `the rule ${rule} does not use ${group.name}`),
    ];
  });
}

/** Declared pairs whose listeners do not use one group with the declared primary and secondary. */
export function pairsNotAsDeclared({ config, clouds }: DeclaredWorld): ReadonlyArray<string> {
  return config.pairs.flatMap(({ loadBalancerId, listeners, group }) => {
    if (group === null) return [];
    const names = new Set(listeners.map(listenerName));
    const placed = placementsOf(clouds, loadBalancerId).filter(({ listener }) => names.has(listener));
    return notPlaced(placed, group.primary.serverId, group.secondary.serverId);
  });
}

/**
 * The fewest backends that served a binding's group at once since then, by the world's log. A server between two ports counts
 * as often as its binding names ports, at most.
 */
export function lowestCapacity(
  { clouds: { foundation } }: DeclaredWorld,
  { vServerGroupId, ports }: Binding,
  sinceMs: number,
): number {
  const weights = new Map<string, { readonly serverId: string; readonly weight: number }>();
  let lowest = Number.POSITIVE_INFINITY;
  for (const { kind, atMs, details } of foundation.timeline.entries) {
    if (!CHANGES.has(kind) || details.vServerGroupId !== vServerGroupId) continue;
    if (atMs >= sinceMs) lowest = Math.min(lowest, serving(weights.values(), ports.length));
    for (const backend of details.backends as ReadonlyArray<BackendServer>) {
      if (kind === 'backends-removed') weights.delete(backendKey(backend));
      else weights.set(backendKey(backend), backend);
    }
  }
  return Math.min(lowest, serving(weights.values(), ports.length));
}

const CHANGES: ReadonlySet<string> = new Set(['backends-added', 'weights-set', 'backends-removed']);

function serving(
  backends: Iterable<{ readonly serverId: string; readonly weight: number }>,
  most: number,
): number {
  const perServer = groupBy(
    [...backends].filter(({ weight }) => weight > 0),
    ({ serverId }) => serverId,
  );
  return [...perServer.values()].reduce((sum, own) => sum + Math.min(most, own.length), 0);
}
