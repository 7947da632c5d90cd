import { basename, join } from 'node:path';
import type { FunctionSettingsInput } from '../host/settings.ts';
import type { EventStream } from '../world/eventbridge/event-stream.ts';
import { queueNameOf } from '../world/eventbridge/rule.ts';
import type { LocalCloudsLike } from './clouds-like.ts';
import { DeploymentError } from './refusal.ts';
import type { Variables } from './service-expressions.ts';
import type { FunctionProps, QueueTriggerProps } from './service-file.ts';

/** What the functions find when they are deployed. */
export interface FunctionSurroundings {
  /** Holds the built folder of each function under the name that its `code` ends with. */
  readonly builtFolder: string;
  /** Variables that the functions get besides those of s.yaml, and instead of them where both say something. */
  readonly environment: Variables;
  readonly roleNames: ReadonlySet<string>;
  readonly queueNames: ReadonlySet<string>;
}

/**
 * Deploys the functions with their triggers. Triggers that they had before and no longer have are gone afterwards.
 * Throws {@link DeploymentError} when something that they refer to is not there.
 */
export function deployFunctions(
  clouds: LocalCloudsLike,
  functions: Iterable<FunctionProps>,
  surroundings: FunctionSurroundings,
): void {
  const all = [...functions];
  const streams = all.flatMap((props) => streamsOf(clouds, props, surroundings));
  for (const props of all) {
    if (props.region !== clouds.foundation.region) {
      throw new DeploymentError(
        `s.yaml puts ${props.functionName} into ${props.region}, not into the local region.`,
      );
    }
    clouds.host.deploy(settingsOf(clouds, props, surroundings));
  }
  // Triggers last: nothing may be handed to a function that is not there yet.
  putStreams(clouds, all, streams);
  for (const props of all) putTimers(clouds, props);
}

function settingsOf(
  clouds: LocalCloudsLike,
  props: FunctionProps,
  { builtFolder, environment, roleNames, queueNames }: FunctionSurroundings,
): FunctionSettingsInput {
  const { initializer, preStop } = props.instanceLifecycleConfig;
  const { maxAsyncRetryAttempts, maxAsyncEventAgeInSeconds, asyncTask, destinationConfig } =
    props.asyncInvokeConfig;
  const failures = destinationConfig?.onFailure?.destination;
  const onFailureQueue = failures === undefined ? null : destinationQueueOf(clouds, props, failures);
  if (onFailureQueue !== null && !queueNames.has(onFailureQueue)) {
    throw new DeploymentError(
      `s.yaml sends what ${props.functionName} fails at to the queue ${onFailureQueue}, which template.yaml lacks.`,
    );
  }
  const roleName = roleNameOf(clouds, props);
  if (!roleNames.has(roleName)) {
    throw new DeploymentError(
      `s.yaml gives ${props.functionName} the role ${roleName}, which template.yaml lacks.`,
    );
  }
  return {
    functionName: props.functionName,
    codeFolder: join(builtFolder, basename(props.code)),
    handler: props.handler,
    timeoutSeconds: props.timeout,
    memoryMb: props.memorySize,
    environment: { ...props.environmentVariables, ...environment },
    roleName,
    reservedConcurrency: props.concurrencyConfig?.reservedConcurrency ?? null,
    ...(initializer === undefined
      ? {}
      : { initializer: { handler: initializer.handler, timeoutSeconds: initializer.timeout } }),
    ...(preStop === undefined
      ? {}
      : { preStop: { handler: preStop.handler, timeoutSeconds: preStop.timeout } }),
    asyncConfig: {
      ...(maxAsyncRetryAttempts === undefined ? {} : { maxAsyncRetryAttempts }),
      ...(maxAsyncEventAgeInSeconds === undefined
        ? {}
        : { maxAsyncEventAgeSeconds: maxAsyncEventAgeInSeconds }),
      ...(asyncTask === undefined ? {} : { asyncTask }),
      onFailureQueue,
    },
  };
}

