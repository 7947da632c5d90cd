import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UnprovenError } from '../../../../shared/instances/errors.ts';
import { answers, failureOf, startMisbehavingServer } from '../../../support/misbehaving-server.ts';
import { type Stage, setStage } from '../../../support/stage.ts';
import { createWorker } from '../../../support/worker.ts';

const ROLE = [{ key: 'role', value: 'web' }];

let stage: Stage;
beforeEach(async () => {
  stage = await setStage();
});
afterEach(() => stage.close());

const create = (input: Parameters<Stage['clouds']['ecs']['networkInterfaces']['create']>[0] = {}) =>
  stage.clouds.ecs.networkInterfaces.create({ status: 'InUse', tags: ROLE, ...input });
const addressesOf = (id: string) => stage.clouds.ecs.networkInterfaces.find(id)?.privateIpAddresses ?? [];

/** Instances as a role that may do nothing but that sees them. */
function asRoleWith(actions: ReadonlyArray<string>) {
  const { identities } = stage.clouds.foundation;
  identities.putRole('narrow', [
    { Version: '1', Statement: [{ Effect: 'Allow', Action: [...actions], Resource: ['*'] }] },
  ]);
  const accessKey = identities.assumeRole('narrow', 'test', 60_000);
  return createWorker({ ...stage.settings, accessKey }).instances;
}

describe('network interfaces', () => {
  it('come with their state, tags and all addresses; unknown ones are left out', async () => {
    const id = create({ addresses: 3 });

    const [found, ...others] = await stage.worker().instances.describe([id, 'eni-unknown']);

    expect(others).toEqual([]);
    expect(found).toMatchObject({
      instanceId: id,
      status: 'Running',
      vendorStatus: 'InUse',
      instanceType: null,
      zoneId: 'cn-hangzhou-h',
      vpcId: stage.clouds.ecs.networkInterfaces.find(id)?.vpcId,
      privateIp: addressesOf(id)[0],
      addresses: addressesOf(id),
    });
    expect(found?.tags.role).toBe('web');
  });

  it.each([
    ['InUse', 'Running'],
    ['Attaching', 'Starting'],
    ['Detaching', 'Stopping'],
    ['Deleting', 'Stopping'],
    ['Available', 'Stopped'],
  ] as const)('that are %s count as %s', async (status, expected) => {
    const id = create({ status });

    const [found] = await stage.worker().instances.describe([id]);

    expect(found?.status).toBe(expected);
  });

  it('look absent without permission, and nothing tells that from an empty region', async () => {
    const id = create();
    const instances = asRoleWith(['slb:*']);

    expect(await instances.describe([id])).toEqual([]);
    expect((await failureOf(instances.provePermission('eni'))).error).toBeInstanceOf(UnprovenError);
  });

  it('are proven to be listable as soon as there is any, as every instance has one', async () => {
    const instances = asRoleWith(['ecs:DescribeNetworkInterfaces']);
    expect((await failureOf(instances.provePermission('eni'))).error).toBeInstanceOf(UnprovenError);

    await stage.running(1);

    await instances.provePermission('eni');
  });
});

describe('a listing of network interfaces by tags', () => {
  it('has every page, and nobody whose tags differ', async () => {
    const ids = Array.from({ length: 501 }, () => create());
    create({ tags: [{ key: 'role', value: 'api' }] });

    const listing = await stage.worker().instances.list(ROLE, 'eni');

    expect(listing.isComplete).toBe(true);
    expect(listing.instances.map(({ instanceId }) => instanceId)).toEqual(ids);
  });

  it('says that it may be cut short once it has as many as a query by tags sees', async () => {
    for (let count = 0; count < 1_001; count++) create();

    const { instances, isComplete } = await stage.worker().instances.list(ROLE, 'eni');

    expect([instances.length, isComplete]).toEqual([1_000, false]);
  });

  it.each([
    ['gives up on pages that never end', 'InUse', 'TransientError'],
    ['does not work with a state that it does not know', 'Melting', 'RejectedError'],
  ])('%s', async (_, Status, name) => {
    const server = await startMisbehavingServer();
    const page = {
      RequestId: 'R',
      NetworkInterfaceSets: { NetworkInterfaceSet: [{ NetworkInterfaceId: 'eni-1', Status }] },
      NextToken: 'again',
    };
    server.behave(answers(200, JSON.stringify(page), { 'content-type': 'application/json' }));
    const { instances } = createWorker({
      ...stage.settings,
      endpoints: { ...stage.settings.endpoints, ecs: server.endpoint },
    });

    const { error } = await failureOf(instances.list(ROLE, 'eni'));
    await server.close();

    expect(error).toMatchObject({ name });
  });
});
