import { describe, expect, it } from 'vitest';
import * as checks from '../../../../infra/local/scenes/checks.ts';
import type { ApiCall } from '../../../../infra/local/world/api-call.ts';
import { sleep, VirtualClock } from '../../../../infra/local/world/clock.ts';
import { createEci } from '../../../../infra/local/world/eci/eci.ts';
import { createEcs } from '../../../../infra/local/world/ecs/ecs.ts';
import { createEss } from '../../../../infra/local/world/ess/ess.ts';
import { createEventBridge } from '../../../../infra/local/world/eventbridge/event-bridge.ts';
import { createFoundation } from '../../../../infra/local/world/foundation.ts';
import { createMns } from '../../../../infra/local/world/mns/mns.ts';
import { createSlb } from '../../../../infra/local/world/slb/slb.ts';
import {
  aBinding,
  type BindingOverrides,
  GROUP,
  LB,
  NOW_MS,
  SCALING_GROUP,
  TIMING,
} from '../../../support/builders.ts';

const CONFIG_TIMING = { ...TIMING, leaseMs: 10_000, callTimeoutMs: 3_000, gatherMs: 0, settleMs: 0 };

/** A world with the group `web`, drain time 5 s, and a running instance that belongs into it. */
function aWorld(binding: BindingOverrides = {}) {
  const clock = new VirtualClock(NOW_MS);
  const foundation = createFoundation({ clock, switches: { slbGroupProcessingMs: 0 } });
  const ecs = createEcs(foundation);
  const slb = createSlb(foundation, { ecs });
  const mns = createMns(foundation);
  const ess = createEss(foundation, { ecs, slb, mns, eventBridge: createEventBridge(foundation, { mns }) });
  slb.seedLoadBalancer({ loadBalancerId: LB });
  slb.seedVServerGroup({ vServerGroupId: GROUP, loadBalancerId: LB, name: 'web' });
  const [serverId = ''] = ecs.runInstances({ amount: 1, tags: [{ key: 'role', value: 'web' }] });
  clock.advanceBy(5_000);
  const set = (weight: number) =>
    slb.vServerGroups.set({ vServerGroupId: GROUP, backendServers: [{ serverId, port: 8080, weight }] });
  const add = (port = 8080) =>
    slb.vServerGroups.add({ vServerGroupId: GROUP, backendServers: [{ serverId, port }] });
  const remove = () =>
    slb.vServerGroups.remove({ vServerGroupId: GROUP, backendServers: [{ serverId, port: 8080 }] });
  const config = { bindings: [aBinding({ drain: { timeMs: 5_000 }, ...binding })], timing: CONFIG_TIMING };
  const world: checks.CheckedWorld = {
    config,
    clouds: { foundation, ecs, eci: createEci(foundation), ess, slb },
  };
  return { world, clock, foundation, ecs, ess, serverId, set, add, remove };
}

describe('groupsNotAsDesired', () => {
  it('finds a missing backend, a wrong weight and one too many', () => {
    const { world, serverId, add, set } = aWorld();

    const missing = checks.groupsNotAsDesired(world);
    add();
    const right = checks.groupsNotAsDesired(world);
    set(7);
    add(9999);
    const wrong = checks.groupsNotAsDesired(world);

    expect(missing).toEqual([`${serverId}:8080 of ${GROUP} is missing`]);
    expect(right).toEqual([]);
    expect(wrong).toEqual([
      `${serverId}:8080 of ${GROUP} has weight 7 instead of 100`,
      `${serverId}:9999 of ${GROUP} is there with weight 100`,
    ]);
  });
});

describe('groupsNotAsDesired, for the instances of a scaling group', () => {
  /** The instance is in the scaling group, which waits for a hook before it lets it go. */
  function aMember(binding: BindingOverrides) {
    const here = aWorld(binding);
    const { ess, serverId } = here;
    ess.seedScalingGroup({ scalingGroupId: SCALING_GROUP, minSize: 0, maxSize: 5 });
    ess.createLifecycleHook({ scalingGroupId: SCALING_GROUP, lifecycleTransition: 'SCALE_IN' });
    ess.attachInstances({ scalingGroupId: SCALING_GROUP, instanceIds: [serverId] });
    return here;
  }
  const BY_GROUP = { selector: { kind: 'scaling-group', scalingGroupId: SCALING_GROUP } } as const;

  it('finds who is in the scaling group missing, whatever its tags are', () => {
    const { world, serverId } = aMember(BY_GROUP);

    expect(checks.groupsNotAsDesired(world)).toEqual([`${serverId}:8080 of ${GROUP} is missing`]);
  });

  it.each([
    ['by scaling group', BY_GROUP],
    ['by tags', {}],
  ])('finds who leaves one too many, selected %s', (_, binding) => {
    const { world, ess, serverId, add } = aMember(binding);
    add();
    const before = checks.groupsNotAsDesired(world);
    ess.removeInstances({ scalingGroupId: SCALING_GROUP, instanceIds: [serverId] });

    expect(before).toEqual([]);
    expect(checks.groupsNotAsDesired(world)).toEqual([
      `${serverId}:8080 of ${GROUP} is there with weight 100`,
    ]);
  });

  it('finds who is set aside one too many', () => {
    const { world, ess, serverId, add } = aMember(BY_GROUP);
    add();
    ess.enterStandby({ scalingGroupId: SCALING_GROUP, instanceIds: [serverId] });

    expect(checks.groupsNotAsDesired(world)).toHaveLength(1);
  });
});

