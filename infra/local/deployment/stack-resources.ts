import { z } from 'zod';
import { PolicyDocumentSchema } from '../world/policy.ts';

const QueueSchema = z.strictObject({
  Type: z.literal('ALIYUN::MNS::Queue'),
  Properties: z.strictObject({
    QueueName: z.string(),
    DelaySeconds: z.int().optional(),
    MaximumMessageSize: z.int().optional(),
    MessageRetentionPeriod: z.int().optional(),
    VisibilityTimeout: z.int().optional(),
    PollingWaitSeconds: z.int().optional(),
    DlqPolicy: z
      .strictObject({ Enabled: z.boolean(), MaxReceiveCount: z.int(), DeadLetterTargetQueue: z.string() })
      .optional(),
  }),
});

const InstanceSchema = z.strictObject({
  Type: z.literal('ALIYUN::OTS::Instance'),
  Properties: z.strictObject({
    InstanceName: z.string(),
    ClusterType: z.enum(['SSD', 'HYBRID']).optional(),
    Description: z.string().optional(),
  }),
});

const TableSchema = z.strictObject({
  Type: z.literal('ALIYUN::OTS::Table'),
  Properties: z.strictObject({
    InstanceName: z.string(),
    TableName: z.string(),
    PrimaryKey: z.array(z.strictObject({ Name: z.string(), Type: z.enum(['STRING', 'INTEGER', 'BINARY']) })),
    // Both required here: the vendor's pages disagree about what is taken for a missing one.
    TimeToLive: z.int(),
    MaxVersions: z.int(),
  }),
});

const TargetSchema = z.strictObject({
  Id: z.string(),
  Type: z.literal('acs.mns.queue'),
  Endpoint: z.string(),
  ParamList: z.array(z.strictObject({ ResourceKey: z.string(), Form: z.string(), Value: z.string() })),
  PushRetryStrategy: z.enum(['BACKOFF_RETRY', 'EXPONENTIAL_DECAY_RETRY']).optional(),
  ErrorsTolerance: z.literal('ALL').optional(),
  DeadLetterQueue: z.strictObject({ Arn: z.string() }).optional(),
});

const RuleSchema = z.strictObject({
  Type: z.literal('ALIYUN::EventBridge::Rule'),
  Properties: z.strictObject({
    EventBusName: z.literal('default'),
    RuleName: z.string(),
    Description: z.string().optional(),
    FilterPattern: z.record(z.string(), z.unknown()),
    Targets: z.array(TargetSchema),
  }),
});

const RoleSchema = z.strictObject({
  Type: z.literal('ALIYUN::RAM::Role'),
  Properties: z.strictObject({
    RoleName: z.string(),
    Description: z.string().optional(),
    // A role that nobody but Function Compute can assume.
    AssumeRolePolicyDocument: z.strictObject({
      Version: z.literal('1'),
      Statement: z.tuple([
        z.strictObject({
          Effect: z.literal('Allow'),
          Action: z.literal('sts:AssumeRole'),
          Principal: z.strictObject({ Service: z.tuple([z.literal('fc.aliyuncs.com')]) }),
        }),
      ]),
    }),
    Policies: z.array(z.strictObject({ PolicyName: z.string(), PolicyDocument: PolicyDocumentSchema })),
  }),
});

/** The types of resources that the local clouds can create, with the properties that they understand. */
export const StackResourceSchema = z.discriminatedUnion('Type', [
  QueueSchema,
  InstanceSchema,
  TableSchema,
  RuleSchema,
  RoleSchema,
]);

/** A resource of a template, with everything evaluated. */
export type StackResource = z.infer<typeof StackResourceSchema>;
export type QueueResource = z.infer<typeof QueueSchema>;
export type TableResource = z.infer<typeof TableSchema>;
export type RuleResource = z.infer<typeof RuleSchema>;

/** Where a stack is created. */
export interface StackPlace {
  readonly region: string;
  readonly accountId: string;
}

/** What `Fn::GetAtt` tells of a resource, under the vendor's names; `null` = no such attribute, or not known here. */
export function attributeOf(resource: StackResource, name: string, place: StackPlace): string | null {
  const { Type, Properties } = resource;
  if (Type === 'ALIYUN::MNS::Queue' && name === 'QueueName') return Properties.QueueName;
  if (Type === 'ALIYUN::MNS::Queue' && name === 'ARN.WithSlash') {
    return `acs:mns:${place.region}:${place.accountId}:/queues/${Properties.QueueName}`;
  }
  if (Type === 'ALIYUN::OTS::Instance' && name === 'InstanceName') return Properties.InstanceName;
  if (Type === 'ALIYUN::OTS::Table' && name === 'TableName') return Properties.TableName;
  if (Type === 'ALIYUN::RAM::Role' && name === 'RoleName') return Properties.RoleName;
  if (Type === 'ALIYUN::RAM::Role' && name === 'Arn') {
    return `acs:ram::${place.accountId}:role/${Properties.RoleName}`;
  }
  return null;
}
