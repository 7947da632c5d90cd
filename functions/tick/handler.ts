import type { InboundEvent } from '../../shared/events/model.ts';
import type { LaneDeps } from '../../shared/lanes/apply.ts';
import { isDue, isLeased } from '../../shared/lanes/plan.ts';
import { workLanes } from '../../shared/lanes/work-lanes.ts';
import type { LaneOutcome } from '../../shared/outcome.ts';
import { createServerGroupPass, type PassDeps } from '../../shared/server-groups/apply.ts';

/** What the function needs. */
export type TickDeps = LaneDeps & PassDeps & { readonly timing: { readonly passBudgetMs: number } };

/** What became of a tick or of a batch of wake-ups, for the log. */
export interface TickOutcome {
  readonly lanes: Readonly<Record<string, LaneOutcome>>;
  /** Messages that are none of ours: counted, and nothing else. */
  readonly ignored: number;
}

/**
 * Works the lanes that are due: those that wake-ups point at, and on a tick of the timer every one in the table, which
 * is all that a tick reads. Throws only when the table of lanes cannot be read.
 */
export async function handleTick(deps: TickDeps, events: ReadonlyArray<InboundEvent>): Promise<TickOutcome> {
  const woken = events.flatMap((event) => (event.kind === 'wake-up' ? [event.loadBalancerId] : []));
  const hasTick = events.some((event) => event.kind === 'tick');
  const due = hasTick ? await dueLanes(deps) : [];
  const configured = new Set(deps.bindings.map(({ loadBalancerId }) => loadBalancerId));
  const ids = [...woken, ...due].filter((id) => configured.has(id));
  const deadlineMs = deps.ownClock.nowMs() + deps.timing.passBudgetMs;
  const lanes = await workLanes(deps, ids, createServerGroupPass(deps), deadlineMs);
  const ignored = events.filter((event) => event.kind !== 'wake-up' && event.kind !== 'tick').length;
  return { lanes, ignored };
}

async function dueLanes({ lanes, clock }: TickDeps): Promise<ReadonlyArray<string>> {
  const rows = await lanes.list();
  const nowMs = clock.nowMs();
  return rows
    .filter((row) => isDue(row, nowMs) && !isLeased(row, nowMs))
    .map(({ loadBalancerId }) => loadBalancerId);
}
