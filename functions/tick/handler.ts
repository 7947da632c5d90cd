import { type AcceptDeps, acceptBatch } from '../../shared/acceptance/apply.ts';
import type { AcceptReport } from '../../shared/acceptance/model.ts';
import type { InboundEvent } from '../../shared/events/model.ts';
import type { LaneDeps } from '../../shared/lanes/apply.ts';
import { isDue, isLeased } from '../../shared/lanes/plan.ts';
import { workLanes } from '../../shared/lanes/work-lanes.ts';
import type { LaneOutcome } from '../../shared/outcome.ts';
import { createServerGroupPass, type PassDeps } from '../../shared/server-groups/apply.ts';

/** What the function needs. */
export type TickDeps = AcceptDeps &
  LaneDeps &
  PassDeps & { readonly timing: { readonly passBudgetMs: number } };

/** What became of a tick or of a batch of wake-ups, for the log. */
export interface TickOutcome {
  /** Of the messages that are neither; `null` = there were none. */
  readonly accepted: AcceptReport | null;
  readonly lanes: Readonly<Record<string, LaneOutcome>>;
}

/**
 * Works the lanes that are due: those that wake-ups point at, and on a tick of the timer every one in the table, which
 * is all that a tick reads. Any other message is accepted like everywhere else, so that it is never just dropped. Throws
 * only when accepting fails or the table of lanes cannot be read.
 */
export async function handleTick(deps: TickDeps, events: ReadonlyArray<InboundEvent>): Promise<TickOutcome> {
  const woken = events.flatMap((event) => (event.kind === 'wake-up' ? [event.loadBalancerId] : []));
  const others = events.filter(({ kind }) => kind !== 'wake-up' && kind !== 'tick');
  const accepted = others.length === 0 ? null : await acceptBatch(deps, others);
  const due = events.some(({ kind }) => kind === 'tick') ? await dueLanes(deps) : [];
  const configured = new Set(deps.bindings.map(({ loadBalancerId }) => loadBalancerId));
  const ids = [...woken, ...due, ...(accepted?.lanes ?? [])].filter((id) => configured.has(id));
  const deadlineMs = deps.ownClock.nowMs() + deps.timing.passBudgetMs;
  const lanes = await workLanes(deps, ids, createServerGroupPass(deps), deadlineMs);
  return { accepted, lanes };
}

async function dueLanes({ lanes, clock }: TickDeps): Promise<ReadonlyArray<string>> {
  const rows = await lanes.list();
  const nowMs = clock.nowMs();
  return rows
    .filter((row) => isDue(row, nowMs) && !isLeased(row, nowMs))
    .map(({ loadBalancerId }) => loadBalancerId);
}
