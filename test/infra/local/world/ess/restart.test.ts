import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileStore, type WorldStore } from '../../../../../infra/local/world/store.ts';
import type { Switches } from '../../../../../infra/local/world/switches.ts';
import { ASG, BOOT_MS, CHECK_MS, essWorld, QUEUE_ARN, RELEASE_MS, START_MS } from './ess-world.ts';

let folder: string;
let store: WorldStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ess-'));
  store = fileStore(folder);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const first = (options: { group?: object; switches?: Partial<Switches> } = {}) =>
  essWorld({ store, ...options });
/** The world as it is when it is opened again so much later. Its random numbers go on elsewhere. */
const reopened = (afterMs: number, switches: Partial<Switches> = {}) => {
  store.close();
  store = fileStore(folder);
  const world = essWorld({ store, switches, startMs: START_MS + afterMs, seed: 2 });
  world.clock.advanceBy(0);
  return world;
};

describe('a world that is opened again', () => {
  it('goes on waiting, with the token and for what is left of the time', () => {
    const before = first();
    const register = before.hook('SCALE_OUT', { heartbeatTimeoutSeconds: 60 });
    before.scale(2);
    before.clock.advanceBy(BOOT_MS);
    const [wait] = before.waits();

    const after = reopened(20_000);

    expect(after.waits()).toEqual([wait]);
    after.clock.advanceTo(START_MS + BOOT_MS + 59_999);
    expect(after.states()).toEqual(['Pending:Wait', 'Pending:Wait']);
    after.clock.advanceBy(1);
    expect(after.states()).toEqual(['InService', 'InService']);
    expect(after.told('hook-completed')).toMatchObject([{ lifecycleHookId: register, by: 'timeout' }]);
  });

  it('lets a wait be answered', () => {
    const before = first();
    before.filled(1);
    const drain = before.hook('SCALE_IN');
    before.scale(-1);

    const after = reopened(20_000);
    after.complete(drain, 'CONTINUE');
    after.clock.advanceBy(RELEASE_MS);

    expect(after.states()).toEqual([]);
    expect(after.activities()).toEqual(['SCALE_OUT Successful', 'SCALE_IN Successful']);
  });

  it('meets deadlines at once that passed meanwhile', () => {
    const before = first();
    before.hook('SCALE_OUT', { heartbeatTimeoutSeconds: 60, defaultResult: 'ABANDON' });
    before.scale(1);
    before.clock.advanceBy(BOOT_MS);

    const after = reopened(3_600_000);
    after.clock.advanceBy(RELEASE_MS);

    expect(after.states()).toEqual([]);
    expect(after.activities()).toEqual(['SCALE_OUT Failed']);
  });

  it('goes on with instances that are being created or released', () => {
    const before = first({ group: { desiredCapacity: 1 } });
    before.clock.advanceBy(CHECK_MS + BOOT_MS);
    before.scale(1);
    before.clock.advanceBy(BOOT_MS);
    before.scale(-1);
    before.scale(1);

    const after = reopened(60_000);
    after.clock.advanceBy(BOOT_MS + RELEASE_MS);

    expect(after.states()).toEqual(['InService', 'InService']);
    expect(after.activities()).not.toContain('SCALE_IN InProgress');
    expect(after.activities()).not.toContain('SCALE_OUT InProgress');
  });

  it('goes on where the last wait had ended but its activity had not moved', () => {
    const before = first();
    before.filled(1);
    before.hook('SCALE_IN');
    before.scale(-1);
    const actions = store.collection<object>('ess/actions');
    const [[key, action] = ['', {}]] = [...actions.entries()];
    actions.set(key, { ...action, status: 'Completed', result: 'ROLLBACK', endedAtMs: START_MS });

    const after = reopened(1_000);

    expect(after.states()).toEqual(['InService']);
  });

  it('still sends the notifications that were on their way', async () => {
    const before = first();
    before.hook('SCALE_OUT', { notificationArn: QUEUE_ARN });
    before.ess.setNotificationFaults({ delayMs: 10_000 });
    before.scale(1);
    before.clock.advanceBy(BOOT_MS);

    const after = reopened(5_000);
    expect(await after.messages()).toEqual([]);
    after.clock.advanceBy(10_000);

    expect(await after.messages()).toHaveLength(1);
  });

  it('finds out what became unhealthy, and looks after its capacity', () => {
    const before = first({ group: { desiredCapacity: 1 } });
    before.clock.advanceBy(CHECK_MS + BOOT_MS);
    const [instanceId = ''] = before.ess.members(ASG).map((member) => member.instanceId);
    store.collection('ecs/instances').delete(instanceId);

    const after = reopened(60_000);
    after.clock.advanceBy(2 * CHECK_MS + BOOT_MS);

    expect(after.ess.member(instanceId)).toBeNull();
    expect(after.states()).toEqual(['InService']);
  });

  it('never gives out an id twice', () => {
    const before = first();
    before.scale(3);
    const ids = before.ess.members(ASG).map(({ scalingInstanceId }) => scalingInstanceId);
    before.clock.advanceBy(BOOT_MS);
    store.close();
    store = fileStore(folder);
    const after = essWorld({ store, startMs: START_MS + 60_000 });

    after.scale(3);

    const all = after.ess.members(ASG).map(({ scalingInstanceId }) => scalingInstanceId);
    expect(all.slice(0, 3)).toEqual(ids);
    expect(new Set(all).size).toBe(6);
    expect(after.ess.describeScalingActivities({}).totalCount).toBe(2);
  });
});
