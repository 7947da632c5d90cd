import { CloudError } from '../world/errors.ts';
import type { FunctionHost } from './function-host.ts';
import type { InvokeOptions } from './invocation.ts';

/** Whether a function has taken what was delivered to it, as an event stream or a trigger sees it. */
export type Delivery =
  | { readonly ok: true; readonly body: Buffer }
  | {
      readonly ok: false;
      /** `function-error`: the function ran and failed; `throttled`: 429; `system`: anything else. */
      readonly kind: 'function-error' | 'throttled' | 'system';
      readonly message: string;
    };

/** Invokes the function and tells success from failure: a function error is a failed delivery though its status is 200. */
export async function deliver(
  host: Pick<FunctionHost, 'invoke'>,
  functionName: string,
  payload: Uint8Array,
  options: InvokeOptions = {},
): Promise<Delivery> {
  try {
    const { headers, body } = await host.invoke(functionName, payload, options);
    const errorType = headers['x-fc-error-type'];
    if (errorType === undefined) return { ok: true, body };
    return { ok: false, kind: 'function-error', message: `${errorType}: ${body.toString()}` };
  } catch (error) {
    const isThrottled = error instanceof CloudError && error.status === 429;
    const message = error instanceof CloudError ? `${error.code}: ${error.message}` : String(error);
    return { ok: false, kind: isThrottled ? 'throttled' : 'system', message };
  }
}
