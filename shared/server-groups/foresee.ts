import type { Signal } from '../acceptance/model.ts';
import type { Binding } from '../config/binding.ts';
import type { Assumptions } from '../config/load.ts';
import type { LaneNotes } from '../lanes/model.ts';
import type { LoadBalancerGateway } from '../load-balancers/ports.ts';
import type { LanePlan, PlanLimits, PlanTiming } from './model.ts';
import type { LaneObservation } from './observe.ts';
import { planLane } from './plan.ts';

/** What foreseeing needs: only what reads. */
export interface ForeseeLaneDeps {
  readonly loadBalancers: Pick<LoadBalancerGateway, 'health'>;
  readonly timing: PlanTiming;
  readonly limits: PlanLimits;
  readonly assume: Assumptions;
}

/**
 * The plan that a pass over a lane would begin with, if these signals were in its inbox. Nothing is asked of servers. What
 * waits for company is in it: it would be sent a moment later.
 */
export async function foreseeLane(
  { loadBalancers, timing, limits, assume }: ForeseeLaneDeps,
  lane: {
    readonly loadBalancerId: string;
    readonly bindings: ReadonlyArray<Binding>;
    readonly notes: LaneNotes;
  },
  seen: LaneObservation,
  signals: ReadonlyArray<Signal>,
  nowMs: number,
): Promise<LanePlan> {
  const answers = { probes: new Map(), connections: new Map() };
  const untimed = { ...timing, gatherMs: 0 };
  const input = { ...lane, ...seen, answers, signals, timing: untimed, limits, assume, nowMs };
  const plan = planLane({ ...input, health: null });
  if (!plan.needsHealth) return plan;
  return planLane({ ...input, health: await loadBalancers.health(lane.loadBalancerId) });
}
