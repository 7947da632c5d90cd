import type { BackendHealth, ObservedLoadBalancer } from './model.ts';

/** What SLB must offer about load balancers. */
export interface LoadBalancerGateway {
  /**
   * The load balancer with all its listeners and the size of all its groups, every page or an error
   * (DescribeLoadBalancerAttribute, DescribeLoadBalancerListeners, DescribeVServerGroups). Its state and listeners, and the
   * size of the default group, may be up to 30 s old. Throws RejectedError when it does not exist, TransientError.
   */
  describe(loadBalancerId: string): Promise<ObservedLoadBalancer>;
  /**
   * What the health checks of all its listeners say (DescribeHealthStatus). Empty when no listener has a check. Throws
   * TransientError, RejectedError.
   */
  health(loadBalancerId: string): Promise<ReadonlyArray<BackendHealth>>;
}
