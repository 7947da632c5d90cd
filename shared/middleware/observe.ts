import type { MiddlewareObj } from '@middy/core';
import type { Clock } from '../clock.ts';
import { describeError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { FcContext } from './context.ts';

/** One log line for every invocation, however it ends, with its duration and what it came to. */
export function observe(deps: { logger: Logger; clock: Clock }): MiddlewareObj<unknown, unknown> {
  // One instance serves one request at a time, so one start is enough.
  let startedAtMs = 0;
  const fields = (context: unknown) => ({
    requestId: (context as FcContext).requestId,
    durationMs: deps.clock.nowMs() - startedAtMs,
  });
  return {
    before: () => {
      startedAtMs = deps.clock.nowMs();
    },
    after: ({ context, response }) => {
      deps.logger.info({ ...fields(context), outcome: response }, 'invocation ended');
    },
    onError: ({ context, error }) => {
      const stack = error instanceof Error ? error.stack : undefined;
      deps.logger.error({ ...fields(context), stack }, `invocation failed: ${describeError(error)}`);
    },
  };
}
