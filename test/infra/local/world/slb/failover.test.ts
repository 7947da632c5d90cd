import { describe, expect, it } from 'vitest';
import type { Switches } from '../../../../../infra/local/world/switches.ts';
import { LB, slbWorld } from './slb-world.ts';

// By the defaults of TCP: good after 3 probes 2 s apart, bad after 3 that time out in 5 s, 2 s apart.
const GOOD_AFTER_MS = 6_000;
const BAD_AFTER_MS = 19_000;

const PAIR = 'rsp-bp1pair';
const tcp80 = { loadBalancerId: LB, listenerPort: 80, listenerProtocol: 'tcp' } as const;

/** A pair behind a listener, both servers found good as far as they are asked. */
function pairBehindListener(
  options: { switches?: Partial<Switches>; settings?: Record<string, string> } = {},
) {
  const world = slbWorld(options.switches);
  const { slb, clock, run } = world;
  const [a = '', b = ''] = run(2);
  const seed = (masterSlaveServerGroupId: string, master: string, slave: string) =>
    slb.seedMasterSlaveServerGroup({
      masterSlaveServerGroupId,
      loadBalancerId: LB,
      name: 'orders',
      backends: [
        { serverId: master, port: 8080 },
        { serverId: slave, port: 8081, serverType: 'Slave' },
      ],
    });
  seed(PAIR, a, b);
  slb.seedListener({ ...tcp80, masterSlaveServerGroupId: PAIR, settings: options.settings });
  clock.advanceBy(GOOD_AFTER_MS);
  const serving = () => slb.servingMember(tcp80)?.role ?? null;
  /** Who served at each of these times from now on, in ms. */
  const over = (...timesMs: ReadonlyArray<number>) => {
    const startMs = clock.nowMs();
    return timesMs.map((ms) => {
      clock.advanceTo(startMs + ms);
      return serving();
    });
  };
  const shown = () =>
    slb.health
      .describe({ loadBalancerId: LB })
      .map(({ serverId, port, serverHealthStatus }) => [serverId, port, serverHealthStatus]);
  return { ...world, a, b, seed, serving, over, shown };
}

