import { failureOf, type Place, serves } from '../places.ts';
import { lastSafeMs } from './heartbeats.ts';
import {
  answering,
  type HookSituation,
  type HookTurn,
  mayOrder,
  nextLookMs,
  ordering,
  ordersFor,
  waiting,
} from './situation.ts';

/** What a join takes besides its readiness: gathering, the calls, a busy load balancer. */
export const JOIN_SLACK_MS = 60_000;

/** The next step towards the answer to a hook on the way in: join, prove ready, CONTINUE. */
export function scaleOut(situation: HookSituation): HookTurn {
  const { row, nowMs } = situation;
  const wanted = wantedPlaces(situation);
  const missing = wanted.flatMap(([, places]) => places.filter((place) => !serves(place)));
  const unseen = wanted.filter(([id]) => situation.unseen.has(id));
  if (missing.length + unseen.length === 0)
    return answering(situation, 'CONTINUE', 'every instance serves where it belongs');
  const failure = missing.map(failureOf).find((reason) => reason !== null) ?? null;
  if (failure !== null) return notReady(situation, failure);
  if (nowMs >= readyByMs(situation)) {
    const where = missing[0]?.vServerGroupId;
    return notReady(
      situation,
      where === undefined ? 'ECS does not list every instance' : `not in service in ${where} in time`,
    );
  }
  const unknown = wanted.filter(([, places]) =>
    places.some((place) => place.record === null && !serves(place)),
  );
  if (unknown.length > 0 && mayOrder(situation)) {
    const news = { kind: 'state', state: 'Running' } as const;
    const orders = unknown.flatMap(([id, places]) => ordersFor(situation, 'look', id, places, news));
    return ordering(situation, orders, `${unknown.length} instances are to join`);
  }
  const lookMs = nextLookMs(row.orderedAtMs ?? row.noticedAtMs, nowMs);
  return waiting(row, Math.min(lookMs, readyByMs(situation)), 'the instances to serve');
}

/** Until when a hook on the way in may have to wait. */
export function readyByMs(situation: HookSituation): number {
  const { row } = situation;
  const limits = wantedPlaces(situation).flatMap(([, places]) =>
    places.map(({ policy }) => policy?.readyWithinMs ?? 0),
  );
  return Math.min(lastSafeMs(row), row.noticedAtMs + Math.max(0, ...limits) + JOIN_SLACK_MS);
}

/** By instance, those that still belong to the group: whoever was released meanwhile proves nothing any more. */
function wantedPlaces({
  row,
  states,
  placesOf,
}: HookSituation): ReadonlyArray<readonly [string, ReadonlyArray<Place>]> {
  return row.instanceIds
    .filter((id) => states.has(id))
    .map((id) => [id, placesOf(id).filter(({ isWanted }) => isWanted)] as const);
}

function notReady(situation: HookSituation, reason: string): HookTurn {
  const result = situation.policy.whenNotReady === 'abandon' ? 'ABANDON' : 'CONTINUE';
  return answering(situation, result, reason, 'hooks-not-ready');
}
