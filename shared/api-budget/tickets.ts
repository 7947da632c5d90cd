import type { ApiBudget } from './apply.ts';
import { PRIORITIES, type Priority } from './model.ts';
import { slotAt } from './plan.ts';

/** What a pass is told that asks to send a call. */
export type TicketAnswer = 'granted' | { readonly retryAtMs: number };

/** The calls that one pass over a lane may still send. */
export interface Tickets {
  /**
   * One call of the operation, to be sent at once. `stillWanted` counts this call and those of the same operation that
   * the pass could send right after it, one for each group that takes a write; several are reserved together as far as
   * they can be sent before the slot ends. Throws TransientError when nobody can say what is left.
   */
  take(api: string, priority: Priority, stillWanted: number): Promise<TicketAnswer>;
  /** Notes that the cloud throttled the operation, for all lanes; returns when to ask again. */
  throttled(api: string, retryAfterMs: number | null): Promise<number>;
}

interface Held {
  readonly api: string;
  readonly priority: Priority;
  readonly untilMs: number;
  left: number;
}

/** What a call takes a lane with everything that belongs to it, until the pass has seen its own. */
const PACE_MS = 500;
const PACE_MIN_MS = 50;
/** A slot can end while the table store answers; the next one is asked then. */
const ASKS_MAX = 2;

/** Opens the holder of one pass. Tickets that are not used are lost when their slot ends. */
export function createTickets(budget: ApiBudget): Tickets {
  let held: Array<Held> = [];
  let paceMs = PACE_MS;
  let lastGrantedAtMs: number | null = null;

  const granted = (ticket: Held): TicketAnswer => {
    const nowMs = budget.nowMs();
    if (lastGrantedAtMs !== null) paceMs = Math.max(PACE_MIN_MS, nowMs - lastGrantedAtMs);
    lastGrantedAtMs = nowMs;
    ticket.left--;
    return 'granted';
  };
  /** How many can be sent before the slot ends, one now and the others at this pass's pace. */
  const sendable = (nowMs: number): number =>
    1 + Math.floor(Math.max(0, slotAt(budget.settings, nowMs).untilMs - nowMs) / paceMs);

  return {
    async take(api, priority, stillWanted) {
      let retryAtMs = budget.nowMs();
      for (let ask = 0; ask < ASKS_MAX; ask++) {
        const nowMs = budget.nowMs();
        const { endsAtMs } = slotAt(budget.settings, nowMs);
        held = held.filter(({ untilMs, left }) => untilMs >= nowMs && left > 0);
        const ticket = held.find((each) => each.api === api && isAsUrgent(priority, each.priority));
        if (ticket !== undefined) return granted(ticket);
        const want = Math.max(1, Math.min(Math.floor(stillWanted), sendable(nowMs)));
        const answer = await budget.reserve(api, want, priority);
        retryAtMs = answer.retryAtMs;
        const { granted: left, untilMs } = answer;
        if (left > 0) {
          const fresh = { api, priority, untilMs, left };
          held.push(fresh);
          return granted(fresh);
        }
        if (budget.nowMs() < endsAtMs) break;
      }
      return { retryAtMs };
    },
    async throttled(api, retryAfterMs) {
      held = held.filter((ticket) => ticket.api !== api);
      return await budget.throttled(api, retryAfterMs);
    },
  };
}

/** A ticket may be used for anything at least as urgent as what it was taken for. */
function isAsUrgent(priority: Priority, of: Priority): boolean {
  return PRIORITIES.indexOf(priority) <= PRIORITIES.indexOf(of);
}
