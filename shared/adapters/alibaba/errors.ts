import { type FailureOrigin, RejectedError, TransientError, type TransientReason } from '../../errors.ts';

/**
 * What each code of the RPC products means for the caller. They come with status 400, 404, 409, 449 and 503 alike, so
 * only the code counts. Codes that are not listed are rejected; anything that begins with `Throttling` is throttled.
 *
 * @see https://www.alibabacloud.com/help/en/slb/classic-load-balancer/developer-reference/api-slb-2014-05-15-errorcodes
 */
const REASONS: Readonly<Record<string, TransientReason>> = {
  VServerGroupProcessing: 'busy',
  'OperationFailed.ServiceGroupProcessing': 'busy',
  ServiceIsConfiguring: 'busy',
  'BackendServer.configuring': 'busy',
  ServiceIsStopping: 'busy',
  OperationBusy: 'busy',
  ListenerProcessing: 'busy',
  BackendServerProcessing: 'busy',
  ProcessingSameRequest: 'busy',
  'OperationFailed.ListenerStatusNotSupport': 'busy',
  SystemBusy: 'busy',
  VpcSystemBusy: 'busy',
  OperationConflict: 'busy',
  ObtainIpFail: 'not-yet',
  ServiceUnavailable: 'unavailable',
  SignatureNonceUsed: 'unavailable',
  InternalError: 'unknown-outcome',
  InternalInvokeError: 'unknown-outcome',
};

/** Refusals of a whole batch because of one server in it. */
const OF_ONE_BACKEND: ReadonlySet<string> = new Set([
  'ObtainIpFail',
  'InvalidServerId.NotFound',
  'InvalidServerId.NotExist',
  'InvalidBackendServers.Inconsistent',
  'InvalidBackendServers.ServerIpConflict',
  'NetworkConflict',
  'MasterSlaveServerConflict',
]);

/** Whether one backend of a batch may be at fault, so that smaller batches find it. */
export function isOfOneBackend(code: string | null): boolean {
  return code !== null && OF_ONE_BACKEND.has(code);
}

/** What the SDK throws, as far as it is reliable: names survive minification, classes do not. */
interface SdkFailure {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly statusCode?: unknown;
  readonly requestId?: unknown;
  readonly retryAfter?: unknown;
  readonly data?: { readonly Message?: unknown };
}

/** The project's error for what the SDK threw. */
export function errorOf(api: string, failure: unknown): RejectedError | TransientError {
  const { code, requestId, retryAfter, data, statusCode } = (failure ?? {}) as SdkFailure;
  const isAnswer = typeof code === 'string' && typeof statusCode === 'number';
  const origin: FailureOrigin = {
    api,
    code: typeof code === 'string' ? code : null,
    requestId: typeof requestId === 'string' ? requestId : null,
  };
  if (!isAnswer || origin.code === null) {
    // No answer, or an error page that is not JSON: a write may have taken effect.
    return new TransientError(`${api} did not answer`, 'unknown-outcome', origin, { cause: failure });
  }
  const message = `${api} was refused: ${typeof data?.Message === 'string' ? data.Message : 'no reason given'}`;
  const reason = origin.code.includes('Throttling') ? 'throttled' : REASONS[origin.code];
  if (reason === undefined) return new RejectedError(message, origin, failure);
  const retryAfterMs = typeof retryAfter === 'number' && retryAfter > 0 ? retryAfter : null;
  return new TransientError(message, reason, origin, { retryAfterMs, cause: failure });
}
