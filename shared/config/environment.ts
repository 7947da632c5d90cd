import { resolve } from 'node:path';
import * as z from 'zod';
import { RECONCILE_FUNCTION } from '../sweep/model.ts';
import { BUILT_CONFIG_FILE } from './built-file.ts';
import { type Endpoint, type Endpoints, parseEndpoint, vendorEndpoints } from './endpoints.ts';
import { ConfigError, describeValue } from './faults.ts';
import type { Config } from './load.ts';

/** Where the product runs and which clouds it calls. Credentials are no part of it. */
export interface Environment {
  readonly accountId: string;
  readonly regionId: string;
  readonly endpoints: Endpoints;
  /** Tablestore instance that holds the state. */
  readonly otsInstance: string;
  /** The function that the sweep starts for one load balancer; `service$function` is called over the API of services. */
  readonly reconcileFunction: string;
  /** Path of the configuration. */
  readonly configPath: string;
}

/** Variables as a process has them. */
export type Variables = Readonly<Record<string, string | undefined>>;

const ENDPOINT =
  'a URL such as https://slb.aliyuncs.com or http://127.0.0.1:8080, without path or credentials, or a host';

const EndpointSchema = z.string().transform((text, context): Endpoint => {
  const endpoint = parseEndpoint(text);
  if (endpoint !== null) return endpoint;
  context.addIssue({ code: 'custom', message: ENDPOINT });
  return z.NEVER;
});

function word(pattern: RegExp, allowed: string) {
  return z.string({ error: allowed }).regex(pattern, { error: allowed });
}

/** Names starting with `FC_` are the platform's; it refuses them in a function's own variables. */
const EnvironmentSchema = z.object({
  FC_ACCOUNT_ID: word(/^\d{5,20}$/, 'the id of the account, digits only'),
  FC_REGION: word(/^[a-z]{2}-[a-z0-9-]{2,40}$/, 'the id of a region, such as cn-hangzhou'),
  ENDPOINT_NETWORK: z.enum(['public', 'vpc'], { error: 'public or vpc' }).default('public'),
  SLB_ENDPOINT: EndpointSchema.optional(),
  ECS_ENDPOINT: EndpointSchema.optional(),
  ESS_ENDPOINT: EndpointSchema.optional(),
  ECI_ENDPOINT: EndpointSchema.optional(),
  CMS_ENDPOINT: EndpointSchema.optional(),
  OTS_ENDPOINT: EndpointSchema.optional(),
  MNS_ENDPOINT: EndpointSchema.optional(),
  FUNCTION_COMPUTE_ENDPOINT: EndpointSchema.optional(),
  OTS_INSTANCE: word(
    /^[A-Za-z][A-Za-z0-9-]{1,14}[A-Za-z0-9]$/,
    'the name of a Tablestore instance, 3 to 16 letters, digits and -',
  ).default('slb-autopilot'),
  RECONCILE_FUNCTION: word(
    /^[A-Za-z_][\w-]{0,63}(\$[A-Za-z_][\w-]{0,63})?$/,
    'the name of a function, or service$function',
  ).default(RECONCILE_FUNCTION),
  FC_FUNC_CODE_PATH: z.string().max(1024, { error: 'a path of at most 1024 characters' }).default('.'),
  AUTOPILOT_CONFIG: z
    .string()
    .max(1024, { error: 'a path of at most 1024 characters' })
    .default(BUILT_CONFIG_FILE),
});

/** The names of all variables that are read. */
export const VARIABLES: ReadonlyArray<string> = Object.keys(EnvironmentSchema.shape);

/**
 * The environment in a process's variables; an empty variable counts as not set. Throws `ConfigError` with every
 * fault at once. No other variable than `VARIABLES` is looked at, and an endpoint's faulty value is not repeated,
 * since people put credentials into URLs.
 */
export function readEnvironment(variables: Variables): Environment {
  const set = Object.fromEntries(VARIABLES.map((name) => [name, valueIn(variables, name)]));
  const parsed = EnvironmentSchema.safeParse(set);
  if (!parsed.success) {
    throw new ConfigError(
      'environment',
      parsed.error.issues.map(({ path, message }) => {
        const name = String(path[0]);
        const found = name.endsWith('_ENDPOINT') ? 'another text' : describeValue(set[name]);
        return { path: name, found, allowed: message, line: null, column: null };
      }),
    );
  }
  const { FC_ACCOUNT_ID: accountId, FC_REGION: regionId, OTS_INSTANCE: otsInstance } = parsed.data;
  const vendor = vendorEndpoints(parsed.data.ENDPOINT_NETWORK, { accountId, regionId, otsInstance });
  return {
    accountId,
    regionId,
    endpoints: {
      slb: parsed.data.SLB_ENDPOINT ?? vendor.slb,
      ecs: parsed.data.ECS_ENDPOINT ?? vendor.ecs,
      ess: parsed.data.ESS_ENDPOINT ?? vendor.ess,
      eci: parsed.data.ECI_ENDPOINT ?? vendor.eci,
      cms: parsed.data.CMS_ENDPOINT ?? vendor.cms,
      ots: parsed.data.OTS_ENDPOINT ?? vendor.ots,
      mns: parsed.data.MNS_ENDPOINT ?? vendor.mns,
      fc: parsed.data.FUNCTION_COMPUTE_ENDPOINT ?? vendor.fc,
    },
    otsInstance,
    reconcileFunction: parsed.data.RECONCILE_FUNCTION,
    // A relative path counts from the folder of the function's code.
    configPath: resolve(parsed.data.FC_FUNC_CODE_PATH, parsed.data.AUTOPILOT_CONFIG),
  };
}

/**
 * Refuses a configuration of another region than the one the function runs in: its endpoints, queues and events are
 * that region's. Throws `ConfigError`.
 */
export function requireSameRegion(config: Config, environment: Environment): void {
  if (config.regionId === environment.regionId) return;
  const found = `${describeValue(environment.regionId)} while the configuration says ${describeValue(config.regionId)}`;
  const fault = { path: 'FC_REGION', found, allowed: 'one region for both', line: null, column: null };
  throw new ConfigError('environment', [fault]);
}

/** The variables of this process. Nothing else in the product reads them. */
export function processEnvironment(): Variables {
  return process.env;
}

function valueIn(variables: Variables, name: string): string | undefined {
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  return value === '' ? undefined : value;
}
