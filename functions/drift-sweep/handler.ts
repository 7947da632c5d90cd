import type { InboundEvent, Tick } from '../../shared/events/model.ts';
import { type SweepDeps, sweep } from '../../shared/sweep/apply.ts';
import type { SweepOutcome } from '../../shared/sweep/model.ts';
import { isSweepDue } from '../../shared/sweep/plan.ts';

/** What the function needs. */
export type DriftSweepDeps = SweepDeps & { readonly timing: { readonly compareMs: number } };

/** What became of a firing of the timer, for the log. */
export interface DriftSweepOutcome {
  /** `null` = no sweep was due. */
  readonly sweep: SweepOutcome | null;
}

/**
 * Compares everything that should be with everything that is, when the schedule says so: once in `timing.compare`. An
 * invocation by hand, which names no instant of the schedule, sweeps nothing.
 */
export async function handleDriftSweep(
  deps: DriftSweepDeps,
  events: ReadonlyArray<InboundEvent>,
): Promise<DriftSweepOutcome> {
  const tick = events.find((event): event is Tick => event.kind === 'tick');
  const triggeredAtMs = tick?.triggeredAtMs ?? null;
  if (triggeredAtMs === null || !isSweepDue(triggeredAtMs, deps.timing.compareMs)) return { sweep: null };
  return { sweep: await sweep(deps, triggeredAtMs) };
}
