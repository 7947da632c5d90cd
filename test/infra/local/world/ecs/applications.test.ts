import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../../../infra/local/world/clock.ts';
import { createEcs } from '../../../../../infra/local/world/ecs/ecs.ts';
import { createFoundation } from '../../../../../infra/local/world/foundation.ts';
import { memoryStore } from '../../../../../infra/local/world/store.ts';

const START_MS = Date.parse('2026-11-20T08:00:00Z');

function aWorld(store = memoryStore()) {
  const clock = new VirtualClock(START_MS);
  const timings = { pendingMs: 0, startingMs: 0, stoppingMs: 0, releasingMs: 0 };
  const ecs = createEcs(createFoundation({ clock, store }), timings);
  const [instanceId = ''] = ecs.runInstances({ amount: 1 });
  clock.advanceBy(0);
  const { applications } = ecs;
  return {
    clock,
    ecs,
    instanceId,
    applications,
    ip: ecs.find(instanceId)?.privateIpAddress ?? '',
    serves: (port = 80) => applications.serves(instanceId, port),
  };
}

describe('applications', () => {
  it('serve as soon as their instance is Running, and no longer than that', () => {
    const { clock, ecs, instanceId, serves } = aWorld();

    const running = serves();
    ecs.stopInstance({ instanceId });
    clock.advanceBy(0);
    const stopped = serves();
    ecs.startInstance({ instanceId });
    clock.advanceBy(0);

    expect([running, stopped, serves()]).toEqual([true, false, true]);
  });

  it('start slowly, anew with each start of the instance', () => {
    const { clock, ecs, instanceId, applications, serves } = aWorld();
    applications.set({ instanceId }, { kind: 'serves', afterMs: 30_000 });
    const seen = [serves()];
    clock.advanceBy(29_999);
    seen.push(serves());
    clock.advanceBy(1);
    seen.push(serves());
    ecs.rebootInstance({ instanceId });
    clock.advanceBy(29_999);
    seen.push(serves());
    clock.advanceBy(1);

    expect([...seen, serves()]).toEqual([false, false, true, false, true]);
  });

  it('differ by port, and a port without one of its own does what the instance does', () => {
    const { instanceId, applications, serves } = aWorld();

    applications.set({ instanceId }, { kind: 'never' });
    applications.set({ instanceId, port: 8080 }, { kind: 'serves', afterMs: 0 });
    const set = [serves(80), serves(8080)];
    applications.set({ instanceId }, null);

    expect([...set, serves(80)]).toEqual([false, true, true]);
  });

  it('flap, from the moment that they were told to', () => {
    const { clock, instanceId, applications, serves } = aWorld();
    clock.advanceBy(10_000);
    applications.set({ instanceId }, { kind: 'flaps', afterMs: 0, upMs: 2_000, downMs: 1_000 });
    const seen = Array.from({ length: 6 }, () => {
      const now = serves();
      clock.advanceBy(1_000);
      return now;
    });

    expect(seen).toEqual([true, true, false, true, true, false]);
    expect(() => applications.set({ instanceId }, { kind: 'flaps', afterMs: 0, upMs: 0, downMs: 1 })).toThrow(
      RangeError,
    );
  });

  it('answer probes of their own address and of no other', () => {
    const { clock, ecs, instanceId, ip, applications } = aWorld();
    applications.set({ instanceId, port: 81 }, { kind: 'never' });

    expect([80, 81].map((port) => applications.answersProbe(ip, port))).toEqual([true, false]);
    expect(applications.answersProbe('10.9.9.9', 80)).toBe(false);
    ecs.deleteInstance({ instanceId, force: true });
    clock.advanceBy(0);
    expect(applications.answersProbe(ip, 80)).toBe(false);
  });

  it('tell what they did, without gaps, across changes of theirs and of the instance', () => {
    const { clock, ecs, instanceId, applications } = aWorld();
    clock.advanceBy(10_000);
    applications.set({ instanceId }, { kind: 'never' });
    clock.advanceBy(10_000);
    applications.set({ instanceId }, null);
    clock.advanceBy(10_000);
    ecs.stopInstance({ instanceId });
    clock.advanceBy(10_000);

    const spans = applications.spans(instanceId, 80, START_MS + 5_000, clock.nowMs());

    expect(spans.map(({ serves, fromMs, toMs }) => [serves, fromMs - START_MS, toMs - START_MS])).toEqual([
      [true, 5_000, 10_000],
      [false, 10_000, 20_000],
      [true, 20_000, 30_000],
      [false, 30_000, 40_000],
    ]);
  });

  it('stay what they were when the world is opened again', () => {
    const store = memoryStore();
    const first = aWorld(store);
    first.applications.set({ instanceId: first.instanceId }, { kind: 'never' });

    const clock = new VirtualClock(START_MS + 1_000);
    const again = createEcs(createFoundation({ clock, store }));

    expect(again.applications.serves(first.instanceId, 80)).toBe(false);
    expect(again.instances().map(({ instanceId }) => instanceId)).toEqual([first.instanceId]);
  });
});
