import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Listening, listen } from '../../../../../infra/local/http/listen.ts';
import { createEcsApp } from '../../../../../infra/local/http/rpc/ecs.ts';
import { createEcs, type Ecs } from '../../../../../infra/local/world/ecs/ecs.ts';
import { createFoundation, type Foundation } from '../../../../../infra/local/world/foundation.ts';
import type { Credential } from '../../../../../infra/local/world/identities.ts';
import { rpcClient } from './rpc-client.ts';

const {
  default: EcsClient,
  DeleteInstanceRequest,
  DescribeInstancesFullStatusRequest,
  DescribeInstancesRequest,
  DescribeInstancesRequestTag,
  RebootInstanceRequest,
  RunInstancesRequest,
  RunInstancesRequestTag,
  StartInstanceRequest,
  StopInstanceRequest,
} = createRequire(import.meta.url)('@alicloud/ecs20140526') as typeof import('@alicloud/ecs20140526');

const REGION = 'cn-hangzhou';
const TIMINGS = { pendingMs: 5, startingMs: 5, stoppingMs: 5, releasingMs: 5 };

let foundation: Foundation;
let ecs: Ecs;
let server: Listening;

beforeEach(async () => {
  foundation = createFoundation();
  ecs = createEcs(foundation, TIMINGS);
  server = await listen(createEcsApp(foundation, ecs));
});
afterEach(async () => {
  ecs.close();
  await server.close();
});

const sdk = (credential: Credential = foundation.identities.administrator) =>
  new EcsClient({
    accessKeyId: credential.accessKeyId,
    accessKeySecret: credential.accessKeySecret,
    ...(credential.securityToken !== null && { securityToken: credential.securityToken }),
    regionId: REGION,
    endpoint: `127.0.0.1:${server.port}`,
    protocol: 'http',
    readTimeout: 5_000,
    connectTimeout: 5_000,
  } as never);

const run = async (amount: number, role: string) => {
  const { body } = await sdk().runInstances(
    new RunInstancesRequest({
      regionId: REGION,
      amount,
      imageId: 'aliyun_3_x64_20G_alibase',
      instanceType: 'ecs.g7.large',
      instanceName: 'web-[1,3]',
      tag: [new RunInstancesRequestTag({ key: 'role', value: role })],
    }),
  );
  return body?.instanceIdSets?.instanceIdSet ?? [];
};
const describeAll = (query: object, credential?: Credential) =>
  sdk(credential).describeInstances(new DescribeInstancesRequest({ regionId: REGION, ...query }));
const until = (instanceId: string, status: string | undefined) =>
  expect
    .poll(async () => {
      const { body } = await describeAll({ instanceIds: JSON.stringify([instanceId]) });
      return body?.instances?.instance?.[0]?.status;
    })
    .toBe(status);

