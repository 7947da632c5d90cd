import { isEcsOnly, type ObservedLoadBalancer } from '../../../../shared/load-balancers/model.ts';
import { anError, aWarning, type Facts, type Finding, fine, notChecked } from '../model.ts';

/** From this share of its quota on, a load balancer counts as nearly full. */
const NEARLY_FULL_PERCENT = 90;

/** Whether the load balancers of bindings and pairs are there, take changes, and have room. */
export function loadBalancerFindings({ config, loadBalancers }: Facts): ReadonlyArray<Finding> {
  return [...loadBalancers].flatMap(([loadBalancer, answer]) => {
    const where = { loadBalancer };
    if (!answer.isKnown) return [notChecked(where, answer)];
    if (answer.value === null) {
      const isOfIt = ({ loadBalancerId }: { loadBalancerId: string }) => loadBalancerId === loadBalancer;
      const names = [
        ...namesOf('binding', config.bindings.filter(isOfIt)),
        ...namesOf('pair', config.pairs.filter(isOfIt)),
      ].join(' and ');
      const found = `there is no such load balancer in ${config.regionId}; ${names} cannot work`;
      return [
        anError('load-balancer', where, found, 'correct loadBalancer in the file, or the region of either'),
      ];
    }
    return [
      stateOf(answer.value),
      ...typesOf(answer.value, config),
      quotaOf(answer.value, config.limits.backendsPerLoadBalancer),
    ];
  });
}

/** Whether the vServer groups of bindings are there, and under the load balancers that the file says. */
export function groupFindings({ config, groupOwners }: Facts): ReadonlyArray<Finding> {
  return [...groupOwners].flatMap(([vServerGroup, answer]) => {
    const bindings = config.bindings.filter(({ vServerGroupId }) => vServerGroupId === vServerGroup);
    const said = bindings[0]?.loadBalancerId ?? '';
    const where = { vServerGroup };
    if (!answer.isKnown) return [notChecked(where, answer)];
    if (answer.value === null) {
      const found = `there is no such vServer group in ${config.regionId}; ${namesOf('binding', bindings).join()} cannot work`;
      const fix = `correct vServerGroup in the file, or create it under ${said}`;
      return [anError('vserver-group', where, found, fix)];
    }
    if (answer.value === said) return [fine('vserver-group', where, `belongs to ${said}`)];
    const found = `it belongs to ${answer.value}, while ${namesOf('binding', bindings).join()} says ${said}`;
    return [anError('vserver-group', where, found, `set loadBalancer: ${answer.value}`)];
  });
}

function stateOf({ loadBalancerId: loadBalancer, status }: ObservedLoadBalancer): Finding {
  const where = { loadBalancer };
  if (status === 'active') return fine('load-balancer', where, 'active');
  if (status === 'locked') {
    const found = 'it is locked, and takes no changes: nothing joins and nothing is drained';
    return anError('load-balancer', where, found, 'settle what it is locked for, such as an overdue bill');
  }
  const found = 'it is inactive, and forwards nothing';
  return aWarning('load-balancer', where, found, 'start it (SetLoadBalancerStatus active)');
}

/** Whether it takes the network interfaces and container instances that bindings put behind it. */
function typesOf(
  loadBalancer: ObservedLoadBalancer,
  { bindings, assume }: Facts['config'],
): ReadonlyArray<Finding> {
  const { loadBalancerId, spec } = loadBalancer;
  const others = bindings.filter((each) => each.loadBalancerId === loadBalancerId && each.type !== 'ecs');
  if (others.length === 0) return [];
  const where = { loadBalancer: loadBalancerId };
  if (!isEcsOnly(loadBalancer, assume))
    return [fine('backend-types', where, 'takes network interfaces and container instances')];
  const names = namesOf('binding', others).join();
  const why =
    spec === 'shared'
      ? 'it is of shared performance'
      : 'it names no LoadBalancerSpec, which is taken for shared performance';
  const found = `${why}, and takes ECS instances only: nothing of ${names} can join`;
  const fix =
    spec === 'shared'
      ? 'change it to guaranteed performance (ModifyLoadBalancerInstanceSpec)'
      : 'set assume.loadBalancerWithoutSpec: guaranteed once you know that it is, or change it to guaranteed performance';
  return [anError('backend-types', where, found, fix)];
}

function quotaOf(
  { loadBalancerId: loadBalancer, backendCount }: ObservedLoadBalancer,
  quota: number,
): Finding {
  const where = { loadBalancer };
  const found = `${backendCount} of ${quota} backends (limits.backendsPerLoadBalancer) are taken`;
  const fix =
    'have the quota slb_quota_backendservers_num raised and say so in the file, or spread the groups over load balancers';
  if (backendCount >= quota) return anError('backend-quota', where, `${found}: no more can join`, fix);
  if (backendCount * 100 < quota * NEARLY_FULL_PERCENT) return fine('backend-quota', where, found);
  return aWarning('backend-quota', where, `${found}: room for ${quota - backendCount} more`, fix);
}

/** `the binding web`, `the pairs a, b`; nothing for nobody. */
function namesOf(noun: string, named: ReadonlyArray<{ readonly name: string }>): ReadonlyArray<string> {
  if (named.length === 0) return [];
  const names = named.map(({ name }) => name).join(', ');
  return [`the ${noun}${named.length === 1 ? '' : 's'} ${names}`];
}
