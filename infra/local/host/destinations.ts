import type { Foundation } from '../world/foundation.ts';

/** Where destinations deliver to: the local MNS. */
export interface QueuePort {
  /** Puts the text on the queue; rejects when there is no such queue. */
  sendToQueue(queueName: string, body: string): void | Promise<void>;
}

/** How an asynchronous invocation ended for good. */
export interface AsyncEnd {
  readonly requestId: string;
  readonly functionName: string;
  /** Error type, error code or `Expired`; empty = success. */
  readonly condition: string;
  /** Attempts that were made, refused ones included. */
  readonly invokeCount: number;
  /** `200` unless the platform refused the last attempt. */
  readonly statusCode: number;
  readonly payload: Buffer;
  readonly response: Buffer;
}

/**
 * The record that a destination gets.
 *
 * @see https://help.aliyun.com/zh/functioncompute/fc/user-guide/result-callback
 */
export function destinationRecord(
  { clock, region, identities }: Pick<Foundation, 'clock' | 'region' | 'identities'>,
  end: AsyncEnd,
): string {
  return JSON.stringify({
    timestamp: clock.nowMs(),
    requestContext: {
      requestId: end.requestId,
      functionArn: `acs:fc:${region}:${identities.accountId}:functions/${end.functionName}`,
      condition: end.condition,
      approximateInvokeCount: end.invokeCount,
    },
    requestPayload: end.payload.toString(),
    responseContext: {
      statusCode: end.statusCode,
      functionError: end.statusCode === 200 ? end.condition : '',
    },
    responsePayload: end.response.toString(),
  });
}
