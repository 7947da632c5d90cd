import type { LoadBalancerLook } from '../../../shared/comparison/look.ts';
import { subjectOf } from '../../../shared/comparison/sections/declaration.ts';
import { changesOf } from '../../../shared/comparison/sections/model.ts';
import { tellLane } from '../../../shared/comparison/tell.ts';
import type { DeclarationOrder } from '../../../shared/declarations/record.ts';
import { describeError, TransientError } from '../../../shared/errors.ts';
import { pairLaneId } from '../../../shared/pairs/model.ts';
import { whoAsks } from '../who-asks.ts';
import type { PlanDesk } from './desk.ts';
import { applyOrder, type MadePlan } from './make.ts';

const TRIES_MAX = 3;

/** What carrying a plan out needs: the tables and the queue of the functions, who alone write to SLB. */
export type TellDesk = Pick<
  PlanDesk,
  'inbox' | 'lanes' | 'wakeUps' | 'clock' | 'declarationOrders' | 'pairOrders' | 'newId'
>;

/** The lanes that have a change in the plan. */
export function lanesOf({ looks, sections }: Pick<MadePlan, 'looks' | 'sections'>): {
  readonly looks: ReadonlyArray<LoadBalancerLook>;
  readonly pairs: ReadonlyArray<string>;
} {
  const changed = sections.filter((section) => changesOf({ sections: [section] }).length > 0);
  const of = (kind: 'binding' | 'pair') => changed.flatMap((each) => (each.of === kind ? [each.name] : []));
  const bindings = new Set(of('binding'));
  return {
    looks: looks.filter((look) => look.bindings.some(({ name }) => bindings.has(name))),
    pairs: of('pair'),
  };
}

/**
 * Tells the lanes of the plan what the full comparison would tell them, and wakes a function for each. Resolves with what
 * to tell people, `null` = nothing. Throws when a lane may not have been told; to tell it again does no harm.
 */
export async function carryOutPlan(
  desk: TellDesk,
  made: MadePlan,
  deletes: ReadonlyArray<string> = [],
): Promise<string | null> {
  const { looks, pairs } = lanesOf(made);
  const orderId = desk.newId();
  const by = whoAsks();
  for (const look of looks) {
    for (const order of ordersOf(look, made, { by, orderId, deletes })) {
      await surely(() => desk.declarationOrders.put(look.loadBalancerId, order));
    }
    await surely(() => tellLane(desk, look));
  }
  for (const name of pairs.filter((each) => made.askedPairs.has(each))) {
    // Written once by its id: a try whose answer was lost does no harm.
    const order = applyOrder(orderId, by, desk.clock.nowMs());
    await surely(() => desk.pairOrders.put(name, order));
  }
  const pairLanes = pairs.map((name) => pairLaneId({ name }));
  if (pairLanes.length > 0) await surely(() => desk.lanes.signal(pairLanes));
  try {
    for (const laneId of [...looks.map(({ loadBalancerId }) => loadBalancerId), ...pairLanes]) {
      await desk.wakeUps.send(laneId, desk.clock.nowMs());
    }
    return null;
  } catch (error) {
    return `nobody could be woken, so it is taken up by the next tick, within a minute: ${describeError(error)}`;
  }
}

/** Entries of an inbox are written once, and a count too many costs a look: a try whose answer was lost does no harm. */
async function surely(attempt: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof TransientError) || tries === TRIES_MAX) throw error;
    }
  }
}

/** What the functions are asked for about the declared groups of a load balancer that have changes in the plan. */
function ordersOf(
  { declared, nowMs }: LoadBalancerLook,
  made: Pick<MadePlan, 'sections'>,
  asked: { readonly by: string; readonly orderId: string; readonly deletes: ReadonlyArray<string> },
): ReadonlyArray<DeclarationOrder> {
  const subjects = new Set(changesOf(made).map(({ subject }) => subject));
  return declared.flatMap(({ binding: { name } }): ReadonlyArray<DeclarationOrder> => {
    if (!subjects.has(subjectOf(name))) return [];
    const { orderId, by, deletes } = asked;
    const kind = deletes.includes(name) ? 'delete' : 'apply';
    return [{ orderId, kind, binding: name, by, orderedAtMs: nowMs }];
  });
}
