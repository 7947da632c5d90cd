import type { RateLimit, RateLimits } from '../rate-limits.ts';

const READ: RateLimit = { calls: 3_000, perMs: 60_000 };
const WRITE: RateLimit = { calls: 90, perMs: 60_000 };
const DELETE_MASTER_SLAVE_GROUP: RateLimit = { calls: 400, perMs: 60_000 };
const LIST_TAGS: RateLimit = { calls: 10, perMs: 1_000 };
const CHANGE_TAGS: RateLimit = { calls: 5, perMs: 1_000 };
const CREATE_LOAD_BALANCER: RateLimit = { calls: 60, perMs: 60_000 };

/**
 * Limits per account, region and operation. Where the vendor's table gives no figure, writes have 90 and reads 3,000
 * calls in 60 s like their neighbours, and TagResources has what UntagResources has.
 *
 * @see https://www.alibabacloud.com/help/en/slb/classic-load-balancer/developer-reference/api-slb-2014-05-15-quota
 */
const LIMITS: Readonly<Record<string, RateLimit>> = {
  CreateLoadBalancer: CREATE_LOAD_BALANCER,
  DescribeLoadBalancers: READ,
  DescribeLoadBalancerAttribute: READ,
  CreateLoadBalancerTCPListener: WRITE,
  CreateLoadBalancerUDPListener: WRITE,
  CreateLoadBalancerHTTPListener: WRITE,
  CreateLoadBalancerHTTPSListener: WRITE,
  SetLoadBalancerTCPListenerAttribute: WRITE,
  SetLoadBalancerUDPListenerAttribute: WRITE,
  SetLoadBalancerHTTPListenerAttribute: WRITE,
  SetLoadBalancerHTTPSListenerAttribute: WRITE,
  StartLoadBalancerListener: WRITE,
  StopLoadBalancerListener: WRITE,
  DeleteLoadBalancerListener: WRITE,
  DescribeLoadBalancerTCPListenerAttribute: READ,
  DescribeLoadBalancerUDPListenerAttribute: READ,
  DescribeLoadBalancerHTTPListenerAttribute: READ,
  DescribeLoadBalancerHTTPSListenerAttribute: READ,
  DescribeLoadBalancerListeners: READ,
  DescribeHealthStatus: READ,
  CreateVServerGroup: WRITE,
  AddVServerGroupBackendServers: WRITE,
  RemoveVServerGroupBackendServers: WRITE,
  SetVServerGroupAttribute: WRITE,
  ModifyVServerGroupBackendServers: WRITE,
  DeleteVServerGroup: WRITE,
  DescribeVServerGroups: READ,
  DescribeVServerGroupAttribute: READ,
  CreateMasterSlaveServerGroup: WRITE,
  DeleteMasterSlaveServerGroup: DELETE_MASTER_SLAVE_GROUP,
  DescribeMasterSlaveServerGroups: READ,
  DescribeMasterSlaveServerGroupAttribute: READ,
  TagResources: CHANGE_TAGS,
  UntagResources: CHANGE_TAGS,
  ListTagResources: LIST_TAGS,
  CreateRules: WRITE,
  SetRule: WRITE,
  DeleteRules: WRITE,
  DescribeRules: READ,
};

/** Puts the limits in force. */
export function limitSlbRates(rateLimits: RateLimits): void {
  for (const [action, limit] of Object.entries(LIMITS)) rateLimits.set('slb', action, limit);
}
