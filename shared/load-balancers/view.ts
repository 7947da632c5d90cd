import type { Tag } from '../config/tags.ts';
import type { BackendHealth, Listener, ObservedLoadBalancer } from './model.ts';

/** A server of a group as SLB lists it, whatever its type. */
export interface ViewedServer {
  readonly serverId: string;
  /** `null` = of the default group, where each listener brings the port. */
  readonly port: number | null;
  /** Of network interfaces and container groups; `null` = it has none of its own. */
  readonly serverIp: string | null;
  readonly weight: number;
  /** `ecs`, `eni`, `eci`, or whatever comes after them. */
  readonly type: string;
  /** Of a primary/secondary group; `null` = of another. */
  readonly role: 'primary' | 'secondary' | null;
  /** `''` = none. */
  readonly description: string;
}

/** A vServer group, a primary/secondary group, or the default group. */
export interface ViewedGroup {
  readonly kind: 'vserver-group' | 'pair-group' | 'default-group';
  /** `null` = the default group, which has none. */
  readonly groupId: string | null;
  /** Names may be repeated. */
  readonly name: string;
  readonly servers: ReadonlyArray<ViewedServer>;
  readonly tags: ReadonlyArray<Tag>;
}

/** A forwarding rule of an HTTP or HTTPS listener. */
export interface ForwardingRule {
  readonly ruleId: string;
  readonly name: string;
  /** `''` = any. */
  readonly domain: string;
  /** `''` = any; else what the path begins with. */
  readonly url: string;
  readonly groupId: string;
}

/** A listener and where its requests go. */
export interface ViewedListener {
  readonly protocol: Listener['protocol'];
  readonly port: number;
  readonly isRunning: boolean;
  /** As SLB spells it, `wrr`. */
  readonly scheduler: string;
  readonly isHealthChecked: boolean;
  /** Its own group; `null` = it has none, so the default group is behind it. */
  readonly groupId: string | null;
  /** Port of the default group's servers, where that is behind it. */
  readonly defaultPort: number | null;
  /** In no order. */
  readonly rules: ReadonlyArray<ForwardingRule>;
}

/** A load balancer with everything that requests can go to. */
export interface LoadBalancerView {
  readonly loadBalancerId: string;
  readonly name: string;
  readonly status: ObservedLoadBalancer['status'];
  readonly listeners: ReadonlyArray<ViewedListener>;
  /** vServer groups, then primary/secondary groups, then the default group, which is left out where it is empty. */
  readonly groups: ReadonlyArray<ViewedGroup>;
  readonly health: ReadonlyArray<BackendHealth>;
}

/** What SLB must offer to people who want to see a load balancer's groups. */
export interface LoadBalancerViewer {
  /** All of it or an error; it is read in several calls, not of one instant. Throws RejectedError, TransientError. */
  view(loadBalancerId: string): Promise<LoadBalancerView>;
}
