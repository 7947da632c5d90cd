import type { Foundation } from '../foundation.ts';
import { type BackendRules, type CheckedBackend, NAME_PATTERN, withDefaults } from './backend-rules.ts';
import type { GroupStore } from './group-store.ts';
import type { LoadBalancers } from './load-balancers.ts';
import {
  type BackendServer,
  type BackendServerInput,
  backendKey,
  type SlbTag,
  type VServerGroup,
} from './model.ts';
import { slbRefusals } from './refusals.ts';
import { checkTags } from './tag-rules.ts';

/** What CreateVServerGroup is given. */
export interface CreateVServerGroupInput {
  readonly loadBalancerId: string;
  readonly vServerGroupName?: string | undefined;
  readonly backendServers?: ReadonlyArray<BackendServerInput> | undefined;
  readonly tags?: ReadonlyArray<SlbTag> | undefined;
}

/** What Add and Remove are given. */
export interface BackendServersInput {
  readonly vServerGroupId: string;
  readonly backendServers: ReadonlyArray<BackendServerInput>;
}

/** What SetVServerGroupAttribute is given; what is left out stays. */
export interface SetVServerGroupInput {
  readonly vServerGroupId: string;
  readonly vServerGroupName?: string | undefined;
  readonly backendServers?: ReadonlyArray<BackendServerInput> | undefined;
}

/** What ModifyVServerGroupBackendServers is given. */
export interface ModifyBackendServersInput {
  readonly vServerGroupId: string;
  readonly oldBackendServers: ReadonlyArray<BackendServerInput>;
  readonly newBackendServers: ReadonlyArray<BackendServerInput>;
}

/** What a write answers: the whole group after it, or the servers concerned, by the switch `slbWriteAnswers`. */
export interface GroupWriteAnswer {
  readonly vServerGroupId: string;
  readonly vServerGroupName: string;
  readonly backends: ReadonlyArray<BackendServer>;
}

/** The writes to vServer groups. Each throws CloudError in SLB's words and then has changed nothing. */
export interface GroupWrites {
  /** Not idempotent: names need not be unique. */
  create(input: CreateVServerGroupInput): GroupWriteAnswer;
  /** What happens to a backend that is there already is the switch `slbAddPresent`. */
  add(input: BackendServersInput): GroupWriteAnswer;
  /** Entries that are not there are ignored. */
  remove(input: BackendServersInput): GroupWriteAnswer;
  /** Changes name, weights and descriptions; never adds a backend. */
  set(input: SetVServerGroupInput): GroupWriteAnswer;
  /** Takes the old ones out, as far as they are there, and the new ones in. */
  modify(input: ModifyBackendServersInput): GroupWriteAnswer;
  /** Throws `RspoolVipExist` while a listener uses it or has just let go, `RspoolRuleExist` while a rule uses it. */
  delete(vServerGroupId: string): void;
}

/**
 * `isUsed` says whether a listener uses the group, `isUsedByRule` whether a forwarding rule does; `neighboursOf` gives the
 * load balancer's groups of both kinds, whose members share network and quota.
 */
