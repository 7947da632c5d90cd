import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DriftSweepDeps, handleDriftSweep } from '../../../functions/drift-sweep/handler.ts';
import type { Production } from '../../../shared/adapters/production.ts';
import type { InboundEvent } from '../../../shared/events/model.ts';
import type { OpenSystemEvent } from '../../../shared/instances/model.ts';
import { aBinding, aSignal, GROUP, LB } from '../../support/builders.ts';
import { type Stage, setStage, until } from '../../support/stage.ts';

/** With an interval of a minute every firing of the timer sweeps. */
const TIMING = { compareMs: 60_000 };
const tick: InboundEvent = { kind: 'tick', triggeredAtMs: 1_775_708_280_000 };

let stage: Stage;
beforeEach(async () => {
  open = {};
  stage = await setStage({ bindings: [aBinding({ drain: { timeMs: 0 } })], timing: TIMING });
});
afterEach(() => stage.close());

const writes = () => stage.slbWrites().map(({ action }) => action);
/** What ECS says of system events; nothing unless a test says otherwise. */
let open: Record<string, ReadonlyArray<OpenSystemEvent>> = {};
const withEvents = (worker: Production): Production => ({
  ...worker,
  instances: {
    ...worker.instances,
    openSystemEvents: async (ids) => new Map(ids.map((id) => [id, open[id] ?? []])),
  },
});
const compare = async (worker: DriftSweepDeps = withEvents(stage.worker())) => {
  const { sweep } = await handleDriftSweep(worker, [tick]);
  if (sweep?.kind !== 'in-place') throw new Error('nothing was compared');
  return sweep;
};

