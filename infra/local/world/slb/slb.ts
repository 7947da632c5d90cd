import type { Foundation } from '../foundation.ts';
import { createBackendRules, withDefaults } from './backend-rules.ts';
import { createGroupStore } from './group-store.ts';
import { createGroupWrites, type GroupWrites } from './groups.ts';
import { createHealth, type Health } from './health.ts';
import { createListeners, type Listeners } from './listeners.ts';
import { createLoadBalancers, type LoadBalancers } from './load-balancers.ts';
import type { BackendServerInput, InstanceDirectory, SlbTag, VServerGroup } from './model.ts';
import { limitSlbRates } from './rate-limits.ts';
import { dropReleasedInstances } from './released-instances.ts';
import { createRules, type Rules } from './rules.ts';

/** What puts a vServer group with a given id into the world. */
export interface VServerGroupSeed {
  readonly vServerGroupId: string;
  readonly loadBalancerId: string;
  readonly name: string;
  /** Not checked against ECS, so that a scene can start from anything. */
  readonly backends?: ReadonlyArray<BackendServerInput> | undefined;
  readonly tags?: ReadonlyArray<SlbTag> | undefined;
}

/** The CLB cloud of one world. Methods throw CloudError in SLB's words. */
export interface Slb {
  readonly loadBalancers: LoadBalancers;
  readonly listeners: Listeners;
  readonly vServerGroups: GroupWrites;
  readonly rules: Rules;
  readonly health: Health;
  /** All vServer groups as they are, for tables and tests. */
  groups(): ReadonlyArray<VServerGroup>;
  /** The group as it is; `null` when there is none. */
  group(vServerGroupId: string): VServerGroup | null;
  /** DescribeVServerGroupAttribute. Throws 404 `InvalidParameter`. */
  describeVServerGroup(vServerGroupId: string): VServerGroup;
  /** DescribeVServerGroups. Throws `InvalidLoadBalancerId.NotFound`. */
  describeVServerGroups(query: {
    readonly loadBalancerId: string;
    /** A group's name. */
    readonly description?: string | undefined;
    readonly tags?: ReadonlyArray<{ readonly key: string; readonly value?: string | undefined }> | undefined;
  }): ReadonlyArray<VServerGroup>;
  seedLoadBalancer: LoadBalancers['seed'];
  seedListener: Listeners['seed'];
  seedRule: Rules['seed'];
  /** Puts one with a given id into the world; one that is there already stays as it is. */
  seedVServerGroup(seed: VServerGroupSeed): VServerGroup;
  setHealth: Health['set'];
}

/** The CLB cloud over the foundation's store; create it after the ECS cloud that it looks instances up in. */
export function createSlb(foundation: Foundation, { ecs }: { readonly ecs: InstanceDirectory }): Slb {
  const { clock, switches } = foundation;
  const loadBalancers = createLoadBalancers(foundation, (loadBalancerId, serverId) =>
    groups
      .of(loadBalancerId)
      .some((group) => group.backends.some((backend) => backend.serverId === serverId)),
  );
  const groups = createGroupStore(foundation, loadBalancers);
  const listeners = createListeners(foundation, loadBalancers, {
    find: groups.find,
    release(vServerGroupId) {
      const group = groups.find(vServerGroupId);
      if (group === null) return;
      groups.put({ ...group, associatedUntilMs: clock.nowMs() + switches.slbAssociationLingersMs });
    },
    dropRules: (listener) => rules.deleteOf(listener),
  });
  const rules = createRules(foundation, { loadBalancers, listeners, findGroup: groups.find });
  const backendRules = createBackendRules(foundation, ecs);
  const vServerGroups = createGroupWrites(foundation, {
    groups,
    loadBalancers,
    rules: backendRules,
    isUsed: (vServerGroupId) => listeners.usersOf(vServerGroupId).length > 0,
    isUsedByRule: (vServerGroupId) => rules.usersOf(vServerGroupId).length > 0,
  });
  const health = createHealth(foundation, { ecs, groups, listeners, loadBalancers, rules });
  dropReleasedInstances(foundation, ecs, groups);
  if (switches.slbRateLimits === 'on') limitSlbRates(foundation.rateLimits);

  return {
    loadBalancers,
    listeners,
    vServerGroups,
    rules,
    health,
    groups: groups.all,
    group: groups.find,
    describeVServerGroup: groups.get,
    describeVServerGroups({ loadBalancerId, description, tags = [] }) {
      loadBalancers.get(loadBalancerId);
      return groups
        .of(loadBalancerId)
        .filter(
          (group) =>
            (description === undefined || group.vServerGroupName === description) &&
            tags.every((wanted) =>
              group.tags.some(
                (tag) => tag.key === wanted.key && (wanted.value === undefined || wanted.value === tag.value),
              ),
            ),
        );
    },
    seedLoadBalancer: loadBalancers.seed,
    seedListener: listeners.seed,
    seedRule: rules.seed,
    seedVServerGroup({ vServerGroupId, loadBalancerId, name, backends = [], tags = [] }) {
      const present = groups.find(vServerGroupId);
      if (present !== null) return present;
      loadBalancers.get(loadBalancerId);
      // Read one by one: a seed may hold more than fits into a call.
      const members = backends.flatMap((backend) => backendRules.read([backend])).map(withDefaults);
      return groups.create({
        vServerGroupId,
        vServerGroupName: name,
        loadBalancerId,
        backends: members,
        tags,
      });
    },
    setHealth: health.set,
  };
}
