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
  /** When the last tick that ran to its end began. */
  #tickedAtMs = Number.NEGATIVE_INFINITY;

  constructor({ clouds, nowMs }: Scene, violate: (text: string) => void) {
    this.#nowMs = nowMs;
    clouds.foundation.timeline.onEntry(({ source, kind, details: { by, lifecycleHookId } }) => {
      if (source !== 'ess' || kind !== 'hook-completed' || by !== 'timeout') return;
      const hook = clouds.ess.hook(String(lifecycleHookId));
      if (hook === null || !hook.notificationArn.endsWith(`:queue/${HOOK_QUEUE}`)) return;
      if (hook.heartbeatTimeoutSeconds < TIMEOUT_LEAST_S) return;
      const sinceMs = nowMs() - WINDOW_MS;
      if (this.#tickedAtMs < sinceMs || !this.#wereTicksStarted(sinceMs) || this.#troubleSince(sinceMs))
        return;
      const when = dayTime(this.#tickedAtMs);
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
    if (isTick) this.#startedAtMs = [...this.#startedAtMs.filter((each) => each > atMs - WINDOW_MS), atMs];
  }

  finished(worker: string, isTick: boolean): void {
    const atMs = this.#beganAtMs.get(worker);
    if (isTick && atMs !== undefined) this.#tickedAtMs = Math.max(this.#tickedAtMs, atMs);
  }

  #wereTicksStarted(sinceMs: number): boolean {
    const untilMs = this.#nowMs() - EARLIER_TICK_MS;
    return this.#startedAtMs.some((atMs) => atMs >= sinceMs && atMs <= untilMs);
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

function isOfThem({ travel: { product } }: WorkerCall): boolean {
  return product === 'ots' || product === 'ess';
}
