import { CloudError } from '../world/errors.ts';
import type { Switches } from '../world/switches.ts';

/** What an invocation answers. A function error is status 200 with `x-fc-error-type`, as in the cloud. */
export interface InvocationResult {
  readonly statusCode: 200 | 202;
  /** Names in lower case: `x-fc-request-id`, `x-fc-error-type`, `x-fc-instance-id`, … */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** How a function is invoked; everything has the API's default. */
export interface InvokeOptions {
  /** @default 'Sync' */
  readonly invocationType?: 'Sync' | 'Async';
  /** @default a new one */
  readonly requestId?: string;
  /** Task id of an asynchronous invocation; the request id stands in for it when none is given. */
  readonly asyncTaskId?: string;
  /** Wait before an asynchronous invocation starts, in seconds; more than 0, less than 3,600. */
  readonly delaySeconds?: number;
  /** `context.retryCount` of a synchronous invocation. @default 0 */
  readonly retryCount?: number;
  /** Adds `x-fc-log-result`. @default 'None' */
  readonly logType?: 'None' | 'Tail';
}

/** Largest payload of a synchronous invocation. */
export const SYNC_PAYLOAD_BYTES_MAX = 32 * 1024 * 1024;
/** Largest payload of an asynchronous invocation. */
export const ASYNC_PAYLOAD_BYTES_MAX = 128 * 1024;

/** The refusal of a payload above `bytesMax`. */
export function payloadTooLarge(bytesMax: number, switches: Switches): CloudError {
  return new CloudError(
    switches.fcPayloadTooLargeStatus,
    'EntityTooLarge',
    `payload size exceeds maximum allowed size (${bytesMax} bytes)`,
  );
}

/** The refusal of a call above the account's limit of them, in this product's words. */
export function throttled(): CloudError {
  return new CloudError(429, 'ResourceThrottled', 'the request is throttled, please try again later');
}

/** The largest payload that the type of invocation takes, in bytes. */
export function payloadBytesMax(invocationType: 'Sync' | 'Async'): number {
  return invocationType === 'Async' ? ASYNC_PAYLOAD_BYTES_MAX : SYNC_PAYLOAD_BYTES_MAX;
}

/** Throws CloudError `EntityTooLarge` or `InvalidArgument` for what the invoke API refuses. */
export function checkInvocation(payload: Uint8Array, options: InvokeOptions, switches: Switches): void {
  const bytesMax = payloadBytesMax(options.invocationType ?? 'Sync');
  if (payload.byteLength > bytesMax) throw payloadTooLarge(bytesMax, switches);
  const { asyncTaskId, delaySeconds } = options;
  if (asyncTaskId !== undefined && !/^[A-Za-z_][A-Za-z0-9_-]{0,127}$/.test(asyncTaskId)) {
    throw new CloudError(
      400,
      'InvalidArgument',
      'a task id starts with a letter or "_", goes on with letters, digits, "_" or "-", and has at most 128 characters',
    );
  }
  if (delaySeconds !== undefined && !(delaySeconds > 0 && delaySeconds < 3_600)) {
    throw new CloudError(
      400,
      'InvalidArgument',
      'x-fc-async-delay is more than 0 and less than 3600 seconds',
    );
  }
}
