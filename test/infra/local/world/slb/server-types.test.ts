import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../../../infra/local/world/clock.ts';
import { createEci } from '../../../../../infra/local/world/eci/eci.ts';
import { createEcs } from '../../../../../infra/local/world/ecs/ecs.ts';
import { createFoundation } from '../../../../../infra/local/world/foundation.ts';
import { serverDirectory } from '../../../../../infra/local/world/slb/server-directory.ts';
import { createSlb } from '../../../../../infra/local/world/slb/slb.ts';
import { codeOf, GROUP, LB } from './slb-world.ts';

/** A world with an interface of two addresses, a container group, and a load balancer of the specification. */
function world(loadBalancerSpec?: string, slbBackendQuota = 200) {
  const clock = new VirtualClock(Date.parse('2026-11-20T08:00:00Z'));
  const foundation = createFoundation({ clock, switches: { slbGroupProcessingMs: 0, slbBackendQuota } });
  const ecs = createEcs(foundation, { pendingMs: 0, startingMs: 0 });
  const eci = createEci(foundation);
  const slb = createSlb(foundation, { ecs: serverDirectory(ecs, eci) });
  slb.seedLoadBalancer({ loadBalancerId: LB, loadBalancerSpec });
  slb.seedVServerGroup({ vServerGroupId: GROUP, loadBalancerId: LB, name: 'web' });
  const [instance = ''] = ecs.runInstances({ amount: 1 });
  clock.advanceBy(0);
  const eni = ecs.networkInterfaces.create({ instanceId: instance, addresses: 2 });
  const [first = '', second = ''] = ecs.networkInterfaces.find(eni)?.privateIpAddresses ?? [];
  const container = eci.create({});
  const address = eci.find(container)?.intranetIp ?? '';
  return {
    clock,
    ecs,
    eci,
    slb,
    instance,
    eni: (serverIp = first) => ({ serverId: eni, port: 80, type: 'eni', serverIp }),
    eci_: { serverId: container, port: 80, type: 'eci', serverIp: address },
    first,
    second,
    add: (...backendServers: Array<Parameters<typeof slb.vServerGroups.add>[0]['backendServers'][number]>) =>
      slb.vServerGroups.add({ vServerGroupId: GROUP, backendServers }),
    members: () =>
      (slb.group(GROUP)?.backends ?? []).map(
        ({ serverId, serverIp, port, type }) => `${type} ${serverId}@${serverIp ?? ''}:${port}`,
      ),
  };
}

describe('network interfaces and container groups as backends', () => {
  it('are each an address and port of their own', () => {
    const { add, eni, eci_, first, second, members, slb } = world();

    add(eni(first), eni(second), eci_);
    slb.vServerGroups.remove({ vServerGroupId: GROUP, backendServers: [eni(first)] });

    expect(members()).toEqual([
      `eni ${eni().serverId}@${second}:80`,
      `eci ${eci_.serverId}@${eci_.serverIp}:80`,
    ]);
  });

  it('need their type said, and an address that is theirs', () => {
    const { add, eni, eci_, members } = world();
    const { type: _, ...untyped } = eni();

    expect(codeOf(() => add(untyped))).toBe('BackendServer.InvalidType');
    expect(codeOf(() => add({ ...eci_, type: 'eni' }))).toBe('BackendServer.InvalidType');
    expect(codeOf(() => add(eni('10.9.9.9')))).toBe('LocalClouds.ServerIpNotOfServer');
    expect(members()).toEqual([]);
  });

  it.each(['slb.s0.share', ''])('are refused by a load balancer of shared performance: "%s"', (spec) => {
    const { add, eni, eci_, instance, members } = world(spec);

    expect(codeOf(() => add(eni()))).toBe('OperationUnsupported.AddVServerGroupBackendServers');
    expect(codeOf(() => add(eci_))).toBe('OperationUnsupported.AddVServerGroupBackendServers');
    add({ serverId: instance, port: 80 });
    expect(members()).toHaveLength(1);
  });

  it('are refused while they do not serve', () => {
    const { add, eni, eci_, ecs, eci } = world();
    ecs.networkInterfaces.change(eni().serverId, { status: 'Available', instanceId: null });
    eci.change(eci_.serverId, { status: 'Pending' });

    expect(codeOf(() => add(eni()))).toBe('ObtainIpFail');
    expect(codeOf(() => add(eci_))).toBe('ObtainIpFail');
    eci.delete(eci_.serverId);
    expect(codeOf(() => add(eci_))).toBe('InvalidServerId.NotFound');
  });

  it('conflict with another name of the same address and port', () => {
    const { add, ecs, instance, members } = world();
    const { networkInterfaceId = '', privateIpAddress = '' } = ecs.find(instance) ?? {};
    add({ serverId: instance, port: 80 });
    const primary = { serverId: networkInterfaceId, type: 'eni', serverIp: privateIpAddress };

    expect(codeOf(() => add({ ...primary, port: 80 }))).toBe('InvalidBackendServers.ServerIpConflict');
    add({ ...primary, port: 81 });
    expect(members()).toHaveLength(2);
  });

  it('count in the quota, each address by itself', () => {
    const { add, eni, eci_, first, second } = world(undefined, 2);

    expect(codeOf(() => add(eni(first), eni(second), eci_))).toBe('InstanceBackendServerNumberOverLimit');
    add(eni(first), eni(second));
  });

  it('are found healthy as what is behind them serves', () => {
    const { add, eni, eci_, first, slb, ecs, eci, clock, instance } = world();
    slb.seedListener({
      loadBalancerId: LB,
      listenerPort: 80,
      listenerProtocol: 'tcp',
      vServerGroupId: GROUP,
    });
    add(eni(), eci_);
    const health = () =>
      slb.health
        .describe({ loadBalancerId: LB })
        .map(({ serverId, serverIp, serverHealthStatus }) => `${serverId}@${serverIp} ${serverHealthStatus}`);
    clock.advanceBy(60_000);
    expect(health()).toEqual([
      `${eni().serverId}@${first} normal`,
      `${eci_.serverId}@${eci_.serverIp} normal`,
    ]);

    ecs.stopInstance({ instanceId: instance, forceStop: true });
    eci.change(eci_.serverId, { status: 'Restarting' });
    clock.advanceBy(60_000);

    expect(health()).toEqual([
      `${eni().serverId}@${first} abnormal`,
      `${eci_.serverId}@${eci_.serverIp} abnormal`,
    ]);
  });
});
