import { describe, expect, it } from 'vitest';
import { codeOf } from '../slb/slb-world.ts';
import { ASG, BOOT_MS, essWorld, RELEASE_MS, RETRY_MS } from './ess-world.ts';

const LB = 'lb-bp1shop';
const GROUP = 'rsp-bp1web';
/** Longer than a vServer group is busy after a write. */
const SETTLE_MS = 5_000;

/** A scaling group that keeps the vServer group itself. */
function attached(switches = {}, ports: ReadonlyArray<number> = [80]) {
  const world = essWorld({ switches, group: { maxSize: 50 } });
  const { slb, ess } = world;
  slb.seedLoadBalancer({ loadBalancerId: LB });
  slb.seedVServerGroup({ vServerGroupId: GROUP, loadBalancerId: LB, name: 'web' });
  slb.seedListener({
    loadBalancerId: LB,
    listenerPort: 80,
    listenerProtocol: 'tcp',
    vServerGroupId: GROUP,
  });
  const attach = (more: object = {}, forceAttach?: boolean) =>
    ess.attachVServerGroups({
      scalingGroupId: ASG,
      vServerGroups: ports.map((port) => ({
        loadBalancerId: LB,
        vServerGroupId: GROUP,
        port,
        weight: 70,
        ...more,
      })),
      forceAttach,
    });
  const members = () =>
    (slb.group(GROUP)?.backends ?? []).map(({ serverId, port, weight }) => `${serverId}:${port}=${weight}`);
  return { ...world, attach, members };
}

describe('vServer groups that Auto Scaling keeps', () => {
  it('get new instances after their hook, before they are in service', () => {
    const { ess, clock, attach, hook, scale, complete, states, members } = attached();
    attach();
    const register = hook('SCALE_OUT');
    scale(2);
    clock.advanceBy(BOOT_MS);
    expect(members()).toEqual([]);

    complete(register, 'CONTINUE');

    const ids = ess.members(ASG).map(({ instanceId }) => instanceId);
    expect(members()).toEqual(ids.map((id) => `${id}:80=70`));
    expect(states()).toEqual(['InService', 'InService']);
  });

  it('are tried again while they are busy, before the instances are in service', () => {
    const { clock, attach, scale, states, members } = attached({}, [80, 81]);
    attach();

    scale(1);
    clock.advanceBy(BOOT_MS);
    expect(states()).toEqual(['Pending']);
    expect(members()).toHaveLength(1);
    clock.advanceBy(2 * RETRY_MS);

    expect(members()).toHaveLength(2);
    expect(states()).toEqual(['InService']);
  });

  it('get more instances than one call takes, call by call', () => {
    const { ess, clock, ecs, attach, members } = attached();
    const instanceIds = ecs.runInstances({ amount: 45 });
    clock.advanceBy(BOOT_MS);
    ess.attachInstances({ scalingGroupId: ASG, instanceIds });

    attach({}, true);
    expect(members()).toHaveLength(20);
    clock.advanceBy(SETTLE_MS);

    expect(members()).toHaveLength(45);
  });

  it('cost the new instances their place when SLB refuses them', () => {
    const { slb, clock, attach, scale, states, activities } = attached();
    attach();
    slb.listeners.delete({ loadBalancerId: LB, listenerPort: 80, listenerProtocol: 'tcp' });
    clock.advanceBy(SETTLE_MS);
    slb.vServerGroups.delete(GROUP);

    scale(1);
    clock.advanceBy(BOOT_MS + RELEASE_MS);

    expect(states()).toEqual([]);
    expect(activities()).toEqual(['SCALE_OUT Failed']);
  });

  it.each([
    ['before-wait', true],
    ['after-wait', false],
  ] as const)('lose leaving instances %s', (essDetachesFromSlb, isGoneInWait) => {
    const { clock, attach, filled, hook, scale, states, members, complete } = attached({
      essDetachesFromSlb,
    });
    attach();
    const [id] = filled(1);
    clock.advanceBy(SETTLE_MS);
    const drain = hook('SCALE_IN');

    scale(-1);

    expect(states()).toEqual(['Removing:Wait']);
    expect(members()).toEqual(isGoneInWait ? [] : [`${id}:80=70`]);
    clock.advanceBy(SETTLE_MS);
    complete(drain, 'CONTINUE');
    expect(members()).toEqual([]);
    clock.advanceBy(RELEASE_MS);
    expect(states()).toEqual([]);
  });

  it('get instances back after ROLLBACK', () => {
    const { clock, attach, filled, hook, scale, states, members, complete } = attached();
    attach();
    const [id] = filled(1);
    clock.advanceBy(SETTLE_MS);
    const drain = hook('SCALE_IN');
    scale(-1);
    expect(members()).toEqual([]);

    complete(drain, 'ROLLBACK');
    clock.advanceBy(SETTLE_MS);

    expect(states()).toEqual(['InService']);
    expect(members()).toEqual([`${id}:80=70`]);
  });

  it('do not hold up a scale-in when they are gone themselves', () => {
    const { slb, clock, attach, filled, scale, states } = attached();
    attach();
    filled(1);
    slb.listeners.delete({ loadBalancerId: LB, listenerPort: 80, listenerProtocol: 'tcp' });
    clock.advanceBy(SETTLE_MS);
    slb.vServerGroups.delete(GROUP);

    scale(-1);
    clock.advanceBy(RELEASE_MS);

    expect(states()).toEqual([]);
  });

  it('show instances in Standby with weight 0', () => {
    const { ess, clock, attach, filled, members } = attached();
    attach();
    const instanceIds = filled(2);
    clock.advanceBy(SETTLE_MS);
    const named = { scalingGroupId: ASG, instanceIds: instanceIds.slice(0, 1) };

    ess.enterStandby(named);
    expect(members()).toEqual([`${instanceIds[0]}:80=0`, `${instanceIds[1]}:80=70`]);
    ess.exitStandby(named);
    clock.advanceBy(SETTLE_MS);

    expect(members()).toEqual(instanceIds.map((id) => `${id}:80=70`));
  });

  it('are not repaired when somebody else takes an instance out', () => {
    const { slb, clock, attach, filled, members } = attached();
    attach();
    const [serverId = ''] = filled(1);
    clock.advanceBy(SETTLE_MS);
    slb.vServerGroups.remove({ vServerGroupId: GROUP, backendServers: [{ serverId, port: 80 }] });

    clock.advanceBy(60_000);

    expect(members()).toEqual([]);
  });
});

