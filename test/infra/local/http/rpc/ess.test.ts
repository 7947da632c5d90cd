import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalClouds, startLocalClouds } from '../../../../../infra/local/clouds.ts';
import type { Credential } from '../../../../../infra/local/world/identities.ts';
import { rpcClient } from './rpc-client.ts';

const ASG = 'asg-bp1web';
const FAST = { pendingMs: 1, startingMs: 1, stoppingMs: 1, releasingMs: 1 };

let clouds: LocalClouds;
beforeEach(async () => {
  clouds = await startLocalClouds({ ecsTimings: FAST, essTimings: { checkIntervalMs: 5 } });
  clouds.mns.createQueue('ess-hooks');
  clouds.ess.seedScalingGroup({
    scalingGroupId: ASG,
    scalingGroupName: 'web-asg',
    minSize: 0,
    maxSize: 10,
    tags: [{ key: 'role', value: 'web', propagate: true }],
  });
});
afterEach(() => clouds.close());

const client = (credential: Credential = clouds.foundation.identities.administrator) =>
  rpcClient({ port: Number(new URL(clouds.endpoints.ess).port) }, '2022-02-22', credential);
/** A session that may do what the statements say. */
const sessionWith = (...actions: ReadonlyArray<string>) => {
  clouds.foundation.identities.putRole('worker', [
    {
      Version: '1',
      Statement: [
        {
          Effect: 'Allow',
          Action: [...actions, 'slb:None'],
          Resource: [`acs:ess:cn-hangzhou:1234567890123456:scalinggroup/${ASG}`],
        },
      ],
    },
  ]);
  return clouds.foundation.identities.assumeRole('worker', 'test', 60_000);
};
const REQUEST_ID = expect.stringMatching(/^[0-9A-F-]{36}$/);
const SECONDS = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
const MINUTES = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/);

/** A scale-out of two instances that waits for its hook. */
async function waiting() {
  const call = client();
  const created = await call('CreateLifecycleHook', {
    ScalingGroupId: ASG,
    LifecycleHookName: 'register-backends',
    LifecycleTransition: 'SCALE_OUT',
    DefaultResult: 'ABANDON',
    HeartbeatTimeout: 120,
    NotificationArn: 'acs:mns:cn-hangzhou:1234567890123456:queue/ess-hooks',
    NotificationMetadata: '{"ports":[80]}',
  });
  const scaled = await call('ScaleWithAdjustment', {
    ScalingGroupId: ASG,
    AdjustmentType: 'QuantityChangeInCapacity',
    AdjustmentValue: 2,
  });
  const LifecycleHookId = String(created.body?.LifecycleHookId);
  const ScalingActivityId = String(scaled.body?.ScalingActivityId);
  const states = () => clouds.ess.members(ASG).map(({ lifecycleState }) => lifecycleState);
  await expect.poll(states).toEqual(['Pending:Wait', 'Pending:Wait']);
  const [wait] = clouds.ess.lifecycleActions();
  const instanceIds = clouds.ess.members(ASG).map(({ instanceId }) => instanceId);
  const LifecycleActionToken = wait?.lifecycleActionToken ?? '';
  return {
    call,
    created,
    scaled,
    states,
    instanceIds,
    LifecycleHookId,
    LifecycleActionToken,
    ScalingActivityId,
  };
}

