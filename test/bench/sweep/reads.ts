import type { CallRecord } from '../../../infra/local/world/calls.ts';

/** Calls by what they ask: an operation; DescribeInstances by its filter. */
export type Reads = ReadonlyMap<string, number>;

/** DescribeInstances and DescribeInstancesFullStatus take 100 ids, and list 100 instances a page, like DescribeScalingInstances. */
const PER_PAGE = 100;

/** What is to be seen of a load balancer. */
export interface LoadBalancerSight {
  readonly groups: number;
  readonly pairs: number;
  /** That its bindings select, whose system events somebody has to ask for. */
  readonly instances: number;
  /** Of them, those that scaling groups select: a list of members says nothing of what ECS knows. */
  readonly ofScalingGroups: number;
}

/** What is to be seen by one who sweeps. */
export interface Sight {
  readonly loadBalancers: ReadonlyArray<LoadBalancerSight>;
  /** For each selector by tags of bindings and pools, each once: how many instances it selects. */
  readonly byTags: ReadonlyArray<number>;
  /** For each scaling group that bindings select by, each once: how many instances it has. */
  readonly byScalingGroup: ReadonlyArray<number>;
}

/** The least calls that see all of it. The members of a pair are looked at by id, and its listener by itself. */
export function leastReads({ loadBalancers, byTags, byScalingGroup }: Sight): Reads {
  const sum = (of: (each: LoadBalancerSight) => number) =>
    loadBalancers.reduce((total, each) => total + of(each), 0);
  const pages = (counts: ReadonlyArray<number>) =>
    counts.reduce((total, count) => total + Math.ceil(count / PER_PAGE), 0);
  const pairs = sum((each) => each.pairs);
  const withPairs = sum((each) => Math.min(1, each.pairs));
  const withGroups = sum((each) => Math.min(1, each.groups));
  return new Map([
    ['DescribeLoadBalancerAttribute', withGroups],
    ['DescribeLoadBalancerListeners', withGroups],
    ['DescribeVServerGroups', withGroups],
    ['DescribeVServerGroupAttribute', sum((each) => each.groups)],
    ['DescribeMasterSlaveServerGroups', withPairs],
    ['DescribeMasterSlaveServerGroupAttribute', pairs],
    ['DescribeLoadBalancerTCPListenerAttribute', pairs],
    // Of groups nobody has to prove anything: all their backends have, long ago.
    ['DescribeHealthStatus', withPairs],
    ['DescribeInstances by tags', pages(byTags)],
    ['DescribeInstances by ids', pages(loadBalancers.map((each) => each.ofScalingGroups)) + pairs],
    ['DescribeInstancesFullStatus', pages(loadBalancers.map((each) => each.instances))],
    ['DescribeScalingInstances', pages(byScalingGroup)],
    // Whether it attaches its instances itself.
    ['DescribeScalingGroups', byScalingGroup.length],
  ]);
}

/** The calls to SLB, ECS and Auto Scaling among these. */
export function readsOf(calls: Iterable<CallRecord>): Reads {
  const reads = new Map<string, number>();
  for (const { product, action, parameters } of calls) {
    if (product !== 'slb' && product !== 'ecs' && product !== 'ess') continue;
    const what =
      action === 'DescribeInstances' ? `${action} by ${isByIds(parameters) ? 'ids' : 'tags'}` : action;
    reads.set(what, (reads.get(what) ?? 0) + 1);
  }
  return reads;
}

function isByIds(parameters: unknown): boolean {
  return (parameters as { readonly instanceIds?: unknown } | null)?.instanceIds !== undefined;
}

/** All calls together. */
export function totalOf(reads: Reads): number {
  return [...reads.values()].reduce((total, count) => total + count, 0);
}
