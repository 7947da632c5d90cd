import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handleInstanceEvents } from '../../../functions/instance-events/handler.ts';
import { handleTick } from '../../../functions/tick/handler.ts';
import type { Fault, FaultEffect } from '../../../infra/local/world/faults.ts';
import type { Production } from '../../../shared/adapters/production.ts';
import { createBudgetStore } from '../../../shared/adapters/tablestore/budget-store.ts';
import { createApiBudget } from '../../../shared/api-budget/apply.ts';
import { DEFAULT_API_BUDGET } from '../../../shared/api-budget/model.ts';
import type { InboundEvent, InstanceState } from '../../../shared/events/model.ts';
import { aBinding, GROUP, LB } from '../../support/builders.ts';
import { type Stage, setStage } from '../../support/stage.ts';
import { openTables } from '../../support/tables.ts';

const ADD = 'AddVServerGroupBackendServers';
const SET = 'SetVServerGroupAttribute';
const REMOVE = 'RemoveVServerGroupBackendServers';

let stage: Stage;
let worker: Production;
/** How far the workers' clock has been put forward; waits are jumped over, never slept through. */
let skewMs = 0;

async function begin(options: Parameters<typeof setStage>[0] = {}): Promise<void> {
  stage = await setStage(options);
  // From the start of a slot of the budget, or its end would come in some runs and not in others.
  skewMs = DEFAULT_API_BUDGET.slotMs - (Date.now() % DEFAULT_API_BUDGET.slotMs);
  const clock = { nowMs: () => Date.now() + skewMs };
  const tables = openTables(stage);
  const store = createBudgetStore(tables);
  const settings = DEFAULT_API_BUDGET;
  const { regionId } = stage.settings;
  const { random, logger } = stage.worker();
  const budget = createApiBudget({ store, clock, random, logger, settings, regionId });
  worker = stage.worker({ clock, budget });
}

beforeEach(() => begin());
afterEach(() => stage.close());

const event = (instanceId: string, state: InstanceState): InboundEvent => ({
  kind: 'instance-state-changed',
  key: `event/acs.ecs/${instanceId}-${state}-${skewMs}`,
  instanceId,
  state,
  atMs: null,
  regionId: 'cn-hangzhou',
  payloadHash: `${instanceId} ${state}`,
});

async function join(ids: ReadonlyArray<string>): Promise<void> {
  await handleInstanceEvents(
    worker,
    ids.map((id) => event(id, 'Running')),
  );
}

async function tick(): Promise<void> {
  await handleTick(worker, [{ kind: 'tick' }]);
}

/** Puts the clock forward to the lane's next deadline and ticks, until nothing is due any more. */
async function settle(turns = 30): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    const { nextWakeUpMs } = await worker.lanes.read(LB);
    if (nextWakeUpMs === null) return;
    skewMs += Math.max(0, nextWakeUpMs - worker.clock.nowMs());
    await tick();
  }
}

function inject(action: string, effect: FaultEffect, times = 1): void {
  const fault: Fault = { name: action, match: { product: 'slb', action }, skip: 0, times, effect };
  stage.clouds.foundation.faults.inject(fault);
}

const refusal = (code: string, status = 400, headers = {}): FaultEffect => ({
  kind: 'error',
  status,
  code,
  message: `${code}.`,
  headers,
});
const calls = (action: string) =>
  stage.clouds.foundation.gate.records.filter((record) => record.action === action);
const audit = () => stage.rows('audit').map(({ action, reason }) => `${action}: ${reason}`);
const inService = (ids: ReadonlyArray<string>) => ids.map((id) => `${id}:8080=100`).sort();

describe('a busy group', () => {
  it.each(['VServerGroupProcessing', 'BackendServer.configuring', 'SystemBusy'])(
    'that answers %s makes the lane wait a little, not the event fail',
    async (code) => {
      inject(ADD, refusal(code));
      const ids = await stage.running(3);

      await join(ids);
      expect(stage.group()).toEqual([]);
      const { nextWakeUpMs } = await worker.lanes.read(LB);
      expect((nextWakeUpMs ?? 0) - worker.clock.nowMs()).toBeLessThanOrEqual(3_000);

      await settle();
      expect(stage.group()).toEqual(inService(ids));
      expect(calls(ADD)).toHaveLength(2);
    },
  );

  it('is written once in its processing second and again after it, without being refused', async () => {
    await stage.close();
    await begin({ clouds: { switches: { slbGroupProcessingMs: 1_000 } } });
    const ids = await stage.running(25);

    await join(ids);
    expect(calls(ADD).map(({ errorCode }) => errorCode)).toEqual([null]);
    expect(stage.group()).toHaveLength(20);

    await stage.tickUntil(stage.worker(), () => stage.group().length === 25);
    expect(calls(ADD).map(({ errorCode }) => errorCode)).toEqual([null, null]);
  });
});

describe('a throttled account', () => {
  it('is left alone for as long as the answer says', async () => {
    inject(ADD, refusal('Throttling.User', 400, { 'x-acs-retry-after': '7000' }));
    const ids = await stage.running(2);

    await join(ids);
    const { nextWakeUpMs } = await worker.lanes.read(LB);
    const waitMs = (nextWakeUpMs ?? 0) - worker.clock.nowMs();
    expect(waitMs).toBeGreaterThan(5_000);
    // Workers come back apart, but within one slot of the shared budget.
    expect(waitMs).toBeLessThanOrEqual(7_000 + DEFAULT_API_BUDGET.slotMs);

    await settle();
    expect(stage.group()).toEqual(inService(ids));
    expect(calls(ADD)).toHaveLength(2);
  });
});

