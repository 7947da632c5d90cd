import type { Foundation } from '../foundation.ts';
import { createBackendRules, withDefaults } from './backend-rules.ts';
import { checkedMasterSlaveGroup, checkedVServerGroup } from './checked-group.ts';
import { createFailover, type ServingMember } from './failover.ts';
import { createGroupStore } from './group-store.ts';
import { createGroupWrites, type GroupWrites } from './groups.ts';
import { createHealth, type Health } from './health.ts';
import { createListeners, type ListenerAddress, type Listeners } from './listeners.ts';
import { createLoadBalancers, type LoadBalancers } from './load-balancers.ts';
import { createMasterSlaveGroups, type MasterSlaveGroups } from './master-slave-groups.ts';
import type { MasterSlaveServerGroup } from './master-slave-model.ts';
import { createMasterSlaveStore } from './master-slave-store.ts';
import type { BackendServerInput, InstanceDirectory, Listener, SlbTag, VServerGroup } from './model.ts';
import { limitSlbRates } from './rate-limits.ts';
import { dropReleasedInstances } from './released-instances.ts';
import { createRules, type Rules } from './rules.ts';
import { hasTags, type TagFilter } from './tag-filter.ts';
import { createTags, type Tags } from './tags.ts';

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
  readonly masterSlaveGroups: MasterSlaveGroups;
  readonly rules: Rules;
  readonly tags: Tags;
  readonly health: Health;
  /** All vServer groups as they are, for tables and tests. */
  groups(): ReadonlyArray<VServerGroup>;
  /** The group as it is; `null` when there is none. */
  group(vServerGroupId: string): VServerGroup | null;
  /** The primary/secondary group as it is; `null` when there is none. */
  masterSlaveGroup(masterSlaveServerGroupId: string): MasterSlaveServerGroup | null;
  masterSlaveGroupsOf(loadBalancerId: string): ReadonlyArray<MasterSlaveServerGroup>;
  /** DescribeMasterSlaveServerGroupAttribute. Throws 404 `InvalidParameter`. */
  describeMasterSlaveGroup(masterSlaveServerGroupId: string): MasterSlaveServerGroup;
  listenersOf(loadBalancerId: string): ReadonlyArray<Listener>;
  /** Who of its pair a listener sends to now; `null` = it does not run, does not exist or has no such group. */
  servingMember(listener: ListenerAddress): ServingMember | null;
  /** DescribeVServerGroupAttribute. Throws 404 `InvalidParameter`. */
  describeVServerGroup(vServerGroupId: string): VServerGroup;
  /** DescribeVServerGroups. Throws `InvalidLoadBalancerId.NotFound`. */
  describeVServerGroups(query: {
    readonly loadBalancerId: string;
    /** A group's name. */
    readonly description?: string | undefined;
    readonly tags?: ReadonlyArray<TagFilter> | undefined;
  }): ReadonlyArray<VServerGroup>;
  seedLoadBalancer: LoadBalancers['seed'];
  seedListener: Listeners['seed'];
  seedRule: Rules['seed'];
  /** Puts one with a given id into the world; one that is there already stays as it is. */
  seedVServerGroup(seed: VServerGroupSeed): VServerGroup;
  seedMasterSlaveServerGroup: MasterSlaveGroups['seed'];
  setHealth: Health['set'];
}

/** The CLB cloud over the foundation's store; create it after the ECS cloud that it looks instances up in. */
export function createSlb(foundation: Foundation, { ecs }: { readonly ecs: InstanceDirectory }): Slb {
  const { clock, switches } = foundation;
  const neighboursOf = (loadBalancerId: string) => [
    ...groups.of(loadBalancerId),
    ...pairs.of(loadBalancerId),
  ];
  const loadBalancers = createLoadBalancers(foundation, (loadBalancerId, serverId) =>
    neighboursOf(loadBalancerId).some(({ backends }) =>
      backends.some((backend) => backend.serverId === serverId),
    ),
  );
  const groups = createGroupStore(foundation, loadBalancers, (groupId) => pairs.find(groupId) !== null);
  const pairs = createMasterSlaveStore(foundation, (groupId) => groups.find(groupId) !== null);
  const listeners = createListeners(foundation, loadBalancers, {
    find: groups.find,
    findMasterSlave: pairs.find,
    release(groupId) {
      const associatedUntilMs = clock.nowMs() + switches.slbAssociationLingersMs;
      const group = groups.find(groupId);
      if (group !== null) groups.put({ ...group, associatedUntilMs });
      const pair = pairs.find(groupId);
      if (pair !== null) pairs.put({ ...pair, associatedUntilMs });
    },
    dropRules: (listener) => rules.deleteOf(listener),
  });
  const rules = createRules(foundation, { loadBalancers, listeners, findGroup: groups.find });
  const backendRules = createBackendRules(foundation, ecs);
  const isUsed = (groupId: string) => listeners.usersOf(groupId).length > 0;
  const masterSlaveGroups = createMasterSlaveGroups(foundation, {
    groups: pairs,
    loadBalancers,
    rules: backendRules,
    isUsed,
    neighboursOf,
  });
  const vServerGroups = createGroupWrites(foundation, {
    groups,
    loadBalancers,
    rules: backendRules,
    neighboursOf,
    isUsed,
    isUsedByRule: (vServerGroupId) => rules.usersOf(vServerGroupId).length > 0,
  });
  const health = createHealth(foundation, {
    ecs,
    findGroup(groupId) {
      const group = groups.find(groupId);
      if (group !== null) return checkedVServerGroup(group);
      const pair = pairs.find(groupId);
      return pair === null ? null : checkedMasterSlaveGroup(pair);
    },
    listeners,
    loadBalancers,
    rules,
  });
  dropReleasedInstances(foundation, ecs, { groups, masterSlaveGroups: pairs });
  if (switches.slbRateLimits === 'on') limitSlbRates(foundation.rateLimits);

  return {
    loadBalancers,
    listeners,
    vServerGroups,
    masterSlaveGroups,
    rules,
    tags: createTags({ groups, pairs, listeners, loadBalancers }),
    health,
    groups: groups.all,
    group: groups.find,
    masterSlaveGroup: pairs.find,
    masterSlaveGroupsOf: pairs.of,
    describeMasterSlaveGroup: pairs.get,
    listenersOf: listeners.of,
    servingMember: createFailover({ listeners, pairs, health }),
    describeVServerGroup: groups.get,
    describeVServerGroups({ loadBalancerId, description, tags = [] }) {
      loadBalancers.get(loadBalancerId);
      return groups
        .of(loadBalancerId)
        .filter(
          (group) =>
            (description === undefined || group.vServerGroupName === description) && hasTags(group, tags),
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
    seedMasterSlaveServerGroup: masterSlaveGroups.seed,
    setHealth: health.set,
  };
}
