import type { Context } from 'hono';
import { Hono } from 'hono';
import { AccessDenied, CloudError, ConnectionLost } from '../../world/errors.ts';
import type { Foundation } from '../../world/foundation.ts';
import type { Credential } from '../../world/identities.ts';
import { parameterInvalid } from '../../world/tablestore/refusals.ts';
import type { Tablestore } from '../../world/tablestore/tablestore.ts';
import { readBody } from '../body.ts';
import { cutConnection, type LocalEnv } from '../connection.ts';
import { authenticate } from './authentication.ts';
import { OPERATIONS } from './operations.ts';
import { writeError } from './row-answers.ts';
import { contentMd5, type OtsHeaders, signAnswer } from './signatures.ts';

const BODY_BYTES_MAX = 5 * 1024 * 1024;

/**
 * The wire protocol of Tablestore (API version 2015-12-31): `POST /<Operation>` with protobuf and PlainBuffer, signed
 * with HMAC-SHA1. Answers are signed too, as SDKs in other languages require.
 * @see https://www.alibabacloud.com/help/en/tablestore/developer-reference/http-requests-and-responses
 */
export function createTablestoreApp(foundation: Foundation, tablestore: Tablestore): Hono<LocalEnv> {
  const app = new Hono<LocalEnv>();
  app.all('*', (context) => answer(context, foundation, tablestore));
  return app;
}

async function answer(
  context: Context<LocalEnv>,
  foundation: Foundation,
  tablestore: Tablestore,
): Promise<Response> {
  const { incoming } = context.env;
  const path = (incoming.url ?? '/').split('?', 1)[0] as string;
  const requestId = foundation.ids.requestId().toLowerCase();
  let credential: Credential | null = null;
  const send = (status: number, body: Buffer) =>
    respond(status, body, answerHeaders(foundation, requestId, body), path, credential);
  try {
    if (incoming.method !== 'POST') {
      throw new CloudError(405, 'OTSMethodNotAllowed', 'Only POST method for requests is supported.');
    }
    const body = await readBody(incoming, BODY_BYTES_MAX, bodyTooLarge);
    credential = authenticate(foundation, tablestore.instanceName, { path, headers: incoming.headers, body });
    const action = path.slice(1);
    const read = OPERATIONS.get(action);
    if (read === undefined) throw parameterInvalid(`Unsupported operation: '${action}'.`);
    const { tableNames, parameters, run } = read(tablestore, body);
    const call = {
      product: 'ots',
      action,
      principal: credential.principal,
      subject: tableNames.join(',') || null,
      resources: tableNames.map(tablestore.resource),
      parameters,
    } as const;
    return send(200, await foundation.gate.perform(call, requestId, run));
  } catch (error) {
    if (error instanceof ConnectionLost) return cutConnection(context);
    const { status, code, message } = refusalOf(error);
    return send(status, writeError(code, message));
  }
}

function bodyTooLarge(): CloudError {
  return new CloudError(413, 'OTSRequestBodyTooLarge', 'The size of POST data is too large.');
}

function refusalOf(error: unknown): {
  readonly status: number;
  readonly code: string;
  readonly message: string;
} {
  if (error instanceof CloudError) return error;
  if (error instanceof AccessDenied) {
    return {
      status: 403,
      code: 'OTSNoPermissionAccess',
      message: 'You have no permission to access the requested resource, please contact the resource owner',
    };
  }
  // A fault of the local service itself: shown here, since its caller only learns that there was one.
  console.error(error);
  return { status: 500, code: 'OTSInternalServerError', message: 'Internal server error.' };
}

function answerHeaders(foundation: Foundation, requestId: string, body: Buffer): OtsHeaders {
  return [
    ['x-ots-contentmd5', contentMd5(body)],
    ['x-ots-contenttype', 'protocol buffer'],
    ['x-ots-date', new Date(foundation.clock.nowMs()).toISOString()],
    ['x-ots-requestid', requestId],
  ];
}

function respond(
  status: number,
  body: Buffer,
  headers: OtsHeaders,
  path: string,
  credential: Credential | null,
): Response {
  const all: Record<string, string> = Object.fromEntries(headers);
  if (credential !== null) {
    const { accessKeyId, accessKeySecret } = credential;
    all.Authorization = `OTS ${accessKeyId}:${signAnswer(path, headers, accessKeySecret)}`;
  }
  return new Response(new Uint8Array(body), { status, headers: all });
}
