import type { Foundation } from '../world/foundation.ts';
import type { Credential } from '../world/identities.ts';
import type { FunctionSettings } from './settings.ts';

/** What an instance is told about itself, apart from the single request. */
export interface InstanceIdentity {
  readonly instanceId: string;
  /** Where its copy of the code is. */
  readonly codeFolder: string;
  readonly settings: FunctionSettings;
  /** The session of the function's role; `null` without a role. */
  readonly credential: Credential | null;
}

/**
 * The environment of an instance's process: the platform's variables and the function's own. Of this process's
 * environment only `PATH` is handed on, without which nothing could be started.
 *
 * @see https://www.alibabacloud.com/help/en/functioncompute/fc/environment-variables
 */
export function environmentOf(
  foundation: Pick<Foundation, 'region' | 'identities'>,
  identity: InstanceIdentity,
): Record<string, string> {
  const { settings, credential } = identity;
  const session =
    credential === null
      ? {}
      : {
          ALIBABA_CLOUD_ACCESS_KEY_ID: credential.accessKeyId,
          ALIBABA_CLOUD_ACCESS_KEY_SECRET: credential.accessKeySecret,
          ALIBABA_CLOUD_SECURITY_TOKEN: credential.securityToken ?? '',
        };
  return {
    ...(process.env.PATH === undefined ? {} : { PATH: process.env.PATH }),
    ...settings.environment,
    ...session,
    FC_FUNC_CODE_PATH: `${identity.codeFolder}/`,
    FC_ACCOUNT_ID: foundation.identities.accountId,
    FC_FUNCTION_HANDLER: settings.handler,
    FC_FUNCTION_MEMORY_SIZE: String(settings.memoryMb),
    FC_FUNCTION_NAME: settings.functionName,
    FC_REGION: foundation.region,
    FC_CUSTOM_LISTEN_PORT: '9000',
    FC_INSTANCE_ID: identity.instanceId,
    FC_VER_ID: 'LATEST',
  };
}

/** The part of `context` that is data; the runtime adds the logger. */
export function contextOf(
  foundation: Pick<Foundation, 'region' | 'identities'>,
  identity: InstanceIdentity,
  request: { requestId: string; retryCount: number },
): object {
  const { settings, credential } = identity;
  return {
    requestId: request.requestId,
    credentials: {
      accessKeyId: credential?.accessKeyId ?? '',
      accessKeySecret: credential?.accessKeySecret ?? '',
      securityToken: credential?.securityToken ?? '',
    },
    function: {
      name: settings.functionName,
      handler: settings.handler,
      memory: settings.memoryMb,
      timeout: settings.timeoutSeconds,
    },
    service: { name: '', logProject: '', logStore: '', qualifier: 'LATEST', versionId: '' },
    region: foundation.region,
    accountId: foundation.identities.accountId,
    retryCount: request.retryCount,
    tracing: { openTracingSpanContext: '', openTracingSpanBaggages: {}, jaegerEndpoint: '' },
  };
}