describe('the ECS endpoint, by the unmodified ECS SDK', () => {
  it('runs instances and describes them by tag', async () => {
    const ids = await run(3, 'web');
    await run(1, 'db');
    await until(ids[0] ?? '', 'Running');

    const tag = [new DescribeInstancesRequestTag({ key: 'role', value: 'web' })];
    const { body } = await describeAll({ tag, maxResults: 100 });

    expect(body?.totalCount).toBe(3);
    expect(body?.nextToken).toBe('');
    expect(body?.instances?.instance?.map((instance) => instance.instanceId)).toEqual(ids);
    const [first] = body?.instances?.instance ?? [];
    expect(first).toMatchObject({
      instanceName: 'web-001',
      regionId: REGION,
      imageId: 'aliyun_3_x64_20G_alibase',
      instanceNetworkType: 'vpc',
      tags: { tag: [{ tagKey: 'role', tagValue: 'web' }] },
    });
    expect(first?.creationTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/);
    const [address] = first?.vpcAttributes?.privateIpAddress?.ipAddress ?? [];
    expect(address).toMatch(/^172\.16\.0\.\d+$/);
    expect(first?.networkInterfaces?.networkInterface?.[0]?.primaryIpAddress).toBe(address);
  });

  it('stops, starts, reboots and releases one', async () => {
    const [instanceId = ''] = await run(1, 'web');
    await until(instanceId, 'Running');

    await sdk().stopInstance(new StopInstanceRequest({ instanceId }));
    await until(instanceId, 'Stopped');
    await sdk().startInstance(new StartInstanceRequest({ instanceId }));
    await until(instanceId, 'Running');
    await sdk().rebootInstance(new RebootInstanceRequest({ instanceId }));
    await until(instanceId, 'Running');
    const tooEarly = sdk().deleteInstance(new DeleteInstanceRequest({ instanceId }));
    await expect(tooEarly).rejects.toMatchObject({ code: 'IncorrectInstanceStatus', statusCode: 403 });
    await sdk().deleteInstance(new DeleteInstanceRequest({ instanceId, force: true }));
    await until(instanceId, undefined);
  });

  it('answers a caller without permission an empty list, and tells by a dry run', async () => {
    await run(2, 'web');
    foundation.identities.putRole('blind', [
      { Version: '1', Statement: [{ Effect: 'Allow', Action: ['slb:*'], Resource: ['*'] }] },
    ]);
    const blind = foundation.identities.assumeRole('blind', 'test', 60_000);

    const { body } = await describeAll({ pageSize: 50 }, blind);

    expect(body?.instances?.instance).toEqual([]);
    expect(body?.totalCount).toBe(0);
    await expect(describeAll({ dryRun: true }, blind)).rejects.toMatchObject({ code: 'Forbidden.RAM' });
    await expect(describeAll({ dryRun: true })).rejects.toMatchObject({
      code: 'DryRunOperation',
      statusCode: 400,
    });
    await expect(
      sdk(blind).stopInstance(new StopInstanceRequest({ instanceId: 'i-1' })),
    ).rejects.toMatchObject({
      code: 'Forbidden.RAM',
      statusCode: 403,
    });
  });

  it('runs spot instances, and shows the lock of one that is interrupted', async () => {
    const call = rpcClient(server, '2014-05-26', foundation.identities.administrator);
    const { body } = await call('RunInstances', { Amount: 1, SpotStrategy: 'SpotAsPriceGo' });
    const sets = body?.InstanceIdSets as { InstanceIdSet: Array<string> } | undefined;
    const [instanceId = ''] = sets?.InstanceIdSet ?? [];
    const [usualId = ''] = await run(1, 'web');

    ecs.interrupt(instanceId);

    const described = await describeAll({ instanceIds: JSON.stringify([instanceId, usualId]) });
    expect(described.body?.instances?.instance).toMatchObject([
      {
        spotStrategy: 'SpotAsPriceGo',
        operationLocks: { lockReason: [{ lockReason: 'Recycling' }] },
      },
      { spotStrategy: 'NoSpot', operationLocks: { lockReason: [] } },
    ]);
  });

  it('shows system events by DescribeInstancesFullStatus, and nothing to a caller without permission', async () => {
    const [instanceId = ''] = await run(1, 'web');
    await until(instanceId, 'Running');
    const notBeforeMs = Date.parse('2099-01-01T00:00:00Z');
    const eventId = ecs.scheduleSystemEvent({
      instanceId,
      eventType: 'SystemMaintenance.Reboot',
      notBeforeMs,
    });
    foundation.identities.putRole('blind', [
      { Version: '1', Statement: [{ Effect: 'Allow', Action: ['slb:*'], Resource: ['*'] }] },
    ]);
    const fullStatus = (query: object, credential?: Credential) =>
      sdk(credential).describeInstancesFullStatus(
        new DescribeInstancesFullStatusRequest({ regionId: REGION, ...query }),
      );

    const { body } = await fullStatus({ instanceId: [instanceId], eventType: 'SystemMaintenance.Reboot' });
    const other = await fullStatus({ eventType: 'SystemFailure.Reboot' });
    const blind = await fullStatus({}, foundation.identities.assumeRole('blind', 'test', 60_000));

    expect(body).toMatchObject({ totalCount: 1, pageNumber: 1, pageSize: 10 });
    expect(body?.instanceFullStatusSet?.instanceFullStatusType).toMatchObject([
      {
        instanceId,
        status: { code: 1, name: 'Running' },
        healthStatus: { name: 'Maintaining' },
        scheduledSystemEventSet: {
          scheduledSystemEventType: [
            {
              eventId,
              eventType: { code: 1, name: 'SystemMaintenance.Reboot' },
              eventCycleStatus: { code: 24, name: 'Scheduled' },
              notBefore: '2099-01-01T00:00:00Z',
              eventPublishTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
            },
          ],
        },
      },
    ]);
    const [withoutEvents] = other.body?.instanceFullStatusSet?.instanceFullStatusType ?? [];
    expect(withoutEvents?.scheduledSystemEventSet?.scheduledSystemEventType).toEqual([]);
    expect(blind.body).toMatchObject({
      instanceFullStatusSet: { instanceFullStatusType: [] },
      totalCount: 0,
    });
  });

  it('refuses a wrong secret', async () => {
    const wrong = { ...foundation.identities.administrator, accessKeySecret: 'wrong' };

    await expect(describeAll({}, wrong)).rejects.toMatchObject({ code: 'SignatureDoesNotMatch' });
  });
});

