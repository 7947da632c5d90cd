import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { type InvokeOptions, payloadBytesMax, payloadTooLarge } from '../../host/invocation.ts';
import { CloudError } from '../../world/errors.ts';
import type { Switches } from '../../world/switches.ts';
import { readBody } from '../body.ts';

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

/** Reads the request. Throws CloudError `EntityTooLarge` for a body longer than its invocation type allows. */
export async function readInvokeRequest(
  incoming: IncomingMessage,
  switches: Switches,
): Promise<InvokeRequest> {
  const [path = '/', query = ''] = (incoming.url ?? '/').split('?', 2);
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, [value].flat().join(', ')]),
  );
  const bytesMax = payloadBytesMax(headers['x-fc-invocation-type'] === 'Async' ? 'Async' : 'Sync');
  const body = await readBody(incoming, bytesMax, () => payloadTooLarge(bytesMax, switches));
  return { path, query, headers, body };
}
