import { createRequire } from 'node:module';
import { Readable } from 'node:stream';

// Loaded as CommonJS, which they are: their default exports look different to Node and to Vite.
const require = createRequire(import.meta.url);
const { default: OpenApi, $OpenApiUtil } =
  require('@alicloud/openapi-core') as typeof import('@alicloud/openapi-core');
const { RuntimeOptions } = require('@darabonba/typescript') as typeof import('@darabonba/typescript');
const Fc2Client = require('@alicloud/fc2');

/** What both clients sign with. */
export interface Keys {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string | null;
}

/** The answer of fc2: the data is text unless it was JSON. */
export interface Fc2Answer {
  readonly headers: Readonly<Record<string, string>>;
  readonly data: unknown;
}

/** `@alicloud/fc2` as far as it invokes; it has no types of its own. */
export interface Fc2 {
  invokeFunction(
    service: string,
    name: string,
    event: string | Buffer,
    headers?: Record<string, string>,
    qualifier?: string,
    options?: { rawBuf?: boolean },
  ): Promise<Fc2Answer>;
}

/** The real client of the 2016-08-15 API. */
export function fc2Client(endpoint: string, keys: Keys): Fc2 {
  return new Fc2Client('1234567890123456', {
    accessKeyID: keys.accessKeyId,
    accessKeySecret: keys.accessKeySecret,
    securityToken: keys.securityToken ?? undefined,
    region: 'cn-hangzhou',
    endpoint,
  });
}

/** Invokes over the 2023-03-30 API with the real generic client, as the vendor's generated one does. */
export async function invoke2023(
  endpoint: string,
  keys: Keys,
  functionName: string,
  payload: Buffer,
  more: { headers?: Record<string, string>; query?: Record<string, string> } = {},
): Promise<{ statusCode: number; headers: Record<string, string>; body: Buffer }> {
  const client = new OpenApi(
    new $OpenApiUtil.Config({
      accessKeyId: keys.accessKeyId,
      accessKeySecret: keys.accessKeySecret,
      ...(keys.securityToken ? { securityToken: keys.securityToken } : {}),
      endpoint: new URL(endpoint).host,
      protocol: 'http',
      readTimeout: 10_000,
      connectTimeout: 10_000,
    }),
  );
  const parameters = new $OpenApiUtil.Params({
    action: 'InvokeFunction',
    version: '2023-03-30',
    protocol: 'HTTP',
    pathname: `/2023-03-30/functions/${encodeURIComponent(functionName)}/invocations`,
    method: 'POST',
    authType: 'AK',
    style: 'ROA',
    reqBodyType: 'byte',
    bodyType: 'byte',
  });
  const request = new $OpenApiUtil.OpenApiRequest({
    headers: more.headers ?? {},
    query: more.query ?? {},
    stream: Readable.from([payload]),
  });
  const answer = await client.callApi(parameters, request, new RuntimeOptions({}));
  return {
    statusCode: answer.statusCode,
    headers: answer.headers,
    body: Buffer.from(answer.body ?? []),
  };
}
