import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { passUntilHolds, startSilently } from '../../bench/virtual/fleet.ts';
import { setVirtualStage, type VirtualStage } from '../../bench/virtual/stage.ts';
import { LB } from '../../support/builders.ts';

const MINUTE_MS = 60_000;
const OLD = 'rsp-bp1old00000001';
const HTTP_80 = { loadBalancerId: LB, listenerPort: 80, listenerProtocol: 'http' } as const;
const TCP_9000 = { loadBalancerId: LB, listenerPort: 9000, listenerProtocol: 'tcp' } as const;

const binding = (name: string, group: object, more: object = {}) => ({
  name,
  loadBalancer: LB,
  group,
  manage: 'group',
  selector: { tags: { role: name } },
  ports: [{ port: 8080 }],
  ...more,
});
const WEB = binding('web', {
  name: 'web-prod',
  tags: { team: 'shop' },
  listeners: ['http:80'],
});
const API = binding('api', {
  name: 'api-prod',
  rules: [{ listener: 'http:80', domain: 'api.example.com', url: '/v1' }],
});

let stage: VirtualStage;
const setStage = async (...bindings: ReadonlyArray<object>) => {
  stage = await setVirtualStage({
    configuration: { version: 1, region: 'cn-hangzhou', bindings },
    latencyMs: 20,
    seed: 3,
  });
  const { slb } = stage.clouds;
  slb.seedVServerGroup({ vServerGroupId: OLD, loadBalancerId: LB, name: 'old' });
  slb.seedListener({ ...HTTP_80, vServerGroupId: OLD });
  slb.seedListener({ ...TCP_9000, backendServerPort: 9000 });
};
afterEach(() => stage.close());

const groupsNamed = (name: string) =>
  stage.clouds.slb.groups().filter(({ vServerGroupName }) => vServerGroupName === name);
const listenerAt = (address: typeof HTTP_80 | typeof TCP_9000) => stage.clouds.slb.listeners.get(address);
const actions = () => stage.clouds.foundation.timeline.entries.map(({ kind }) => kind);

describe('a group that a binding declares and comparisons keep', () => {
  beforeEach(() => setStage(WEB, API));

  it('is created once, tagged, filled, and used by its listener and its rule', async () => {
    await startSilently(stage, [
      { count: 3, tags: { role: 'web' } },
      { count: 2, tags: { role: 'api' } },
    ]);

    await passUntilHolds(stage, 20 * MINUTE_MS, () => groupsNamed('api-prod')[0]?.backends.length === 2);
    await stage.pass(2 * MINUTE_MS);

    const [web, ...others] = groupsNamed('web-prod');
    expect(others).toEqual([]);
    expect(web?.tags).toEqual([
      { key: 'team', value: 'shop' },
      { key: 'slb-autopilot:binding', value: 'web' },
    ]);
    expect(web?.backends.map(({ weight }) => weight)).toEqual([100, 100, 100]);
    expect(listenerAt(HTTP_80).vServerGroupId).toBe(web?.vServerGroupId);
    const [rule] = stage.clouds.slb.rules.of(HTTP_80);
    expect(rule).toMatchObject({
      domain: 'api.example.com',
      url: '/v1',
      vServerGroupId: groupsNamed('api-prod')[0]?.vServerGroupId,
    });
    expect(actions().filter((kind) => kind === 'group-created')).toHaveLength(2);
  });
});
