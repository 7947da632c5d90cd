import type { BackendHealth } from '../../../shared/load-balancers/model.ts';
import type { LoadBalancerView, ViewedGroup, ViewedServer } from '../../../shared/load-balancers/view.ts';

/**
 * Who has put something there. `binding`, `pair`: of the configuration; `mark`: ours by its mark, of nothing that the
 * configuration names; `stranger`: somebody else, and it stays as it is.
 */
export interface Owner {
  readonly kind: 'binding' | 'pair' | 'mark' | 'stranger';
  /** Of the binding or pair, or the mark itself; `null` = a stranger's. */
  readonly name: string | null;
}

/** Where requests of a listener go; of all that match, the first counts. */
export interface ToldRoute {
  readonly kind: 'rule' | 'listener' | 'default';
  /** All `null` but for rules; `''` = any. */
  readonly ruleId: string | null;
  readonly ruleName: string | null;
  readonly domain: string | null;
  readonly url: string | null;
  /** `null` = the default group. */
  readonly groupId: string | null;
}

/** A listener with its routes in the order in which they are tried. */
export interface ToldListener {
  /** `http:80` */
  readonly listener: string;
  readonly isRunning: boolean;
  readonly scheduler: string;
  /** Of the default group's servers, where that is behind it. */
  readonly defaultPort: number | null;
  readonly routes: ReadonlyArray<ToldRoute>;
}

/** A server of a group, and how it is doing. */
export interface ToldServer extends ViewedServer {
  readonly owner: Owner;
  /** What the checks of the listeners in front of it say; empty = none reports it. */
  readonly health: ReadonlyArray<{ readonly listener: string; readonly status: BackendHealth['status'] }>;
}

/** A group, who uses it and what is remarkable. */
export interface ToldGroup extends Omit<ViewedGroup, 'servers'> {
  /** Bindings and pairs of the configuration that are about it, or our mark; empty = nobody of ours. */
  readonly owners: ReadonlyArray<Owner>;
  /** Listeners and which of their requests: `www.example.com/cart`, `the rest` or `all`. Empty = nobody. */
  readonly users: ReadonlyArray<{ readonly listener: string; readonly requests: ReadonlyArray<string> }>;
  /** Other groups of the load balancer with the same name. */
  readonly namesakes: ReadonlyArray<string>;
  readonly servers: ReadonlyArray<ToldServer>;
}

/** A load balancer, told. */
export interface ToldLoadBalancer extends Pick<LoadBalancerView, 'loadBalancerId' | 'name' | 'status'> {
  readonly error: null;
  readonly listeners: ReadonlyArray<ToldListener>;
  readonly groups: ReadonlyArray<ToldGroup>;
}

/** A load balancer that could not be read, and why. */
export interface UnreadLoadBalancer {
  readonly loadBalancerId: string;
  readonly error: string;
}
