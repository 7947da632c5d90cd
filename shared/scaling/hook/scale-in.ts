import { drainEndMs, forbiddanceOf, isOccupied, type Place } from '../places.ts';
import { lastSafeMs } from './heartbeats.ts';
import {
  answering,
  decided,
  type HookSituation,
  type HookTurn,
  isUnhandled,
  leaveBy,
  mayOrder,
  nextLookMs,
  ordering,
  ordersFor,
  waiting,
} from './situation.ts';

/** A drain's last steps: the removal and a look at it. */
export const REMOVAL_MS = 15_000;
/** Connections may end a drain at any time, so its end cannot be told. */
const IDLE_LOOK_MS = 20_000;

/** The next step towards the answer to a hook on the way out: drain, remove, CONTINUE. */
export function scaleIn(situation: HookSituation): HookTurn {
  const { row, placesOf, policy, nowMs } = situation;
  const placesByInstance = row.instanceIds.map((id) => [id, placesOf(id)] as const);
  const occupied = placesByInstance.flatMap(([, places]) => places.filter(isOccupied));
  const toTell = placesByInstance.filter(([, places]) => isToTell(situation, places));
  if (toTell.length > 0 && mayOrder(situation)) {
    const news = leaveBy(lastSafeMs(row));
    const orders = toTell.flatMap(([id, places]) => ordersFor(situation, 'leave', id, places, news));
    return ordering(situation, orders, `${toTell.length} instances are to leave`);
  }
  if (isUnhandled(situation))
    return waiting(row, nextLookMs(orderedAtMs(situation), nowMs), 'the lanes to take notice');
  if (occupied.length === 0) return answering(situation, 'CONTINUE', 'every drain has ended');
  const forbidden = occupied.map(forbiddanceOf).find((reason) => reason !== null) ?? null;
  if (forbidden !== null && policy.whenForbidden === 'rollback') {
    return answering(situation, 'ROLLBACK', `the instances have to stay: ${forbidden}`, 'hooks-rolled-back');
  }
  if (forbidden !== row.held) {
    if (forbidden === null)
      return decided({ ...row, held: null }, 'hook-resumed', 'nothing forbids the drain any more');
    return decided({ ...row, held: forbidden }, 'hook-held', forbidden, 'hooks-held');
  }
  const look = waiting(row, lookAtMs(situation, occupied), 'the end of a drain');
  return forbidden === null ? look : { ...look, count: 'hooks-held' };
}

/** Until when a hook on the way out may have to wait. */
export function scaleInNeedsUntilMs({ row, placesOf, nowMs }: HookSituation): number {
  if (row.held !== null) return lastSafeMs(row);
  const ends = row.instanceIds.flatMap(placesOf).map((place) => drainEndMs(place, nowMs) ?? nowMs);
  return Math.max(nowMs, ...ends) + REMOVAL_MS;
}

/** Whether somebody has to be told that the instance leaves: at first all, later those who do not know. */
function isToTell({ row }: HookSituation, places: ReadonlyArray<Place>): boolean {
  if (row.orderedAtMs === null) return places.length > 0;
  return places.some((place) => isOccupied(place) && place.record?.scaleIn == null);
}

function lookAtMs(situation: HookSituation, occupied: ReadonlyArray<Place>): number {
  const { nowMs } = situation;
  const soonMs = nextLookMs(orderedAtMs(situation), nowMs);
  const isStarted = occupied.every(({ record }) => record?.weightZeroAtMs != null);
  if (!isStarted) return soonMs;
  const endMs = Math.max(...occupied.map((place) => drainEndMs(place, nowMs) ?? nowMs));
  if (endMs <= nowMs) return nextLookMs(endMs, nowMs);
  const mayEndEarly = occupied.some(({ policy }) => policy?.mayEndEarly === true);
  return mayEndEarly ? Math.min(endMs + SECOND_MS, nowMs + IDLE_LOOK_MS) : endMs + SECOND_MS;
}

const SECOND_MS = 1_000;

function orderedAtMs({ row }: HookSituation): number {
  return row.orderedAtMs ?? row.noticedAtMs;
}
