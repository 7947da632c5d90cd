import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PROJECT_FOLDER } from '../../../infra/deploy/build.ts';
import { DEPLOYMENT_FILES } from '../../../infra/deploy/files.ts';
import { compileEventPattern } from '../../../infra/local/world/eventbridge/pattern.ts';
import { QUEUES } from '../../../shared/adapters/mns/queues.ts';
import { TABLES } from '../../../shared/adapters/tablestore/tables.ts';

/** What the tests look at; which resource has what is what they check. */
interface Properties {
  readonly QueueName: string;
  readonly VisibilityTimeout?: number;
  readonly MessageRetentionPeriod: number;
  readonly DlqPolicy?: { readonly MaxReceiveCount: number };
  readonly TableName: string;
  readonly PrimaryKey: ReadonlyArray<{ readonly Name: string; readonly Type: string }>;
  readonly TimeToLive: number;
  readonly MaxVersions: number;
  readonly EventBusName: string;
  readonly RuleName: string;
  readonly FilterPattern: unknown;
  readonly Targets: ReadonlyArray<{ readonly ParamList: ReadonlyArray<unknown> }>;
  readonly RoleName: string;
  readonly AssumeRolePolicyDocument: { readonly Statement: unknown };
  readonly Policies: unknown;
}

const template = parse(readFileSync(DEPLOYMENT_FILES.template, 'utf8')) as {
  readonly Parameters: Readonly<Record<string, { readonly Type: string; readonly Default?: string }>>;
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: Properties }>>;
};

const resourcesOf = (type: string) =>
  Object.values(template.Resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => Properties);
const queues = new Map(resourcesOf('ALIYUN::MNS::Queue').map((queue) => [queue.QueueName, queue]));
const tables = resourcesOf('ALIYUN::OTS::Table');
const rules = resourcesOf('ALIYUN::EventBridge::Rule');
const [role] = resourcesOf('ALIYUN::RAM::Role');

describe('the queues of the template', () => {
  it('are those of the code', () => {
    expect([...queues.keys()].sort()).toEqual(Object.values(QUEUES).sort());
  });

  it('keep to the bounds of the service', () => {
    for (const [name, { VisibilityTimeout, MessageRetentionPeriod, DlqPolicy }] of queues) {
      expect(name).toMatch(/^[A-Za-z0-9][A-Za-z0-9-]{0,119}$/);
      expect(VisibilityTimeout ?? 30).toBeGreaterThanOrEqual(1);
      expect(VisibilityTimeout ?? 30).toBeLessThanOrEqual(43_200);
      expect(MessageRetentionPeriod).toBeGreaterThanOrEqual(60);
      expect(MessageRetentionPeriod).toBeLessThanOrEqual(604_800);
      expect(DlqPolicy?.MaxReceiveCount ?? 1).toBeLessThanOrEqual(1_000);
    }
  });

  it('keep a dead event for less time than its done-key', () => {
    const secondsOf = (name: string) => queues.get(name)?.MessageRetentionPeriod ?? Number.POSITIVE_INFINITY;
    const longest = secondsOf(QUEUES.instanceEvents) + secondsOf(QUEUES.deadLetters);

    expect(TABLES.done.timeToLiveSeconds).toBeGreaterThan(longest);
  });

  it('keep a result for as long as the service does, since whoever asked may be away', () => {
    expect(queues.get(QUEUES.results)?.MessageRetentionPeriod).toBe(7 * 24 * 60 * 60);
  });

  it('keep a wake-up for longer than the longest drain, which is how far ahead it may be sent', () => {
    expect(queues.get(QUEUES.wakeUps)?.MessageRetentionPeriod).toBeGreaterThan(24 * 60 * 60);
  });
});