describe('the ECS endpoint', () => {
  it('takes ids as a JSON array in text, and an empty one as a filter', async () => {
    const call = rpcClient(server, '2014-05-26', foundation.identities.administrator);
    const [id] = await run(1, 'web');

    const found = await call('DescribeInstances', { InstanceIds: JSON.stringify([id, 'i-unknown']) });
    const none = await call('DescribeInstances', { InstanceIds: '[]' });
    const malformed = await call('DescribeInstances', { InstanceIds: 'i-1,i-2' });

    expect(found.body?.TotalCount).toBe(1);
    expect(none.body?.TotalCount).toBe(0);
    expect(malformed).toMatchObject({ code: 'InvalidInstanceIds.Malformed', statusCode: 400 });
  });

  it('reads the spans of time that DescribeInstancesFullStatus is given, and refuses other spellings', async () => {
    const call = rpcClient(server, '2014-05-26', foundation.identities.administrator);
    const [instanceId = ''] = await run(1, 'web');
    const notBeforeMs = Date.parse('2099-01-01T00:00:00Z');
    ecs.scheduleSystemEvent({ instanceId, eventType: 'SystemMaintenance.Stop', notBeforeMs });
    const events = async (span: object) => {
      const { body } = await call('DescribeInstancesFullStatus', { NotBefore: span });
      const set = body?.InstanceFullStatusSet as {
        InstanceFullStatusType: Array<{
          ScheduledSystemEventSet: { ScheduledSystemEventType: Array<object> };
        }>;
      };
      return set.InstanceFullStatusType[0]?.ScheduledSystemEventSet.ScheduledSystemEventType.length;
    };

    expect(await events({ Start: '2098-12-31T00:00:00Z', End: '2099-01-01T00:00:00Z' })).toBe(1);
    expect(await events({ Start: '2099-01-01T00:00:01Z' })).toBe(0);
    expect(await call('DescribeInstancesFullStatus', { NotBefore: { End: 'tomorrow' } })).toMatchObject({
      code: 'InvalidParameter',
    });
    expect(
      await call('DescribeInstancesFullStatus', { InstanceId: Array(101).fill(instanceId) }),
    ).toMatchObject({ code: 'InstanceIdLimitExceeded', statusCode: 403 });
  });

  it('shows and changes tags and statuses under their wire names', async () => {
    const call = rpcClient(server, '2014-05-26', foundation.identities.administrator);
    const [id = ''] = await run(1, 'web');
    const resource = { ResourceType: 'instance', ResourceId: [id] };

    await call('TagResources', {
      ...resource,
      Tag: [{ Key: 'acs:autoscaling:scalingGroupId', Value: 'asg-1' }],
    });
    await call('UntagResources', { ...resource, TagKey: ['role'] });
    const tagged = await call('DescribeInstances', { Tag: [{ Key: 'acs:autoscaling:scalingGroupId' }] });
    await until(id, 'Running');
    const statuses = await call('DescribeInstanceStatus', { InstanceId: [id] });

    expect(tagged.body).toMatchObject({
      Instances: {
        Instance: [{ Tags: { Tag: [{ TagKey: 'acs:autoscaling:scalingGroupId', TagValue: 'asg-1' }] } }],
      },
    });
    expect(statuses.body).toMatchObject({
      InstanceStatuses: { InstanceStatus: [{ InstanceId: id, Status: 'Running' }] },
    });
  });
});