describe('attaching and detaching', () => {
  it('concerns instances that are there only when forced', () => {
    const { ess, clock, attach, filled, members } = attached();
    const [id] = filled(1);
    const detach = (forceDetach?: boolean) =>
      ess.detachVServerGroups({
        scalingGroupId: ASG,
        vServerGroups: [{ loadBalancerId: LB, vServerGroupId: GROUP, port: 80 }],
        forceDetach,
      });

    attach();
    expect(members()).toEqual([]);
    attach({}, true);
    expect(members()).toEqual([`${id}:80=70`]);
    clock.advanceBy(SETTLE_MS);
    detach();
    expect(members()).toEqual([`${id}:80=70`]);
    expect(codeOf(() => detach(true))).toBe('LocalClouds.VServerGroupNotAttached');
    attach();
    detach(true);

    expect(members()).toEqual([]);
    expect(ess.group(ASG)?.vServerGroups).toEqual([]);
  });

  it.each([
    [{ loadBalancerId: 'lb-none' }, 'InvalidLoadBalancerId.NotFound'],
    [{ loadBalancerId: 'lb-inactive' }, 'IncorrectLoadBalancerStatus'],
    [{ loadBalancerId: 'lb-unchecked' }, 'IncorrectLoadBalancerHealthCheck'],
    [{ vServerGroupId: 'rsp-none' }, 'InvalidVServerGroupId.ForLoadBalancer'],
    [{ vServerGroupId: 'rsp-other' }, 'InvalidVServerGroupId.ForLoadBalancer'],
    [{ port: 0 }, 'InvalidParameter'],
    [{ weight: 101 }, 'InvalidParameter'],
  ])('refuses %o with %s', (wrong, code) => {
    const { slb, ess, attach } = attached();
    slb.seedLoadBalancer({ loadBalancerId: 'lb-inactive', status: 'inactive' });
    slb.seedLoadBalancer({ loadBalancerId: 'lb-unchecked' });
    slb.seedVServerGroup({ vServerGroupId: 'rsp-other', loadBalancerId: 'lb-unchecked', name: 'other' });

    expect(codeOf(() => attach(wrong))).toBe(code);
    expect(ess.group(ASG)?.vServerGroups).toEqual([]);
  });

  it('takes five vServer groups, counted by port, and replaces the weight of one that is attached', () => {
    const { ess, attach } = attached({}, [80]);
    for (const port of [80, 81, 82, 83, 84]) attach({ port });

    attach({ port: 80, weight: 10 });

    expect(codeOf(() => attach({ port: 85 }))).toBe('QuotaExceeded.VServerGroup');
    expect(ess.group(ASG)?.vServerGroups).toHaveLength(5);
    expect(ess.group(ASG)?.vServerGroups).toContainEqual({
      loadBalancerId: LB,
      vServerGroupId: GROUP,
      port: 80,
      weight: 10,
    });
  });
});
