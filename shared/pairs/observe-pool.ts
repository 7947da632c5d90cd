import type { MemberIndex } from '../acceptance/ports.ts';
import { allOrFailure } from '../concurrency.ts';
import { selectorTags } from '../config/binding.ts';
import type { Pair } from '../config/pair.ts';
import { type Memberships, NO_MEMBERSHIPS, observeMemberships } from '../instances/memberships.ts';
import type { EcsInstance } from '../instances/model.ts';
import type { InstanceGateway } from '../instances/ports.ts';
import type { ScalingGateway } from '../scaling/ports.ts';
import { type Look, lookAt, NO_EVENTS } from './look.ts';
import { pairLaneId } from './model.ts';

/** What observing a pool needs. */
export interface PoolDeps {
  readonly instances: InstanceGateway;
  readonly scaling: Pick<ScalingGateway, 'instances'>;
  readonly members: MemberIndex;
  /** All that are configured. */
  readonly pairs: ReadonlyArray<Pair>;
}

/** Standbys that are looked at. */
const STANDBYS_MAX = 20;

/** The standby pool of a pair, with what ECS says of those that are looked at. */
export interface Pool extends Look {
  readonly ids: ReadonlyArray<string>;
  readonly takenIds: ReadonlySet<string>;
  /** Of the scaling group that it is; a member of the pair may still be one of its own. */
  readonly memberships: Memberships;
}

/** The standbys: free and Running ones first of all, in the order of their ids. All that is asked about them is asked at once. */
export async function observePool(deps: PoolDeps, pair: Pair, withSystemEvents: boolean): Promise<Pool> {
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
  const { memberships } = listed;
  return { ids, takenIds: new Set(ids.filter(isTaken)), memberships, ...bothLooks(seen, more) };
}

const NO_LANES: Promise<ReadonlyMap<string, ReadonlySet<string>>> = Promise.resolve(new Map());

/** What ECS says of standbys; a list by tags has told all but the events already. */
async function lookAtListed(
  deps: Pick<PoolDeps, 'instances'>,
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
  readonly memberships: Memberships;
}

const NOBODY: ListedStandbys = { ids: [], instances: null, memberships: NO_MEMBERSHIPS };

async function listStandbys(
  { instances, scaling }: PoolDeps,
  selector: NonNullable<Pair['standby']>['selector'],
): Promise<ListedStandbys> {
  if (selector.kind === 'scaling-group') {
    const memberships = await observeMemberships(scaling, [{ selector }]);
    const ids = [...memberships]
      .filter(([, membership]) => membership.state === 'InService' || membership.state === 'Protected')
      .map(([id]) => id)
      .sort();
    return { ids, instances: null, memberships };
  }
  const listing = await instances.list(selectorTags(selector));
  // An identity without permission is answered with nothing, so nothing is believed only once that is ruled out.
  if (listing.instances.length === 0) await instances.provePermission();
  const isRunning = ({ status }: { status: string }) => (status === 'Running' ? 0 : 1);
  const sorted = [...listing.instances].sort(
    (a, b) => isRunning(a) - isRunning(b) || (a.instanceId < b.instanceId ? -1 : 1),
  );
  const ids = sorted.map(({ instanceId }) => instanceId);
  return { ids, instances: sorted, memberships: NO_MEMBERSHIPS };
}
