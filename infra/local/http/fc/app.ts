import { type Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { FunctionHost } from '../../host/function-host.ts';
import { throttled } from '../../host/invocation.ts';
import { newRequestId } from '../../host/request-ids.ts';
import { AccessDenied, CloudError, ConnectionLost } from '../../world/errors.ts';
import type { Foundation } from '../../world/foundation.ts';
import type { Principal } from '../../world/identities.ts';
import { cutConnection, type LocalEnv } from '../connection.ts';
import { verifyAcs3 } from '../signatures/acs3.ts';
import { signatureNotMatch, verifyFcSignature } from '../signatures/fc.ts';
import { createNonces } from '../signatures/nonces.ts';
import { type InvokeTarget, nativeTarget, serviceTarget } from './functions.ts';
import { type InvokeRequest, readInvokeOptions, readInvokeRequest } from './requests.ts';

type Env = LocalEnv & { Variables: { requestId: string } };

/**
 * The invoke APIs of Function Compute over HTTP: 2016-08-15 by service and function, 2023-03-30 by function.
 * @see https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-invokefunction
 */
export function createFcApp(foundation: Foundation, host: FunctionHost): Hono<Env> {
  const { clock, gate, identities, switches } = foundation;
  const nonces = createNonces();
  const app = new Hono<Env>();

  const invoke = async (
    c: Context<Env>,
    authenticate: (request: InvokeRequest) => Principal,
    findTarget: (request: InvokeRequest) => InvokeTarget,
  ): Promise<Response> => {
    const requestId = c.get('requestId');
    const request = await readInvokeRequest(c.env.incoming, switches);
    const principal = authenticate(request);
    const options = readInvokeOptions(request.headers);
    const { functionName, resource } = findTarget(request);
    const call = {
      product: 'fc',
      action: 'InvokeFunction',
      principal,
      subject: functionName,
      resources: [resource],
      parameters: { functionName, payloadBytes: request.body.length, ...options },
    } as const;
    const result = await gate.perform(call, requestId, () =>
      host.invoke(functionName, request.body, { ...options, requestId }),
    );
    for (const [name, value] of Object.entries(result.headers)) c.header(name, value);
    if (result.statusCode === 202) return c.body(null, 202);
    const isError = result.headers['x-fc-error-type'] !== undefined;
    c.header('content-type', isError ? 'application/json' : 'application/octet-stream');
    return c.body(new Uint8Array(result.body), 200);
  };

  app.use(async (c, next) => {
    const requestId = newRequestId(foundation);
    c.set('requestId', requestId);
    c.header('x-fc-request-id', requestId);
    await next();
  });
  app.post('/2016-08-15/services/:service/functions/:function/invocations', (c) =>
    invoke(
      c,
      (request) => verifyFcSignature({ ...request, method: 'POST' }, identities, clock.nowMs()).principal,
      () => serviceTarget(foundation, host, c.req.param('service'), c.req.param('function')),
    ),
  );
  app.post('/2023-03-30/functions/:function/invocations', (c) =>
    invoke(
      c,
      (request) => {
        const { principal } = verifyAcs3({ ...request, method: 'POST' }, identities, clock.nowMs());
        nonces.use(principal.accessKeyId, request.headers['x-acs-signature-nonce'] ?? '', clock.nowMs());
        return principal;
      },
      () => nativeTarget(foundation, c.req.param('function'), c.req.query('qualifier') ?? ''),
    ),
  );
  app.notFound((c) =>
    answerError(
      c,
      new CloudError(400, 'PathNotSupported', `'${c.req.method}' against '${c.req.path}' is not supported`),
    ),
  );
  app.onError((error, c) => {
    if (error instanceof ConnectionLost) return cutConnection(c);
    return answerError(c, asCloudError(error));
  });
  return app;
}

/** Puts what the gateway's signature check and the gate throw into this product's words. */
function asCloudError(error: unknown): CloudError {
  if (error instanceof AccessDenied) {
    return new CloudError(
      403,
      'AccessDenied',
      `the caller is not authorized to perform '${error.action}' on resource '${error.resource}'`,
    );
  }
  if (!(error instanceof CloudError))
    return new CloudError(500, 'InternalServerError', 'an internal error has occurred');
  if (error.code === 'Throttling.User') return throttled();
  if (error.code === 'SignatureDoesNotMatch') return signatureNotMatch();
  if (error.code === 'InvalidAccessKeyId.NotFound') {
    return new CloudError(403, 'InvalidAccessKeyID', 'invalid access key ID');
  }
  return error;
}

function answerError(c: Context<Env>, error: CloudError): Response {
  for (const [name, value] of Object.entries(error.headers)) c.header(name, value);
  const { code, message } = error;
  const body = c.req.path.startsWith('/2023-03-30/')
    ? { RequestId: c.get('requestId'), Code: code, Message: message }
    : { ErrorCode: code, ErrorMessage: message };
  return c.json(body, error.status as ContentfulStatusCode);
}
