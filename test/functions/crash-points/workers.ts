import type { MemoryClouds } from '../../../infra/local/memory/clouds.ts';
import type { MemoryInvocation } from '../../../infra/local/memory/functions.ts';
import { createMemoryWorker } from '../../../infra/local/memory/worker.ts';
import { HANDLERS } from '../../../infra/local/simulator/play/handlers.ts';
import type { Watchers } from '../../../infra/local/simulator/play/watchers.ts';
import type { Config } from '../../../shared/config/load.ts';
import type { Logger } from '../../../shared/logger.ts';
import { createPipeline, type FcHandler } from '../../../shared/middleware/pipeline.ts';
import { type Line, MortalCarrier } from './strikes.ts';

/** A function instance. */
interface Worker {
  readonly name: string;
  readonly carrier: MortalCarrier;
  readonly handle: FcHandler;
  fail: (error: Error) => void;
}

/** The function instances of one story: each serves one invocation after the other until it dies. */
export class Workers {
  /** Invocations that are under way. */
  busy = 0;
  readonly #config: Config;
  readonly #clouds: MemoryClouds;
  readonly #line: Line;
  readonly #watchers: Watchers;
  readonly #idle = new Map<string, Array<Worker>>();
  readonly #prefix: string;
  #started = 0;

  /** `prefix` begins the names of all workers. */
  constructor(config: Config, clouds: MemoryClouds, line: Line, watchers: Watchers, prefix: string) {
    this.#prefix = prefix;
    this.#config = config;
    this.#clouds = clouds;
    this.#line = line;
    this.#watchers = watchers;
  }

  /** Runs an invocation. Rejects as the function does, or when its instance dies. */
  async run(invocation: MemoryInvocation): Promise<unknown> {
    const { codeName, payload, requestId } = invocation;
    const idle = this.#idle.get(codeName) ?? [];
    this.#idle.set(codeName, idle);
    const worker = idle.pop() ?? this.#start(codeName);
    this.busy++;
    this.#watchers.tell('began', worker.name, invocation);
    let isTaken = false;
    try {
      const result = await new Promise((resolve, reject) => {
        worker.fail = reject;
        worker.handle(payload, { requestId }).then(resolve, reject);
      });
      isTaken = true;
      return result;
    } finally {
      this.busy--;
      if (!worker.carrier.isDead) idle.push(worker);
      this.#watchers.tell('finished', worker.name, invocation, isTaken);
    }
  }

  #start(codeName: string): Worker {
    const name = `${this.#prefix}-${codeName}-${++this.#started}`;
    const handler = HANDLERS[codeName];
    if (handler === undefined) throw new Error(`no handler for the function code ${codeName}`);
    const say =
      (level: 'info' | 'warn' | 'error'): Logger['info'] =>
      (fields, message) =>
        this.#watchers.tell('said', name, level, message, String(fields.stack ?? ''));
    const logger: Logger = { info: say('info'), warn: say('warn'), error: say('error') };
    const carrier = new MortalCarrier(name, this.#line, (reason) => worker.fail(new Error(reason)));
    const production = createMemoryWorker(this.#clouds, {
      config: this.#config,
      name,
      carrier,
      own: { logger },
    });
    const worker: Worker = {
      name,
      carrier,
      handle: createPipeline({
        logger,
        clock: this.#line.clock,
        replaceAccessKey: () => {},
        handle: (events) => handler(production, events),
      }),
      fail: () => {},
    };
    return worker;
  }
}
