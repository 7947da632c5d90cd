import { type FailureOrigin, RejectedError, TransientError, type TransientReason } from '../../errors.ts';

/**
 * What each code of the RPC products means for the caller. They come with status 400, 404, 409, 449 and 503 alike, so
 * the code counts before the status. Codes that are not listed are rejected, unless the status says that the server
 * itself failed; anything with `Throttling` in it, or with status 429, is throttled.
 *
 * @see https://www.alibabacloud.com/help/en/slb/classic-load-balancer/developer-reference/api-slb-2014-05-15-errorcodes
 */
const REASONS: ReadonlyMap<string, TransientReason> = new Map(
  Object.entries({
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
  } satisfies Record<string, TransientReason>),
);

/** Says with status 503 that it is down, and with 400 that the network of the request does not exist. */
const SERVICE_UNAVAILABLE = 'ServiceUnavailable';

/** Longer waits than this are not believed. */
const RETRY_AFTER_MAX_MS = 600_000;
const VENDOR_TEXT_MAX = 500;

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
  const { name, code, requestId, retryAfter, data, statusCode } = (failure ?? {}) as SdkFailure;
  if (!isText(code) || typeof statusCode !== 'number') {
    // No answer, or an error page that is not the vendor's: a write may have taken effect.
    const why = isText(code) ? code : String(name ?? 'no reason given');
    const origin = { api, code: null, requestId: null };
    return new TransientError(`${api} did not answer: ${why}`, 'unknown-outcome', origin, { cause: failure });
  }
  const origin: FailureOrigin = { api, code, requestId: isText(requestId) ? requestId : null };
  const message = `${api} was refused: ${vendorText(code, data?.Message)}`;
  const reason = reasonOf(code, statusCode);
  if (reason === null) return new RejectedError(message, origin, failure);
  const retryAfterMs =
    typeof retryAfter === 'number' && retryAfter > 0 ? Math.min(retryAfter, RETRY_AFTER_MAX_MS) : null;
  return new TransientError(message, reason, origin, { retryAfterMs, cause: failure });
}

function reasonOf(code: string, statusCode: number): TransientReason | null {
  // Function Compute has other words for it: `ResourceExhausted`, `ResourceThrottled`.
  if (code.includes('Throttling') || statusCode === 429) return 'throttled';
  if (code === SERVICE_UNAVAILABLE && statusCode < 500) return null;
  return REASONS.get(code) ?? (statusCode >= 500 ? 'unknown-outcome' : null);
}

/** The SDK prints what is missing in an answer as the text `undefined`. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== 'undefined';
}

/** The vendor's words, except about signatures: there it repeats what was signed, the security token too. */
function vendorText(code: string, message: unknown): string {
  if (/signature/i.test(code)) return 'the signature was not accepted';
  return typeof message === 'string' ? message.slice(0, VENDOR_TEXT_MAX) : 'no reason given';
}
