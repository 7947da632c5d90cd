import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';

/** What the local servers' handlers get: Node's own request and response are in `env`. */
export type LocalEnv = { Bindings: HttpBindings };

/** Breaks the connection without an answer, as a lost reply looks to the client. */
export function cutConnection(context: Pick<Context<LocalEnv>, 'env'>): Response {
  context.env.incoming.socket.destroy();
  return RESPONSE_ALREADY_SENT;
}
