import { describe, expect, it } from 'vitest';
import { codeOf, GROUP, LB, refusalOf, slbWorld } from './slb-world.ts';

const address = { loadBalancerId: LB, listenerPort: 80 };
const http80 = { ...address, listenerProtocol: 'http', vServerGroupId: GROUP } as const;
const API = 'rsp-bp1api';

function withHttpListener() {
  const world = slbWorld({ slbAssociationLingersMs: 0 });
  world.slb.seedVServerGroup({ vServerGroupId: API, loadBalancerId: LB, name: 'api' });
  world.slb.seedListener(http80);
  return world;
}

describe('forwarding rules', () => {
  it('are created together or not at all, and found by listener and by group', () => {
    const { slb } = withHttpListener();
    const rule = (ruleName: string, domain: string, vServerGroupId = API) => ({
      ruleName,
      domain,
      url: '/v1',
      vServerGroupId,
    });

    const created = slb.rules.create({ ...address, rules: [rule('a', 'a.example'), rule('b', 'b.example')] });
    const failed = codeOf(() =>
      slb.rules.create({ ...address, rules: [rule('c', 'c.example'), rule('d', 'd.example', 'rsp-none')] }),
    );

    expect(created.map(({ ruleId }) => ruleId)).toEqual(
      slb.rules.describe(address).map(({ ruleId }) => ruleId),
    );
    expect(created[0]).toMatchObject({ domain: 'a.example', url: '/v1', listenerProtocol: 'http' });
    expect(failed).toBe('InvalidParameter');
    expect(slb.rules.usersOf(API)).toHaveLength(2);
  });

  it('are refused without a place of their own, a group of their load balancer or an HTTP listener', () => {
    const { slb } = withHttpListener();
    slb.seedLoadBalancer({ loadBalancerId: 'lb-other' });
    slb.seedVServerGroup({ vServerGroupId: 'rsp-foreign', loadBalancerId: 'lb-other', name: 'x' });
    slb.seedListener({ ...http80, listenerPort: 81, listenerProtocol: 'tcp' });
    const create = (rule: object, listenerPort = 80) =>
      codeOf(() => slb.rules.create({ ...address, listenerPort, rules: [{ vServerGroupId: API, ...rule }] }));

    expect(create({})).toBe('InvalidParameter');
    expect(create({ url: 'v1' })).toBe('InvalidParameter');
    expect(create({ url: '/v1', vServerGroupId: 'rsp-foreign' })).toBe('InvalidParameter');
    expect(create({ url: '/v1' }, 81)).toBe('InvalidParameter');
    expect(create({ url: '/v1' }, 82)).toBe('InvalidParameter');
    expect(create({ url: '/v1' })).toBeNull();
    expect(create({ url: '/v1' })).toBe('LocalClouds.RuleAlreadyExists');
    const eleven = Array.from({ length: 11 }, (_, index) => ({ url: `/${index}`, vServerGroupId: API }));
    expect(codeOf(() => slb.rules.create({ ...address, rules: eleven }))).toBe('InvalidParameter');
  });

  it('keep their group from being deleted, until they or their listener are', () => {
    const { slb } = withHttpListener();
    const remove = () => refusalOf(() => slb.vServerGroups.delete(API));
    const { ruleId } = slb.seedRule({ ...address, domain: 'api.example', vServerGroupId: API });
    const used = remove();
    slb.rules.delete({ ruleIds: [ruleId] });
    slb.seedRule({ ...address, domain: 'api.example', vServerGroupId: API });
    const usedAgain = remove();
    slb.listeners.delete(address);

    expect([used, usedAgain]).toMatchObject([
      { code: 'RspoolRuleExist', status: 400 },
      { code: 'RspoolRuleExist' },
    ]);
    expect(remove()).toBeNull();
    expect(codeOf(() => slb.rules.delete({ ruleIds: [ruleId] }))).toBe('LocalClouds.RuleNotFound');
  });

  it('have the health of their groups shown with their listener, each server-port once', () => {
    const { slb, run, add } = withHttpListener();
    const [a = '', b = ''] = run(2);
    add({ vServerGroupId: GROUP, backendServers: [{ serverId: a, port: 80 }] });
    add({
      vServerGroupId: API,
      backendServers: [
        { serverId: a, port: 80 },
        { serverId: b, port: 80 },
      ],
    });
    slb.seedRule({ ...address, domain: 'api.example', vServerGroupId: API });

    const lines = slb.health.describe({ loadBalancerId: LB });

    expect(lines.map(({ serverId, listenerPort }) => [serverId, listenerPort])).toEqual([
      [a, 80],
      [b, 80],
    ]);
  });
});
