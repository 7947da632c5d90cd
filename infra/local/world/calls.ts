import type { ApiCall } from './api-call.ts';
import { sleep, type WorldClock } from './clock.ts';
import { AccessDenied, CloudError, ConnectionLost } from './errors.ts';
import { type Faults, throwBefore } from './faults.ts';
import type { Identities, Principal } from './identities.ts';
import type { RateLimits } from './rate-limits.ts';

/** A call that has ended. */
export interface CallRecord extends ApiCall {
  readonly requestId: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** Whether it took effect (a read: whether it was answered). */
  readonly applied: boolean;
  /** `null` = success; else the code it was refused with, `ConnectionLost` or `AccessDenied`. */
  readonly errorCode: string | null;
}

/** The one way into the world for every caller of an API, whatever the skin. */
export interface Gate {
  /**
   * Judges the call against the caller's policy and the rate limits, lets the faults strike, applies it with `run`
   * and records it. Throws {@link CloudError}, {@link AccessDenied} or {@link ConnectionLost}.
   */
  perform<T>(call: ApiCall, requestId: string, run: () => T | Promise<T>): Promise<T>;
  /** All calls that have ended, oldest first. The oldest are dropped beyond the gate's `recordsMax`. */
  readonly records: ReadonlyArray<CallRecord>;
  /** Called with each record as it is made. */
  onRecord(listener: (record: CallRecord) => void): void;
  /** Called when a fault kills the caller of a call. */
  onKillCaller(listener: (principal: Principal) => void): void;
  /** Time that every call of the product takes, in ms, half before and half after it takes effect. */
  setLatency(product: ApiCall['product'], ms: number): void;
}

/** Records kept in memory unless told otherwise. */
export const RECORDS_MAX = 200_000;

/** The gate of one world. */
export function createGate(deps: {
  clock: WorldClock;
  identities: Identities;
  faults: Faults;
  rateLimits: RateLimits;
  /** @default {@link RECORDS_MAX} */
  recordsMax?: number | undefined;
}): Gate {
  const { clock, identities, faults, rateLimits, recordsMax = RECORDS_MAX } = deps;
  const records: Array<CallRecord> = [];
  const recordListeners: Array<(record: CallRecord) => void> = [];
  const killListeners: Array<(principal: Principal) => void> = [];
  const latencies = new Map<ApiCall['product'], number>();

  const judge = (call: ApiCall) => {
    const action = `${call.product}:${call.action}`;
    const denied = call.resources.find((resource) => !identities.isAllowed(call.principal, action, resource));
    if (denied !== undefined) throw new AccessDenied(action, denied);
  };
  const killCaller = (call: ApiCall, applied: boolean): never => {
    for (const listener of killListeners) listener(call.principal);
    throw new ConnectionLost(applied);
  };
  const record = (entry: CallRecord) => {
    records.push(entry);
    if (records.length > recordsMax) records.splice(0, records.length - recordsMax);
    for (const listener of recordListeners) listener(entry);
  };

  return {
    records,
    onRecord: (listener) => void recordListeners.push(listener),
    onKillCaller: (listener) => void killListeners.push(listener),
    setLatency: (product, ms) => void latencies.set(product, ms),
    async perform(call, requestId, run) {
      const startedAtMs = clock.nowMs();
      const halfLatencyMs = (latencies.get(call.product) ?? 0) / 2;
      let applied = false;
      let errorCode: string | null = null;
      try {
        if (halfLatencyMs > 0) await sleep(clock, halfLatencyMs);
        rateLimits.take(call);
        judge(call);
        const effects = faults.strike(call);
        for (const effect of effects) {
          throwBefore(effect);
          if (effect.kind === 'kill-caller' && effect.when === 'before') killCaller(call, false);
          if (effect.kind === 'delay') await sleep(clock, effect.beforeMs);
        }
        const running = run();
        const result = running instanceof Promise ? await running : running;
        applied = true;
        if (halfLatencyMs > 0) await sleep(clock, halfLatencyMs);
        for (const effect of effects) {
          if (effect.kind === 'delay') await sleep(clock, effect.afterMs);
          if (effect.kind === 'lose-reply') throw new ConnectionLost(true);
          if (effect.kind === 'kill-caller') killCaller(call, true);
        }
        return result;
      } catch (error) {
        errorCode = codeOf(error);
        throw error;
      } finally {
        // Written out: a spread with properties after it is slow in Node 20, and every call passes here.
        record({
          product: call.product,
          action: call.action,
          principal: call.principal,
          subject: call.subject,
          resources: call.resources,
          parameters: call.parameters,
          requestId,
          startedAtMs,
          endedAtMs: clock.nowMs(),
          applied,
          errorCode,
        });
      }
    },
  };
}

function codeOf(error: unknown): string {
  if (error instanceof CloudError) return error.code;
  if (error instanceof AccessDenied || error instanceof ConnectionLost) return error.name;
  return 'InternalError';
}