export function createGroupWrites(
  foundation: Foundation,
  deps: {
    readonly groups: GroupStore;
    readonly loadBalancers: LoadBalancers;
    readonly rules: BackendRules;
    readonly isUsed: (vServerGroupId: string) => boolean;
    readonly isUsedByRule: (vServerGroupId: string) => boolean;
    readonly neighboursOf: (loadBalancerId: string) => ReadonlyArray<Pick<VServerGroup, 'backends'>>;
  },
): GroupWrites {
  const { clock, switches, timeline } = foundation;
  const { groups, loadBalancers, rules, isUsed, isUsedByRule, neighboursOf } = deps;

  const readSome = (entries: ReadonlyArray<BackendServerInput>) => {
    if (entries.length === 0) throw slbRefusals.malformedBackends();
    return rules.read(entries);
  };
  const checkJoining = (
    joining: ReadonlyArray<CheckedBackend>,
    loadBalancerId: string,
    staying: ReadonlyArray<BackendServer> = [],
    leaving = 0,
  ) => {
    const neighbours = neighboursOf(loadBalancerId);
    const loadBalancer = loadBalancers.get(loadBalancerId);
    rules.checkAddresses(joining, staying);
    rules.checkServers(joining, loadBalancer, neighbours);
    rules.checkQuota(joining.length - leaving, loadBalancer, neighbours);
  };
  const answer = (group: VServerGroup, concerned: ReadonlyArray<CheckedBackend>): GroupWriteAnswer => {
    const keys = new Set(concerned.map(backendKey));
    const isWhole = switches.slbWriteAnswers === 'whole-group';
    return {
      vServerGroupId: group.vServerGroupId,
      vServerGroupName: group.vServerGroupName,
      backends: isWhole ? group.backends : group.backends.filter((backend) => keys.has(backendKey(backend))),
    };
  };
  const record = (
    group: VServerGroup,
    kind: string,
    text: string,
    details: Readonly<Record<string, unknown>>,
  ) => {
    const { vServerGroupId, vServerGroupName, loadBalancerId } = group;
    timeline.record({
      source: 'slb',
      kind,
      text: `${vServerGroupName} (${vServerGroupId}): ${text}`,
      details: { loadBalancerId, vServerGroupId, ...details },
    });
  };

  return {
    create({ loadBalancerId, vServerGroupName, backendServers = [], tags = [] }) {
      loadBalancers.getForChange(loadBalancerId);
      const name = vServerGroupName ?? 'vservergroup';
      if (!NAME_PATTERN.test(name)) throw slbRefusals.invalidParameter();
      checkTags(tags);
      const joining = rules.read(backendServers);
      checkJoining(joining, loadBalancerId);
      const created = groups.create({
        vServerGroupName: name,
        loadBalancerId,
        backends: joining.map(withDefaults),
        tags,
      });
      // An empty group has nothing to apply: real tools create it and add to it in the same breath.
      const group = joining.length === 0 ? created : groups.change(created);
      record(group, 'group-created', `created with ${list(group.backends)}`, { backends: group.backends });
      return answer(group, joining);
    },
    add({ vServerGroupId, backendServers }) {
      const entries = readSome(backendServers);
      const group = groups.getForChange(vServerGroupId);
      const present = new Set(group.backends.map(backendKey));
      const joining = entries.filter((entry) => !present.has(backendKey(entry)));
      if (joining.length < entries.length && switches.slbAddPresent === 'reject')
        throw slbRefusals.backendPresent();
      checkJoining(joining, group.loadBalancerId, group.backends);
      const kept =
        switches.slbAddPresent === 'overwrite-weight'
          ? group.backends.map(overwritten(entries))
          : group.backends;
      const added = joining.map(withDefaults);
      const changed = groups.change({ ...group, backends: [...kept, ...added] });
      record(changed, 'backends-added', `added ${list(added)}`, { backends: added });
      return answer(changed, entries);
    },
    remove({ vServerGroupId, backendServers }) {
      const entries = readSome(backendServers);
      const group = groups.getForChange(vServerGroupId);
      const keys = new Set(entries.map(backendKey));
      const removed = group.backends.filter((backend) => keys.has(backendKey(backend)));
      const backends = group.backends.filter((backend) => !keys.has(backendKey(backend)));
      const changed = groups.change({ ...group, backends });
      record(changed, 'backends-removed', `removed ${list(removed)}`, { backends: removed });
      return answer(changed, entries);
    },
    set({ vServerGroupId, vServerGroupName, backendServers = [] }) {
      const entries = rules.read(backendServers);
      if (vServerGroupName !== undefined && !NAME_PATTERN.test(vServerGroupName)) {
        throw slbRefusals.invalidParameter();
      }
      const group = groups.getForChange(vServerGroupId);
      const present = new Set(group.backends.map(backendKey));
      if (switches.slbSetAbsent === 'error' && entries.some((entry) => !present.has(backendKey(entry)))) {
        throw slbRefusals.backendAbsent();
      }
      const named = new Map(entries.map((entry) => [backendKey(entry), entry]));
      const setAsNamed = (backend: BackendServer): BackendServer => {
        const entry = named.get(backendKey(backend));
        if (entry === undefined) return backend;
        const weight = entry.weight ?? (switches.slbSetWithoutWeight === 'kept' ? backend.weight : 100);
        const kept = switches.slbSetWithoutDescription === 'kept' ? backend.description : '';
        return { ...backend, weight, description: entry.description ?? kept };
      };
      const backends = group.backends.map(setAsNamed);
      const changed = groups.change({
        ...group,
        vServerGroupName: vServerGroupName ?? group.vServerGroupName,
        backends,
      });
      const set = backends.filter((backend) => named.has(backendKey(backend)));
      if (entries.length > 0) record(changed, 'weights-set', `set ${list(set)}`, { backends: set });
      return answer(changed, entries);
    },
    modify({ vServerGroupId, oldBackendServers, newBackendServers }) {
      const old = readSome(oldBackendServers);
      const entries = readSome(newBackendServers);
      const group = groups.getForChange(vServerGroupId);
      const keys = new Set(old.map(backendKey));
      const removed = group.backends.filter((backend) => keys.has(backendKey(backend)));
      const kept = group.backends.filter((backend) => !keys.has(backendKey(backend)));
      const present = new Set(kept.map(backendKey));
      const joining = entries.filter((entry) => !present.has(backendKey(entry)));
      if (joining.length < entries.length && switches.slbAddPresent === 'reject')
        throw slbRefusals.backendPresent();
      checkJoining(joining, group.loadBalancerId, kept, removed.length);
      const added = joining.map(withDefaults);
      const changed = groups.change({ ...group, backends: [...kept, ...added] });
      record(changed, 'backends-modified', `replaced ${list(removed)} by ${list(added)}`, { removed, added });
      return answer(changed, entries);
    },
    delete(vServerGroupId) {
      const group = groups.getForChange(vServerGroupId);
      if (isUsed(vServerGroupId) || clock.nowMs() < group.associatedUntilMs) throw slbRefusals.groupInUse();
      if (isUsedByRule(vServerGroupId)) throw slbRefusals.groupInRule();
      groups.delete(vServerGroupId);
      record(group, 'group-deleted', 'deleted', {});
    },
  };
}

function overwritten(entries: ReadonlyArray<CheckedBackend>): (backend: BackendServer) => BackendServer {
  const named = new Map(entries.map((entry) => [backendKey(entry), entry]));
  return (backend) => {
    const entry = named.get(backendKey(backend));
    if (entry === undefined) return backend;
    return { ...withDefaults(entry), description: entry.description ?? backend.description };
  };
}

function list(backends: ReadonlyArray<BackendServer>): string {
  if (backends.length === 0) return 'no servers';
  return backends.map(({ serverId, port, weight }) => `${serverId}:${port} weight ${weight}`).join(', ');
}