describe('the ESS endpoint: names and casing', () => {
  it('creates and describes groups in plain arrays', async () => {
    const call = client();

    const created = await call('CreateScalingGroup', {
      ScalingGroupName: 'api-asg',
      MinSize: 1,
      MaxSize: 5,
      DesiredCapacity: 2,
      Tags: [{ Key: 'role', Value: 'api', Propagate: true }, { Key: 'cost' }],
    });
    const ScalingGroupId = String(created.body?.ScalingGroupId);
    await expect
      .poll(() => clouds.ess.members(ScalingGroupId).map(({ lifecycleState }) => lifecycleState))
      .toEqual(['InService', 'InService']);
    const described = await call('DescribeScalingGroups', { ScalingGroupIds: [ScalingGroupId] });

    expect(created.body).toEqual({ RequestId: REQUEST_ID, ScalingGroupId: expect.stringMatching(/^asg-/) });
    expect(described.body).toEqual({
      RequestId: REQUEST_ID,
      TotalCount: 1,
      PageNumber: 1,
      PageSize: 10,
      ScalingGroups: [
        {
          ScalingGroupId,
          ScalingGroupName: 'api-asg',
          RegionId: 'cn-hangzhou',
          GroupType: 'ECS',
          LifecycleState: 'Active',
          MinSize: 1,
          MaxSize: 5,
          DesiredCapacity: 2,
          TotalCapacity: 2,
          TotalInstanceCount: 2,
          ActiveCapacity: 2,
          PendingCapacity: 0,
          ProtectedCapacity: 0,
          StandbyCapacity: 0,
          StoppedCapacity: 0,
          RemovingCapacity: 0,
          HealthCheckType: 'ECS',
          LoadBalancerIds: [],
          LoadBalancerConfigs: [],
          VServerGroups: [],
          Tags: [
            { TagKey: 'role', TagValue: 'api', Propagate: true },
            { TagKey: 'cost', TagValue: '', Propagate: false },
          ],
          CreationTime: MINUTES,
        },
      ],
    });
    expect(clouds.ecs.instances()[0]?.tags).toContainEqual({ key: 'role', value: 'api' });
  });

  it('creates hooks, tells their queue, and describes hooks and waits', async () => {
    const { call, created, scaled, instanceIds, LifecycleHookId, LifecycleActionToken, ScalingActivityId } =
      await waiting();

    const hooks = await call('DescribeLifecycleHooks', { LifecycleHookIds: [LifecycleHookId] });
    const actions = await call('DescribeLifecycleActions', {
      ScalingActivityId,
      LifecycleActionStatus: 'Pending',
      MaxResults: 50,
    });
    const [message] = await clouds.mns.receiveMessages('ess-hooks', { count: 1, waitSeconds: 0 });

    expect(created.body).toEqual({ RequestId: REQUEST_ID, LifecycleHookId: expect.stringMatching(/^ash-/) });
    expect(scaled.body).toEqual({ RequestId: REQUEST_ID, ScalingActivityId: expect.stringMatching(/^asa-/) });
    expect(hooks.body).toEqual({
      RequestId: REQUEST_ID,
      TotalCount: 1,
      PageNumber: 1,
      PageSize: 10,
      LifecycleHooks: [
        {
          LifecycleHookId,
          LifecycleHookName: 'register-backends',
          LifecycleHookStatus: 'Active',
          LifecycleTransition: 'SCALE_OUT',
          DefaultResult: 'ABANDON',
          HeartbeatTimeout: 120,
          NotificationArn: 'acs:mns:cn-hangzhou:1234567890123456:queue/ess-hooks',
          NotificationMetadata: '{"ports":[80]}',
          ScalingGroupId: ASG,
        },
      ],
    });
    expect(actions.body).toEqual({
      RequestId: REQUEST_ID,
      TotalCount: 1,
      MaxResults: 50,
      NextToken: '',
      LifecycleActions: [
        {
          LifecycleHookId,
          LifecycleActionToken,
          LifecycleActionStatus: 'Pending',
          LifecycleActionResult: 'ABANDON',
          InstanceIds: instanceIds,
        },
      ],
    });
    expect(JSON.parse(message?.body ?? '')).toMatchObject({
      content: { lifecycleHookId: LifecycleHookId, lifecycleActionToken: LifecycleActionToken, instanceIds },
    });
  });

  it('describes instances and activities', async () => {
    const { call, instanceIds, ScalingActivityId } = await waiting();
    const [InstanceId] = instanceIds;

    const instances = await call('DescribeScalingInstances', {
      ScalingGroupId: ASG,
      InstanceIds: [InstanceId, 'i-unknown'],
      LifecycleState: 'Pending:Wait',
      HealthStatus: 'Healthy',
      CreationType: 'AutoCreated',
      PageSize: 100,
    });
    const activities = await call('DescribeScalingActivities', {
      ScalingGroupId: ASG,
      StatusCode: 'InProgress',
      PageSize: 50,
    });

    expect(instances.body).toEqual({
      RequestId: REQUEST_ID,
      TotalCount: 1,
      PageNumber: 1,
      PageSize: 100,
      TotalSpotCount: 0,
      ScalingInstances: [
        {
          InstanceId,
          ScalingInstanceId: expect.stringMatching(/^asi-/),
          ScalingGroupId: ASG,
          ScalingActivityId,
          CreatedTime: SECONDS,
          CreationTime: MINUTES,
          CreationType: 'AutoCreated',
          Entrusted: true,
          HealthStatus: 'Healthy',
          LifecycleState: 'Pending:Wait',
          PrivateIpAddress: expect.stringMatching(/^172\./),
          SpotStrategy: 'NoSpot',
          WarmupState: 'NoNeedWarmup',
          WeightedCapacity: 1,
          ZoneId: 'cn-hangzhou-h',
        },
      ],
    });
    expect(activities.body).toEqual({
      RequestId: REQUEST_ID,
      TotalCount: 1,
      PageNumber: 1,
      PageSize: 50,
      ScalingActivities: [
        {
          ScalingActivityId,
          ScalingGroupId: ASG,
          StatusCode: 'InProgress',
          StatusMessage: '',
          Cause: expect.stringContaining('from "0" to "2"'),
          Description: 'Add "2" ECS instance',
          Progress: 50,
          ScalingInstanceNumber: 2,
          StartTime: MINUTES,
        },
      ],
    });
  });

  it('takes the heartbeat in lower camel case only, and the answer in Pascal case', async () => {
    const { call, states, LifecycleHookId, LifecycleActionToken } = await waiting();
    const [before] = clouds.ess.lifecycleActions();

    const pascal = await call('RecordLifecycleActionHeartbeat', { LifecycleHookId, LifecycleActionToken });
    const camel = await call('RecordLifecycleActionHeartbeat', {
      lifecycleHookId: LifecycleHookId,
      lifecycleActionToken: LifecycleActionToken,
      heartbeatTimeout: 300,
    });
    const [after] = clouds.ess.lifecycleActions();
    const completed = await call('CompleteLifecycleAction', {
      LifecycleHookId,
      LifecycleActionToken,
      LifecycleActionResult: 'CONTINUE',
      ClientToken: 'once',
    });

    expect(pascal).toMatchObject({ code: 'MissingParameter', statusCode: 400 });
    expect(camel.body).toEqual({ RequestId: REQUEST_ID });
    expect((after?.deadlineMs ?? 0) - (before?.deadlineMs ?? 0)).toBeGreaterThan(170_000);
    expect(completed.body).toEqual({ RequestId: REQUEST_ID });
    expect(states()).toEqual(['InService', 'InService']);
  });

  it('modifies and deletes hooks, by id or by name', async () => {
    const { call, LifecycleHookId, states } = await waiting();

    const modified = await call('ModifyLifecycleHook', {
      ScalingGroupId: ASG,
      LifecycleHookName: 'register-backends',
      LifecycleTransition: 'SCALE_IN',
      LifecycleHookStatus: 'InActive',
      DefaultResult: 'CONTINUE',
      HeartbeatTimeout: 30,
    });
    const described = await call('DescribeLifecycleHooks', { ScalingGroupId: ASG });
    const deleted = await call('DeleteLifecycleHook', { LifecycleHookId });

    expect(modified.body).toEqual({ RequestId: REQUEST_ID });
    expect(described.body?.LifecycleHooks).toMatchObject([
      {
        LifecycleTransition: 'SCALE_IN',
        LifecycleHookStatus: 'InActive',
        DefaultResult: 'CONTINUE',
        HeartbeatTimeout: 30,
        NotificationMetadata: '{"ports":[80]}',
      },
    ]);
    expect(deleted.body).toEqual({ RequestId: REQUEST_ID });
    expect(clouds.ess.hook(LifecycleHookId)).toBeNull();
    await expect.poll(states).toEqual([]);
  });

  it('removes, protects and sets aside instances, and deletes groups', async () => {
    const call = client();
    const InstanceIds = clouds.ecs.runInstances({ amount: 3 });
    await expect.poll(() => clouds.ecs.instances().every(({ status }) => status === 'Running')).toBe(true);
    clouds.ess.attachInstances({ scalingGroupId: ASG, instanceIds: InstanceIds });
    const [first = '', second = '', third = ''] = InstanceIds;
    const state = (id: string) => clouds.ess.member(id)?.lifecycleState ?? 'gone';

    const protecting = await call('SetInstancesProtection', {
      ScalingGroupId: ASG,
      InstanceIds: [first],
      ProtectedFromScaleIn: true,
    });
    const standby = await call('EnterStandby', { ScalingGroupId: ASG, InstanceIds: [second] });
    const states = [first, second, third].map(state);
    const back = await call('ExitStandby', { ScalingGroupId: ASG, InstanceIds: [second] });
    const removed = await call('RemoveInstances', {
      ScalingGroupId: ASG,
      InstanceIds: [third],
      DecreaseDesiredCapacity: false,
    });
    await expect.poll(() => state(third)).toBe('gone');
    const refused = await call('DeleteScalingGroup', { ScalingGroupId: ASG });
    const forced = await call('DeleteScalingGroup', { ScalingGroupId: ASG, ForceDelete: true });

    expect([protecting, standby, back, forced].map(({ body }) => body)).toEqual(
      Array(4).fill({ RequestId: REQUEST_ID }),
    );
    expect(states).toEqual(['Protected', 'Standby', 'InService']);
    expect(removed.body).toEqual({
      RequestId: REQUEST_ID,
      ScalingActivityId: expect.stringMatching(/^asa-/),
    });
    expect(refused).toMatchObject({ code: 'InstanceInUse', statusCode: 400 });
    await expect.poll(() => clouds.ess.group(ASG)).toBeNull();
  });

  it('attaches and detaches vServer groups', async () => {
    const { slb } = clouds;
    slb.seedLoadBalancer({ loadBalancerId: 'lb-1' });
    slb.seedVServerGroup({ vServerGroupId: 'rsp-1', loadBalancerId: 'lb-1', name: 'web' });
    slb.seedListener({
      loadBalancerId: 'lb-1',
      listenerPort: 80,
      listenerProtocol: 'tcp',
      vServerGroupId: 'rsp-1',
    });
    const call = client();
    const VServerGroups = [
      {
        LoadBalancerId: 'lb-1',
        VServerGroupAttributes: [
          { VServerGroupId: 'rsp-1', Port: 80, Weight: 70 },
          { VServerGroupId: 'rsp-1', Port: 81 },
        ],
      },
    ];

    const attached = await call('AttachVServerGroups', { ScalingGroupId: ASG, VServerGroups });
    const { body } = await call('DescribeScalingGroups', { ScalingGroupIds: [ASG] });
    const detached = await call('DetachVServerGroups', { ScalingGroupId: ASG, VServerGroups });

    expect(attached.body).toEqual({ RequestId: REQUEST_ID });
    expect(body?.ScalingGroups).toMatchObject([
      {
        VServerGroups: [
          {
            LoadBalancerId: 'lb-1',
            VServerGroupAttributes: [
              { VServerGroupId: 'rsp-1', Port: 80, Weight: 70 },
              { VServerGroupId: 'rsp-1', Port: 81, Weight: 50 },
            ],
          },
        ],
      },
    ]);
    expect(detached.body).toEqual({ RequestId: REQUEST_ID });
    expect(clouds.ess.group(ASG)?.vServerGroups).toEqual([]);
  });
});

