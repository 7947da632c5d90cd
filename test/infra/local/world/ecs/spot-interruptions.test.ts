import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fileStore } from '../../../../../infra/local/world/store.ts';
import { anEcsWorld, codeOf, START_MS } from './world.ts';

describe('a spot interruption', () => {
  it('gives notice at once and releases the instance when the notice is over', () => {
    const { clock, ecs, said, notices, running } = anEcsWorld();
    const instanceId = running('SpotAsPriceGo');

    const { releaseAtMs } = ecs.interrupt(instanceId);
    clock.advanceBy(60_000);

    expect(releaseAtMs).toBe(START_MS + 10_300);
    expect(said).toEqual([
      'PreemptibleInstanceInterruption +300',
      'Stopping +10300',
      'Stopped +10300',
      'Deleted +11100',
    ]);
    expect(notices[0]).toMatchObject({ instanceId, series: null, members: { instanceId, action: 'delete' } });
    expect(ecs.find(instanceId)).toBeNull();
  });

  it('shows the lock Recycling from the notice on, beside other locks, and the instance goes on running', () => {
    const { clock, ecs, running } = anEcsWorld();
    const instanceId = running('SpotWithPriceLimit');
    ecs.setLocks(instanceId, ['security']);

    ecs.interrupt(instanceId);
    clock.advanceBy(9_000);

    const { instances } = ecs.describeInstances({ lockReason: 'Recycling' });
    expect(instances).toMatchObject([
      { instanceId, status: 'Running', lockReasons: ['security', 'Recycling'] },
    ]);
  });

  it('is refused for an instance that is no spot instance, does not exist or is interrupted already', () => {
    const { ecs, said, running } = anEcsWorld();
    const usual = running();
    const spot = running('SpotAsPriceGo');
    ecs.interrupt(spot);
    said.length = 0;

    expect(codeOf(() => ecs.interrupt(usual))).toBe('NotSpotInstance');
    expect(codeOf(() => ecs.interrupt('i-unknown'))).toBe('InvalidInstanceId.NotFound');
    expect(codeOf(() => ecs.interrupt(spot))).toBe('AlreadyInterrupted');
    expect(said).toEqual([]);
  });

  it('is refused for an instance that its owner is releasing', () => {
    const { ecs, running } = anEcsWorld();
    const instanceId = running('SpotAsPriceGo');
    ecs.deleteInstance({ instanceId, force: true });

    expect(codeOf(() => ecs.interrupt(instanceId))).toBe('IncorrectInstanceStatus');
  });

  it('has nothing left to release when the owner was quicker', () => {
    const { clock, ecs, said, running } = anEcsWorld();
    const instanceId = running('SpotAsPriceGo');
    ecs.interrupt(instanceId);

    ecs.deleteInstance({ instanceId, force: true });
    clock.advanceBy(60_000);

    expect(said.filter((line) => line.startsWith('Deleted'))).toEqual(['Deleted +1100']);
  });

  it('releases a stopped instance without stopping it again', () => {
    const { clock, ecs, said, running } = anEcsWorld();
    const instanceId = running('SpotAsPriceGo');
    ecs.interrupt(instanceId);
    ecs.stopInstance({ instanceId });

    clock.advanceBy(60_000);

    expect(said.slice(1)).toEqual(['Stopping +300', 'Stopped +700', 'Deleted +11100']);
  });

  it('survives a restart on a kept folder, also of a world that was down when it fell due', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ecs-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const store = fileStore(folder);
    const before = anEcsWorld({ store });
    const instanceId = before.running('SpotAsPriceGo');
    before.ecs.interrupt(instanceId);
    before.ecs.close();
    store.close();
    before.clock.advanceBy(60_000);

    const reopened = fileStore(folder);
    onTestFinished(() => reopened.close());
    const after = anEcsWorld({ store: reopened }, START_MS + 30_000);
    const locked = after.ecs.describeInstances({ lockReason: 'Recycling' }).totalCount;
    after.clock.advanceBy(1_000);

    expect(before.said).toEqual(['PreemptibleInstanceInterruption +300']);
    expect(locked).toBe(1);
    expect(after.said).toEqual(['Stopping +30000', 'Stopped +30000', 'Deleted +30800']);
    expect(after.ecs.find(instanceId)).toBeNull();
  });
});

describe('RunInstances', () => {
  it('refuses a spot strategy that does not exist', () => {
    const { ecs } = anEcsWorld();

    expect(codeOf(() => ecs.runInstances({ amount: 1, spotStrategy: 'SpotForFree' }))).toBe(
      'InvalidParameter',
    );
  });
});
