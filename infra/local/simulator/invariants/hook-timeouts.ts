import { HOOK_QUEUE } from '../../../../shared/scaling/model.ts';
import { CloudError } from '../../world/errors.ts';
import type { CallOutcome, WorkerCall } from '../play/calls.ts';
import { dayTime } from '../play/trace.ts';
import type { Scene } from './invariant.ts';

/** Hooks with shorter timeouts are nobody's promise. */
const TIMEOUT_LEAST_S = 180;
/** Within so long, the clouds must have answered and a tick must have run. */
const WINDOW_MS = 120_000;
/** One of them so long ago that the next was due since: while functions are not started at all, nobody can answer. */
const EARLIER_TICK_MS = 55_000;
/** And one that ran to its end must have begun so long ago: who hears of a hook in its last seconds cannot answer any more. */
const NOTICE_MS = 30_000;

/** Refusals that are answers like others. */
const ANSWERS =
  /^(?:OTSConditionCheckFail|LifecycleHookIdAndLifecycleActionToken\.Invalid|LifecycleAction\..*)$/;

/** Watches that no hook of ours runs into its timeout while Tablestore and Auto Scaling answer and ticks run. */
export class HookTimeouts {
  /** Calls of the two clouds that nobody has heard of yet. */
  readonly #open = new Set<WorkerCall>();
  readonly #beganAtMs = new Map<string, number>();
  readonly #nowMs: () => number;
  /** When one of the clouds last refused to work, or did not answer in time. */
  #troubleAtMs = Number.NEGATIVE_INFINITY;
  /** When the last ticks began, however they ended. */
  #startedAtMs: ReadonlyArray<number> = [];
  /** When those of them that ran to their ends began. */
  #endedAtMs: ReadonlyArray<number> = [];

  constructor({ clouds, nowMs }: Scene, violate: (text: string) => void) {
    this.#nowMs = nowMs;
    clouds.foundation.timeline.onEntry(({ source, kind, details: { by, lifecycleHookId } }) => {
      if (source !== 'ess' || kind !== 'hook-completed' || by !== 'timeout') return;
      const hook = clouds.ess.hook(String(lifecycleHookId));
      if (hook === null || !hook.notificationArn.endsWith(`:queue/${HOOK_QUEUE}`)) return;
      if (hook.heartbeatTimeoutSeconds < TIMEOUT_LEAST_S) return;
      const sinceMs = nowMs() - WINDOW_MS;
      const tickedAtMs = lastBetween(this.#endedAtMs, sinceMs, nowMs() - NOTICE_MS);
      const startedAtMs = lastBetween(this.#startedAtMs, sinceMs, nowMs() - EARLIER_TICK_MS);
      if (tickedAtMs === null || startedAtMs === null || this.#troubleSince(sinceMs)) return;
      const when = dayTime(tickedAtMs);
      violate(
        `${hook.lifecycleHookId} runs into its timeout, though everybody answers and a tick ran at ${when}`,
      );
    });
  }

  sent(call: WorkerCall): void {
    if (isOfThem(call)) this.#open.add(call);
  }

  landed(call: WorkerCall): void {
    if (!isOfThem(call)) return;
    const { sentAtMs, landedAtMs, travel, outcome } = call;
    const lateAtMs = sentAtMs + travel.timeoutMs;
    if ((landedAtMs ?? 0) > lateAtMs) this.#troubled(lateAtMs);
    if (outcome !== null) this.#note(outcome);
    // Whoever has died hears nothing any more; the cloud has answered all the same.
    this.#open.delete(call);
  }

  heard(call: WorkerCall, answer: CallOutcome): void {
    if (isOfThem(call)) this.#note(answer);
  }

  began(worker: string, isTick: boolean): void {
    const atMs = this.#nowMs();
    this.#beganAtMs.set(worker, atMs);
    if (isTick) this.#startedAtMs = [...this.#recent(this.#startedAtMs), atMs];
  }

  finished(worker: string, isTick: boolean): void {
    const atMs = this.#beganAtMs.get(worker);
    if (isTick && atMs !== undefined) this.#endedAtMs = [...this.#recent(this.#endedAtMs), atMs];
  }

  #recent(instants: ReadonlyArray<number>): ReadonlyArray<number> {
    return instants.filter((atMs) => atMs > this.#nowMs() - WINDOW_MS);
  }

  #note(outcome: CallOutcome): void {
    if (outcome.isOk) return;
    if (outcome.error instanceof CloudError && ANSWERS.test(outcome.error.code)) return;
    this.#troubled(this.#nowMs());
  }

  #troubled(atMs: number): void {
    this.#troubleAtMs = Math.max(this.#troubleAtMs, atMs);
  }

  #troubleSince(sinceMs: number): boolean {
    if (this.#troubleAtMs >= sinceMs) return true;
    const nowMs = this.#nowMs();
    return [...this.#open].some(({ sentAtMs, travel }) => {
      const lateAtMs = sentAtMs + travel.timeoutMs;
      return lateAtMs >= sinceMs && lateAtMs <= nowMs;
    });
  }
}

/** The last of these instants from `sinceMs` to `untilMs`. */
function lastBetween(instants: ReadonlyArray<number>, sinceMs: number, untilMs: number): number | null {
  const between = instants.filter((atMs) => atMs >= sinceMs && atMs <= untilMs);
  return between.length === 0 ? null : Math.max(...between);
}

function isOfThem({ travel: { product } }: WorkerCall): boolean {
  return product === 'ots' || product === 'ess';
}