describe('the ESS endpoint: refusals', () => {
  it('answers a stale token with the code and words that the vendor documents', async () => {
    const { call, LifecycleHookId, LifecycleActionToken } = await waiting();
    await call('CompleteLifecycleAction', { LifecycleHookId, LifecycleActionToken });

    const late = await call('CompleteLifecycleAction', { LifecycleHookId, LifecycleActionToken });

    expect(late).toMatchObject({
      code: 'LifecycleHookIdAndLifecycleActionToken.Invalid',
      statusCode: 400,
      requestId: REQUEST_ID,
    });
    expect(late.message).toContain('does not match any in process lifecycle action.');
  });

  it('spells InvalidParamter as the vendor does', async () => {
    const { call, LifecycleHookId, LifecycleActionToken } = await waiting();

    const result = await call('CompleteLifecycleAction', {
      LifecycleHookId,
      LifecycleActionToken,
      LifecycleActionResult: 'continue',
    });
    const timeout = await call('RecordLifecycleActionHeartbeat', {
      lifecycleHookId: LifecycleHookId,
      lifecycleActionToken: LifecycleActionToken,
      heartbeatTimeout: 29,
    });

    expect([result, timeout].map(({ code, statusCode }) => [code, statusCode])).toEqual([
      ['InvalidParamter', 400],
      ['InvalidParamter', 400],
    ]);
  });

  it('speaks the version 2022-02-22 alone', async () => {
    const port = Number(new URL(clouds.endpoints.ess).port);
    const old = rpcClient({ port }, '2014-08-28', clouds.foundation.identities.administrator);

    expect(await old('DescribeScalingGroups')).toMatchObject({ code: 'InvalidVersion' });
  });

  it('denies in its own words, by the group that a hook belongs to', async () => {
    const { LifecycleHookId, LifecycleActionToken, ScalingActivityId } = await waiting();
    const worker = client(sessionWith('ess:CompleteLifecycleAction', 'ess:DescribeScalingInstances'));
    clouds.ess.seedScalingGroup({ scalingGroupId: 'asg-other', minSize: 0, maxSize: 1 });

    const allowed = await worker('DescribeScalingInstances', { ScalingGroupId: ASG });
    const denied = [
      await worker('DescribeScalingInstances', { ScalingGroupId: 'asg-other' }),
      await worker('DescribeScalingInstances'),
      await worker('DescribeLifecycleHooks', { ScalingGroupId: ASG }),
      await worker('DescribeLifecycleActions', { ScalingActivityId }),
      await worker('CompleteLifecycleAction', { LifecycleHookId: 'ash-none', LifecycleActionToken }),
    ];
    const completed = await worker('CompleteLifecycleAction', { LifecycleHookId, LifecycleActionToken });

    expect(allowed.code).toBeNull();
    for (const refusal of denied.slice(0, 4)) {
      expect(refusal).toMatchObject({ code: 'Forbidden.Unauthorized', statusCode: 403 });
      expect(refusal.message).toContain('A required authorization for the specified action is not supplied.');
    }
    // The token says which group it is about even where the hook does not.
    expect(denied[4]?.code).toBe('LifecycleHookIdAndLifecycleActionToken.Invalid');
    expect(completed.code).toBeNull();
  });

  it('lets DescribeLifecycleActions pass without a permission where the switch says so', async () => {
    await clouds.close();
    clouds = await startLocalClouds({ switches: { essDescribeLifecycleActionsNeeds: 'nothing' } });
    const worker = client(sessionWith());

    const { body } = await worker('DescribeLifecycleActions', { ScalingActivityId: 'asa-none' });

    expect(body?.LifecycleActions).toEqual([]);
  });
});
