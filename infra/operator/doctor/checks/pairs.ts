import { listenerName, type Pair } from '../../../../shared/config/pair.ts';
import type { PairListener } from '../../../../shared/pairs/model.ts';
import { anError, aWarning, type Facts, type Finding, fine, notChecked, type PairFacts } from '../model.ts';
import { membersOf, poolOf } from './pair-members.ts';

/** Whether each pair has listeners that use one primary/secondary group, members that run, and somebody to replace them. */
export function pairFindings(facts: Facts): ReadonlyArray<Finding> {
  return facts.config.pairs.flatMap((pair) => {
    const found = facts.pairs.get(pair.name);
    const loadBalancer = facts.loadBalancers.get(pair.loadBalancerId);
    // A load balancer that is not there has been told of already, and nothing else is true of it.
    if (found === undefined || (loadBalancer?.isKnown && loadBalancer.value === null)) return [];
    return [
      ...listenersOf(facts, pair, found),
      ...membersOf(pair, found),
      ...poolOf(pair, found),
      ...probing(facts, pair),
    ];
  });
}

function listenersOf(facts: Facts, pair: Pair, { listeners }: PairFacts): ReadonlyArray<Finding> {
  if (!listeners.isKnown) return [notChecked({ pair: pair.name }, listeners)];
  const present = listeners.value.filter((listener) => listener !== null);
  const isToBeMade = pair.group !== null && present.every(({ groupId }) => groupId === null);
  return [
    ...pair.listeners.flatMap((name, index) => {
      const listener = listeners.value[index] ?? null;
      const where = { pair: pair.name, listener: listenerName(name) };
      return listener === null
        ? [absent(facts, pair, where)]
        : oneListener(facts, pair, listener, where, isToBeMade);
    }),
    ...disagreement(pair, present),
    ...observers(pair, present),
  ];
}

type Where = { readonly pair: string; readonly listener: string };

function absent({ loadBalancers }: Facts, { loadBalancerId }: Pair, where: Where): Finding {
  const answer = loadBalancers.get(loadBalancerId);
  const port = Number(where.listener.split(':')[1]);
  const other = answer?.isKnown
    ? answer.value?.listeners.find((listener) => listener.port === port)
    : undefined;
  if (other === undefined) {
    const found = `${loadBalancerId} has no listener ${where.listener}`;
    return anError('pair-listener', where, found, 'correct pairs[].listeners, or create it');
  }
  const found = `port ${port} of ${loadBalancerId} is an ${other.protocol.toUpperCase()} listener: primary/secondary groups are for TCP and UDP only`;
  return anError(
    'pair-listener',
    where,
    found,
    'correct pairs[].listeners, or keep its servers with a binding',
  );
}

function oneListener(
  { loadBalancers }: Facts,
  { loadBalancerId }: Pair,
  { groupId, isRunning, protocol, port }: PairListener,
  where: Where,
  isToBeMade: boolean,
): ReadonlyArray<Finding> {
  if (groupId === null) {
    const answer = loadBalancers.get(loadBalancerId);
    const seen = answer?.isKnown
      ? answer.value?.listeners.find((each) => each.protocol === protocol && each.port === port)
      : undefined;
    const vServerGroup = seen?.vServerGroupId ?? null;
    if (vServerGroup === null) {
      const found = 'it uses no primary/secondary group: there is nobody to promote';
      if (isToBeMade) {
        const declared = `${found}; the pair declares its group`;
        const fix = 'autopilot plan says what keeps it from being created, autopilot apply has it created';
        return [aWarning('pair-group', where, declared, fix)];
      }
      const fix =
        'create a primary/secondary group and point the listener at it, or declare one (pairs[].group)';
      return [anError('pair-group', where, found, fix)];
    }
    const found = `it uses the vServer group ${vServerGroup}, where weights are no roles: at weights 100 and 0 nobody takes over for the one who serves`;
    const fix =
      'create a primary/secondary group of the same two servers and point the listener at it, or keep them with a binding';
    return [anError('pair-group', { ...where, vServerGroup }, found, fix)];
  }
  if (isRunning) return [];
  const found = 'it is stopped: it forwards nothing, and its health check tells nothing';
  return [aWarning('pair-listener', where, found, 'start it (StartLoadBalancerListener)')];
}

function disagreement({ name: pair }: Pair, listeners: ReadonlyArray<PairListener>): ReadonlyArray<Finding> {
  const groups = new Set(listeners.flatMap(({ groupId }) => groupId ?? []));
  if (groups.size < 2) return [];
  const uses = listeners.flatMap((listener) =>
    listener.groupId === null ? [] : [`${listenerName(listener)} uses ${listener.groupId}`],
  );
  const found = `its listeners use different groups, so nobody is sure to be the primary: ${uses.join(', ')}`;
  return [anError('pair-group', { pair }, found, 'point all of them at one group, or make them two pairs')];
}

/** A primary is bad when two observers say so, and a health check that is off is one of three less. */
function observers(
  { name: pair, candidate }: Pair,
  listeners: ReadonlyArray<PairListener>,
): ReadonlyArray<Finding> {
  if (listeners.length === 0) return [];
  const unchecked = listeners.filter(({ isHealthChecked }) => !isHealthChecked).map(listenerName);
  if (unchecked.length === 0) {
    const found = `health checks on ${listeners.map(listenerName).join(', ')}, ECS${candidate === 'probe' ? ' and our own probe' : ''} testify`;
    return [fine('pair-observers', { pair }, found)];
  }
  const others = candidate === 'probe' ? 'ECS and our own probe' : 'ECS alone';
  const isBlind = unchecked.length === listeners.length;
  const meaning = isBlind
    ? `no health check testifies, only ${others}${candidate === 'probe' ? '' : ': two observers never agree, and CLB does not fail over either'}`
    : 'the others testify for it';
  const found = `the health check of ${unchecked.join(', ')} is off: ${meaning}`;
  return [aWarning('pair-observers', { pair }, found, 'switch the health check on')];
}

/** From outside of the VPC every candidate seems dead. */
function probing({ areFunctionsInVpc }: Facts, { name: pair, candidate }: Pair): ReadonlyArray<Finding> {
  if (candidate !== 'probe' || areFunctionsInVpc !== false) return [];
  const found =
    'candidate: probe, but the functions of s.yaml are in no VPC: no instance answers them, so nobody is ever fit to take over';
  const fix = 'give them a vpcConfig in s.yaml, or set candidate: running-for';
  return [aWarning('pair-probe', { pair }, found, fix)];
}
