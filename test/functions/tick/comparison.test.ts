import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handleTick, type TickDeps } from '../../../functions/tick/handler.ts';
import type { InboundEvent } from '../../../shared/events/model.ts';
import { aBinding, aSignal, GROUP, LB } from '../../support/builders.ts';
import { type Stage, setStage, until } from '../../support/stage.ts';

/** With an interval of a minute every tick of the schedule compares. */
const TIMING = { compareMs: 60_000 };
const tick: InboundEvent = { kind: 'tick', triggeredAtMs: 1_775_708_280_000 };

let stage: Stage;
beforeEach(async () => {
  stage = await setStage({ bindings: [aBinding({ drain: { timeMs: 0 } })], timing: TIMING });
});
afterEach(() => stage.close());

const writes = () => stage.slbWrites().map(({ action }) => action);
const compare = async (worker: TickDeps = stage.worker()) => await handleTick(worker, [tick]);

describe('the full comparison', () => {
  it('adds instances of which no event ever came', async () => {
    const [id] = await stage.running(1);

    const { comparison } = await compare();

    expect(comparison).toEqual({ compared: [LB], different: [LB], failed: {} });
    await stage.tickUntil(stage.worker(), () => stage.group().length === 1);
    expect(stage.group()).toEqual([`${id}:8080=100`]);
    expect(stage.rows('inbox')).toEqual([]);
  });

  it('takes out what has left unheard, and mends what somebody has changed', async () => {
    const [stays = '', leaves = ''] = await stage.running(2);
    await compare();
    await stage.tickUntil(stage.worker(), () => stage.group().length === 2);
    stage.clouds.ecs.stopInstance({ instanceId: leaves });
    await until(() => stage.clouds.ecs.find(leaves)?.status === 'Stopped');
    stage.clouds.slb.vServerGroups.set({
      vServerGroupId: GROUP,
      backendServers: [{ serverId: stays, port: 8080, weight: 7 }],
    });

    await compare();
    await stage.tickUntil(stage.worker(), () => stage.group().join() === `${stays}:8080=100`);

    expect(stage.group()).toEqual([`${stays}:8080=100`]);
  });

  it('writes nothing, no row either, where nothing differs', async () => {
    await stage.running(2);
    await compare();
    await stage.tickUntil(stage.worker(), () => stage.group().length === 2);
    const before = [writes(), stage.rows('lanes'), stage.rows('backends'), stage.rows('audit').length];

    const { comparison, lanes } = await compare();

    expect(comparison).toEqual({ compared: [LB], different: [], failed: {} });
    expect(lanes).toEqual({});
    expect([writes(), stage.rows('lanes'), stage.rows('backends'), stage.rows('audit').length]).toEqual(
      before,
    );
  });

  it('works off a signal that nobody counted', async () => {
    const worker = stage.worker();
    await worker.inbox.put([{ laneId: LB, signal: aSignal('i-bp1gone00000000001', 'Stopped') }]);

    expect((await compare()).comparison).toMatchObject({ different: [LB] });
    expect(stage.rows('inbox')).toEqual([]);
  });

  it('leaves a lane alone that somebody holds', async () => {
    await stage.running(1);
    const worker = stage.worker();
    const leaseUntilMs = worker.clock.nowMs() + 60_000;
    await worker.lanes.change(LB, { expect: {}, set: { owner: 'somebody', leaseUntilMs }, nextFence: true });

    expect((await compare()).comparison).toMatchObject({ different: [] });
    expect(writes()).toEqual([]);
  });

  it('says why it could not compare, and nothing is changed then', async () => {
    const ids = await stage.running(2);
    await compare();
    await stage.tickUntil(stage.worker(), () => stage.group().length === 2);
    const worker = stage.worker();
    const blind = { ...worker.instances, list: async () => await Promise.reject(new Error('no answer')) };

    const { comparison } = await compare({ ...worker, instances: blind });

    expect(comparison).toEqual({ compared: [], different: [], failed: { [LB]: 'no answer' } });
    expect(stage.group()).toEqual(ids.map((id) => `${id}:8080=100`).sort());
  });

  it('takes nobody out for not being on a list that was cut short, and counts that it was', async () => {
    const ids = await stage.running(2);
    await compare();
    await stage.tickUntil(stage.worker(), () => stage.group().length === 2);
    const worker = stage.worker();
    const counts: Array<string> = [];
    const cut = { ...worker.instances, list: async () => ({ instances: [], isComplete: false }) };
    const metrics = { count: (name: string) => void counts.push(name) };

    await compare({ ...worker, instances: cut, metrics });

    expect(counts).toContain('selectors-unsure');
    expect(stage.group()).toEqual(ids.map((id) => `${id}:8080=100`).sort());
  });

  it('does not believe an empty list of an identity that may not list', async () => {
    const worker = stage.worker();
    const provePermission = async () => await Promise.reject(new Error('Forbidden.RAM'));
    const denied = {
      ...worker.instances,
      list: async () => ({ instances: [], isComplete: true }),
      provePermission,
    };

    expect((await compare({ ...worker, instances: denied })).comparison?.failed).toEqual({
      [LB]: 'Forbidden.RAM',
    });
  });

  it('is left out by a tick that names no instant of the schedule', async () => {
    await stage.running(1);

    expect((await handleTick(stage.worker(), [{ kind: 'tick' }])).comparison).toBeNull();
    expect(stage.group()).toEqual([]);
  });
});
