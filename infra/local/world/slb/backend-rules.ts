import type { Foundation } from '../foundation.ts';
import {
  type BackendServer,
  type BackendServerInput,
  type BackendType,
  backendKey,
  type InstanceDirectory,
  type LoadBalancer,
  type VServerGroup,
} from './model.ts';
import { slbRefusals } from './refusals.ts';

/** What SLB demands of the servers in a request. All methods throw CloudError in SLB's words. */
export interface BackendRules {
  /** The entries checked by themselves, at most the limit per call, each once. Missing weights stay `undefined`. */
  read(entries: ReadonlyArray<BackendServerInput>): ReadonlyArray<CheckedBackend>;
  /**
   * Checks that the servers exist, run, have the addresses that are named and are in the right network to join a group of the
   * load balancer, and that it takes their type.
   */
  checkServers(
    joining: ReadonlyArray<CheckedBackend>,
    loadBalancer: LoadBalancer,
    groups: ReadonlyArray<Members>,
  ): void;
  /** Checks that no two backends of a group, `present` and `joining`, are the same address and port under two names. */
  checkAddresses(joining: ReadonlyArray<CheckedBackend>, present: ReadonlyArray<BackendServer>): void;
  /** Checks the load balancer's quota for `added` more server-ports over all its groups, the default one included. */
  checkQuota(added: number, loadBalancer: LoadBalancer, groups: ReadonlyArray<Members>): void;
}

/** A group of either kind. */
type Members = Pick<VServerGroup, 'backends'>;

/** A backend as named in a request, known to be well-formed. `undefined` = not given. */
export interface CheckedBackend extends Omit<BackendServer, 'weight' | 'description'> {
  readonly weight: number | undefined;
  readonly description: string | undefined;
}

/** A group's name or a backend's description: 1–80 letters of any script, digits and `-`, `/`, `.`, `_`. */
export const NAME_PATTERN = /^[\p{L}\p{N}\-/._]{1,80}$/u;

const DEFAULT_WEIGHT = 100;
/** What may be shown of shared performance; which of them is documented nowhere. */
const SHARED_SPECS = ['slb.s0.share', ''] as const;

/** The rules of one world. */
export function createBackendRules(foundation: Foundation, ecs: InstanceDirectory): BackendRules {
  const { switches } = foundation;
  return {
    read(entries) {
      if (entries.length > switches.slbBackendsPerCallMax) {
        throw slbRefusals.tooManyBackends(switches.slbBackendsPerCallMax);
      }
      const checked = new Map<string, CheckedBackend>();
      for (const entry of entries.map(readBackend)) {
        const key = backendKey(entry);
        if (!checked.has(key)) checked.set(key, entry);
        else if (switches.slbDuplicateInRequest === 'error') throw slbRefusals.backendTwice();
      }
      return [...checked.values()];
    },
    checkServers(joining, loadBalancer, groups) {
      const isShared = SHARED_SPECS.some((spec) => spec === loadBalancer.loadBalancerSpec);
      if (isShared && joining.some(({ type }) => type !== 'ecs')) throw slbRefusals.typeNotAllowed();
      const servers = joining.map((backend) => ecs.find(backend.serverId));
      if (servers.includes(null)) throw slbRefusals.unknownServer(switches);
      if (
        switches.slbAddNotRunning === 'ObtainIpFail' &&
        servers.some((server) => server?.status !== 'Running')
      ) {
        throw slbRefusals.serverNotRunning();
      }
      for (const [index, { serverIp }] of joining.entries()) {
        const { privateIpAddress = '', addresses = [privateIpAddress] } = servers[index] ?? {};
        if (serverIp !== null && !addresses.includes(serverIp)) throw slbRefusals.addressNotOfServer();
      }
      const vpcIds = new Set(servers.map((server) => server?.vpcId));
      if (loadBalancer.vpcId !== null) {
        if ([...vpcIds].some((vpcId) => vpcId !== loadBalancer.vpcId)) throw slbRefusals.networkConflict();
        return;
      }
      for (const { serverId } of groups.flatMap((group) => group.backends)) {
        const present = ecs.find(serverId);
        if (present !== null) vpcIds.add(present.vpcId);
      }
      if (vpcIds.size > 1) throw slbRefusals.serversInOtherVpcs();
    },
    checkAddresses(joining, present) {
      const keys = new Map<string, string>();
      for (const backend of [...present, ...joining]) {
        const address = backend.serverIp ?? ecs.find(backend.serverId)?.privateIpAddress ?? backend.serverId;
        const at = `${address}:${backend.port}`;
        const key = backendKey(backend);
        if ((keys.get(at) ?? key) !== key) throw slbRefusals.serverIpConflict();
        keys.set(at, key);
      }
    },
    checkQuota(added, { defaultServers = [] }, groups) {
      const present = groups.reduce((sum, group) => sum + group.backends.length, defaultServers.length);
      if (added > 0 && present + added > switches.slbBackendQuota) throw slbRefusals.overBackendQuota();
    },
  };
}

/** The backend with what was not given filled in as Add does. */
export function withDefaults(backend: CheckedBackend): BackendServer {
  return {
    ...backend,
    weight: backend.weight ?? DEFAULT_WEIGHT,
    description: backend.description ?? '',
  };
}

function readBackend(entry: BackendServerInput): CheckedBackend {
  const { serverId, port, weight, serverIp } = entry;
  if (serverId === undefined || serverId === '' || port === undefined) throw slbRefusals.invalidBackends();
  if (!isIntegerIn(port, 1, 65_535)) throw slbRefusals.invalidBackendPort();
  if (weight !== undefined && !isIntegerIn(weight, 0, 100)) throw slbRefusals.invalidWeight();
  const description = entry.description === '' ? undefined : entry.description;
  if (description !== undefined && !NAME_PATTERN.test(description)) throw slbRefusals.invalidParameter();
  const type = readType(serverId, entry.type ?? 'ecs');
  return { serverId, port, weight, type, description, serverIp: type === 'ecs' ? null : (serverIp ?? null) };
}

function readType(serverId: string, type: string): BackendType {
  if (type !== 'ecs' && type !== 'eni' && type !== 'eci') throw slbRefusals.invalidBackendType();
  // An interface's or container's id says what it is; with another type, or without one, the call is refused.
  const [, prefix] = /^(eni|eci)-/.exec(serverId) ?? [];
  if ((prefix ?? 'ecs') !== type) throw slbRefusals.invalidBackendType();
  return type;
}

function isIntegerIn(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}
