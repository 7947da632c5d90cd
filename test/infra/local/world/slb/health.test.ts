import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Application } from '../../../../../infra/local/world/ecs/serving-spans.ts';
import type { ServerHealthStatus } from '../../../../../infra/local/world/slb/model.ts';
import { GROUP, LB, slbWorld } from './slb-world.ts';

// By the defaults of TCP: good after 3 probes 2 s apart, bad after 3 that time out in 5 s, 2 s apart.
const GOOD_AFTER_MS = 6_000;
const BAD_AFTER_MS = 19_000;

const tcp80 = { loadBalancerId: LB, listenerPort: 80, listenerProtocol: 'tcp' } as const;

/** One instance on port 8080 behind a listener, and what its health check says. */
function behindListener(settings: Record<string, string> = {}, application: Application | null = null) {
  const world = slbWorld();
  const [serverId = ''] = world.run(1);
  if (application !== null) world.ecs.applications.set({ instanceId: serverId }, application);
  world.slb.seedListener({ ...tcp80, vServerGroupId: GROUP, settings });
  world.add({ vServerGroupId: GROUP, backendServers: [{ serverId, port: 8080 }] });
  const health = (): ServerHealthStatus | undefined =>
    world.slb.health.describe({ loadBalancerId: LB })[0]?.serverHealthStatus;
  /** What the check said at each of these times from now on, in ms. */
  const over = (...timesMs: ReadonlyArray<number>) => {
    const startMs = world.clock.nowMs();
    return timesMs.map((ms) => {
      world.clock.advanceTo(startMs + ms);
      return health();
    });
  };
  return { ...world, serverId, health, over };
}