describe('an answer that got lost', () => {
  it('of an Add is found in the group: nothing is added twice', async () => {
    inject(ADD, { kind: 'lose-reply' });
    const ids = await stage.running(3);

    await join(ids);
    await settle();

    expect(stage.group()).toEqual(inService(ids));
    expect(calls(ADD)).toHaveLength(1);
  });

  it.each([SET, REMOVE])('of %s leaves the drain to end as it should', async (action) => {
    const ids = await stage.running(2);
    await join(ids);
    inject(action, { kind: 'lose-reply' });

    stage.clouds.ecs.stopInstance({ instanceId: ids[0] ?? '', forceStop: true });
    await handleInstanceEvents(worker, [event(ids[0] ?? '', 'Stopped')]);
    await settle();

    expect(stage.group()).toEqual(inService(ids.slice(1)));
    expect(stage.rows('backends').filter(({ row }) => row !== undefined)).toHaveLength(1);
  });
});

describe('a refusal because of one backend', () => {
  it('never keeps the others out: the batch comes back in smaller parts', async () => {
    const ids = await stage.running(6);
    inject(ADD, refusal('ObtainIpFail'));

    await join(ids);
    expect(stage.group()).toEqual([]);
    await settle();

    expect(stage.group()).toEqual(inService(ids));
    expect(
      calls(ADD).map(
        ({ parameters }) => (parameters as { backendServers: ReadonlyArray<unknown> }).backendServers.length,
      ),
    ).toEqual([6, 5, 1]);
    expect(audit().filter((entry) => entry.startsWith('call-refused'))).toHaveLength(6);
  });
});

describe('a refusal for good', () => {
  it('waits a minute and says why in the audit and in the record', async () => {
    inject(ADD, refusal('InstanceBackendServerNumberOverLimit'));
    const ids = await stage.running(1);

    await join(ids);

    expect(stage.rows('backends').map(({ row }) => JSON.parse(String(row)).held)).toEqual([
      { by: 'refusal', reason: expect.stringContaining('InstanceBackendServerNumberOverLimit') },
    ]);
    const [call] = calls(ADD);
    expect(stage.rows('audit').find(({ action }) => action === 'call-refused')?.requestIds).toBe(
      call?.requestId,
    );
    await settle();
    expect(stage.group()).toEqual(inService(ids));
  });

  it('of a group that does not exist holds that group alone', async () => {
    await stage.close();
    const gone = 'rsp-bp1gone0000001';
    await begin({ bindings: [aBinding(), aBinding({ name: 'gone', vServerGroupId: gone })] });
    stage.clouds.slb.vServerGroups.delete(gone);
    const ids = await stage.running(1);

    await join(ids);

    expect(stage.group(GROUP)).toEqual(inService(ids));
  });
});

describe('the verification read', () => {
  it('comes after the last write that may land late, finds nothing to do and leaves no deadline', async () => {
    const ids = await stage.running(1);
    await join(ids);
    const { notes, nextWakeUpMs } = await worker.lanes.read(LB);
    expect(nextWakeUpMs).toBe(notes.verifyAtMs);
    const writes = stage.slbWrites().length;

    await settle();

    expect(stage.slbWrites()).toHaveLength(writes);
    expect(await worker.lanes.read(LB)).toMatchObject({
      nextWakeUpMs: null,
      owner: null,
      notes: { verifyAtMs: null },
    });
  });

  it('mends what a stale write of a dead worker did', async () => {
    const ids = await stage.running(2);
    await join(ids);
    stage.clouds.ecs.stopInstance({ instanceId: ids[0] ?? '', forceStop: true });
    await handleInstanceEvents(worker, [event(ids[0] ?? '', 'Stopped')]);
    await settle();
    stage.clouds.ecs.stopInstance({ instanceId: ids[1] ?? '', forceStop: true });
    await handleInstanceEvents(worker, [event(ids[1] ?? '', 'Stopped')]);

    stage.clouds.slb.vServerGroups.set({
      vServerGroupId: GROUP,
      backendServers: [{ serverId: ids[1] ?? '', port: 8080, weight: 100, description: 'slb-autopilot/web' }],
    });
    await settle();

    expect(stage.group()).toEqual([]);
  });
});

describe('an observation that is not complete', () => {
  it('takes nothing out of rotation: ECS answers empty without permission', async () => {
    const ids = await stage.running(2);
    await join(ids);
    const blind: Production = {
      ...worker,
      instances: {
        ...worker.instances,
        describe: async () => [],
        provePermission: async () => {
          throw new Error('Forbidden.RAM');
        },
      },
    };
    stage.clouds.ecs.stopInstance({ instanceId: ids[0] ?? '', forceStop: true });
    await worker.lanes.signal([LB]);

    const { lanes } = await handleTick(blind, [{ kind: 'tick' }]);

    expect(lanes[LB]).toMatchObject({ kind: 'failed' });
    expect(stage.group()).toEqual(inService(ids));
  });
});
