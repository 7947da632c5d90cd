import middy from '@middy/core';
import type { AccessKey } from '../access-key.ts';
import type { Clock } from '../clock.ts';
import type { InboundEvent } from '../events/model.ts';
import type { Logger } from '../logger.ts';
import { accessKey } from './access-key.ts';
import type { FcContext } from './context.ts';
import { observe } from './observe.ts';
import { parseEvents } from './parse-events.ts';

/** What a pipeline is made of. */
export interface PipelineParts {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly replaceAccessKey: (key: AccessKey) => void;
  /** What the function does with its events. Its result is logged; throwing makes FC or the stream deliver again. */
  readonly handle: (events: ReadonlyArray<InboundEvent>) => Promise<object>;
}

/** A handler as FC calls it. */
export type FcHandler = (event: Buffer, context: FcContext) => Promise<unknown>;

/** The order in which every function works, outermost first: observe, access key, parse, handle. */
export function createPipeline({ logger, clock, replaceAccessKey, handle }: PipelineParts): FcHandler {
  const pipeline = middy()
    .use(observe({ logger, clock }))
    .use(accessKey(replaceAccessKey))
    .use(parseEvents())
    .handler(async (events: unknown) => await handle(events as ReadonlyArray<InboundEvent>));
  return pipeline as unknown as FcHandler;
}
