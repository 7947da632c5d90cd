import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What the server does to a request whose body it has read. */
export type Misbehaviour = (
  response: ServerResponse,
  request: IncomingMessage,
  body: Buffer,
) => void | Promise<void>;

/** An HTTP server on loopback that does whatever it is told to. */
export interface MisbehavingServer {
  readonly endpoint: string;
  /** Requests that have arrived. */
  requests(): number;
  behave(as: Misbehaviour): void;
  close(): Promise<void>;
}

/** Never answers. */
export const silence: Misbehaviour = () => {};

/** Cuts the connection before it answers anything. */
export const hangUp: Misbehaviour = (_, request) => void request.socket.destroy();

/** Cuts the connection after the headers and a part of the body. */
export const cutShort: Misbehaviour = (response, request) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"RequestId":', () => setTimeout(() => request.socket.destroy(), 20));
};

/** Sends a byte now and then and never ends, so that no idle timeout strikes. */
export const trickle: Misbehaviour = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(timer));
};

/** Answers with this, whatever was asked. */
export function answers(
  status: number,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Misbehaviour {
  return (response) => void response.writeHead(status, headers).end(body);
}

/** A page of a proxy on the way, not of the product. */
export const proxyPage = answers(502, '<html><body><h1>502 Bad Gateway</h1></body></html>', {
  'content-type': 'text/html',
});

/** Every way of not answering; a call may have taken effect under each of them. */
export const WAYS_OF_NOT_ANSWERING: ReadonlyArray<readonly [string, Misbehaviour]> = [
  ['never answers', silence],
  ['hangs up', hangUp],
  ['cuts the connection after the headers', cutShort],
  ['sends a byte now and then', trickle],
  ['answers 502 with a page of HTML', proxyPage],
  ['answers 503 with nothing', answers(503, '')],
  ['answers 503 with JSON of somebody else', answers(503, '{"error":"overloaded"}')],
  ['answers 500 with text', answers(500, 'upstream connect error', { 'content-type': 'text/plain' })],
];

/** Starts one that answers 500 until it is told otherwise. */
export async function startMisbehavingServer(): Promise<MisbehavingServer> {
  let behaviour: Misbehaviour = answers(500, '');
  let count = 0;
  const server = createServer(async (request, response) => {
    count++;
    const body = await buffer(request).catch(() => null);
    if (body !== null) await behaviour(response, request, body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => count,
    behave: (as) => {
      behaviour = as;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What a call came to: its error, and how long it took. */
export async function failureOf(call: Promise<unknown>): Promise<{ error: unknown; tookMs: number }> {
  const startedAtMs = performance.now();
  try {
    const result = await call;
    throw new Error(`it did not fail but gave ${JSON.stringify(result)}`);
  } catch (error) {
    return { error, tookMs: performance.now() - startedAtMs };
  }
}

/** Everything that a log could print of an error: messages and stacks, its causes' too. */
export function printed(error: unknown): string {
  const texts: Array<string> = [];
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    texts.push(each.name, each.message, each.stack ?? '');
  }
  return texts.join('\n');
}
