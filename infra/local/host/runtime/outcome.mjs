const BODY_BYTES_MAX = 32 * 1024 * 1024;

/**
 * Calls a handler or a hook in both of the runtime's styles; the first that settles wins.
 * @param {Function} run
 * @param {Array<unknown>} parameters
 * @returns {Promise<unknown>}
 */
export function call(run, parameters) {
  return new Promise((resolve, reject) => {
    const callback = (error, data) => {
      if (error === undefined || error === null) resolve(data);
      else reject(new Handled(error));
    };
    const returned = run(...parameters, callback);
    // A plain return value says nothing: such a handler owes a call of its callback.
    if (typeof returned?.then === 'function') returned.then(resolve, reject);
  });
}

/** An error that the function handed over by its callback instead of throwing it. */
class Handled {
  constructor(error) {
    this.error = error;
  }
}

/**
 * The response bytes of a result; `emptyResult` says what nothing becomes. Throws for what is not JSON.
 * @param {unknown} result
 * @param {'empty' | 'null-text'} emptyResult
 * @returns {Buffer}
 */
export function bytesOf(result, emptyResult) {
  let bytes;
  if (Buffer.isBuffer(result)) bytes = result;
  else if (result === undefined || result === null) {
    bytes = Buffer.from(emptyResult === 'null-text' ? 'null' : '');
  } else if (typeof result === 'object') bytes = Buffer.from(JSON.stringify(result) ?? '');
  else bytes = Buffer.from(String(result));
  if (bytes.length > BODY_BYTES_MAX) {
    throw new Error(`response payload size exceeds maximum allowed size (${BODY_BYTES_MAX} bytes)`);
  }
  return bytes;
}

/**
 * The error type header and the error JSON of what a function threw, rejected with or handed to its callback.
 * @param {unknown} thrown
 * @returns {{ errorType: string, body: Buffer }}
 */
export function failureOf(thrown) {
  const isHandled = thrown instanceof Handled;
  const error = isHandled ? thrown.error : thrown;
  return {
    errorType: isHandled ? 'HandledInvocationError' : 'UnhandledInvocationError',
    body: Buffer.from(JSON.stringify(describe(error, isHandled))),
  };
}

function describe(error, isHandled) {
  if (error instanceof Error || (typeof error === 'object' && typeof error?.stack === 'string')) {
    return {
      errorMessage: String(error.message),
      errorType: String(error.name),
      stackTrace: String(error.stack).split('\n'),
    };
  }
  let text;
  try {
    text = typeof error === 'string' ? error : JSON.stringify(error);
  } catch {
    text = undefined;
  }
  return {
    errorMessage: text ?? String(error),
    errorType: isHandled ? 'FunctionHandledError' : 'FunctionUnhandledError',
    stackTrace: [],
  };
}
