import { startSilently } from '../virtual/fleet.ts';
import { putInService } from '../virtual/in-service.ts';
import { setVirtualStage, type VirtualStage } from '../virtual/stage.ts';
import type { Sight } from './reads.ts';

/** Of each group. */
export const BACKENDS_PER_GROUP = 20;
/** At most, on one load balancer. */
export const GROUPS_PER_LOAD_BALANCER = 20;
/** What the clouds and the configuration allow: more than either does by default. */
export const QUOTA = BACKENDS_PER_GROUP * GROUPS_PER_LOAD_BALANCER;
/** Of calls, in ms. */
export const LATENCIES = { slb: 100, ecs: 100, ess: 100, ots: 10, mns: 10, fc: 10, vpc: 10 };

const SEED = 22;

/** So many groups, each with its own selector, all in service, on the stage of the product whose sweep fans out. */
export async function setFleet(groups: number): Promise<VirtualStage> {
  const stage = await setVirtualStage({
    configuration: configurationFor(groups),
    switches: { slbBackendQuota: QUOTA },
    latencyMs: LATENCIES,
    seed: SEED,
    hasGroups: false,
  });
  const demands = Array.from({ length: groups }, (_, group) => ({
    count: BACKENDS_PER_GROUP,
    tags: tagsOf(group),
  }));
  const ids = await startSilently(stage, demands);
  for (const [group, binding] of stage.config.bindings.entries()) {
    const from = group * BACKENDS_PER_GROUP;
    await putInService(stage, binding, ids.slice(from, from + BACKENDS_PER_GROUP));
  }
  return stage;
}

/** How many load balancers so many groups are on. */
export function loadBalancersFor(groups: number): number {
  return Math.ceil(groups / GROUPS_PER_LOAD_BALANCER);
}

/** What is to be seen of such a fleet. */
export function sightOf(groups: number): Sight {
  const loadBalancers = Array.from({ length: loadBalancersFor(groups) }, (_, index) => {
    const own = Math.min(GROUPS_PER_LOAD_BALANCER, groups - index * GROUPS_PER_LOAD_BALANCER);
    return { groups: own, pairs: 0, instances: own * BACKENDS_PER_GROUP, ofScalingGroups: 0 };
  });
  return {
    loadBalancers,
    byTags: Array.from({ length: groups }, () => BACKENDS_PER_GROUP),
    byScalingGroup: [],
  };
}

function configurationFor(groups: number): object {
  return {
    version: 1,
    region: 'cn-hangzhou',
    bindings: Array.from({ length: groups }, (_, group) => ({
      name: `group-${group}`,
      loadBalancer: `lb-bench${Math.floor(group / GROUPS_PER_LOAD_BALANCER)}`,
      vServerGroup: `rsp-bench${group}`,
      selector: { tags: tagsOf(group) },
      ports: [{ port: 8_080 }],
    })),
    limits: { backendsPerLoadBalancer: QUOTA },
    sweep: { inPlace: 0 },
  };
}

function tagsOf(group: number): Readonly<Record<string, string>> {
  return { group: String(group) };
}
