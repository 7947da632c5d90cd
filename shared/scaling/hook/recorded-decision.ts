import type { ScalingPolicy } from '../../config/scaling.ts';
import type { LifecycleState } from '../../instances/model.ts';
import { hookKey } from '../model.ts';
import type { Place } from '../places.ts';
import type { HookSituation, HookTurn } from './situation.ts';
import { transition } from './transition.ts';

/** A situation as the audit keeps it: plain JSON, cut down to the instances of its hook. */
export type RecordedHook = {
  readonly hookSituation: Pick<HookSituation, 'row' | 'hook' | 'action' | 'isBlind' | 'nowMs'> & {
    readonly states: Readonly<Record<string, LifecycleState>>;
    readonly places: Readonly<Record<string, ReadonlyArray<Place>>>;
    readonly unhandled: ReadonlyArray<string>;
    readonly unseen: ReadonlyArray<string>;
    readonly policy: ScalingPolicy;
  };
};

/** A cell of a table takes 2 MB; so many places are well below it. */
const PLACES_MAX = 3_000;

/** What the audit keeps of a situation, so that the decision can be made again; `null` = it is too much to be kept. */
export function recordedHook(situation: HookSituation): RecordedHook | null {
  const { row, hook, action, states, placesOf, unhandled, unseen, isBlind, policy, nowMs } = situation;
  const places = row.instanceIds.map((id) => [id, placesOf(id)] as const);
  if (places.reduce((sum, [, each]) => sum + each.length, 0) > PLACES_MAX) return null;
  const known = row.instanceIds.flatMap((id) => {
    const state = states.get(id);
    return state === undefined ? [] : [[id, state] as const];
  });
  const own = [...unhandled].filter((each) => each.includes(`hook/${hookKey(row)}/`));
  return {
    hookSituation: {
      row,
      hook,
      action,
      isBlind,
      nowMs,
      states: Object.fromEntries(known),
      places: Object.fromEntries(places),
      unhandled: own,
      unseen: row.instanceIds.filter((id) => unseen.has(id)),
      policy,
    },
  };
}

/** Decides again from what was recorded. */
export function hookDecidedAgain({ hookSituation }: RecordedHook): HookTurn['decision'] {
  const { states, places, unhandled, unseen, ...rest } = hookSituation;
  return transition({
    ...rest,
    states: new Map(Object.entries(states)),
    placesOf: (instanceId) => (Object.hasOwn(places, instanceId) ? (places[instanceId] ?? []) : []),
    unhandled: new Set(unhandled),
    unseen: new Set(unseen),
  }).decision;
}
