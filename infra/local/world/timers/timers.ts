import type { Cancel } from '../clock.ts';
import type { Foundation } from '../foundation.ts';
import { fixedSchedule, parseSchedule, type Schedule } from './schedule.ts';

/** A timer trigger of a function. */
export interface TimerTrigger {
  readonly name: string;
  readonly functionName: string;
  /** Six fields in UTC, `CRON_TZ=… ` and six fields, or `@every 4m`. */
  readonly cronExpression: string;
  /** Handed to the function as text. */
  readonly payload: string;
  readonly enable: boolean;
}

/** The timer triggers of all functions. */
export interface Timers {
  /** Creates the trigger or replaces it; its time counts from now. Throws `InvalidArgument` (400). */
  putTimer(timer: TimerTrigger): void;
  /** A trigger that does not exist is fine. */
  deleteTimer(functionName: string, name: string): void;
  listTimers(): ReadonlyArray<TimerTrigger & { readonly nextAtMs: number | null }>;
  /** Fires nothing any more; the triggers go on when the world is opened again. */
  close(): void;
}

/** Settings of the local timers. */
export interface TimersOptions {
  /** Hands the event to the function, which runs later; a rejection is recorded. */
  readonly invokeAsync: (functionName: string, payload: Buffer) => void | Promise<void>;
  /** Every timer fires this often instead of when its expression says; left out = when it says. */
  readonly everyMs?: number;
}

interface StoredTimer extends TimerTrigger {
  readonly startedAtMs: number;
}

/** The triggers kept in the foundation's store. Firings that were missed while the world was away are not made up for. */
export function createTimers(foundation: Foundation, { invokeAsync, everyMs }: TimersOptions): Timers {
  const { clock, store, timeline } = foundation;
  const stored = store.collection<StoredTimer>('timers');
  const armed = new Map<string, { cancel: Cancel; atMs: number }>();
  const keyOf = (functionName: string, name: string) => `${functionName}/${name}`;

  const record = (kind: string, text: string, { name, functionName }: TimerTrigger) =>
    timeline.record({ source: 'timer', kind, text, details: { trigger: name, functionName } });

  const disarm = (key: string) => {
    armed.get(key)?.cancel();
    armed.delete(key);
  };

  const fire = async (timer: StoredTimer, dueAtMs: number) => {
    const event = {
      triggerTime: `${new Date(dueAtMs).toISOString().slice(0, 19)}Z`,
      triggerName: timer.name,
      payload: timer.payload,
    };
    record('timer-fired', `${timer.name} fires ${timer.functionName}`, timer);
    try {
      await invokeAsync(timer.functionName, Buffer.from(JSON.stringify(event), 'utf8'));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      record('timer-refused', `${timer.functionName} could not be called: ${reason}`, timer);
    }
  };

  const arm = (timer: StoredTimer, schedule: Schedule, afterMs: number) => {
    const key = keyOf(timer.functionName, timer.name);
    disarm(key);
    const atMs = timer.enable ? schedule.nextAtMs(afterMs, timer.startedAtMs) : null;
    if (atMs === null) return;
    const cancel = clock.at(atMs, () => {
      // After a pause of the computer there is one firing, not one for each that was missed.
      arm(timer, schedule, Math.max(atMs, clock.nowMs()));
      void fire(timer, atMs);
    });
    armed.set(key, { cancel, atMs });
  };
  const begin = (timer: StoredTimer) => {
    const own = parseSchedule(timer.cronExpression);
    arm(timer, everyMs === undefined ? own : fixedSchedule(everyMs), clock.nowMs());
  };

  for (const timer of stored.values()) begin(timer);

  return {
    putTimer(timer) {
      const { name, functionName, cronExpression, payload, enable } = timer;
      const startedAtMs = clock.nowMs();
      const kept: StoredTimer = { name, functionName, cronExpression, payload, enable, startedAtMs };
      begin(kept);
      stored.set(keyOf(functionName, name), kept);
    },
    deleteTimer(functionName, name) {
      stored.delete(keyOf(functionName, name));
      disarm(keyOf(functionName, name));
    },
    listTimers: () =>
      [...stored.values()].map(({ startedAtMs: _, ...timer }) => ({
        ...timer,
        nextAtMs: armed.get(keyOf(timer.functionName, timer.name))?.atMs ?? null,
      })),
    close() {
      for (const key of [...armed.keys()]) disarm(key);
    },
  };
}
