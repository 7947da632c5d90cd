import { Hono } from 'hono';
import { AccessDenied, CloudError, ConnectionLost } from '../../world/errors.ts';
import type { Foundation } from '../../world/foundation.ts';
import type { Mns } from '../../world/mns/mns.ts';
import { readBody } from '../body.ts';
import { cutConnection } from '../connection.ts';
import { verifyMnsSignature } from '../signatures/mns.ts';
import { answerXml, hostOf, type MnsContext, type MnsEnv } from './exchange.ts';
import { messageRoutes } from './message-routes.ts';
import { queueRoutes } from './queue-routes.ts';

/** Longest request body: 64 KB of text, each character at worst an entity of six. */
const BODY_BYTES_MAX = 512 * 1_024;

/**
 * The queue API (MNS 2015-06-06) over HTTP. Topics are not served.
 * @see https://www.alibabacloud.com/help/en/mns/developer-reference/queue-queue
 */
export function createMnsApp(foundation: Foundation, mns: Mns): Hono<MnsEnv> {
  const app = new Hono<MnsEnv>();

  app.use(async (c, next) => {
    const requestId = foundation.ids.hex(24);
    c.set('requestId', requestId);
    c.header('x-mns-request-id', requestId);
    c.header('x-mns-version', '2015-06-06');
    const body = await readBody(c.env.incoming, BODY_BYTES_MAX, bodyTooLong);
    const principal = verifyMnsSignature(foundation, {
      method: c.req.method,
      target: c.env.incoming.url ?? '/',
      headers: new Map(c.req.raw.headers),
      body,
    });
    c.set('principal', principal);
    c.set('body', body.toString('utf8'));
    await next();
  });
  app.route('/', queueRoutes(foundation, mns));
  app.route('/', messageRoutes(foundation, mns));
  app.notFound((c) =>
    answerError(c, new CloudError(400, 'InvalidRequestURL', 'Http request URL format invalid.')),
  );
  app.onError((error, c) => {
    if (error instanceof ConnectionLost) return cutConnection(c);
    return answerError(c, asCloudError(error));
  });
  return app;
}

function bodyTooLong(): CloudError {
  return new CloudError(400, 'InvalidArgument', 'The request body is too long.');
}

function asCloudError(error: unknown): CloudError {
  if (error instanceof AccessDenied) {
    return new CloudError(
      403,
      'AccessDenied',
      'The OwnerId that your Access Key Id associated to is forbidden for this operation.',
    );
  }
  if (!(error instanceof CloudError)) return new CloudError(500, 'InternalError', 'Internal error.');
  // The account's call limits speak the words of the RPC products.
  if (error.code === 'Throttling.User') {
    return new CloudError(400, 'QpsLimitExceeded', 'The qps limit you can access is exceeded.');
  }
  return error;
}

function answerError(c: MnsContext, error: CloudError): Response {
  for (const [name, value] of Object.entries(error.headers)) c.header(name, value);
  return answerXml(c, error.status, 'Error', {
    Code: error.code,
    Message: error.message,
    RequestId: c.get('requestId'),
    HostId: hostOf(c),
  });
}