describe('the tables of the template', () => {
  it('are those of the code, with their keys and lives', () => {
    const found = tables.map(({ TableName, PrimaryKey, TimeToLive }) => ({
      TableName,
      PrimaryKey,
      TimeToLive,
    }));
    const wanted = Object.values(TABLES).map(({ name, key, timeToLiveSeconds }) => ({
      TableName: name,
      PrimaryKey: key.map((column) => ({ Name: column.name, Type: column.type })),
      TimeToLive: timeToLiveSeconds,
    }));

    expect(found).toEqual(wanted);
  });

  it('keep to the bounds of the service, and one version of each cell', () => {
    for (const { TableName, PrimaryKey, TimeToLive, MaxVersions } of tables) {
      expect(TableName).toMatch(/^[A-Za-z_][A-Za-z0-9_]{0,254}$/);
      expect(PrimaryKey.length).toBeLessThanOrEqual(4);
      expect(TimeToLive === -1 || TimeToLive >= 86_400).toBe(true);
      expect(MaxVersions).toBe(1);
    }
  });

  it('are in an instance whose name the service takes', () => {
    const name = template.Parameters.OtsInstance?.Default ?? '';

    expect(name).toMatch(/^[A-Za-z][A-Za-z0-9-]{1,14}[A-Za-z0-9]$/);
    expect(name).not.toMatch(/ali|ay|ots|taobao|admin/);
  });
});

describe('the rules of the template', () => {
  const files = readdirSync(join(PROJECT_FOLDER, 'events')).filter((file) => file.endsWith('.json'));
  const contents = new Map(
    files.map((file) => [file, JSON.parse(readFileSync(join(PROJECT_FOLDER, 'events', file), 'utf8'))]),
  );
  const passing = (ruleName: string) => {
    const rule = rules.find(({ RuleName }) => RuleName === ruleName);
    const matches = compileEventPattern(JSON.stringify(rule?.FilterPattern));
    return files.filter((file) => matches(contents.get(file))).sort();
  };

  it('let the ECS state changes through that the product acts on, and no other event', () => {
    expect(passing('slb-autopilot-ecs-state-changes')).toEqual([
      'ecs-instance-state-change.deleted.json',
      'ecs-instance-state-change.json',
      'ecs-instance-state-change.stopped.json',
      'ecs-instance-state-change.stopping.json',
    ]);
  });

  it('let every interruption and every system event of an instance through', () => {
    expect(passing('slb-autopilot-ecs-interruptions')).toEqual(
      files.filter((file) => /^ecs-(spot-interruption|system-event)\b/.test(file)).sort(),
    );
    expect(passing('slb-autopilot-ecs-interruptions').length).toBeGreaterThan(5);
  });

  it('let the hooks through that notify the event bus', () => {
    expect(passing('slb-autopilot-ess-lifecycle-hooks')).toEqual(
      files.filter((file) => contents.get(file).source === 'acs.ess').sort(),
    );
    expect(passing('slb-autopilot-ess-lifecycle-hooks')).toContain('ess-lifecycle-hook.eventbridge.json');
  });

  it('send them whole and in Base64, for a day if need be, and then to the dead letters', () => {
    expect(rules.map(({ EventBusName, Targets }) => [EventBusName, Targets.length])).toEqual([
      ['default', 1],
      ['default', 1],
      ['default', 1],
    ]);
    for (const target of rules.flatMap(({ Targets }) => Targets)) {
      expect(target).toMatchObject({
        Type: 'acs.mns.queue',
        PushRetryStrategy: 'EXPONENTIAL_DECAY_RETRY',
        DeadLetterQueue: { Arn: { 'Fn::GetAtt': ['DeadLettersQueue', 'ARN.WithSlash'] } },
      });
      expect(target.ParamList.slice(1)).toEqual([
        { ResourceKey: 'Body', Form: 'ORIGINAL', Value: '' },
        { ResourceKey: 'IsBase64Encode', Form: 'CONSTANT', Value: 'true' },
      ]);
    }
  });
});

describe('the role of the template', () => {
  it('has a name in lower case, trusts Function Compute alone, and may do what the policy file says', () => {
    expect(role?.RoleName).toBe('slb-autopilot-functions');
    expect(role?.AssumeRolePolicyDocument.Statement).toEqual([
      { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['fc.aliyuncs.com'] } },
    ]);
    expect(role?.Policies).toEqual([
      { PolicyName: 'slb-autopilot-functions', PolicyDocument: { Ref: 'FunctionPolicy' } },
    ]);
    expect(template.Parameters.FunctionPolicy?.Type).toBe('Json');
  });
});
