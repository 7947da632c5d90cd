import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { CloudError } from '../world/errors.ts';
import type { EventRule } from '../world/eventbridge/rule.ts';
import { DEFAULT_QUEUE_ATTRIBUTES } from '../world/mns/attributes.ts';
import type { LocalCloudsLike } from './clouds-like.ts';
import { DeploymentError, parseStrictly } from './refusal.ts';
import type { QueueResource, RuleResource, StackResource, TableResource } from './stack-resources.ts';

/**
 * Creates the resources, in their order; what is there already is changed to what they say, as an update of the stack
 * does. Throws {@link DeploymentError} for a change that the clouds do not allow.
 */
export function createStack(clouds: LocalCloudsLike, resources: Iterable<StackResource>): void {
  for (const resource of resources) createResource(clouds, resource);
}

function createResource(clouds: LocalCloudsLike, { Type, Properties }: StackResource): void {
  if (Type === 'ALIYUN::MNS::Queue') putQueue(clouds, Properties);
  else if (Type === 'ALIYUN::OTS::Instance') requireInstance(clouds, Properties.InstanceName);
  else if (Type === 'ALIYUN::OTS::Table') putTable(clouds, Properties);
  else if (Type === 'ALIYUN::EventBridge::Rule') clouds.eventBridge.putRule(ruleOf(Properties));
  else {
    const documents = Properties.Policies.map(({ PolicyDocument }) => PolicyDocument);
    clouds.foundation.identities.putRole(Properties.RoleName, documents);
  }
}

function putQueue({ mns }: LocalCloudsLike, { QueueName, ...given }: QueueResource['Properties']): void {
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const attributes = { ...DEFAULT_QUEUE_ATTRIBUTES, ...set };
  try {
    mns.createQueue(QueueName, attributes);
  } catch (error) {
    if (!(error instanceof CloudError) || error.code !== 'QueueAlreadyExist') throw error;
    mns.setQueueAttributes(QueueName, attributes);
  }
}

/** The local clouds have one instance, and it is there from the start. */
function requireInstance({ tablestore }: LocalCloudsLike, instanceName: string): void {
  if (instanceName === tablestore.instanceName) return;
  throw new DeploymentError(
    `template.yaml wants the Tablestore instance ${instanceName}, the local clouds have ${tablestore.instanceName}.`,
  );
}

function putTable(clouds: LocalCloudsLike, wanted: TableResource['Properties']): void {
  const { tablestore } = clouds;
  requireInstance(clouds, wanted.InstanceName);
  const tableName = wanted.TableName;
  const primaryKey = wanted.PrimaryKey.map(({ Name: name, Type: type }) => ({
    name,
    type,
    isAutoIncrement: false,
  }));
  const options = { timeToLive: wanted.TimeToLive, maxVersions: wanted.MaxVersions };
  if (!tablestore.listTable().includes(tableName)) {
    tablestore.createTable({ tableName, primaryKey, options, reserved: { read: 0, write: 0 } });
    return;
  }
  const existing = tablestore.describeTable(tableName);
  if (!isDeepStrictEqual(existing.primaryKey, primaryKey)) {
    throw new DeploymentError(
      `The table ${tableName} is kept with another primary key, which cannot be changed: start with another folder.`,
    );
  }
  const { timeToLive, maxVersions } = existing.options;
  if (timeToLive === options.timeToLive && maxVersions === options.maxVersions) return;
  tablestore.updateTable({ tableName, options });
}

function ruleOf({ RuleName, FilterPattern, Targets }: RuleResource['Properties']): EventRule {
  return {
    name: RuleName,
    filterPattern: JSON.stringify(FilterPattern),
    targets: Targets.map(({ Id, Endpoint, ParamList, PushRetryStrategy, DeadLetterQueue }) => ({
      id: Id,
      endpoint: Endpoint,
      isBase64Encode: isBase64Encoded(
        Endpoint,
        ParamList,
        `template.yaml, target ${Id} of the rule ${RuleName}`,
      ),
      ...(PushRetryStrategy === undefined ? {} : { pushRetryStrategy: PushRetryStrategy }),
      ...(DeadLetterQueue === undefined ? {} : { deadLetterQueue: DeadLetterQueue.Arn }),
    })),
  };
}

/**
 * What the parameters of a target say about Base64, once it is certain that the rest says what the local bus does: the
 * event goes whole to the queue of the endpoint.
 * @see https://www.alibabacloud.com/help/en/eventbridge/user-guide/event-target-parameters
 */
function isBase64Encoded(
  endpoint: string,
  parameters: RuleResource['Properties']['Targets'][number]['ParamList'],
  source: string,
): boolean {
  const texts = parameters.map(({ ResourceKey, Form, Value }) => [
    ResourceKey,
    Form === 'ORIGINAL' ? Form : `${Form} ${Value}`,
  ]);
  const schema = z.strictObject({
    queue: z.literal(`CONSTANT ${endpoint.split('/').at(-1)}`),
    Body: z.literal('ORIGINAL'),
    IsBase64Encode: z.enum(['CONSTANT true', 'CONSTANT false']).optional(),
  });
  return parseStrictly(schema, Object.fromEntries(texts), source).IsBase64Encode === 'CONSTANT true';
}
