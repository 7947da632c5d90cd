import type { MiddlewareObj } from '@middy/core';
import { parseBatch } from '../events/interpret.ts';

/** Turns the bytes that FC hands over into inbound events. Never refuses: what cannot be read becomes an event too. */
export function parseEvents(): MiddlewareObj<unknown, unknown> {
  return {
    before: (request) => {
      const bytes = Buffer.isBuffer(request.event) ? request.event : Buffer.from(String(request.event ?? ''));
      request.event = parseBatch(bytes);
    },
  };
}
