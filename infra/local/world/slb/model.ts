import type { Applications } from '../ecs/applications.ts';

/** Who can be a backend: an ECS instance, a network interface, a container instance. */
export type BackendType = 'ecs' | 'eni' | 'eci';

/** One member of a server group. Its identity is `(ServerId, Port)`, for an interface `(ServerId, ServerIp, Port)`. */
export interface BackendServer {
  readonly serverId: string;
  readonly port: number;
  /** 0–100; 0 = receives no new connections. */
  readonly weight: number;
  readonly type: BackendType;
  /** `null` for an ECS instance. */
  readonly serverIp: string | null;
  /** Empty = none. */
  readonly description: string;
}

/** A backend as a caller names it, unchecked. */
export interface BackendServerInput {
  readonly serverId?: string | undefined;
  readonly port?: number | undefined;
  /** Default 100. */
  readonly weight?: number | undefined;
  /** Default `ecs`. */
  readonly type?: string | undefined;
  readonly serverIp?: string | undefined;
  readonly description?: string | undefined;
}

/** A tag of a load balancer, group or listener. */
export interface SlbTag {
  readonly key: string;
  readonly value: string;
}

/** A CLB instance. */
export interface LoadBalancer {
  readonly loadBalancerId: string;
  readonly loadBalancerName: string;
  /** A locked one accepts no changes. */
  readonly loadBalancerStatus: 'active' | 'inactive' | 'locked';
  readonly address: string;
  readonly addressType: 'internet' | 'intranet';
  /** `null` = a public one, whose servers need only be in one VPC together. */
  readonly vpcId: string | null;
  readonly vSwitchId: string | null;
  /**
   * `slb.s0.share`, or nothing shown = of shared performance, which takes ECS instances only; left out =
   * `slb.lcu.elastic`, which new ones are.
   */
  readonly loadBalancerSpec?: string | undefined;
  readonly tags: ReadonlyArray<SlbTag>;
  /** Servers of the default group, which nothing but a seed fills; left out = none. They count in the quota. */
  readonly defaultServers?: ReadonlyArray<DefaultServer> | undefined;
  readonly createdAtMs: number;
}

/** A member of a load balancer's default group; each listener brings the port. */
export interface DefaultServer {
  readonly serverId: string;
  readonly weight: number;
}

/** A vServer group. */
export interface VServerGroup {
  readonly vServerGroupId: string;
  readonly vServerGroupName: string;
  readonly loadBalancerId: string;
  readonly backends: ReadonlyArray<BackendServer>;
  readonly tags: ReadonlyArray<SlbTag>;
  readonly createdAtMs: number;
  /** Writes before this instant are refused with `VServerGroupProcessing`. */
  readonly processingUntilMs: number;
  /** The group counts as in use before this instant, though no listener uses it any more. */
  readonly associatedUntilMs: number;
  /** Since when health checks have been asking a backend, by `backendKey`; left out = for longer than anybody knows. */
  readonly checkedSinceMs?: Readonly<Record<string, number>> | undefined;
}

/** What a listener listens for. */
export const LISTENER_PROTOCOLS = ['tcp', 'udp', 'http', 'https'] as const;
/** @see LISTENER_PROTOCOLS */
export type ListenerProtocol = (typeof LISTENER_PROTOCOLS)[number];

/** How a listener picks a backend; the last three are hash schedulers and only for TCP and UDP. */
export const SCHEDULERS = ['wrr', 'wlc', 'rr', 'sch', 'tch', 'qch'] as const;
/** @see SCHEDULERS */
export type Scheduler = (typeof SCHEDULERS)[number];

/** A listener. Its identity is load balancer, protocol and port. */
export interface Listener {
  readonly loadBalancerId: string;
  readonly listenerPort: number;
  readonly listenerProtocol: ListenerProtocol;
  readonly status: 'running' | 'stopped';
  readonly scheduler: Scheduler;
  /** Mbit/s; -1 = not limited. */
  readonly bandwidth: number;
  readonly description: string;
  /** `null` = another kind of group; without any, the default group, to whose servers this world sends nothing and asks nothing. */
  readonly vServerGroupId: string | null;
  /** Its primary/secondary group; TCP and UDP only, and never together with a vServer group. Left out = none. */
  readonly masterSlaveServerGroupId?: string | null | undefined;
  /** Port of the default group's servers; `null` with a group. */
  readonly backendServerPort: number | null;
  /** The rest by the vendor's names, `PersistenceTimeout` or `HealthCheckURI`; see `LISTENER_SETTINGS`. */
  readonly settings: Readonly<Record<string, string | number>>;
  readonly tags: ReadonlyArray<SlbTag>;
  /** Since when it has been checking its present group; left out = for longer than anybody knows. */
  readonly checkingSinceMs?: number | undefined;
  /** Set before this instant is refused with `ListenerProcessing`; left out = never. */
  readonly processingUntilMs?: number | undefined;
}

/** A forwarding rule of an HTTP or HTTPS listener: requests for its domain and path go to a group of their own. */
export interface Rule {
  /** `rule-bp1…` */
  readonly ruleId: string;
  readonly ruleName: string;
  readonly loadBalancerId: string;
  readonly listenerPort: number;
  readonly listenerProtocol: ListenerProtocol;
  /** Empty = any; one of the two is given. */
  readonly domain: string;
  /** Empty = any; else begins with `/`. */
  readonly url: string;
  readonly vServerGroupId: string;
  readonly createdAtMs: number;
}

/** What a health check says; `unavailable` = it has not finished. */
export type ServerHealthStatus = 'normal' | 'abnormal' | 'unavailable';

/** One line of DescribeHealthStatus. */
export interface BackendHealth {
  readonly listenerPort: number;
  readonly protocol: ListenerProtocol;
  readonly serverId: string;
  readonly serverIp: string;
  readonly port: number;
  readonly serverHealthStatus: ServerHealthStatus;
}

/** What SLB needs to know of ECS. */
export interface InstanceDirectory {
  /** What is behind an `i-…`, `eni-…` or `eci-…` id; `null` when unknown or released. */
  find(serverId: string): {
    readonly instanceId: string;
    readonly status: string;
    readonly vpcId: string;
    readonly privateIpAddress: string;
    /** All that a `ServerIp` may be; left out = the private one alone. */
    readonly addresses?: ReadonlyArray<string>;
  } | null;
  readonly applications: Pick<Applications, 'spans'>;
  onStateChange(listener: (change: { readonly instanceId: string; readonly state: string }) => void): void;
}

/** What tells one backend of a group from another. */
export function backendKey(backend: Pick<BackendServer, 'serverId' | 'port' | 'type' | 'serverIp'>): string {
  const serverPort = `${backend.serverId} ${backend.port}`;
  return backend.type === 'ecs' ? serverPort : `${serverPort} ${backend.serverIp ?? ''}`;
}

/** The key of a listener in the world's store. */
export function listenerKey(
  listener: Pick<Listener, 'loadBalancerId' | 'listenerProtocol' | 'listenerPort'>,
): string {
  return `${listener.loadBalancerId}_${listener.listenerProtocol}_${listener.listenerPort}`;
}
