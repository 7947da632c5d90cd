import { z } from 'zod';
import { CloudError } from '../world/errors.ts';

/** `file.export` inside the code folder; the file is named without its extension. */
const Handler = z.string().regex(/^(?!.*\.\.)[\w/-]+(\.[\w-]+)*\.[\w$]+$/, 'must be "file.export"');

const Hook = (timeoutSecondsMax: number) =>
  z.strictObject({ handler: Handler, timeoutSeconds: z.int().min(1).max(timeoutSecondsMax) }).nullable();

const ENVIRONMENT_BYTES_MAX = 4_096;

const Environment = z
  .record(z.string().regex(/^(?!FC_)[A-Za-z]\w*$/, 'name not allowed'), z.string())
  .refine(
    (environment) => Buffer.byteLength(JSON.stringify(environment)) <= ENVIRONMENT_BYTES_MAX,
    'environment variables are limited to 4 KB together',
  );

const QueueName = z.string().min(1).max(256).nullable();

/** How asynchronous invocations of a function are queued, retried and reported. */
export const AsyncConfigSchema = z.strictObject({
  /** Retries after a function error; throttling is retried apart from these. */
  maxAsyncRetryAttempts: z.int().min(0).max(8).default(3),
  maxAsyncEventAgeSeconds: z.int().min(1).max(604_800).default(86_400),
  /** Task mode: invocations have ids of the caller's choice, and a state that can be read. */
  asyncTask: z.boolean().default(false),
  /** Queue that gets a record of each invocation given up; `null` = none. */
  onFailureQueue: QueueName.default(null),
  /** Queue that gets a record of each invocation that succeeded; `null` = none. */
  onSuccessQueue: QueueName.default(null),
});
/** @see AsyncConfigSchema */
export type AsyncConfig = z.infer<typeof AsyncConfigSchema>;

/**
 * A function to deploy, with the limits of Function Compute 3.0.
 *
 * @see https://help.aliyun.com/zh/functioncompute/fc/product-overview/limits-of-usage
 */
export const FunctionSettingsSchema = z.strictObject({
  /** A name with a `$` is a migrated 2.0 function, `service$function`. */
  functionName: z.string().regex(/^[A-Za-z_][\w-]{0,63}(\$[A-Za-z_][\w-]{0,63})?$/, 'not a function name'),
  /** The built folder; it is copied at deployment, so that later changes need a redeployment, as in the cloud. */
  codeFolder: z.string().min(1),
  handler: Handler.default('index.handler'),
  initializer: Hook(300).default(null),
  preStop: Hook(90).default(null),
  timeoutSeconds: z.int().min(1).max(86_400).default(3),
  memoryMb: z.int().min(128).max(32_768).multipleOf(64).default(512),
  environment: Environment.default({}),
  /** Role whose session the instances get as credentials; `null` = none. */
  roleName: z.string().min(1).nullable().default(null),
  /** Most instances at one time on this computer; the account's 300 of the cloud would be too many. */
  maxInstances: z.int().min(1).max(300).default(10),
  /** Ceiling of this function alone, `0` stops it; `null` = none. */
  reservedConcurrency: z.int().min(0).max(300).nullable().default(null),
  asyncConfig: AsyncConfigSchema.default(() => AsyncConfigSchema.parse({})),
});
/** @see FunctionSettingsSchema */
export type FunctionSettings = z.infer<typeof FunctionSettingsSchema>;
/** {@link FunctionSettings} with everything optional that has a default. */
export type FunctionSettingsInput = z.input<typeof FunctionSettingsSchema>;

/** The complete settings. Throws CloudError `InvalidArgument` that names every fault. */
export function parseFunctionSettings(input: FunctionSettingsInput): FunctionSettings {
  const parsed = FunctionSettingsSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new CloudError(400, 'InvalidArgument', z.prettifyError(parsed.error));
}

/** The most instances that may run at one time. */
export function instancesMax(settings: FunctionSettings): number {
  return Math.min(settings.maxInstances, settings.reservedConcurrency ?? settings.maxInstances);
}
