import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { ContentfulStatusCode, StatusCode } from 'hono/utils/http-status';
import type { Foundation } from '../../world/foundation.ts';
import type { Principal } from '../../world/identities.ts';
import { type MnsRequest, mnsCall } from '../../world/mns/calls.ts';
import { writeXml, type XmlContent } from './xml.ts';

/** What the handlers of the queue API find in their context once the caller is known. */
export interface MnsEnv {
  Bindings: HttpBindings;
  Variables: { requestId: string; principal: Principal; body: string };
}
/** @see MnsEnv */
export type MnsContext = Context<MnsEnv>;

/** Answers with one XML document. */
export function answerXml(c: MnsContext, status: number, root: string, content: XmlContent): Response {
  c.header('content-type', 'text/xml;charset=utf-8');
  return c.body(writeXml(root, content), status as ContentfulStatusCode);
}

/** Answers with a status alone. */
export function answerEmpty(c: MnsContext, status: number): Response {
  return c.body(null, status as StatusCode);
}

/** Where the client reached us, as it would have to be asked again: `http://127.0.0.1:PORT`. */
export function hostOf(c: MnsContext): string {
  return `http://${c.req.header('host') ?? '127.0.0.1'}`;
}

/** Passes the call through the gate. */
export function perform<T>(
  foundation: Foundation,
  c: MnsContext,
  request: Omit<MnsRequest, 'principal'>,
  run: () => T | Promise<T>,
): Promise<T> {
  const call = mnsCall(foundation, { ...request, principal: c.get('principal') });
  return foundation.gate.perform(call, c.get('requestId'), run);
}
