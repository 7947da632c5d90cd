import type { InvokerOptions, Start } from '../alibaba/invoker.ts';
import { withDeadline } from '../node/deadline.ts';
import { type Fc2Client, loadFc2 } from './sdk.ts';

/**
 * Starts functions of services, `service$function`, over the 2016-08-15 API, which is what services from before Function
 * Compute 3.0 go on answering on.
 *
 * @see https://www.alibabacloud.com/help/en/functioncompute/fc-2-0/developer-reference/api-invokefunction
 */
export function createServiceStart(options: InvokerOptions): Start {
  const [service = '', name = ''] = options.functionName.split('$', 2);
  return async (taskId, payload, leftMs) => {
    const client = await openClient(options, leftMs);
    const headers = { 'x-fc-invocation-type': 'Async', 'x-fc-stateful-async-invocation-id': taskId };
    // The SDK's timeout covers waiting for the answer to begin and for each part of it; the deadline covers the rest.
    const answer = client.invokeFunction(service, name, payload, headers);
    await withDeadline(answer, leftMs + 500, 'InvokeFunction').catch((failure: unknown) => {
      throw sdkFailure(failure);
    });
  };
}

/** A client for one start, with the key of now and the time that is left; it holds no connection of its own. */
async function openClient(
  { endpoint, accountId, regionId, accessKey }: InvokerOptions,
  leftMs: number,
): Promise<Fc2Client> {
  const Sdk = await loadFc2();
  const { accessKeyId, accessKeySecret, securityToken } = accessKey();
  return new Sdk(accountId, {
    accessKeyID: accessKeyId,
    accessKeySecret,
    region: regionId,
    endpoint,
    timeout: Math.ceil(leftMs),
    // It sends the token of its own accord only for keys that begin with `STS`, and asks for one then.
    ...(securityToken === null ? {} : { securityToken, headers: { 'x-fc-security-token': securityToken } }),
  });
}

/**
 * What the SDK threw, in the form in which the others throw: it puts status and request id into its message, and calls an
 * error page of somebody else `FCundefinedError`.
 */
function sdkFailure(failure: unknown): unknown {
  const { message, code } = (failure ?? {}) as { message?: unknown; code?: unknown };
  const [, status, requestId, text] =
    / failed with (\d{3})\. requestid: (\S+), message: (.*)\.$/s.exec(String(message)) ?? [];
  if (status === undefined) return failure;
  return { name: 'Fc2Error', code, statusCode: Number(status), requestId, data: { Message: text } };
}
