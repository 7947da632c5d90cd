import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handleInstanceEvents } from '../../../functions/instance-events/handler.ts';
import type { Production } from '../../../shared/adapters/production.ts';
import type { InboundEvent, InstanceState } from '../../../shared/events/model.ts';
import { aBinding, GROUP } from '../../support/builders.ts';
import { type Stage, setStage } from '../../support/stage.ts';

const event = (
  instanceId: string,
  state: InstanceState,
  key = `event/acs.ecs/${instanceId}-${state}`,
): InboundEvent => ({
  kind: 'instance-state-changed',
  key,
  instanceId,
  state,
  atMs: null,
  regionId: 'cn-hangzhou',
  payloadHash: `hash of ${instanceId} ${state}`,
});

let stage: Stage;
beforeEach(async () => {
  stage = await setStage();
});
afterEach(async () => {
  await stage.close();
});

/**
 * The instances start and are in the group. A write at the end of a slot of the API budget is put off to the next slot, so the
 * invocation that took the events in may only have left a wake-up.
 */
async function join(worker: Production, ids: ReadonlyArray<string>): Promise<void> {
  await handleInstanceEvents(
    worker,
    ids.map((id) => event(id, 'Running')),
  );
  await stage.tickUntil(worker, () => stage.group().length === ids.length);
}

describe('a batch of events', () => {
  it('joins Running instances to their group with the port, weight and mark of the binding', async () => {
    const ids = await stage.running(3);

    await join(stage.worker(), ids);

    expect(stage.group()).toEqual(ids.map((id) => `${id}:8080=100`).sort());
    expect(stage.clouds.slb.group(GROUP)?.backends.map(({ description }) => description)).toEqual(
      ids.map(() => 'slb-autopilot/web'),
    );
    expect(stage.slbWrites().map(({ action }) => action)).toEqual(['AddVServerGroupBackendServers']);
  });

  it('costs one table call and no SLB call when all of it is known', async () => {
    const ids = await stage.running(100, { role: 'other' });
    const events = ids.map((id) => event(id, 'Running'));
    const worker = stage.worker();
    await handleInstanceEvents(worker, events);
    const before = stage.clouds.foundation.gate.records.length;

    const { accepted } = await handleInstanceEvents(worker, events);

    expect(accepted).toMatchObject({ duplicates: 100, accepted: 0, notSelected: 0 });
    expect(
      stage.clouds.foundation.gate.records.slice(before).map(({ product, action }) => `${product} ${action}`),
    ).toEqual(['ots BatchGetRow']);
  });

  it('takes at most 6 table calls to accept 100 events, lane work apart', async () => {
    const ids = await stage.running(100);
    const worker = stage.worker({ timing: { ...stage.worker().timing, passBudgetMs: 0 } });

    await handleInstanceEvents(
      worker,
      ids.map((id) => event(id, 'Running')),
    );

    const calls = stage.clouds.foundation.gate.records.filter(({ product }) => product === 'ots');
    expect(calls.length).toBeLessThanOrEqual(6);
  });

  it('drains a stopping instance and removes it after its drain time', async () => {
    const [leaving = '', staying = ''] = await stage.running(2);
    const worker = stage.worker();
    await join(worker, [leaving, staying]);

    stage.clouds.ecs.stopInstance({ instanceId: leaving, forceStop: true });
    await handleInstanceEvents(worker, [event(leaving, 'Stopped')]);
    await stage.tickUntil(worker, () => stage.group().length === 1);

    expect(stage.group()).toEqual([`${staying}:8080=100`]);
    expect(stage.slbWrites().map(({ action }) => action)).toEqual([
      'AddVServerGroupBackendServers',
      'SetVServerGroupAttribute',
      'RemoveVServerGroupBackendServers',
    ]);
  });

  it('removes a released instance, found through the index of members', async () => {
    const [gone = '', staying = ''] = await stage.running(2);
    const worker = stage.worker();
    await join(worker, [gone, staying]);

    stage.clouds.ecs.deleteInstance({ instanceId: gone, force: true });
    await stage.tickUntil(worker, () => stage.clouds.ecs.find(gone) === null);
    await handleInstanceEvents(worker, [event(gone, 'Deleted')]);
    await stage.tickUntil(worker, () => stage.group().length === 1);

    expect(stage.group()).toEqual([`${staying}:8080=100`]);
    expect(await worker.members.lanesOf([gone])).toEqual(new Map([[gone, new Set()]]));
  });

  it('writes nothing for copies of finished events under new ids', async () => {
    const ids = await stage.running(3);
    const worker = stage.worker();
    await join(worker, ids);
    const writes = stage.slbWrites().length;

    await handleInstanceEvents(
      worker,
      ids.map((id) => event(id, 'Running', `event/acs.ecs/again-${id}`)),
    );
    await handleInstanceEvents(
      worker,
      ids.map((id) => event(id, 'Stopping', `event/acs.ecs/late-${id}`)),
    );

    expect(stage.slbWrites()).toHaveLength(writes);
    expect(stage.group()).toHaveLength(3);
  });
});

describe('an instance that two bindings select', () => {
  it('joins both groups, each with its own ports', async () => {
    await stage.close();
    const metrics = 'rsp-bp1metrics001';
    stage = await setStage({
      bindings: [
        aBinding({
          ports: [
            { port: 8080, weight: 100 },
            { port: 8443, weight: 60 },
          ],
        }),
        aBinding({
          name: 'metrics',
          vServerGroupId: metrics,
          selector: { kind: 'tags', tags: { team: 'core' } },
          ports: [{ port: 9100, weight: 10 }],
        }),
      ],
    });
    const [id = ''] = await stage.running(1, { role: 'web', team: 'core' });

    const worker = stage.worker();

    await handleInstanceEvents(worker, [event(id, 'Running')]);
    await stage.tickUntil(worker, () => stage.group().length === 2 && stage.group(metrics).length === 1);

    expect(stage.group()).toEqual([`${id}:8080=100`, `${id}:8443=60`]);
    expect(stage.group(metrics)).toEqual([`${id}:9100=10`]);
  });
});