describe('health checks', () => {
  it('find a server good after the healthy threshold', () => {
    expect(behindListener().over(0, GOOD_AFTER_MS - 1, GOOD_AFTER_MS)).toEqual([
      'unavailable',
      'unavailable',
      'normal',
    ]);
    const settings = { HealthyThreshold: '5', HealthCheckInterval: '10' };
    expect(behindListener(settings).over(49_999, 50_000)).toEqual(['unavailable', 'normal']);
  });

  it('declare a failure when its probes have timed out as often as the unhealthy threshold', () => {
    const { over, ecs, serverId, clock } = behindListener();
    clock.advanceBy(60_000);

    ecs.stopInstance({ instanceId: serverId });

    expect(over(BAD_AFTER_MS - 1, BAD_AFTER_MS)).toEqual(['normal', 'abnormal']);
    ecs.startInstance({ instanceId: serverId });
    clock.advanceBy(0);
    expect(over(GOOD_AFTER_MS - 1, GOOD_AFTER_MS)).toEqual(['abnormal', 'normal']);
  });

  it('see a slow start fail before it comes good, and a dead one never come good', () => {
    const slow = behindListener({}, { kind: 'serves', afterMs: 40_000 });
    const dead = behindListener({}, { kind: 'never' });

    expect(slow.over(BAD_AFTER_MS - 1, BAD_AFTER_MS, 45_999, 46_000)).toEqual([
      'unavailable',
      'abnormal',
      'abnormal',
      'normal',
    ]);
    expect(dead.over(BAD_AFTER_MS, 86_400_000)).toEqual(['abnormal', 'abnormal']);
  });

  it('follow flapping that is slow enough for them, and keep their verdict through what is faster', () => {
    const slow = behindListener({}, { kind: 'flaps', afterMs: 0, upMs: 30_000, downMs: 30_000 });
    const fast = behindListener({}, { kind: 'flaps', afterMs: 0, upMs: 3_000, downMs: 3_000 });
    const day = 1_440 * 60_000;

    expect(slow.over(6_000, 49_000, 66_000, day + 6_000, day + 49_000)).toEqual([
      'normal',
      'abnormal',
      'normal',
      'normal',
      'abnormal',
    ]);
    expect(fast.over(60_000, day)).toEqual(['unavailable', 'unavailable']);
    const turned = behindListener();
    turned.clock.advanceBy(GOOD_AFTER_MS);
    turned.ecs.applications.set(
      { instanceId: turned.serverId },
      { kind: 'flaps', afterMs: 0, upMs: 3_000, downMs: 3_000 },
    );
    expect(turned.over(day)).toEqual(['normal']);
  });

  it('begin anew for a backend that comes back, and when the listener starts or moves', () => {
    const { over, serverId, slb, add, remove } = behindListener();
    const backendServers = [{ serverId, port: 8080 }];
    const before = over(GOOD_AFTER_MS);
    remove({ vServerGroupId: GROUP, backendServers });
    add({ vServerGroupId: GROUP, backendServers });
    const joined = over(0, GOOD_AFTER_MS);
    slb.listeners.stop(tcp80);
    const stopped = over(0);
    slb.listeners.start(tcp80);
    const started = over(0, GOOD_AFTER_MS);
    slb.seedVServerGroup({
      vServerGroupId: 'rsp-2',
      loadBalancerId: LB,
      name: 'b',
      backends: backendServers,
    });
    slb.listeners.set({ ...tcp80, vServerGroupId: 'rsp-2' });

    expect(before).toEqual(['normal']);
    expect(joined).toEqual(['unavailable', 'normal']);
    expect([...stopped, ...started]).toEqual(['unavailable', 'unavailable', 'normal']);
    expect(over(0, GOOD_AFTER_MS)).toEqual(['unavailable', 'normal']);
  });

  it('go on through changes of weight and of other backends', () => {
    const { over, serverId, set, add, run } = behindListener();
    const before = over(GOOD_AFTER_MS);
    set({ vServerGroupId: GROUP, backendServers: [{ serverId, port: 8080, weight: 0 }] });
    const drained = over(0);
    const [other = ''] = run(1);
    add({ vServerGroupId: GROUP, backendServers: [{ serverId: other, port: 8080 }] });

    expect([...before, ...drained, ...over(0)]).toEqual(['normal', 'normal', 'normal']);
  });

  it('ask the port that the listener names, where it names one', () => {
    const { over, ecs, serverId } = behindListener({ HealthCheckConnectPort: '9000' });
    ecs.applications.set({ instanceId: serverId, port: 8080 }, { kind: 'never' });

    expect(over(GOOD_AFTER_MS)).toEqual(['normal']);
  });

  it('find nothing of a server that was released but failure', () => {
    const { over, ecs, serverId, clock } = behindListener();
    clock.advanceBy(GOOD_AFTER_MS);

    ecs.deleteInstance({ instanceId: serverId, force: true });
    clock.advanceBy(0);

    expect(over(BAD_AFTER_MS)).toEqual(['abnormal']);
  });

  it('come to the verdict that probing step by step comes to', () => {
    const seconds = (min: number, max: number) => fc.integer({ min, max }).map((s) => s * 1_000);
    const applications: fc.Arbitrary<Application> = fc.oneof(
      fc.record({ kind: fc.constant('serves' as const), afterMs: seconds(0, 60) }),
      fc.constant({ kind: 'never' as const }),
      fc.record({
        kind: fc.constant('flaps' as const),
        afterMs: seconds(0, 20),
        upMs: seconds(1, 30),
        downMs: seconds(1, 30),
      }),
    );
    const changes = fc.array(fc.record({ application: applications, lastsMs: seconds(1, 400) }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(changes, (steps) => {
        const { clock, ecs, serverId, health } = behindListener();
        let expected: ServerHealthStatus = 'unavailable';
        let streak = { serves: true, ms: 0 };
        for (const { application, lastsMs } of steps) {
          ecs.applications.set({ instanceId: serverId }, application);
          for (let ms = 0; ms < lastsMs; ms += 1_000) {
            const serves = ecs.applications.serves(serverId, 8080);
            streak = { serves, ms: serves === streak.serves ? streak.ms + 1_000 : 1_000 };
            clock.advanceBy(1_000);
            if (serves && streak.ms >= GOOD_AFTER_MS) expected = 'normal';
            if (!serves && streak.ms >= BAD_AFTER_MS) expected = 'abnormal';
          }
          expect(health()).toBe(expected);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('listeners without a check', () => {
  it.each(['normal', 'unavailable', 'not-listed'] as const)(
    'are shown as %s',
    (slbHealthOfUncheckedListener) => {
      const world = slbWorld({ slbHealthOfUncheckedListener });
      const [serverId = ''] = world.run(1);
      world.add({ vServerGroupId: GROUP, backendServers: [{ serverId, port: 80 }] });
      world.slb.seedListener({ ...tcp80, vServerGroupId: GROUP });
      world.slb.seedListener({
        ...tcp80,
        listenerPort: 81,
        vServerGroupId: GROUP,
        settings: { HealthCheck: 'off' },
      });

      const shown = world.slb.health
        .describe({ loadBalancerId: LB })
        .filter(({ listenerPort }) => listenerPort === 81)
        .map(({ serverHealthStatus }) => serverHealthStatus);

      const expected = slbHealthOfUncheckedListener === 'not-listed' ? [] : [slbHealthOfUncheckedListener];
      expect(shown).toEqual(expected);
    },
  );
});
