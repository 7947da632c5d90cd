import { Readable } from 'node:stream';
import { Connection } from './connection.ts';
import type { InvokerOptions, Start } from './invoker.ts';

const VERSION = '2023-03-30';

/**
 * Starts functions of Function Compute 3.0 with the call that `@alicloud/fc20230330` would make; that package is thin
 * generated code over the same core.
 *
 * @see https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-invokefunction
 */
export function createNativeStart({ functionName, ...options }: InvokerOptions): Start {
  const connection = new Connection(options);
  const params = {
    action: 'InvokeFunction',
    version: VERSION,
    protocol: 'HTTPS',
    pathname: `/${VERSION}/functions/${encodeURIComponent(functionName)}/invocations`,
    method: 'POST',
    authType: 'AK',
    style: 'ROA',
    reqBodyType: 'byte',
    bodyType: 'byte',
  };
  return async (taskId, payload, leftMs) => {
    const headers = { 'x-fc-invocation-type': 'Async', 'x-fc-async-task-id': taskId };
    await connection.call(params, leftMs, () => ({ headers, stream: Readable.from([payload]) }));
  };
}