describe('the full comparison', () => {
  it('adds instances of which no event ever came', async () => {
    const [id] = await stage.running(1);

    const { comparison } = await compare();

    expect(comparison).toEqual({ compared: [LB], held: [], different: [LB], failed: {} });
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

  it('writes nothing but its report where nothing differs', async () => {
    await stage.running(2);
    await compare();
    await stage.tickUntil(stage.worker(), () => stage.group().length === 2);
    const before = [writes(), stage.rows('lanes'), stage.rows('backends')];
    const audited = stage.rows('audit').length;

    const { comparison, lanes } = await compare();

    expect(comparison).toEqual({ compared: [LB], held: [], different: [], failed: {} });
    expect(lanes).toEqual({});
    expect([writes(), stage.rows('lanes'), stage.rows('backends')]).toEqual(before);
    expect(stage.rows('audit').length - audited).toBe(1);
  });

  it('asks nobody for anything twice', async () => {
    await stage.running(2);
    await compare();
    await stage.tickUntil(stage.worker(), () => stage.group().length === 2);
    const before = stage.clouds.foundation.gate.records.length;

    await compare(stage.worker());

    const reads = stage.clouds.foundation.gate.records
      .slice(before)
      .filter(({ product }) => product !== 'ots');
    expect(reads.map(({ action }) => action).sort()).toEqual([
      'DescribeInstances',
      'DescribeInstancesFullStatus',
      'DescribeLoadBalancerAttribute',
      'DescribeLoadBalancerListeners',
      'DescribeVServerGroupAttribute',
      'DescribeVServerGroups',
    ]);
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

    expect((await compare()).comparison).toMatchObject({ compared: [], held: [LB], different: [] });
    expect(writes()).toEqual([]);
  });

  it('says why it could not compare, and nothing is changed then', async () => {
    const ids = await stage.running(2);
    await compare();
    await stage.tickUntil(stage.worker(), () => stage.group().length === 2);
    const worker = stage.worker();
    const blind = { ...worker.instances, list: async () => await Promise.reject(new Error('no answer')) };

    const { comparison } = await compare({ ...worker, instances: blind });

    expect(comparison).toEqual({ compared: [], held: [], different: [], failed: { [LB]: 'no answer' } });
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

    expect((await compare({ ...worker, instances: denied })).comparison.failed).toEqual({
      [LB]: 'Forbidden.RAM',
    });
  });
});

describe('system events of which no notice came', () => {
  const HOUR_MS = 3_600_000;
  const event = (overrides: Partial<OpenSystemEvent> = {}): OpenSystemEvent => ({
    eventId: 'e-1',
    eventType: 'SystemMaintenance.Reboot',
    status: 'Executing',
    notBeforeMs: null,
    ...overrides,
  });
  const planned = () => event({ status: 'Scheduled', notBeforeMs: Date.now() + 24 * HOUR_MS });
  const twoInService = async () => {
    const ids = await stage.running(2);
    await compare();
    await stage.tickUntil(stage.worker(), () => stage.group().length === 2);
    return ids;
  };

  it('are carried out by a drain', async () => {
    const [stays = '', leaves = ''] = await twoInService();
    open = { [leaves]: [event()] };

    await compare();
    await stage.tickUntil(stage.worker(), () => stage.group().length === 1);

    expect(stage.group()).toEqual([`${stays}:8080=100`]);
  });

  it('that are planned are told once, and then wait without any further write', async () => {
    const [id = ''] = await twoInService();
    open = { [id]: [planned()] };
    const first = (await compare()).comparison;
    const before = [writes(), stage.rows('lanes'), stage.rows('backends'), stage.rows('inbox')];
    const again = (await compare()).comparison;

    expect([first.different, again.different]).toEqual([[LB], []]);
    expect(stage.rows('inbox')).toHaveLength(1);
    expect([writes(), stage.rows('lanes'), stage.rows('backends'), stage.rows('inbox')]).toEqual(before);
    expect(stage.group()).toHaveLength(2);
  });

  it('are found where ECS lists them, and their end where it does not any more', async () => {
    const [id = ''] = await twoInService();
    const eventType = 'SystemMaintenance.Reboot';
    const notBeforeMs = Date.now() + 24 * HOUR_MS;
    const eventId = stage.clouds.ecs.scheduleSystemEvent({ instanceId: id, eventType, notBeforeMs });
    const news = () => stage.rows('inbox').map(({ signal }) => JSON.parse(String(signal)).news);

    const found = (await compare(stage.worker())).comparison;
    expect(found).toEqual({ compared: [LB], held: [], different: [LB], failed: {} });
    expect(news()).toMatchObject([{ kind: 'leave', cause: 'maintenance', ref: eventId }]);

    stage.clouds.ecs.cancelSystemEvent(eventId);
    const later = stage.clouds.foundation.clock.nowMs() + HOUR_MS;
    const worker = stage.worker();
    const clock = { nowMs: () => later };
    const ended = (await compare({ ...worker, clock })).comparison;
    expect(ended).toEqual({ compared: [LB], held: [], different: [LB], failed: {} });
    expect([news(), stage.group().length]).toEqual([[], 2]);
  });

  it('and end unheard of as well make nothing happen at all', async () => {
    const [id = ''] = await twoInService();
    const eventAtMs = Date.now() - HOUR_MS;
    const news = {
      kind: 'leave',
      cause: 'maintenance',
      ref: 'e-1',
      fromMs: Date.now() + HOUR_MS,
      deadlineAtMs: null,
      untilMs: null,
    } as const;
    const signal = aSignal(id, 'Running', { key: 'system-event/e-1/Scheduled', news, eventAtMs });
    await stage.worker().inbox.put([{ laneId: LB, signal }]);

    await compare();

    expect(stage.rows('inbox')).toEqual([]);
    expect(stage.group()).toHaveLength(2);
  });

  it('bring an instance back once they are over', async () => {
    const [, id = ''] = await twoInService();
    const eventAtMs = Date.now() - HOUR_MS;
    const news = {
      kind: 'leave',
      cause: 'maintenance',
      ref: 'e-1',
      fromMs: null,
      deadlineAtMs: null,
      untilMs: null,
    } as const;
    const worker = stage.worker();
    await worker.inbox.put([
      { laneId: LB, signal: aSignal(id, 'Running', { key: 'order', news, eventAtMs }) },
    ]);
    await worker.lanes.signal([LB]);
    await stage.tickUntil(worker, () => stage.group().length === 1);

    await compare();
    await stage.tickUntil(worker, () => stage.group().length === 2);

    expect(stage.group().every((backend) => backend.endsWith('=100'))).toBe(true);
  });

  it('that cannot be asked for keep nobody from joining, and are reported', async () => {
    const [id] = await stage.running(1);
    const worker = stage.worker();
    const openSystemEvents = async () => await Promise.reject(new Error('not allowed'));

    const { comparison } = await compare({ ...worker, instances: { ...worker.instances, openSystemEvents } });
    await stage.tickUntil(worker, () => stage.group().length === 1);

    expect(comparison).toEqual({
      compared: [LB],
      held: [],
      different: [LB],
      failed: { [LB]: 'system events: not allowed' },
    });
    expect(stage.group()).toEqual([`${id}:8080=100`]);
  });

  it('are not asked for where no binding selects anybody', async () => {
    const worker = stage.worker();
    const openSystemEvents = async () => await Promise.reject(new Error('asked'));

    const { comparison } = await compare({ ...worker, instances: { ...worker.instances, openSystemEvents } });

    expect(comparison).toEqual({ compared: [LB], held: [], different: [], failed: {} });
  });
});
