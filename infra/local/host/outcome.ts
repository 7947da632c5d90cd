/** How an execution of the function's code ended. */
export interface Outcome {
  /** `null` = success; else the value of `x-fc-error-type`. */
  readonly errorType: 'HandledInvocationError' | 'UnhandledInvocationError' | 'InitializationError' | null;
  /** The function's result, or the error JSON. */
  readonly body: Buffer;
  /** Time in the function's code, in ms, with fractions. */
  readonly durationMs: number;
  /** The most memory that the instance has had, in MB. */
  readonly maxMemoryMb: number;
}

/** `112.24MB`, and `0MB` for nothing, as the platform writes sizes in messages. */
export function megabytes(value: number): string {
  return `${Number(value.toFixed(2))}MB`;
}

type ErrorType = NonNullable<Outcome['errorType']>;

function platformFailure(
  message: string,
  durationMs: number,
  maxMemoryMb: number,
  errorType: ErrorType,
): Outcome {
  return { errorType, body: Buffer.from(JSON.stringify({ errorMessage: message })), durationMs, maxMemoryMb };
}

/** What the platform answers for a process that ended during a request. */
export function exited(
  durationMs: number,
  maxMemoryMb: number,
  errorType: ErrorType = 'UnhandledInvocationError',
): Outcome {
  const usage = `duration: ${Math.round(durationMs)}ms, maxMemoryUsage: ${megabytes(maxMemoryMb)}`;
  const message = `Process exited unexpectedly before completing request (${usage})`;
  return platformFailure(message, durationMs, maxMemoryMb, errorType);
}

/** What the platform answers for a request that outlasted its timeout. */
export function timedOut(
  timeoutSeconds: number,
  durationMs: number,
  maxMemoryMb: number,
  errorType: ErrorType = 'UnhandledInvocationError',
): Outcome {
  const message = `Function timed out after ${timeoutSeconds} seconds (maxMemoryUsage: ${megabytes(maxMemoryMb)})`;
  return platformFailure(message, durationMs, maxMemoryMb, errorType);
}
