import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RejectedError } from '../../../../shared/errors.ts';
import { INSTANCES_PER_CALL } from '../../../../shared/instances/ports.ts';
import { failureOf } from '../../../support/misbehaving-server.ts';
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
        tags: Object.assign(Object.create(null), { role: 'web', constructor: 'x' }),
      },
    ]);
    expect(found[0]?.tags.toString).toBeUndefined();
  });

  it('of a full page all come', async () => {
    const ids = await stage.running(INSTANCES_PER_CALL);

    expect(await stage.worker().instances.describe(ids)).toHaveLength(INSTANCES_PER_CALL);
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
