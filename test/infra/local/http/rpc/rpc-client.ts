import { createRequire } from 'node:module';
import type { Credential } from '../../../../../infra/local/world/identities.ts';

// CommonJS with a `default` of its own: loaded by Node itself, so that every runner sees the same class.
const { default: OpenApi, OpenApiUtil } = createRequire(import.meta.url)(
  '@alicloud/openapi-core',
) as typeof import('@alicloud/openapi-core');

/** What a call came to: the answer's body, or the refusal as openapi-core throws it. */
export interface RpcResult {
  readonly body: Record<string, unknown> | null;
  readonly code: string | null;
  readonly statusCode: number | null;
  readonly message: string;
  readonly requestId: string;
}

/** The real generic client, unmodified, against a local endpoint. Parameters go into the query, as the SDKs send them. */
export function rpcClient(
  listening: { readonly port: number },
  version: string,
  credential: Pick<Credential, 'accessKeyId' | 'accessKeySecret' | 'securityToken'>,
  options: {
    readonly signatureAlgorithm?: 'v2';
    readonly inBody?: boolean;
    readonly method?: 'GET' | 'POST';
  } = {},
) {
  const client = new OpenApi({
    accessKeyId: credential.accessKeyId,
    accessKeySecret: credential.accessKeySecret,
    ...(credential.securityToken !== null && { securityToken: credential.securityToken }),
    ...(options.signatureAlgorithm !== undefined && { signatureAlgorithm: options.signatureAlgorithm }),
    regionId: 'cn-hangzhou',
    endpoint: `127.0.0.1:${listening.port}`,
    protocol: 'http',
    readTimeout: 5_000,
    connectTimeout: 5_000,
  } as never);
  return async (action: string, parameters: Record<string, unknown> = {}): Promise<RpcResult> => {
    const flat = OpenApiUtil.query({ RegionId: 'cn-hangzhou', ...parameters });
    try {
      const { body } = await client.callApi(
        {
          action,
          version,
          protocol: 'HTTPS',
          method: options.method ?? 'POST',
          authType: 'AK',
          style: 'RPC',
          pathname: '/',
          reqBodyType: 'formData',
          bodyType: 'json',
        } as never,
        (options.inBody ? { body: flat } : { query: flat }) as never,
        {} as never,
      );
      return { body, code: null, statusCode: 200, message: '', requestId: String(body.RequestId) };
    } catch (error) {
      const { code, statusCode, message, requestId } = error as RpcResult;
      return { body: null, code, statusCode: statusCode ?? null, message, requestId };
    }
  };
}
