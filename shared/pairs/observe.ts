import { allOrFailure, mapBounded, nullWhen } from '../concurrency.ts';
import type { Limits } from '../config/limits.ts';
import { listenerName, type Pair } from '../config/pair.ts';
import type { Memberships } from '../instances/memberships.ts';
import type { EcsInstance } from '../instances/model.ts';
import type { LoadBalancerGateway } from '../load-balancers/ports.ts';
import { MissingListenerError, MissingPairGroupError } from './errors.ts';
import { lookAt } from './look.ts';
import {
  DROPPED_ID,
  type ListedPairGroup,
  type PairListener,
  type PairObservation,
  type PairPlace,
} from './model.ts';
import { observePool, type PoolDeps } from './observe-pool.ts';
import type { PairGateway } from './ports.ts';
import type { PairRow } from './record.ts';
import { isUnderWay, numberOfName } from './saga/model.ts';

/** What observing needs. */
export interface ObservePairDeps extends PoolDeps {
  readonly pairGroups: PairGateway;
  readonly loadBalancers: Pick<LoadBalancerGateway, 'describe' | 'health'>;
  readonly limits: Pick<Limits, 'backendsPerLoadBalancer'>;
  readonly clock: { nowMs(): number };
}

const READS_AT_ONCE = 6;
/** Of a primary/secondary group. */
const MEMBERS = 2;

/**
 * Reads what a plan needs, in as few turns as what is known already allows: a pair that stands as it was recorded takes
 * one, in which everything is asked at once. Any read that fails makes the whole an error; only that a group or a listener
 * does not exist is an answer. `withSystemEvents`: a candidate may have to be judged. `signalledIds`: instances that
 * somebody has said something of.
 */
export async function observePair(
  deps: ObservePairDeps,
  pair: Pair,
  row: PairRow | null,
  withSystemEvents: boolean,
  signalledIds: ReadonlyArray<string> = [],
): Promise<PairObservation> {
  const readAtMs = deps.clock.nowMs();
  const { loadBalancerId } = pair;
  const expected = expectedOf(row);
  const groupOf = (groupId: string) => nullWhen(MissingPairGroupError, deps.pairGroups.describe(groupId));
  const [listed, listeners, early, health, pool, seen] = await allOrFailure([
    deps.pairGroups.groups(loadBalancerId),
    mapBounded(pair.listeners, READS_AT_ONCE, (name) =>
      nullWhen(MissingListenerError, deps.pairGroups.listener(loadBalancerId, name)),
    ),
    mapBounded(expected.groupIds, READS_AT_ONCE, groupOf),
    deps.loadBalancers.health(loadBalancerId),
    observePool(deps, pair, withSystemEvents),
    lookAt(deps, [...new Set([...expected.serverIds, ...signalledIds])], withSystemEvents),
  ]);
  const present = listeners.filter((listener) => listener !== null);
  const wanted = wantedGroups(pair, listed.groups, present);
  const known = new Map(early.flatMap((group) => (group === null ? [] : [[group.groupId, group] as const])));
  const missing = wanted.filter((groupId) => !expected.groupIds.includes(groupId));
  const declared = declaredIn(pair, row, present);
  const [late, place] = await allOrFailure([
    mapBounded(missing, READS_AT_ONCE, groupOf),
    declared.length === 0 ? Promise.resolve(null) : placeOf(deps, loadBalancerId, listed.groups.length),
  ]);
  for (const group of late) if (group !== null) known.set(group.groupId, group);
  const inUse = new Set(present.flatMap(({ groupId }) => groupId ?? []));
  const memberIds = [...known.values()]
    .filter(({ groupId }) => inUse.has(groupId))
    .flatMap(({ members: { primary, secondary } }) => [primary.serverId, secondary.serverId])
    .filter((id) => id !== DROPPED_ID);
  const unseen = [...memberIds, ...declared, ...pool.ids].filter(
    (id) => !seen.instances.asked.has(id) && !pool.instances.asked.has(id),
  );
  const more = await lookAt(deps, [...new Set(unseen)], withSystemEvents);
  const own = new Set(pair.listeners.map(listenerName));
  return {
    groups: listed.groups,
    listeners: present,
    otherUsers: new Map(
      [...listed.users].map(([groupId, users]) => [
        groupId,
        users.filter((user) => !own.has(listenerName(user))),
      ]),
    ),
    described: known,
    place,
    health,
    instances: withMemberships(
      [...pool.instances.present, ...seen.instances.present, ...more.instances.present],
      pool.memberships,
    ),
    asked: new Set([...pool.instances.asked, ...seen.instances.asked, ...more.instances.asked]),
    systemEvents: withSystemEvents ? new Map([...pool.events, ...seen.events, ...more.events]) : null,
    standbyIds: pool.ids,
    takenIds: pool.takenIds,
    readAtMs,
  };
}

/** The servers that a pair declares whose listeners use no group of its kind; empty = nothing is to be created. */
function declaredIn(
  { group }: Pair,
  row: PairRow | null,
  listeners: ReadonlyArray<PairListener>,
): ReadonlyArray<string> {
  if (group === null || isUnderWay(row?.saga ?? null)) return [];
  if (listeners.some(({ groupId }) => groupId !== null)) return [];
  return [group.primary.serverId, group.secondary.serverId];
}

async function placeOf(
  { loadBalancers, limits }: Pick<ObservePairDeps, 'loadBalancers' | 'limits'>,
  loadBalancerId: string,
  pairGroups: number,
): Promise<PairPlace> {
  const { status, vpcId, inDefaultGroup, backendCount } = await loadBalancers.describe(loadBalancerId);
  return {
    status,
    vpcId,
    inDefaultGroup,
    backendCount: backendCount + MEMBERS * pairGroups,
    backendsMax: limits.backendsPerLoadBalancer,
  };
}

/** What the scaling group of the pool says of each, members of the pair included: it may be about to take one away. */
function withMemberships(
  instances: ReadonlyArray<readonly [string, EcsInstance]>,
  memberships: Memberships,
): ReadonlyMap<string, EcsInstance> {
  return new Map(
    instances.map(([id, instance]) => {
      const scaling = memberships.get(id);
      return [id, scaling === undefined ? instance : { ...instance, scaling }];
    }),
  );
}

/** What the row lets expect. */
function expectedOf(row: PairRow | null): {
  groupIds: ReadonlyArray<string>;
  serverIds: ReadonlyArray<string>;
} {
  if (row === null) return { groupIds: [], serverIds: [] };
  const { saga } = row;
  const ofSaga = saga === null || saga.phase === 'ended' ? [] : [saga.from?.groupId ?? null, saga.groupId];
  const groupIds = [row.groupId, ...ofSaga].filter((groupId) => groupId !== null);
  const { primary, secondary } = saga?.to ?? {};
  const serverIds = [...row.memberIds, primary?.serverId, secondary?.serverId].filter(
    (id) => id !== undefined,
  );
  return { groupIds: [...new Set(groupIds)], serverIds: [...new Set(serverIds)] };
}

/** The groups whose members matter: those behind the listeners, and those that changes of this pair have made. */
function wantedGroups(
  pair: Pair,
  groups: ReadonlyArray<ListedPairGroup>,
  listeners: ReadonlyArray<PairListener>,
): ReadonlyArray<string> {
  const used = listeners.flatMap(({ groupId }) => groupId ?? []);
  const made = groups
    .filter(({ name }) => numberOfName(pair.name, name) !== null)
    .map(({ groupId }) => groupId);
  return [...new Set([...used, ...made])];
}
