import type { Foundation } from '../foundation.ts';
import { type BackendRules, NAME_PATTERN, withDefaults } from './backend-rules.ts';
import type { LoadBalancers } from './load-balancers.ts';
import type {
  MasterSlaveBackend,
  MasterSlaveBackendInput,
  MasterSlaveRole,
  MasterSlaveServerGroup,
} from './master-slave-model.ts';
import type { MasterSlaveStore } from './master-slave-store.ts';
import type { BackendServer, SlbTag } from './model.ts';
import { slbRefusals } from './refusals.ts';
import { hasTags, type TagFilter } from './tag-filter.ts';
import { checkTags } from './tag-rules.ts';

/** What CreateMasterSlaveServerGroup is given. */
export interface CreateMasterSlaveGroupInput {
  readonly loadBalancerId: string;
  readonly masterSlaveServerGroupName?: string | undefined;
  /** Two, one of each role; left out = refused, though some pages speak of an empty group. */
  readonly backendServers?: ReadonlyArray<MasterSlaveBackendInput> | undefined;
  readonly tags?: ReadonlyArray<SlbTag> | undefined;
}

/** What puts a primary/secondary group with a given id into the world. */
export interface MasterSlaveGroupSeed {
  readonly masterSlaveServerGroupId: string;
  readonly loadBalancerId: string;
  readonly name: string;
  /** Not checked against ECS, so that a scene can start from anything. */
  readonly backends: ReadonlyArray<MasterSlaveBackendInput>;
  readonly tags?: ReadonlyArray<SlbTag> | undefined;
}

/** What DescribeMasterSlaveServerGroups selects; a field left out does not filter. */
export interface MasterSlaveGroupQuery {
  readonly loadBalancerId: string;
  /** A group's name. */
  readonly description?: string | undefined;
  readonly tags?: ReadonlyArray<TagFilter> | undefined;
}

/** The primary/secondary groups. Methods throw CloudError in SLB's words and then have changed nothing. */
export interface MasterSlaveGroups {
  /** Not idempotent: names need not be unique. */
  create(input: CreateMasterSlaveGroupInput): MasterSlaveServerGroup;
  /** Throws `RspoolVipExist` while a listener uses it or has just let go. */
  delete(input: { readonly masterSlaveServerGroupId: string }): void;
  describe(query: MasterSlaveGroupQuery): ReadonlyArray<MasterSlaveServerGroup>;
  /** Puts one into the world; one that is there already stays as it is. */
  seed(seed: MasterSlaveGroupSeed): MasterSlaveServerGroup;
}

const MEMBERS = 2;

/**
 * `isUsed` says whether a listener uses the group; `neighboursOf` gives the load balancer's groups of both kinds, whose
 * members share network and quota.
 */
export function createMasterSlaveGroups(
  foundation: Foundation,
  deps: {
    readonly groups: MasterSlaveStore;
    readonly loadBalancers: LoadBalancers;
    readonly rules: BackendRules;
    readonly isUsed: (groupId: string) => boolean;
    readonly neighboursOf: (
      loadBalancerId: string,
    ) => ReadonlyArray<{ readonly backends: ReadonlyArray<BackendServer> }>;
  },
): MasterSlaveGroups {
  const { clock, timeline } = foundation;
  const { groups, loadBalancers, rules, isUsed, neighboursOf } = deps;

  const record = (group: MasterSlaveServerGroup, kind: string, text: string) => {
    const { masterSlaveServerGroupId, masterSlaveServerGroupName, loadBalancerId, backends } = group;
    timeline.record({
      source: 'slb',
      kind,
      text: `${masterSlaveServerGroupName} (${masterSlaveServerGroupId}): ${text}`,
      details: { loadBalancerId, masterSlaveServerGroupId, backends },
    });
  };

  return {
    create({ loadBalancerId, masterSlaveServerGroupName = 'masterslaveservergroup', ...input }) {
      const loadBalancer = loadBalancers.getForChange(loadBalancerId);
      if (!NAME_PATTERN.test(masterSlaveServerGroupName)) throw slbRefusals.invalidParameter();
      checkTags(input.tags ?? []);
      const backends = readPair(rules, input.backendServers ?? []);
      const neighbours = neighboursOf(loadBalancerId);
      rules.checkServers(backends, loadBalancer, neighbours);
      rules.checkQuota(backends.length, loadBalancer, neighbours);
      const { tags = [] } = input;
      const created = groups.create({ masterSlaveServerGroupName, loadBalancerId, backends, tags });
      record(created, 'master-slave-group-created', `created with ${list(backends)}`);
      return created;
    },
    delete({ masterSlaveServerGroupId }) {
      const group = groups.get(masterSlaveServerGroupId);
      loadBalancers.getForChange(group.loadBalancerId);
      if (isUsed(masterSlaveServerGroupId) || clock.nowMs() < group.associatedUntilMs) {
        throw slbRefusals.groupInUse();
      }
      groups.delete(masterSlaveServerGroupId);
      record(group, 'master-slave-group-deleted', 'deleted');
    },
    describe({ loadBalancerId, description, tags = [] }) {
      loadBalancers.get(loadBalancerId);
      return groups
        .of(loadBalancerId)
        .filter(
          (group) =>
            (description === undefined || group.masterSlaveServerGroupName === description) &&
            hasTags(group, tags),
        );
    },
    seed({ masterSlaveServerGroupId, loadBalancerId, name, backends, tags = [] }) {
      const present = groups.find(masterSlaveServerGroupId);
      if (present !== null) return present;
      loadBalancers.get(loadBalancerId);
      return groups.create({
        masterSlaveServerGroupId,
        masterSlaveServerGroupName: name,
        loadBalancerId,
        backends: readPair(rules, backends),
        tags,
      });
    },
  };
}

/** The two members, well-formed each and a pair together. */
function readPair(
  rules: BackendRules,
  entries: ReadonlyArray<MasterSlaveBackendInput>,
): ReadonlyArray<MasterSlaveBackend> {
  if (entries.length !== MEMBERS) throw slbRefusals.pairCountNotTwo();
  const members = entries.map((entry) => readMember(rules, entry));
  if (new Set(members.map(({ serverId, port }) => `${serverId} ${port}`)).size < MEMBERS) {
    throw slbRefusals.pairMembersAlike();
  }
  if (new Set(members.map(({ serverType }) => serverType)).size < MEMBERS) throw slbRefusals.pairRolesAlike();
  return members;
}

function readMember(rules: BackendRules, entry: MasterSlaveBackendInput): MasterSlaveBackend {
  const { serverId, port, serverType = 'Master' } = entry;
  if (serverId === undefined || serverId === '') throw slbRefusals.pairMemberWithoutId();
  if (port === undefined) throw slbRefusals.pairMemberWithoutPort();
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw slbRefusals.pairPortNotSupported();
  const role = roleOf(serverType);
  if (role === null) throw slbRefusals.pairRoleUnknown();
  const [checked] = rules.read([entry]);
  if (checked === undefined) throw slbRefusals.malformedBackends();
  return { ...withDefaults(checked), serverType: role };
}

function roleOf(serverType: string): MasterSlaveRole | null {
  const word = serverType.toLowerCase();
  if (word === 'master') return 'Master';
  return word === 'slave' ? 'Slave' : null;
}

function list(backends: ReadonlyArray<MasterSlaveBackend>): string {
  return backends.map(({ serverId, port, serverType }) => `${serverType} ${serverId}:${port}`).join(', ');
}
