import type { MemberIndex } from '../acceptance/ports.ts';
import { allOrFailure, mapBounded } from '../concurrency.ts';
import { selectorTags } from '../config/binding.ts';
import { listenerName, type Pair, type PairListenerName } from '../config/pair.ts';
import { observeMemberships } from '../instances/memberships.ts';
import type { EcsInstance, InstanceObservation } from '../instances/model.ts';
import { observeInstances } from '../instances/observe.ts';
import type { InstanceGateway } from '../instances/ports.ts';
import type { LoadBalancerGateway } from '../load-balancers/ports.ts';
import type { ScalingGateway } from '../scaling/ports.ts';
import { MissingListenerError, MissingPairGroupError } from './errors.ts';
import {
  DROPPED_ID,
  type ListedPairGroup,
  type PairGroup,
  type PairListener,
  type PairObservation,
  pairLaneId,
} from './model.ts';
import type { PairGateway } from './ports.ts';
import type { PairRow } from './record.ts';
import { numberOfName } from './saga/model.ts';

/** What observing needs. */
export interface ObservePairDeps {
  readonly pairGroups: PairGateway;
  readonly loadBalancers: Pick<LoadBalancerGateway, 'health'>;
  readonly instances: InstanceGateway;
  readonly scaling: Pick<ScalingGateway, 'instances'>;
  readonly members: MemberIndex;
  /** All that are configured. */
  readonly pairs: ReadonlyArray<Pair>;
  readonly clock: { nowMs(): number };
}

const READS_AT_ONCE = 6;
/** Standbys that are looked at. */
const STANDBYS_MAX = 20;

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
  const [listed, listeners, early, health, pool, seen] = await allOrFailure([
    deps.pairGroups.groups(loadBalancerId),
    mapBounded(pair.listeners, READS_AT_ONCE, (name) =>
      listenerOrNull(deps.pairGroups, loadBalancerId, name),
    ),
    mapBounded(expected.groupIds, READS_AT_ONCE, (groupId) => groupOrNull(deps.pairGroups, groupId)),
    deps.loadBalancers.health(loadBalancerId),
    poolOf(deps, pair, withSystemEvents),
    lookAt(deps, [...new Set([...expected.serverIds, ...signalledIds])], withSystemEvents),
  ]);
  const present = listeners.filter((listener) => listener !== null);
  const wanted = wantedGroups(pair, listed.groups, present);
  const known = new Map(early.flatMap((group) => (group === null ? [] : [[group.groupId, group] as const])));
  const missing = wanted.filter((groupId) => !expected.groupIds.includes(groupId));
  const late = await mapBounded(missing, READS_AT_ONCE, (groupId) => groupOrNull(deps.pairGroups, groupId));
  for (const group of late) if (group !== null) known.set(group.groupId, group);
  const inUse = new Set(present.flatMap(({ groupId }) => groupId ?? []));
  const memberIds = [...known.values()]
    .filter(({ groupId }) => inUse.has(groupId))
    .flatMap(({ members: { primary, secondary } }) => [primary.serverId, secondary.serverId])
    .filter((id) => id !== DROPPED_ID);
  const unseen = [...memberIds, ...pool.ids].filter(
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
    health,
    instances: new Map([...pool.instances.present, ...seen.instances.present, ...more.instances.present]),
    asked: new Set([...pool.instances.asked, ...seen.instances.asked, ...more.instances.asked]),
    systemEvents: withSystemEvents ? new Map([...pool.events, ...seen.events, ...more.events]) : null,
    standbyIds: pool.ids,
    takenIds: pool.takenIds,
    readAtMs,
  };
}