describe("a pair's traffic", () => {
  it('goes to the primary, from the first moment', () => {
    const { slb, a } = pairBehindListener();
    slb.seedListener({ ...tcp80, listenerPort: 81, masterSlaveServerGroupId: PAIR });

    expect(slb.servingMember(tcp80)).toEqual({ serverId: a, port: 8080, role: 'Master' });
    expect(slb.servingMember({ ...tcp80, listenerPort: 81 })?.role).toBe('Master');
  });

  it('moves to the secondary when the check has failed, and back by itself', () => {
    const { slb, ecs, clock, over, a, b } = pairBehindListener();

    ecs.stopInstance({ instanceId: a });
    const failing = over(0, BAD_AFTER_MS - 1, BAD_AFTER_MS);
    const standIn = slb.servingMember(tcp80);
    ecs.startInstance({ instanceId: a });
    clock.advanceBy(0);
    const recovering = over(0, GOOD_AFTER_MS - 1, GOOD_AFTER_MS);

    expect(failing).toEqual(['Master', 'Master', 'Slave']);
    expect(standIn).toEqual({ serverId: b, port: 8081, role: 'Slave' });
    expect(recovering).toEqual(['Slave', 'Slave', 'Master']);
  });

  it('waits as long as thresholds and intervals say', () => {
    const { ecs, over, a } = pairBehindListener({
      settings: { UnhealthyThreshold: '2', HealthCheckInterval: '1', HealthCheckConnectTimeout: '3' },
    });

    ecs.applications.set({ instanceId: a, port: 8080 }, { kind: 'never' });

    // 2 × 3 s + 1 × 1 s
    expect(over(6_999, 7_000)).toEqual(['Master', 'Slave']);
  });

  it('does not move for a failure of the secondary, and moves to a dead one', () => {
    const { slb, ecs, clock, over, a, b } = pairBehindListener();

    ecs.stopInstance({ instanceId: b });
    const [alone] = over(60_000);
    ecs.stopInstance({ instanceId: a });
    clock.advanceBy(BAD_AFTER_MS);

    expect(alone).toBe('Master');
    expect(slb.servingMember(tcp80)).toMatchObject({ serverId: b, role: 'Slave' });
  });

  it('stays where it is without a check', () => {
    const { ecs, over, a } = pairBehindListener({ settings: { HealthCheck: 'off' } });

    ecs.deleteInstance({ instanceId: a, force: true });

    expect(over(600_000)).toEqual(['Master']);
  });

  it('goes to the new primary at once when the listener is pointed to another pair', () => {
    const { slb, ecs, over, clock, seed, a, b } = pairBehindListener();
    ecs.stopInstance({ instanceId: a });
    clock.advanceBy(BAD_AFTER_MS);
    seed('rsp-bp1next', b, a);

    slb.listeners.set({ ...tcp80, masterSlaveServerGroupId: 'rsp-bp1next' });

    expect(slb.servingMember(tcp80)).toEqual({ serverId: b, port: 8080, role: 'Master' });
    expect(over(600_000)).toEqual(['Master']);
  });

  it('goes nowhere while the listener is stopped, is missing or has another kind of group', () => {
    const { slb, serving } = pairBehindListener();
    slb.listeners.stop(tcp80);
    const stopped = serving();
    slb.listeners.start(tcp80);
    slb.listeners.set({ ...tcp80, masterSlaveServerGroupId: null });

    expect([stopped, serving()]).toEqual([null, null]);
    expect(slb.servingMember({ ...tcp80, listenerPort: 81 })).toBeNull();
  });

  it('has no choice when a released server has dropped out', () => {
    const { slb, ecs, clock, a, b } = pairBehindListener({
      switches: { slbReleasedInstanceDroppedAfterMs: 0 },
    });
    ecs.deleteInstance({ instanceId: a, force: true });
    clock.advanceBy(0);

    expect(slb.servingMember(tcp80)).toEqual({ serverId: b, port: 8081, role: 'Slave' });
    ecs.deleteInstance({ instanceId: b, force: true });
    clock.advanceBy(0);
    expect(slb.servingMember(tcp80)).toBeNull();
  });

  it('follows what a scene says of the check', () => {
    const { slb, serving, a } = pairBehindListener();

    slb.setHealth({ serverId: a, groupId: PAIR }, 'abnormal');
    const failed = serving();
    slb.setHealth({ serverId: a, groupId: PAIR }, null);

    expect([failed, serving()]).toEqual(['Slave', 'Master']);
  });
});

describe('DescribeHealthStatus of a pair', () => {
  it('lists the primary alone, as its check finds it', () => {
    const { ecs, shown, clock, a } = pairBehindListener();
    const good = shown();
    ecs.stopInstance({ instanceId: a });
    clock.advanceBy(BAD_AFTER_MS);

    expect([good, shown()]).toEqual([[[a, 8080, 'normal']], [[a, 8080, 'abnormal']]]);
  });

  it.each(['normal', 'unavailable'] as const)('shows the secondary as %s by the switch', (status) => {
    const { ecs, shown, clock, a, b } = pairBehindListener({ switches: { slbHealthOfSecondary: status } });
    ecs.stopInstance({ instanceId: b });
    clock.advanceBy(BAD_AFTER_MS);

    expect(shown()).toEqual([
      [a, 8080, 'normal'],
      [b, 8081, status],
    ]);
  });

  it('shows the secondary as if it were checked, by the switch', () => {
    const { ecs, shown, clock, slb, a, b } = pairBehindListener({
      switches: { slbHealthOfSecondary: 'as-checked' },
    });
    const good = shown();
    ecs.stopInstance({ instanceId: b });
    clock.advanceBy(BAD_AFTER_MS);
    const bad = shown();
    slb.listeners.stop(tcp80);

    expect(good).toEqual([
      [a, 8080, 'normal'],
      [b, 8081, 'normal'],
    ]);
    expect(bad[1]).toEqual([b, 8081, 'abnormal']);
    expect(shown().map(([, , status]) => status)).toEqual(['unavailable', 'unavailable']);
  });

  it('begins anew when the listener is pointed to another pair', () => {
    const { slb, seed, shown, clock, a, b } = pairBehindListener();
    seed('rsp-bp1next', b, a);
    slb.listeners.set({ ...tcp80, masterSlaveServerGroupId: 'rsp-bp1next' });
    const moved = shown();
    clock.advanceBy(GOOD_AFTER_MS);

    expect([moved, shown()]).toEqual([[[b, 8080, 'unavailable']], [[b, 8080, 'normal']]]);
  });
});
