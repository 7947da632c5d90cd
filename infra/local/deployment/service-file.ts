import { z } from 'zod';
import { DeploymentError, isMap, parseStrictly } from './refusal.ts';
import { resolveExpressions, type Variables } from './service-expressions.ts';

const Hook = z.strictObject({ handler: z.string(), timeout: z.int() });

const TimerTriggerSchema = z.strictObject({
  triggerName: z.string(),
  triggerType: z.literal('timer'),
  description: z.string().optional(),
  triggerConfig: z.strictObject({
    cronExpression: z.string(),
    enable: z.boolean(),
    payload: z.string().default(''),
  }),
});

/** The one kind of `eventbridge` trigger that the local clouds have: an event stream that reads a queue. */
const QueueTriggerSchema = z.strictObject({
  triggerName: z.string(),
  triggerType: z.literal('eventbridge'),
  description: z.string().optional(),
  triggerConfig: z.strictObject({
    triggerEnable: z.boolean(),
    asyncInvocationType: z.literal(false),
    eventRuleFilterPattern: z.literal('{}'),
    eventSourceConfig: z.strictObject({
      eventSourceType: z.literal('MNS'),
      eventSourceParameters: z.strictObject({
        sourceMNSParameters: z.strictObject({
          RegionId: z.string(),
          QueueName: z.string(),
          IsBase64Decode: z.boolean().default(true),
        }),
      }),
    }),
    eventSinkConfig: z.strictObject({
      deliveryOption: z.strictObject({ eventSchema: z.enum(['CloudEvents', 'RawData']) }),
    }),
    runOptions: z.strictObject({
      mode: z.literal('event-streaming'),
      batchWindow: z.strictObject({ CountBasedWindow: z.int(), TimeBasedWindow: z.int() }),
      retryStrategy: z.strictObject({
        PushRetryStrategy: z.enum(['BACKOFF_RETRY', 'EXPONENTIAL_DECAY_RETRY']),
      }),
      errorsTolerance: z.enum(['NONE', 'ALL']),
      deadLetterQueue: z.strictObject({ Arn: z.string() }).optional(),
    }),
  }),
});

/**
 * The `props` of a function for the fc3 component, as far as the local clouds have them.
 * @see https://github.com/devsapp/fc3/blob/master/src/schema.json
 */
export const FunctionPropsSchema = z.strictObject({
  functionName: z.string(),
  description: z.string().optional(),
  region: z.string(),
  runtime: z.literal('nodejs20'),
  code: z.string(),
  handler: z.string(),
  cpu: z.number().min(0.05).max(16),
  memorySize: z.int(),
  diskSize: z.literal([512, 10_240]),
  timeout: z.int(),
  role: z.string(),
  environmentVariables: z.record(z.string(), z.string()).default({}),
  instanceLifecycleConfig: z
    .strictObject({ initializer: Hook.optional(), preStop: Hook.optional() })
    .default({}),
  asyncInvokeConfig: z
    .strictObject({
      maxAsyncRetryAttempts: z.int().optional(),
      maxAsyncEventAgeInSeconds: z.int().optional(),
      asyncTask: z.boolean().optional(),
      destinationConfig: z
        .strictObject({ onFailure: z.strictObject({ destination: z.string() }).optional() })
        .optional(),
    })
    .default({}),
  concurrencyConfig: z.strictObject({ reservedConcurrency: z.int() }).optional(),
  // Networks, logs and traces are no services of the local clouds: what functions print goes to the host's listeners.
  vpcConfig: z
    .strictObject({ vpcId: z.string(), vSwitchIds: z.array(z.string()), securityGroupId: z.string() })
    .optional(),
  logConfig: z.literal('auto').optional(),
  tracingConfig: z.strictObject({}).optional(),
  triggers: z
    .array(z.discriminatedUnion('triggerType', [TimerTriggerSchema, QueueTriggerSchema]))
    .default([]),
});

/** A function as s.yaml describes it. */
export type FunctionProps = z.infer<typeof FunctionPropsSchema>;
/** A trigger of the type `timer`. */
export type TimerTriggerProps = z.infer<typeof TimerTriggerSchema>;
/** A trigger of the type `eventbridge` that reads a queue. */
export type QueueTriggerProps = z.infer<typeof QueueTriggerSchema>;

const ServiceFileSchema = z.strictObject({
  edition: z.literal('3.0.0'),
  name: z.string(),
  access: z.string(),
  vars: z.record(z.string(), z.string()).default({}),
  // What makes the built folders: locally they are there already.
  actions: z.strictObject({
    'pre-deploy': z.array(z.strictObject({ run: z.string(), path: z.string() })),
  }),
  template: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  resources: z.record(
    z.string(),
    z.strictObject({
      component: z
        .string()
        .regex(/^fc3@\d+\.\d+\.\d+$/, 'only the component fc3, in a version that is named'),
      extend: z.strictObject({ name: z.string() }).optional(),
      props: z.record(z.string(), z.unknown()),
    }),
  ),
});

/**
 * The functions in the content of an s.yaml, by the name of their resource, with templates and expressions resolved.
 * Throws {@link DeploymentError} for anything that it does not know.
 */
export function readFunctions(content: unknown, environment: Variables): ReadonlyMap<string, FunctionProps> {
  const file = parseStrictly(ServiceFileSchema, content, 's.yaml');
  const scope = { environment, vars: file.vars };
  return new Map(
    Object.entries(file.resources).map(([name, { extend, props }]) => {
      const whole = extend === undefined ? props : merge(templateOf(file.template, extend.name), props);
      return [name, parseStrictly(FunctionPropsSchema, resolveExpressions(whole, scope), `s.yaml, ${name}`)];
    }),
  );
}

function templateOf(templates: Readonly<Record<string, Readonly<Record<string, unknown>>>>, name: string) {
  const template = Object.hasOwn(templates, name) ? templates[name] : undefined;
  if (template === undefined)
    throw new DeploymentError(`s.yaml extends the template ${name}, which it does not have.`);
  return template;
}

/** Maps are merged at every depth, other values replaced. */
function merge(
  base: Readonly<Record<string, unknown>>,
  over: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = Object.hasOwn(base, key) ? base[key] : undefined;
    if (Array.isArray(below)) {
      throw new DeploymentError(
        `s.yaml overrides the list ${key} of a template: how lists are merged is not known.`,
      );
    }
    merged[key] = isMap(below) && isMap(value) ? merge(below, value) : value;
  }
  return merged;
}
