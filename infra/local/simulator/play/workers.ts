import type { Transports } from '../../../../shared/adapters/production.ts';
import type { Config } from '../../../../shared/config/load.ts';
import type { Logger } from '../../../../shared/logger.ts';
import { createPipeline, type FcHandler } from '../../../../shared/middleware/pipeline.ts';
import type { MemoryClouds } from '../../memory/clouds.ts';
import type { MemoryInvocation } from '../../memory/functions.ts';
import { createMemoryWorker } from '../../memory/worker.ts';
import type { Cancel } from '../../world/clock.ts';
import type { Handlers } from './handlers.ts';
import { type CarrierDeps, WorkerCarrier } from './worker-carrier.ts';

/** What the workers of a day are made of. */
export interface WorkersDeps extends CarrierDeps {
  readonly config: Config;
  readonly clocksApartMs: number;
  readonly handlers: Handlers;
  readonly alter: (transports: Transports) => Transports;
  readonly onLog: (worker: string, level: 'info' | 'warn' | 'error', message: string, stack: string) => void;
  readonly onBegin: (worker: string, invocation: MemoryInvocation) => void;
  readonly onEnd: (worker: string, invocation: MemoryInvocation, isTaken: boolean) => void;
}

/** A function instance: serves one invocation at a time, and is used again for the next. */
interface Worker {
  readonly name: string;
  readonly carrier: WorkerCarrier;
  readonly handle: FcHandler;
  fail: (error: Error) => void;
}

/** What workers are called after; those of messages from a queue are `events`. */
const KIND_OF_WORKER: Readonly<Record<string, string>> = {
  tick: 'tick',
  'drift-sweep': 'sweep',
  'reconcile-load-balancer': 'reconcile',
};
/** How likely an instance is not used again. */
const RECYCLED = 0.1;

/** The function instances of a day, started and ended as Function Compute does. */
export class Workers {
  /** Invocations that are under way, zombies not counted. */
  busy = 0;
  readonly #deps: WorkersDeps;
  readonly #clouds: () => MemoryClouds;
  readonly #idle = new Map<string, Array<Worker>>();
  #started = 0;

  constructor(deps: WorkersDeps, clouds: () => MemoryClouds) {
    this.#deps = deps;
    this.#clouds = clouds;
  }

  /** Runs an invocation on a free instance, or on a new one. Rejects as the function does, or when its instance dies. */
  async run(invocation: MemoryInvocation): Promise<unknown> {
    const { codeName, settings, payload, requestId } = invocation;
    const { clock, dice, onBegin, onEnd } = this.#deps;
    const idle = this.#idle.get(codeName) ?? [];
    this.#idle.set(codeName, idle);
    const worker = idle.splice(Math.floor(dice.random() * idle.length), 1)[0] ?? this.#start(codeName);
    this.busy++;
    onBegin(worker.name, invocation);
    let isTaken = false;
    let cancelTimeout: Cancel = () => {};
    try {
      const result = await new Promise((resolve, reject) => {
        worker.fail = reject;
        cancelTimeout = clock.at(clock.nowMs() + settings.timeoutSeconds * 1_000, () => {
          // One that stands still cannot be reached: it goes on when it wakes, though nobody waits for it any more.
          if (worker.carrier.isFrozen) reject(new Error('the instance does not answer'));
          else worker.carrier.die(`no end after ${settings.timeoutSeconds} s`);
        });
        worker.handle(payload, { requestId }).then(resolve, reject);
      });
      isTaken = true;
      return result;
    } finally {
      onEnd(worker.name, invocation, isTaken);
      cancelTimeout();
      this.busy--;
      const { carrier } = worker;
      if (!carrier.isDead && !carrier.isFrozen && !dice.chance(RECYCLED)) idle.push(worker);
    }
  }

  #start(codeName: string): Worker {
    const { config, clock, dice, clocksApartMs, handlers, alter, onLog, trace } = this.#deps;
    const name = `${KIND_OF_WORKER[codeName] ?? 'events'}-${++this.#started}`;
    const skewMs = Math.round((dice.random() * 2 - 1) * clocksApartMs);
    const handler = handlers[codeName];
    if (handler === undefined) throw new Error(`no handler for the function code ${codeName}`);
    const ownClock = { nowMs: () => clock.nowMs() + skewMs };
    const say =
      (level: 'info' | 'warn' | 'error'): Logger['info'] =>
      (fields, message) =>
        onLog(name, level, message, String(fields.stack ?? ''));
    const logger: Logger = { info: say('info'), warn: say('warn'), error: say('error') };
    const carrier = new WorkerCarrier(name, this.#deps, (reason) => worker.fail(new Error(reason)));
    const production = createMemoryWorker(this.#clouds(), {
      config,
      name,
      carrier,
      alter,
      own: { ownClock, random: dice.fork().random, logger },
    });
    const handle = createPipeline({
      logger,
      clock: ownClock,
      replaceAccessKey: () => {},
      handle: (events) => handler(production, events),
    });
    const worker: Worker = { name, carrier, handle, fail: () => {} };
    trace.note(name, () => `starts, its clock ${skewMs} ms off`);
    return worker;
  }
}