/** The queue of a destination: its ARN goes on to the messages, unlike that of a dead letter queue. */
function destinationQueueOf(
  { foundation }: LocalCloudsLike,
  { functionName }: FunctionProps,
  destination: string,
): string {
  const [, queueArn] = /^(acs:mns:.+)\/messages$/.exec(destination) ?? [];
  if (queueArn !== undefined) return queueNameOf(foundation, queueArn);
  throw new DeploymentError(
    `s.yaml gives ${functionName} the destination ${destination}, which is no queue.`,
  );
}

function roleNameOf({ foundation }: LocalCloudsLike, { functionName, role }: FunctionProps): string {
  const [, accountId, roleName] = /^acs:ram::([^:]*):role\/(.+)$/.exec(role) ?? [];
  if (roleName !== undefined && accountId === foundation.identities.accountId) return roleName;
  throw new DeploymentError(
    `s.yaml gives ${functionName} the role ${role}, which is none of the local account.`,
  );
}

function streamsOf(
  clouds: LocalCloudsLike,
  { functionName, triggers }: FunctionProps,
  surroundings: FunctionSurroundings,
): ReadonlyArray<EventStream> {
  return triggers
    .filter((trigger) => trigger.triggerType === 'eventbridge')
    .filter(({ triggerConfig }) => triggerConfig.triggerEnable)
    .map((trigger) => streamOf(clouds, functionName, trigger, surroundings));
}

function streamOf(
  { foundation }: LocalCloudsLike,
  functionName: string,
  { triggerName, triggerConfig }: QueueTriggerProps,
  { queueNames }: FunctionSurroundings,
): EventStream {
  const { eventSourceConfig, eventSinkConfig, runOptions } = triggerConfig;
  const source = eventSourceConfig.eventSourceParameters.sourceMNSParameters;
  const deadLetters = runOptions.deadLetterQueue;
  const deadLetterQueueName = deadLetters === undefined ? null : queueNameOf(foundation, deadLetters.Arn);
  if (source.RegionId !== foundation.region) {
    throw new DeploymentError(
      `The trigger ${triggerName} reads a queue of ${source.RegionId}, not the local region.`,
    );
  }
  for (const name of [source.QueueName, deadLetterQueueName]) {
    if (name === null || queueNames.has(name)) continue;
    throw new DeploymentError(
      `The trigger ${triggerName} uses the queue ${name}, which template.yaml lacks.`,
    );
  }
  return {
    name: triggerName,
    functionName,
    queueName: source.QueueName,
    isBase64Decode: source.IsBase64Decode,
    batchWindow: {
      countBasedWindow: runOptions.batchWindow.CountBasedWindow,
      timeBasedWindowSeconds: runOptions.batchWindow.TimeBasedWindow,
    },
    retryStrategy: runOptions.retryStrategy.PushRetryStrategy,
    errorsTolerance: runOptions.errorsTolerance,
    deadLetterQueueName,
    eventSchema: eventSinkConfig.deliveryOption.eventSchema,
  };
}

function putStreams(
  { eventStreams }: LocalCloudsLike,
  functions: ReadonlyArray<FunctionProps>,
  streams: ReadonlyArray<EventStream>,
): void {
  const ours = new Set(functions.map(({ functionName }) => functionName));
  const wanted = new Set(streams.map(({ name }) => name));
  for (const { stream } of eventStreams.listStreams()) {
    if (ours.has(stream.functionName) && !wanted.has(stream.name)) eventStreams.deleteStream(stream.name);
  }
  for (const stream of streams) eventStreams.putStream(stream);
}

function putTimers({ timers }: LocalCloudsLike, { functionName, triggers }: FunctionProps): void {
  const wanted = triggers.filter((trigger) => trigger.triggerType === 'timer');
  const names = new Set(wanted.map(({ triggerName }) => triggerName));
  for (const timer of timers.listTimers()) {
    if (timer.functionName === functionName && !names.has(timer.name))
      timers.deleteTimer(functionName, timer.name);
  }
  for (const { triggerName, triggerConfig } of wanted) {
    timers.putTimer({ name: triggerName, functionName, ...triggerConfig });
  }
}
