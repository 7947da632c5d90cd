import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RejectedError } from '../../../../shared/errors.ts';
import { RECYCLING } from '../../../../shared/instances/model.ts';
import { IDS_PER_CALL } from '../../../../shared/instances/ports.ts';
import { answers, failureOf, startMisbehavingServer } from '../../../support/misbehaving-server.ts';
import { type Stage, setStage } from '../../../support/stage.ts';
import { createWorker } from '../../../support/worker.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await setStage();
});
afterEach(() => stage.close());

/** A worker whose role may do only what the policy says. */
function workerWith(actions: ReadonlyArray<string>) {
  const { identities } = stage.clouds.foundation;
  identities.putRole('narrow', [
    { Version: '1', Statement: [{ Effect: 'Allow', Action: [...actions], Resource: ['*'] }] },
  ]);
  return createWorker({ ...stage.settings, accessKey: identities.assumeRole('narrow', 'test', 60_000) });
}

describe('instances', () => {
  it('come with state and tags; unknown ones are left out', async () => {
    const [id = ''] = await stage.running(1, { role: 'web', constructor: 'x' });

    const found = await stage.worker().instances.describe([id, 'i-unknown']);

    expect(found).toEqual([
      {
        instanceId: id,
        status: 'Running',
        vendorStatus: null,
        tags: Object.assign(Object.create(null), { role: 'web', constructor: 'x' }),
        privateIp: stage.clouds.ecs.find(id)?.privateIpAddress,
        addresses: [stage.clouds.ecs.find(id)?.privateIpAddress],
        vpcId: stage.clouds.ecs.find(id)?.vpcId,
        instanceType: 'ecs.g7.large',
        zoneId: stage.clouds.ecs.find(id)?.zoneId,
        // ECS says it to the minute.
        runningSinceMs: Math.floor((stage.clouds.ecs.find(id)?.startedAtMs ?? 0) / 60_000) * 60_000,
        lockReasons: [],
        scaling: null,
      },
    ]);
    expect(found[0]?.tags.toString).toBeUndefined();
  });

  it('come with the locks that ECS has put on them', async () => {
    const [id = ''] = await stage.running(1);
    stage.clouds.ecs.setLocks(id, ['Recycling', 'financial']);

    const [found] = await stage.worker().instances.describe([id]);

    expect(found?.lockReasons).toEqual([RECYCLING, 'financial']);
  });

  it('of a full page all come', async () => {
    const ids = await stage.running(IDS_PER_CALL.ecs);

    expect(await stage.worker().instances.describe(ids)).toHaveLength(IDS_PER_CALL.ecs);
    await expect(stage.worker().instances.describe([...ids, 'i-1'])).rejects.toThrow(RangeError);
  });

  it('look absent without permission, and the proof of permission says so', async () => {
    const ids = await stage.running(1);
    const { instances } = workerWith(['slb:*']);

    expect(await instances.describe(ids)).toEqual([]);
    expect((await failureOf(instances.provePermission())).error).toBeInstanceOf(RejectedError);
  });

  it('are proven to be listable by a role that may', async () => {
    await workerWith(['ecs:DescribeInstances']).instances.provePermission();
    await stage.worker().instances.provePermission();
  });

  it('throttled say so instead of being absent', async () => {
    stage.clouds.foundation.faults.inject({
      name: 'throttle',
      match: { product: 'ecs' },
      skip: 0,
      times: null,
      effect: { kind: 'error', status: 400, code: 'Throttling.User', message: 'slow down' },
    });

    const { error } = await failureOf(stage.worker().instances.describe(['i-1']));

    expect(error).toMatchObject({ name: 'TransientError', reason: 'throttled' });
  });
});

