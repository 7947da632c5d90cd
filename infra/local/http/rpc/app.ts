import { type Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { AccessDenied, CloudError, ConnectionLost } from '../../world/errors.ts';
import type { Foundation } from '../../world/foundation.ts';
import type { Credential } from '../../world/identities.ts';
import { readBody } from '../body.ts';
import { cutConnection, type LocalEnv } from '../connection.ts';
import { hasAcs3Signature, verifyAcs3 } from '../signatures/acs3.ts';
import { missingParameter } from '../signatures/credentials.ts';
import { createNonces, type Nonces } from '../signatures/nonces.ts';
import { verifyRpcV1 } from '../signatures/rpc-v1.ts';
import { type FlatParameters, flatParameters, parameterTree } from './parameters.ts';
import type { RpcProduct } from './product.ts';

// The gateway's own limit is not published; this is far above the largest call we know of.
const BODY_BYTES_MAX = 1_048_576;

/**
 * The endpoint of an RPC product: parameters in query or form body, action and version in headers or parameters,
 * signed by ACS3 or by the legacy signature, answers in JSON whatever `Format` asks for.
 */
export function createRpcApp(foundation: Foundation, product: RpcProduct): Hono<LocalEnv> {
  const app = new Hono<LocalEnv>();
  const nonces = createNonces();
  app.all('*', async (context) => {
    const requestId = foundation.ids.requestId();
    try {
      const answer = await answerCall(foundation, product, nonces, requestId, context);
      context.header('x-acs-request-id', requestId);
      return context.json({ RequestId: requestId, ...answer });
    } catch (error) {
      if (error instanceof ConnectionLost) return cutConnection(context);
      return refuse(context, product, requestId, error);
    }
  });
  return app;
}

async function answerCall(
  foundation: Foundation,
  product: RpcProduct,
  nonces: Nonces,
  requestId: string,
  context: Context<LocalEnv>,
): Promise<object> {
  const { method, path } = context.req;
  if (method !== 'GET' && method !== 'POST') {
    throw new CloudError(403, 'UnsupportedHTTPMethod', 'The http method is not supported for this action.');
  }
  const headers = context.req.header();
  const query = new URL(context.req.url).search.slice(1);
  const body = await readBody(context.env.incoming, BODY_BYTES_MAX, bodyTooLarge);
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  const flat = flatParameters(query, isForm ? body.toString('utf8') : '');

  const action = headers['x-acs-action'] ?? flat.get('Action');
  const version = headers['x-acs-version'] ?? flat.get('Version');
  if (!action) throw missingParameter('Action');
  if (!version) throw missingParameter('Version');
  if (version !== product.version) {
    throw new CloudError(400, 'InvalidVersion', 'Specified parameter Version is not valid.');
  }
  const operation = path === '/' ? product.operations.get(action) : undefined;
  if (operation === undefined) {
    throw new CloudError(
      404,
      'InvalidAction.NotFound',
      'Specified api is not found, please check your url and method.',
    );
  }

  const { clock, identities, switches } = foundation;
  const options = { unknownAccessKeyStatus: switches.rpcUnknownAccessKeyStatus };
  let credential: Credential;
  if (hasAcs3Signature(headers)) {
    const signed = { method, path, query, headers, body };
    credential = verifyAcs3(signed, identities, clock.nowMs(), options);
    nonces.use(credential.accessKeyId, headers['x-acs-signature-nonce'] ?? '', clock.nowMs());
  } else {
    credential = verifyRpcV1({ method, parameters: flat }, identities, clock.nowMs(), options);
    nonces.use(credential.accessKeyId, flat.get('SignatureNonce') ?? '', clock.nowMs());
  }
  checkRegion(foundation, flat);
  return operation.handle(foundation, {
    product: product.product,
    action,
    principal: credential.principal,
    requestId,
    parameters: parameterTree(flat),
  });
}

function bodyTooLarge(): CloudError {
  return new CloudError(413, 'RequestEntityTooLarge', 'The request body is too large.');
}

function checkRegion({ region }: Foundation, flat: FlatParameters): void {
  const asked = flat.get('RegionId');
  if (asked && asked !== region) {
    throw new CloudError(404, 'InvalidRegionId.NotFound', 'The specified RegionId does not exist.');
  }
}

function refuse(context: Context, product: RpcProduct, requestId: string, error: unknown): Response {
  const { status, code, message, headers } = asRefusal(product, error);
  context.header('x-acs-request-id', requestId);
  for (const [name, value] of Object.entries(headers)) context.header(name, value);
  return context.json(
    {
      RequestId: requestId,
      HostId: product.hostId,
      Code: code,
      Message: message,
      Recommend: `https://api.aliyun.com/troubleshoot?q=${code}&product=${capitalised(product.product)}&requestId=${requestId}`,
      ...(error instanceof AccessDenied && { AccessDeniedDetail: deniedDetail(error) }),
    },
    // Hono's type lists the registered statuses; SLB's 449 is not among them.
    status as ContentfulStatusCode,
  );
}

function asRefusal(product: RpcProduct, error: unknown): CloudError {
  if (error instanceof CloudError) return error;
  if (error instanceof AccessDenied) return (product.denied ?? deniedByRam)();
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return new CloudError(
    500,
    'InternalError',
    'The request processing has failed due to some unknown error, exception or failure.',
  );
}

function deniedByRam(): CloudError {
  return new CloudError(
    403,
    'Forbidden.RAM',
    "User not authorized to operate on the specified resource, or this API doesn't support RAM.",
  );
}

function deniedDetail({ action, resource }: AccessDenied): object {
  return { AuthAction: action, AuthResource: resource, NoPermissionType: 'ImplicitDeny' };
}

function capitalised(product: RpcProduct['product']): string {
  return `${product.slice(0, 1).toUpperCase()}${product.slice(1)}`;
}
