import { CloudError } from '../errors.ts';
import type { PushRetryStrategy, PushRetryTimings } from './push-retry.ts';

/**
 * An event stream from a queue to a function: what a trigger of type `eventbridge` in mode `event-streaming` makes
 * for a queue.
 * @see https://www.alibabacloud.com/help/en/functioncompute/fc/mns-queue-triggers
 */
export interface EventStream {
  /** The trigger's name; events carry `MNS-Function-{name}`. */
  readonly name: string;
  readonly queueName: string;
  readonly functionName: string;
  /** `IsBase64Decode`. @default true */
  readonly isBase64Decode?: boolean;
  readonly batchWindow: {
    /** Messages in one batch, 1 to 10,000. */
    readonly countBasedWindow: number;
    /** How long a batch is gathered after its first message, 0 to 15; 0 = at once. */
    readonly timeBasedWindowSeconds: number;
  };
  readonly retryStrategy: PushRetryStrategy;
  /** After the last retry the stream stops (`NONE`), or gives the batch up and goes on (`ALL`). */
  readonly errorsTolerance: 'NONE' | 'ALL';
  /** A queue name; `null` = what is given up is lost. Used with `ALL` only. */
  readonly deadLetterQueueName: string | null;
  /** Whole events, or their `data` alone. */
  readonly eventSchema: 'CloudEvents' | 'RawData';
}

/** A stream and how it stands. `Ready` = it stopped after an error, and waits to be started. */
export interface EventStreamDescription {
  readonly stream: EventStream;
  readonly status: 'Running' | 'Ready';
  /** Why it stopped; `null` = it did not. */
  readonly stopReason: string | null;
  readonly batchesInFlight: number;
}

/** How an invocation of a function ended, as far as a stream cares. */
export type InvocationOutcome =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly kind: 'function-error' | 'throttled' | 'system';
      readonly message: string;
    };

/** Calls a function and waits for its end; `attempt` counts from 1. */
export type InvokeFunction = (
  functionName: string,
  payload: Buffer,
  delivery: { readonly attempt: number },
) => Promise<InvocationOutcome>;

/** How long the streams of the local clouds wait, so that a scene need not take real minutes. */
export interface StreamTimings {
  /** Instead of each stream's own time window; `null` = the stream's. */
  readonly timeBasedWindowMs: number | null;
  readonly retry: PushRetryTimings;
  /**
   * How long messages stay hidden while their batch is at work. It is renewed at half time, so it only says how soon
   * they come back after the clouds themselves died.
   */
  readonly visibilityTimeoutMs: number;
  /** Pause after a queue could not be read. */
  readonly pollRetryMs: number;
}

/** Throws `InvalidArgument` (400) when the stream breaks a bound. */
export function requireEventStream({ batchWindow, queueName, deadLetterQueueName }: EventStream): void {
  const { countBasedWindow, timeBasedWindowSeconds } = batchWindow;
  if (!Number.isInteger(countBasedWindow) || countBasedWindow < 1 || countBasedWindow > 10_000) {
    throw invalidStream('CountBasedWindow is 1 to 10000.');
  }
  if (
    !Number.isInteger(timeBasedWindowSeconds) ||
    timeBasedWindowSeconds < 0 ||
    timeBasedWindowSeconds > 15
  ) {
    throw invalidStream('TimeBasedWindow is 0 to 15 seconds.');
  }
  if (queueName === deadLetterQueueName) throw invalidStream('The queue cannot take its own dead letters.');
}

/** The refusal of a stream (400). */
export function invalidStream(message: string): CloudError {
  return new CloudError(400, 'InvalidArgument', message);
}