describe('a listing by tags', () => {
  const web = [{ key: 'role', value: 'web' }];
  const tagged = (amount: number, tags: ReadonlyArray<{ key: string; value: string }> = web) => {
    const ids: Array<string> = [];
    while (ids.length < amount) {
      ids.push(...stage.clouds.ecs.runInstances({ amount: Math.min(100, amount - ids.length), tags }));
    }
    return ids;
  };
  const callsMade = () =>
    stage.clouds.foundation.gate.records.filter(({ action }) => action === 'DescribeInstances').length;

  it('finds every instance that carries all of them, over all pages', async () => {
    const ids = tagged(201, [...web, { key: 'team', value: 'shop' }]);
    tagged(2);
    tagged(1, [
      { key: 'role', value: 'db' },
      { key: 'team', value: 'shop' },
    ]);

    const found = await stage.worker().instances.list([...web, { key: 'team', value: 'shop' }]);

    expect(found.instances.map(({ instanceId }) => instanceId).sort()).toEqual([...ids].sort());
    expect(found.isComplete).toBe(true);
    expect(callsMade()).toBe(3);
  });

  it.each([
    [999, true],
    [1_000, false],
    [1_001, false],
  ])('of %i instances is complete: %s', async (amount, isComplete) => {
    tagged(amount);

    const found = await stage.worker().instances.list(web);

    expect(found.instances).toHaveLength(Math.min(amount, 1_000));
    expect(found.isComplete).toBe(isComplete);
  });

  it('is empty without permission, like every answer of ECS', async () => {
    tagged(1);

    expect(await workerWith(['slb:*']).instances.list(web)).toEqual({ instances: [], isComplete: true });
  });

  it('fails as a whole when one of its pages does', async () => {
    tagged(150);
    stage.clouds.foundation.faults.inject({
      name: 'throttle',
      match: { product: 'ecs' },
      skip: 1,
      times: null,
      effect: { kind: 'error', status: 400, code: 'Throttling.User', message: 'slow down' },
    });

    const { error } = await failureOf(stage.worker().instances.list(web));

    expect(error).toMatchObject({ name: 'TransientError', reason: 'throttled' });
  });

  it('refuses to list the whole account', async () => {
    await expect(stage.worker().instances.list([])).rejects.toThrow(RangeError);
    expect(callsMade()).toBe(0);
  });

  it('gives up on pages that never end', async () => {
    const server = await startMisbehavingServer();
    server.behave(
      answers(200, JSON.stringify({ RequestId: 'R', Instances: { Instance: [] }, NextToken: 'again' }), {
        'content-type': 'application/json',
      }),
    );
    const worker = createWorker({
      ...stage.settings,
      endpoints: { ...stage.settings.endpoints, ecs: server.endpoint },
    });

    const { error } = await failureOf(worker.instances.list(web));
    await server.close();

    expect(error).toMatchObject({ name: 'TransientError', reason: 'unavailable' });
    expect(server.requests()).toBe(30);
  });

  it('takes the address of the primary network interface where the VPC names none', async () => {
    const server = await startMisbehavingServer();
    const instance = (InstanceId: string, more: object) => ({ InstanceId, Status: 'Running', ...more });
    const interfaces = [
      { Type: 'Secondary', PrimaryIpAddress: '10.0.0.9' },
      { Type: 'Primary', PrimaryIpAddress: '10.0.0.4' },
    ];
    server.behave(
      answers(
        200,
        JSON.stringify({
          RequestId: 'R',
          Instances: {
            Instance: [
              instance('i-1', { NetworkInterfaces: { NetworkInterface: interfaces } }),
              instance('i-2', { VpcAttributes: { PrivateIpAddress: { IpAddress: [] } } }),
            ],
          },
        }),
        { 'content-type': 'application/json' },
      ),
    );
    const worker = createWorker({
      ...stage.settings,
      endpoints: { ...stage.settings.endpoints, ecs: server.endpoint },
    });

    const { instances } = await worker.instances.list(web);
    await server.close();

    expect(instances.map(({ privateIp }) => privateIp)).toEqual(['10.0.0.4', null]);
  });
});
