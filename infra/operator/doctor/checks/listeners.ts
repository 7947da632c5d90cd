import type { Binding } from '../../../../shared/config/binding.ts';
import { formatDuration } from '../../../../shared/config/duration.ts';
import { isUnknownGroupId } from '../../../../shared/config/group.ts';
import type { Listener } from '../../../../shared/load-balancers/model.ts';
import { listenersOf, roundRobinOf, weightZeroOf } from '../../../../shared/server-groups/listeners.ts';
import { aWarning, type Facts, type Finding, fine } from '../model.ts';

/** What the listeners in front of each binding's group make of its joins and drains. */
export function listenerFindings({ config, loadBalancers, groupOwners }: Facts): ReadonlyArray<Finding> {
  return config.bindings.flatMap((binding) => {
    const { loadBalancerId, vServerGroupId } = binding;
    // Which group of SLB a declaration means is for plan to tell.
    if (isUnknownGroupId(vServerGroupId)) return [];
    const answer = loadBalancers.get(loadBalancerId);
    const owner = groupOwners.get(vServerGroupId);
    // What is not there, or not known, has been told of already.
    if (!answer?.isKnown || answer.value === null) return [];
    if (owner?.isKnown && owner.value !== loadBalancerId) return [];
    const listeners = listenersOf(answer.value, vServerGroupId);
    return [...unused(binding, listeners), ...unproven(binding, listeners), ...drained(binding, listeners)];
  });
}

function unused(binding: Binding, listeners: ReadonlyArray<Listener>): ReadonlyArray<Finding> {
  if (listeners.length > 0) return [];
  const found = 'no listener uses the group: its backends get no requests';
  return [aWarning('listeners', whereOf(binding), found, 'create a listener or a forwarding rule for it')];
}

/** Readiness by health checks needs one, and weights that count. */
function unproven(binding: Binding, listeners: ReadonlyArray<Listener>): ReadonlyArray<Finding> {
  const { readiness } = binding;
  if (listeners.length === 0 || (readiness !== 'load-balancer' && readiness !== 'both')) return [];
  const roundRobin = roundRobinOf(listeners);
  const where = whereOf(binding);
  if (roundRobin !== null) {
    const found = `readiness: ${readiness} cannot be proven before a backend serves under rr on ${roundRobin}: every join is held`;
    const fix = `give ${roundRobin} the scheduler wrr, or set readiness: probe`;
    return [aWarning('readiness', where, found, fix)];
  }
  if (listeners.some(({ isHealthChecked }) => isHealthChecked)) return [];
  const found = `readiness: ${readiness}, but no listener of the group has a health check: every join is held`;
  return [
    aWarning('readiness', where, found, 'switch the health check of a listener on, or set readiness: probe'),
  ];
}

function drained(binding: Binding, listeners: ReadonlyArray<Listener>): ReadonlyArray<Finding> {
  if (listeners.length === 0) return [];
  const { isGuaranteed, isUdp, promise } = weightZeroOf(listeners);
  const { drain } = binding;
  const where = whereOf(binding);
  if (!isGuaranteed) {
    const meaning =
      drain.whenNotGuaranteed === 'refuse'
        ? 'drains by choice are held (drain.whenNotGuaranteed: refuse)'
        : 'drains wait their time all the same';
    const fix = 'give the listener the scheduler wrr or wlc without session persistence';
    return [aWarning('weight-zero', where, `${promise}; ${meaning}`, fix)];
  }
  if (!isUdp) return [fine('weight-zero', where, promise)];
  const lastsMs = Math.max(drain.timeMs, drain.udpTimeMs);
  const lasts = formatDuration(lastsMs);
  if (lastsMs < UDP_BITES_MS) {
    const found = `${promise}, but a drain lasts ${lasts}`;
    return [aWarning('weight-zero', where, found, 'set drain.udpTime: 5m')];
  }
  return [fine('weight-zero', where, `${promise}; a drain lasts ${lasts} at least`)];
}

/** Weight 0 takes so long to bite behind UDP. */
const UDP_BITES_MS = 5 * 60_000;

function whereOf({ name, vServerGroupId }: Binding) {
  return { binding: name, vServerGroup: vServerGroupId };
}
