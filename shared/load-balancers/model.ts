import type { Assumptions } from '../config/load.ts';

/** How a listener spreads requests. Weights count under `wrr` and `wlc` only. */
export type Scheduler = 'wrr' | 'wlc' | 'rr' | 'sch' | 'tch' | 'qch';

/** A listener, as far as joining and draining depend on it. */
export interface Listener {
  readonly port: number;
  readonly protocol: 'tcp' | 'udp' | 'http' | 'https';
  readonly scheduler: Scheduler;
  /** The vServer group behind it; `null` = the default group, a primary/secondary group, or rules alone. */
  readonly vServerGroupId: string | null;
  /** Session persistence is on: a known client may return to its server whatever the weight. */
  readonly hasPersistence: boolean;
  readonly isHealthChecked: boolean;
}

/** A load balancer as SLB describes it: its listeners and how much of its backend quota is taken. */
export interface ObservedLoadBalancer {
  readonly loadBalancerId: string;
  /** `locked` takes no change at all. */
  readonly status: 'active' | 'inactive' | 'locked';
  /**
   * By its `LoadBalancerSpec`: of `shared` spec it takes ECS instances only, neither network interfaces nor container
   * instances. `unsaid` = it has none, which is documented nowhere; see {@link isEcsOnly}.
   */
  readonly spec: 'guaranteed' | 'shared' | 'unsaid';
  readonly listeners: ReadonlyArray<Listener>;
  /** vServer groups that a forwarding rule of an HTTP or HTTPS listener uses. */
  readonly groupsOfRules: ReadonlySet<string>;
  /** The VPC that it is in; `null` = a public one, whose servers need only be in one VPC together. */
  readonly vpcId: string | null;
  /** Servers of its default group, to which listeners send that have no group. */
  readonly inDefaultGroup: number;
  /** Server-ports over its vServer groups and the default group: what the quota counts, but for primary/secondary groups. */
  readonly backendCount: number;
}

/** What a health check of a listener says of a backend; `unavailable` = not finished yet. */
export interface BackendHealth {
  readonly listenerPort: number;
  readonly protocol: Listener['protocol'];
  readonly serverId: string;
  /** As in the identity of a backend; left out for ECS. */
  readonly serverIp?: string;
  readonly port: number;
  readonly status: 'normal' | 'abnormal' | 'unavailable';
}

/** Whether a load balancer takes ECS instances only, as far as is known, and is assumed where it is not. */
export function isEcsOnly(
  { spec }: Pick<ObservedLoadBalancer, 'spec'>,
  { loadBalancerWithoutSpec }: Pick<Assumptions, 'loadBalancerWithoutSpec'>,
): boolean {
  return spec === 'unsaid' ? loadBalancerWithoutSpec === 'shared' : spec === 'shared';
}
