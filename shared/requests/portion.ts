import { ALL_INSTANCES, INSTANCES_MAX } from './document.ts';
import type { RequestRow } from './model.ts';
import type { RequestsPlan } from './plan.ts';

/** Requests that one turn of a pass does something about. */
export const ROWS_MAX = 200;
/** Instances that those name together which are foreseen, or delivered, in one turn. */
export const NAMED_MAX = 500;

/**
 * As much of a plan as one turn does, the oldest requests first. The rest is planned again in the next turn, so that a pass
 * over a thousand requests looks at its time in between.
 */
export function portionOf(plan: RequestsPlan): RequestsPlan {
  const { toTake, toForesee, toDeliver, toAnswer, changes } = plan;
  return {
    ...plan,
    toTake: toTake.slice(0, ROWS_MAX),
    toForesee: fewInstances(toForesee),
    toDeliver: fewInstances(toDeliver),
    toAnswer: toAnswer.slice(0, ROWS_MAX),
    changes: changes.slice(0, ROWS_MAX),
  };
}

/** How many it may be about: of all instances as many as it could name. */
function namedBy(change: RequestRow['request']['change']): number {
  if (!('instances' in change)) return 1;
  return change.instances === ALL_INSTANCES ? INSTANCES_MAX : change.instances.length;
}

/** At least one, whatever it names. */
function fewInstances(rows: ReadonlyArray<RequestRow>): ReadonlyArray<RequestRow> {
  let named = 0;
  const end = rows.findIndex(({ request: { change } }, index) => {
    named += namedBy(change);
    return index > 0 && (named > NAMED_MAX || index >= ROWS_MAX);
  });
  return end === -1 ? rows : rows.slice(0, end);
}