describe('weightOnDeadInstances', () => {
  it('finds weight on an instance that is stopping, and on one that is gone', () => {
    const { world, clock, ecs, serverId, add } = aWorld();
    add();
    ecs.stopInstance({ instanceId: serverId });

    const stopping = checks.weightOnDeadInstances(world);
    ecs.deleteInstance({ instanceId: serverId, force: true });
    clock.advanceBy(5_000);
    const gone = checks.weightOnDeadInstances(world);

    expect(stopping[0]).toContain('is Stopping');
    expect(gone[0]).toContain('is gone');
  });
});

describe('earlyRemovals', () => {
  it('finds a removal before the drain time, counted from the last time it got weight 0', () => {
    const { world, clock, add, set, remove } = aWorld();
    add();
    set(0);
    clock.advanceBy(6_000);
    set(100);
    set(0);
    clock.advanceBy(4_999);
    remove();

    expect(checks.earlyRemovals(world)[0]).toContain('4999 ms');
  });

  it('accepts one at the drain time, repeated weights of 0 in between', () => {
    const { world, clock, add, set, remove } = aWorld();
    add();
    set(0);
    clock.advanceBy(3_000);
    set(0);
    clock.advanceBy(2_000);
    remove();

    expect(checks.earlyRemovals(world)).toEqual([]);
  });

  it('lets one go as soon as its instance is gone', () => {
    const { world, clock, add, set, remove, serverId } = aWorld();
    add();
    set(0);
    world.clouds.ecs.deleteInstance({ instanceId: serverId, force: true });
    clock.advanceBy(4_000);
    remove();

    expect(checks.earlyRemovals(world)).toEqual([]);
  });

  it('finds one with weight', () => {
    const { world, add, remove } = aWorld();
    add();
    remove();

    expect(checks.earlyRemovals(world)[0]).toContain('removed with weight 100');
  });
});

describe('what the functions called', () => {
  /** A write of a function that takes `ms`; resolves with its end. */
  function writer({ clock, foundation }: ReturnType<typeof aWorld>, resources: ReadonlyArray<string> = []) {
    foundation.identities.putRole('functions', []);
    const { principal } = foundation.identities.assumeRole('functions', 'c-1', 3_600_000);
    return (ms: number, subject = LB) => {
      const call: ApiCall = {
        product: 'slb',
        action: 'SetVServerGroupAttribute',
        principal,
        subject,
        resources,
        parameters: {},
      };
      return foundation.gate.perform(call, 'r', () => sleep(clock, ms)).catch(() => {});
    };
  }

  it('finds two writes to one load balancer that overlap, and no others', async () => {
    const here = aWorld();
    const write = writer(here);
    const first = write(100);
    here.clock.advanceBy(99);
    const other = write(1, 'lb-other');
    const second = write(100);
    for (let tenth = 0; tenth < 30; tenth++) {
      await Promise.resolve();
      here.clock.advanceBy(10);
    }
    await Promise.all([first, other, second]);

    expect(checks.overlappingWrites(here.world)).toHaveLength(1);
    expect(checks.overlappingWrites(here.world)[0]).toContain(LB);
  });

  it('finds a call that the policy does not allow', async () => {
    const here = aWorld();

    await writer(here, ['acs:slb:*:*:loadbalancer/x'])(0);

    expect(checks.deniedCalls(here.world)).toEqual([`slb:SetVServerGroupAttribute on ${LB}`]);
  });

  it('says that a write is still to be verified until a lease and a call timeout have passed', async () => {
    const here = aWorld();
    await writer(here)(0);

    here.clock.advanceBy(13_900);
    const early = checks.verificationsDue(here.world);
    here.clock.advanceBy(200);
    const late = checks.verificationsDue(here.world);

    expect(early).toEqual([`${LB} has been written to`]);
    expect(late).toEqual([]);
  });
});
