import { replaceableAccessKey } from '../access-key.ts';
import { openConfig } from '../config/built-file.ts';
import { processEnvironment, readEnvironment, requireSameRegion } from '../config/environment.ts';
import type { InboundEvent } from '../events/model.ts';
import type { FcContext } from '../middleware/context.ts';
import { createPipeline, type FcHandler } from '../middleware/pipeline.ts';
import { createLogger } from './node/logger.ts';
import { systemClock } from './node/system.ts';
import { createProduction, type Production } from './production.ts';

/** What a function exports for FC: the initializer and the handler. */
export interface FunctionEntry {
  initialize(context: FcContext): Promise<void>;
  handler: FcHandler;
}

/**
 * Makes the entry points of a function from its work. The configuration is read once per instance, in the initializer
 * (or with the first request where none is configured): a wrong one fails the cold start and names every fault.
 */
export function createFunction(
  name: string,
  work: (deps: Production, events: ReadonlyArray<InboundEvent>) => Promise<object>,
): FunctionEntry {
  let pipeline: FcHandler | null = null;
  const open = async (): Promise<FcHandler> => {
    const environment = readEnvironment(processEnvironment());
    const config = await openConfig(environment.configPath);
    requireSameRegion(config, environment);
    const accessKey = replaceableAccessKey();
    const logger = createLogger(name);
    const deps = createProduction({ config, environment, accessKey: accessKey.current, logger });
    return createPipeline({
      logger,
      clock: systemClock,
      replaceAccessKey: accessKey.replace,
      handle: (events) => work(deps, events),
    });
  };
  return {
    async initialize() {
      pipeline ??= await open();
    },
    async handler(event, context) {
      pipeline ??= await open();
      return await pipeline(event, context);
    },
  };
}
