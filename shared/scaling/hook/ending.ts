import { WAIT_MAX_MS } from '../limits.ts';
import { isOccupied, type Place } from '../places.ts';
import {
  COME_BACK,
  decided,
  type HookSituation,
  type HookTurn,
  leaveBy,
  mayOrder,
  nextLookMs,
  ordering,
  ordersFor,
  waiting,
} from './situation.ts';

/** An answer of ESS that is younger than this may still show what was before. */
const SETTLE_MS = 5_000;

/** It stays in its group, be it set aside there: whether it is wanted anywhere is not a matter of the scale-in any more. */
const BACK: ReadonlySet<string | undefined> = new Set(['InService', 'Protected', 'Standby', 'Stopped']);
const GOING: ReadonlySet<string | undefined> = new Set(['Removing', undefined]);

/**
 * What follows the end of a wait: instances that stay in the scaling group may come back into rotation, those that go are
 * taken out without waiting any longer. Over once none is left in between.
 */
export function ending(situation: HookSituation): HookTurn {
  const { row, states, placesOf, nowMs } = situation;
  const endedAtMs = row.endedAtMs ?? row.noticedAtMs;
  const isSettled = nowMs >= endedAtMs + SETTLE_MS;
  const back = row.instanceIds.filter((id) => BACK.has(states.get(id)));
  const going = row.instanceIds.filter((id) => GOING.has(states.get(id)) || isAbandoned(situation, id));
  const late = going.filter((id) =>
    placesOf(id).some((place) => isOccupied(place) && !isHurried(place, nowMs)),
  );
  if (late.length > 0 && mayOrder(situation)) {
    const orders = late.flatMap((id) => ordersFor(situation, 'hurry', id, placesOf(id), leaveBy(nowMs)));
    return ordering(situation, orders, `${late.length} instances leave at once`);
  }
  if (isSettled && back.length > 0) {
    const orders = back.flatMap((id) => ordersFor(situation, 'return', id, placesOf(id), COME_BACK));
    const left = row.instanceIds.filter((id) => !back.includes(id));
    const told = ordering(situation, orders, `${back.length} instances stay in the scaling group`);
    return { ...told, row: left.length === 0 ? null : { ...row, instanceIds: left, orderedAtMs: nowMs } };
  }
  if (isSettled && row.instanceIds.every((id) => !states.has(id))) {
    return decided(null, 'hook-closed', 'its instances have left the scaling group');
  }
  if (nowMs >= endedAtMs + WAIT_MAX_MS) {
    return decided(null, 'hook-given-up', 'its instances neither left nor came back', 'hooks-given-up');
  }
  const atMs = isSettled ? nextLookMs(endedAtMs, nowMs) : endedAtMs + SETTLE_MS;
  return waiting(row, atMs, 'the instances to leave or to come back');
}

/** Abandoned on the way in: whatever ESS shows yet, it is to be released. */
function isAbandoned({ row, states }: HookSituation, instanceId: string): boolean {
  const isGivenUp = row.answer !== null && row.answer.result !== 'CONTINUE';
  return row.transition === 'SCALE_OUT' && isGivenUp && !BACK.has(states.get(instanceId));
}

function isHurried({ record }: Place, nowMs: number): boolean {
  const deadlineAtMs = record?.scaleIn?.deadlineAtMs ?? null;
  return deadlineAtMs !== null && deadlineAtMs <= nowMs;
}
