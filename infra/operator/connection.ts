import type { AccessKey } from '../../shared/access-key.ts';
import type { Endpoints } from '../../shared/config/endpoints.ts';
import {
  processEnvironment,
  readEnvironment,
  requireSameRegion,
  type Variables,
} from '../../shared/config/environment.ts';
import { ConfigError } from '../../shared/config/faults.ts';
import type { Config } from '../../shared/config/load.ts';
import { CommandError, EXIT_STATUS } from './exit-status.ts';
import { findConnection } from './local-connection.ts';

/** Which clouds a command talks to, and with whose key. */
export interface CloudsConnection {
  readonly accountId: string;
  readonly otsInstance: string;
  readonly endpoints: Readonly<Record<'slb' | 'ecs' | 'ess' | 'eci' | 'ots' | 'mns', string>>;
  readonly accessKey: AccessKey;
}

/**
 * The clouds that the variables name, as the functions read them; on a laptop, where the platform sets none, the account may
 * be in `ALIYUN_ACCOUNT_ID` as for `s deploy`, and the region is the file's. Throws ConfigError for wrong variables and
 * another region than the file's, CommandError without a key.
 */
export function connectionOfVariables(
  config: Config,
  variables: Variables = processEnvironment(),
): CloudsConnection {
  const environment = readEnvironment({
    ...variables,
    FC_ACCOUNT_ID: variables.FC_ACCOUNT_ID || variables.ALIYUN_ACCOUNT_ID,
    FC_REGION: variables.FC_REGION || config.regionId,
  });
  requireSameRegion(config, environment);
  const { accountId, otsInstance, endpoints } = environment;
  return { accountId, otsInstance, endpoints: urlsOf(endpoints), accessKey: keyIn(variables) };
}

/** The local clouds of the note. Throws CommandError when none are running, ConfigError when they are of another region. */
export function connectionOfLocalClouds(config: Config, noteFile: string): CloudsConnection {
  const found = connectionInNote(noteFile);
  const { accountId, otsInstance, endpoints, region, accessKeyId, accessKeySecret } = found;
  if (region !== config.regionId) {
    const text = `clouds of ${region} while the configuration says ${config.regionId}`;
    const allowed = `the same region (npx autopilot local --region ${config.regionId})`;
    throw new ConfigError('local clouds', [
      { path: 'region', found: text, allowed, line: null, column: null },
    ]);
  }
  const accessKey = { accessKeyId, accessKeySecret, securityToken: null };
  return { accountId, otsInstance, endpoints, accessKey };
}

function connectionInNote(noteFile: string): ReturnType<typeof findConnection> {
  try {
    return findConnection(noteFile);
  } catch (error) {
    // Nothing was found to be wrong: there was nobody to ask.
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(EXIT_STATUS.unanswered, error.text, error);
  }
}

function urlsOf({ slb, ecs, ess, eci, ots, mns }: Endpoints): CloudsConnection['endpoints'] {
  return { slb: slb.url, ecs: ecs.url, ess: ess.url, eci: eci.url, ots: ots.url, mns: mns.url };
}

/** The names that the vendor's SDKs and Function Compute use. */
function keyIn(variables: Variables): AccessKey {
  const accessKeyId = variables.ALIBABA_CLOUD_ACCESS_KEY_ID ?? '';
  const accessKeySecret = variables.ALIBABA_CLOUD_ACCESS_KEY_SECRET ?? '';
  if (accessKeyId !== '' && accessKeySecret !== '') {
    return { accessKeyId, accessKeySecret, securityToken: variables.ALIBABA_CLOUD_SECURITY_TOKEN || null };
  }
  throw new CommandError(
    EXIT_STATUS.unanswered,
    'There is no access key to ask with: set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, with ALIBABA_CLOUD_SECURITY_TOKEN for a role’s. For local clouds: --local.',
  );
}