/** What the row lets expect. */
function expectedOf(row: PairRow | null): {
  groupIds: ReadonlyArray<string>;
  serverIds: ReadonlyArray<string>;
} {
  if (row === null) return { groupIds: [], serverIds: [] };
  const { saga } = row;
  const ofSaga = saga === null || saga.phase === 'ended' ? [] : [saga.from.groupId, saga.groupId];
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

/** What ECS says of some instances. */
interface Look {
  readonly instances: InstanceObservation;
  /** Empty if it was not asked for. */
  readonly events: Awaited<ReturnType<InstanceGateway['openSystemEvents']>>;
}

async function lookAt(
  { instances }: Pick<ObservePairDeps, 'instances'>,
  ids: ReadonlyArray<string>,
  withSystemEvents: boolean,
): Promise<Look> {
  if (ids.length === 0) return { instances: { present: new Map(), asked: new Set() }, events: new Map() };
  const [seen, events] = await allOrFailure([
    observeInstances(instances, ids),
    withSystemEvents ? instances.openSystemEvents(ids) : NO_EVENTS,
  ]);
  return { instances: seen, events };
}

const NO_EVENTS: ReturnType<InstanceGateway['openSystemEvents']> = Promise.resolve(new Map());

interface Pool extends Look {
  readonly ids: ReadonlyArray<string>;
  readonly takenIds: ReadonlySet<string>;
}

/** The standbys: free and Running ones first of all, in the order of their ids. All that is asked about them is asked at once. */
async function poolOf(deps: ObservePairDeps, pair: Pair, withSystemEvents: boolean): Promise<Pool> {
  const { standby } = pair;
  const listed = standby === null ? NOBODY : await listStandbys(deps, standby.selector);
  const look = (ids: ReadonlyArray<string>) => lookAtListed(deps, ids, listed.instances, withSystemEvents);
  const first = listed.ids.slice(0, STANDBYS_MAX);
  const [lanes, seen] = await allOrFailure([
    first.length === 0 ? NO_LANES : deps.members.lanesOf(listed.ids),
    look(first),
  ]);
  // Whom a pair that is not configured any more once had is free: nobody is left to take it out of the index.
  const others = new Set(deps.pairs.map(pairLaneId).filter((laneId) => laneId !== pairLaneId(pair)));
  const isTaken = (id: string) => [...(lanes.get(id) ?? [])].some((laneId) => others.has(laneId));
  const isFree = (id: string) => !isTaken(id);
  // Those that are taken must not crowd out the others.
  const ids = [...listed.ids.filter(isFree), ...listed.ids.filter(isTaken)].slice(0, STANDBYS_MAX);
  const more = await look(ids.filter((id) => !first.includes(id)));
  return { ids, takenIds: new Set(ids.filter(isTaken)), ...bothLooks(seen, more) };
}

const NO_LANES: Promise<ReadonlyMap<string, ReadonlySet<string>>> = Promise.resolve(new Map());

/** What ECS says of standbys; a list by tags has told all but the events already. */
async function lookAtListed(
  deps: Pick<ObservePairDeps, 'instances'>,
  ids: ReadonlyArray<string>,
  listed: ReadonlyArray<EcsInstance> | null,
  withSystemEvents: boolean,
): Promise<Look> {
  if (listed === null || ids.length === 0) return await lookAt(deps, ids, withSystemEvents);
  const present = new Map(
    listed
      .filter(({ instanceId }) => ids.includes(instanceId))
      .map((instance) => [instance.instanceId, instance]),
  );
  const events = await (withSystemEvents ? deps.instances.openSystemEvents(ids) : NO_EVENTS);
  return { instances: { present, asked: new Set(ids) }, events };
}

function bothLooks(a: Look, b: Look): Look {
  return {
    instances: {
      present: new Map([...a.instances.present, ...b.instances.present]),
      asked: new Set([...a.instances.asked, ...b.instances.asked]),
    },
    events: new Map([...a.events, ...b.events]),
  };
}

interface ListedStandbys {
  readonly ids: ReadonlyArray<string>;
  /** `null` = what lists them says no more than their ids. */
  readonly instances: ReadonlyArray<EcsInstance> | null;
}

const NOBODY: ListedStandbys = { ids: [], instances: null };

async function listStandbys(
  { instances, scaling }: ObservePairDeps,
  selector: NonNullable<Pair['standby']>['selector'],
): Promise<ListedStandbys> {
  if (selector.kind === 'scaling-group') {
    const memberships = await observeMemberships(scaling, [{ selector }]);
    const ids = [...memberships]
      .filter(([, membership]) => membership.state === 'InService' || membership.state === 'Protected')
      .map(([id]) => id)
      .sort();
    return { ids, instances: null };
  }
  const listing = await instances.list(selectorTags(selector));
  // An identity without permission is answered with nothing, so nothing is believed only once that is ruled out.
  if (listing.instances.length === 0) await instances.provePermission();
  const isRunning = ({ status }: { status: string }) => (status === 'Running' ? 0 : 1);
  const sorted = [...listing.instances].sort(
    (a, b) => isRunning(a) - isRunning(b) || (a.instanceId < b.instanceId ? -1 : 1),
  );
  return { ids: sorted.map(({ instanceId }) => instanceId), instances: sorted };
}

async function groupOrNull(gateway: PairGateway, groupId: string): Promise<PairGroup | null> {
  try {
    return await gateway.describe(groupId);
  } catch (error) {
    if (error instanceof MissingPairGroupError) return null;
    throw error;
  }
}

async function listenerOrNull(
  gateway: PairGateway,
  loadBalancerId: string,
  name: PairListenerName,
): Promise<PairListener | null> {
  try {
    return await gateway.listener(loadBalancerId, name);
  } catch (error) {
    if (error instanceof MissingListenerError) return null;
    throw error;
  }
}
