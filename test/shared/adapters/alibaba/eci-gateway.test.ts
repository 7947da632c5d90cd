import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONTAINER_GROUP_STATUSES } from '../../../../infra/local/world/eci/eci.ts';
import { UnprovenError } from '../../../../shared/instances/errors.ts';
import { failureOf } from '../../../support/misbehaving-server.ts';
import { type Stage, setStage } from '../../../support/stage.ts';
import { createWorker } from '../../../support/worker.ts';

const ROLE = [{ key: 'role', value: 'web' }];

let stage: Stage;
beforeEach(async () => {
  stage = await setStage();
});
afterEach(() => stage.close());

const create = (input: Parameters<Stage['clouds']['eci']['create']>[0] = {}) =>
  stage.clouds.eci.create({ tags: ROLE, ...input });

describe('container instances', () => {
  it('come with their state, tags and address; unknown ones are left out', async () => {
    const id = create();

    const [found, ...others] = await stage.worker().instances.describe([id, 'eci-unknown']);

    const { intranetIp, vpcId } = stage.clouds.eci.find(id) ?? {};
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      instanceId: id,
      status: 'Running',
      vpcId,
      privateIp: intranetIp,
      addresses: [intranetIp],
    });
    expect(found?.tags.role).toBe('web');
  });

  it('are in while Running, on their way before and between, and out when they have ended', async () => {
    const ids = CONTAINER_GROUP_STATUSES.map((status) => create({ status }));

    const found = await stage.worker().instances.describe(ids);

    expect(Object.fromEntries(found.map(({ vendorStatus, status }) => [vendorStatus, status]))).toEqual({
      Scheduling: 'Starting',
      Pending: 'Starting',
      Restarting: 'Starting',
      Updating: 'Starting',
      Running: 'Running',
      Terminating: 'Stopping',
      ScheduleFailed: 'Stopped',
      Succeeded: 'Stopped',
      Failed: 'Stopped',
      Expired: 'Stopped',
    });
  });

  it('are asked for by twenty at most, and never together with others', async () => {
    const { instances } = stage.worker();
    const ids = Array.from({ length: 21 }, () => create());

    expect(await instances.describe(ids.slice(1))).toHaveLength(20);
    await expect(instances.describe(ids)).rejects.toThrow(RangeError);
    await expect(instances.describe(['i-1', 'eci-1'])).rejects.toThrow(RangeError);
  });

  it('look absent without permission, and nothing tells that from an empty region', async () => {
    const { identities } = stage.clouds.foundation;
    identities.putRole('narrow', []);
    const accessKey = identities.assumeRole('narrow', 'test', 60_000);
    const denied = createWorker({ ...stage.settings, accessKey }).instances;
    const id = create();

    expect(await denied.describe([id])).toEqual([]);
    expect((await failureOf(denied.provePermission('eci'))).error).toBeInstanceOf(UnprovenError);
    await stage.worker().instances.provePermission('eci');
  });

  it('are listed by tags page after page', async () => {
    const ids = Array.from({ length: 45 }, () => create());
    create({ tags: [{ key: 'role', value: 'api' }] });

    const { instances, isComplete } = await stage.worker().instances.list(ROLE, 'eci');

    expect(isComplete).toBe(true);
    expect(instances.map(({ instanceId }) => instanceId)).toEqual(ids);
  });
});
