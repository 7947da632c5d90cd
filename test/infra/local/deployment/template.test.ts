// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are expressions of the files under test, not of JavaScript.
import { describe, expect, it } from 'vitest';
import { DeploymentError } from '../../../../infra/local/deployment/refusal.ts';
import { readStack } from '../../../../infra/local/deployment/template.ts';

const PLACE = { region: 'cn-hangzhou', accountId: '1234567890123456' };

/** A queue under the logical id of its name. */
const aQueue = (properties: object, rest: object = {}) => ({
  Type: 'ALIYUN::MNS::Queue',
  Properties: properties,
  ...rest,
});

function read(resources: object, parameters: object = {}, given: Record<string, unknown> = {}) {
  const content = { ROSTemplateFormatVersion: '2015-09-01', Parameters: parameters, Resources: resources };
  return readStack(content, { ...PLACE, parameters: given });
}

const aRule = (endpoint: unknown) => ({
  Type: 'ALIYUN::EventBridge::Rule',
  Properties: {
    EventBusName: 'default',
    RuleName: 'rule',
    FilterPattern: { source: ['acs.ecs'] },
    Targets: [{ Id: 'target', Type: 'acs.mns.queue', Endpoint: endpoint, ParamList: [] }],
  },
});

const endpointOf = (resources: object, parameters: object = {}, given: Record<string, unknown> = {}) => {
  const rule = read(resources, parameters, given).get('Rule');
  return rule?.Type === 'ALIYUN::EventBridge::Rule' ? rule.Properties.Targets[0]?.Endpoint : undefined;
};

describe('the resources of a template', () => {
  it('come after those that they refer to', () => {
    const stack = read({
      Events: aQueue({
        QueueName: 'events',
        DlqPolicy: {
          Enabled: true,
          MaxReceiveCount: 5,
          DeadLetterTargetQueue: { 'Fn::GetAtt': ['Dead', 'QueueName'] },
        },
      }),
      First: aQueue({ QueueName: 'first' }, { DependsOn: 'Last' }),
      Last: aQueue({ QueueName: 'last' }),
      Dead: aQueue({ QueueName: 'dead' }),
    });

    expect([...stack.keys()]).toEqual(['Dead', 'Events', 'Last', 'First']);
    expect(stack.get('Events')?.Properties).toMatchObject({ DlqPolicy: { DeadLetterTargetQueue: 'dead' } });
  });

  it('know where they are, in texts with the names of the template and of the text', () => {
    const own = { Queue: { 'Fn::GetAtt': ['Events', 'QueueName'] } };
    const text = 'acs:mns:${ALIYUN::Region}:${ALIYUN::TenantId}:queues/${Prefix}-${Queue}';

    const endpoint = endpointOf(
      { Rule: aRule({ 'Fn::Sub': [text, own] }), Events: aQueue({ QueueName: 'events' }) },
      { Prefix: { Type: 'String', Default: 'shop' } },
    );

    expect(endpoint).toBe('acs:mns:cn-hangzhou:1234567890123456:queues/shop-events');
  });

  it('know the ARN of a queue', () => {
    const resources = {
      Rule: aRule({ 'Fn::GetAtt': ['Events', 'ARN.WithSlash'] }),
      Events: aQueue({ QueueName: 'events' }),
    };

    expect(endpointOf(resources)).toBe('acs:mns:cn-hangzhou:1234567890123456:/queues/events');
  });

  it('take parameters of the type Json as data or as text', () => {
    const parameters = { Dlq: { Type: 'Json' } };
    const resources = { Events: aQueue({ QueueName: 'events', DlqPolicy: { Ref: 'Dlq' } }) };
    const policy = { Enabled: false, MaxReceiveCount: 3, DeadLetterTargetQueue: 'dead' };
    for (const given of [policy, JSON.stringify(policy)]) {
      const stack = read(resources, parameters, { Dlq: given });

      expect(stack.get('Events')?.Properties).toMatchObject({ DlqPolicy: policy });
    }
  });

  it.each([
    [
      'another function',
      { A: aQueue({ QueueName: { 'Fn::Join': ['-', ['a', 'b']] } }) },
      /Fn::Join, which the local/,
    ],
    [
      'a function beside other keys',
      { A: aQueue({ QueueName: { Ref: 'B', Other: 1 } }) },
      /Ref beside other keys/,
    ],
    [
      'an unknown name',
      { A: aQueue({ QueueName: { Ref: 'ALIYUN::StackName' } }) },
      /refers to ALIYUN::StackName/,
    ],
    ['a literal in a text', { A: aQueue({ QueueName: { 'Fn::Sub': 'a-${!B}' } }) }, /refers to !B/],
    [
      'a missing resource',
      { A: aQueue({ QueueName: { 'Fn::GetAtt': ['B', 'QueueName'] } }) },
      /resource B, which/,
    ],
    [
      'an unknown attribute',
      { A: aQueue({ QueueName: { 'Fn::GetAtt': ['B', 'QueueUrl'] } }), B: aQueue({ QueueName: 'b' }) },
      /reads QueueUrl of B/,
    ],
    [
      'a circle',
      {
        A: aQueue({ QueueName: 'a' }, { DependsOn: ['B'] }),
        B: aQueue({ QueueName: 'b' }, { DependsOn: 'A' }),
      },
      /circle: A, B, A/,
    ],
    [
      'a type that the local clouds lack',
      { A: { Type: 'ALIYUN::ECS::VPC', Properties: {} } },
      /template\.yaml, A/,
    ],
    ['a property that they lack', { A: aQueue({ QueueName: 'a', Tags: [] }) }, /Unrecognized key: "Tags"/],
    [
      'a condition',
      { A: { ...aQueue({ QueueName: 'a' }), Condition: 'IsProduction' } },
      /Unrecognized key: "Condition"/,
    ],
  ])('are refused with %s', (_what, resources, reason) => {
    expect(() => read(resources)).toThrow(DeploymentError);
    expect(() => read(resources)).toThrow(reason);
  });

  it.each([
    ['one that is missing', {}, /needs a value for its parameter Name/],
    ['one that there is not', { Name: 'a', Other: 'b' }, /has no parameter Other/],
    ['a value that its pattern does not allow', { Name: 'A' }, /does not allow "A"/],
    ['a value of another type', { Name: 5 }, /does not allow 5/],
  ])('are refused with parameters like %s', (_what, given, reason) => {
    const parameters = { Name: { Type: 'String', AllowedPattern: '[a-z]+' } };
    const run = () => read({ A: aQueue({ QueueName: { Ref: 'Name' } }) }, parameters, given);

    expect(run).toThrow(DeploymentError);
    expect(run).toThrow(reason);
  });

  it('are refused with a Json parameter that is none', () => {
    const resources = { A: aQueue({ QueueName: { Ref: 'Name' } }) };

    expect(() => read(resources, { Name: { Type: 'Json' } }, { Name: '{' })).toThrow(/is no JSON/);
  });
});
