import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { type InvokeOptions, payloadBytesMax, payloadTooLarge } from '../../host/invocation.ts';
import { CloudError } from '../../world/errors.ts';
import type { Switches } from '../../world/switches.ts';

/** An invoke request before anything was checked but its size. */
export interface InvokeRequest {
  /** The path as it came, without the query. */
  readonly path: string;
  /** The query as it came, without `?`. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

const number = z
  .string()
  .regex(/^\d{1,6}(\.\d{1,3})?$/)
  .transform(Number);

// The 2.0 API names the task id's header otherwise than the 3.0 API; both mean the same.
const HeadersSchema = z
  .object({
    'x-fc-invocation-type': z.enum(['Sync', 'Async']).default('Sync'),
    'x-fc-log-type': z.enum(['None', 'Tail']).default('None'),
    'x-fc-async-delay': number.optional(),
    'x-fc-async-task-id': z.string().optional(),
    'x-fc-stateful-async-invocation-id': z.string().optional(),
  })
  .transform((headers) => ({
    invocationType: headers['x-fc-invocation-type'],
    logType: headers['x-fc-log-type'],
    delaySeconds: headers['x-fc-async-delay'],
    asyncTaskId: headers['x-fc-async-task-id'] ?? headers['x-fc-stateful-async-invocation-id'],
  }));

/** How the headers ask for the function to be invoked. Throws CloudError `InvalidArgument`. */
export function readInvokeOptions(headers: InvokeRequest['headers']): InvokeOptions {
  const parsed = HeadersSchema.safeParse(headers);
  if (!parsed.success) throw new CloudError(400, 'InvalidArgument', z.prettifyError(parsed.error));
  const { invocationType, logType, delaySeconds, asyncTaskId } = parsed.data;
  return {
    invocationType,
    logType,
    ...(delaySeconds === undefined ? {} : { delaySeconds }),
    ...(asyncTaskId === undefined ? {} : { asyncTaskId }),
  };
}

/** What a body that is refused for its length is still read of, so that its sender gets to read the answer. */
const DISCARDED_BYTES_MAX = 64 * 1024 * 1024;

/** Reads the request. Throws CloudError `EntityTooLarge` for a body longer than its invocation type allows. */
export async function readInvokeRequest(
  incoming: IncomingMessage,
  body: ReadableStream<Uint8Array> | null,
  switches: Switches,
): Promise<InvokeRequest> {
  const [path = '/', query = ''] = (incoming.url ?? '/').split('?', 2);
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, [value].flat().join(', ')]),
  );
  const bytesMax = payloadBytesMax(headers['x-fc-invocation-type'] === 'Async' ? 'Async' : 'Sync');
  return { path, query, headers, body: await readBody(body, bytesMax, switches) };
}

async function readBody(
  body: ReadableStream<Uint8Array> | null,
  bytesMax: number,
  switches: Switches,
): Promise<Buffer> {
  const pieces: Array<Uint8Array> = [];
  let bytes = 0;
  for await (const piece of body ?? []) {
    bytes += piece.byteLength;
    if (bytes <= bytesMax) pieces.push(piece);
    else pieces.length = 0;
    if (bytes > bytesMax + DISCARDED_BYTES_MAX) break;
  }
  if (bytes > bytesMax) throw payloadTooLarge(bytesMax, switches);
  return Buffer.concat(pieces);
}
