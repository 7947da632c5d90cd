import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Listening, listen } from '../../../../../infra/local/http/listen.ts';
import { createSlbApp } from '../../../../../infra/local/http/rpc/slb.ts';
import { VirtualClock } from '../../../../../infra/local/world/clock.ts';
import { createEcs } from '../../../../../infra/local/world/ecs/ecs.ts';
import { createFoundation, type Foundation } from '../../../../../infra/local/world/foundation.ts';
import { createSlb } from '../../../../../infra/local/world/slb/slb.ts';
import { rpcClient } from './rpc-client.ts';

const VERSION = '2014-05-15';
const LB = 'lb-bp1shop';
const PAIR = 'rsp-bp1pair';

let foundation: Foundation;
let server: Listening;
let call: ReturnType<typeof rpcClient>;

beforeEach(async () => {
  // A clock that stands still, at the time with which the real client signs.
  foundation = createFoundation({ clock: new VirtualClock(Date.now()) });
  const slb = createSlb(foundation, { ecs: createEcs(foundation) });
  slb.seedLoadBalancer({ loadBalancerId: LB, name: 'shop' });
  slb.seedMasterSlaveServerGroup({
    masterSlaveServerGroupId: PAIR,
    loadBalancerId: LB,
    name: 'orders',
    backends: [
      { serverId: 'i-1', port: 80 },
      { serverId: 'i-2', port: 80, serverType: 'Slave' },
    ],
  });
  slb.seedListener({
    loadBalancerId: LB,
    listenerPort: 80,
    listenerProtocol: 'tcp',
    masterSlaveServerGroupId: PAIR,
  });
  server = await listen(createSlbApp(foundation, slb));
  call = rpcClient(server, VERSION, foundation.identities.administrator);
});
afterEach(() => server.close());

describe('tags at the SLB endpoint', () => {
  it.each([
    ['masterslaveservergroup', PAIR],
    ['listener', `${LB}_tcp_80`],
  ])('of a %s go in as Key and Value and come out as TagKey and TagValue', async (ResourceType, id) => {
    const resource = { ResourceType, ResourceId: [id] };

    const tagged = await call('TagResources', {
      ...resource,
      Tag: [{ Key: 'owner', Value: 'autopilot' }, { Key: 'bare' }],
    });
    const byId = await call('ListTagResources', resource);
    const byTag = await call('ListTagResources', { ResourceType, Tag: [{ Key: 'owner' }] });
    const one = await call('UntagResources', { ...resource, TagKey: ['bare'] });
    const left = await call('ListTagResources', resource);
    const all = await call('UntagResources', { ...resource, All: true });
    const none = await call('ListTagResources', resource);

    const entry = { ResourceId: id, ResourceType };
    const owner = { ...entry, TagKey: 'owner', TagValue: 'autopilot' };
    expect(tagged.body).toEqual({ RequestId: tagged.requestId });
    const both = { TagResource: [owner, { ...entry, TagKey: 'bare', TagValue: '' }] };
    expect(byId.body).toEqual({ RequestId: byId.requestId, TagResources: both, NextToken: '' });
    expect(byTag.body).toEqual({ RequestId: byTag.requestId, TagResources: both, NextToken: '' });
    expect([one.code, all.code]).toEqual([null, null]);
    expect(left.body).toMatchObject({ TagResources: { TagResource: [owner] } });
    expect(none.body).toMatchObject({ TagResources: { TagResource: [] } });
  });

  it('are refused for other types and without what is mandatory', async () => {
    const ResourceId = [PAIR];
    const ResourceType = 'masterslaveservergroup';
    const Tag = [{ Key: 'a' }];

    expect(await call('TagResources', { ResourceType: 'certificate', ResourceId, Tag })).toMatchObject({
      code: 'InvalidParameter',
      statusCode: 400,
    });
    expect(await call('TagResources', { ResourceType, Tag })).toMatchObject({ code: 'MissingParameter' });
    expect(await call('TagResources', { ResourceType, ResourceId })).toMatchObject({
      code: 'MissingParameter',
    });
    expect(await call('ListTagResources', { ResourceType })).toMatchObject({ code: 'MissingParameter' });
  });

  it('are judged by RAM on the load balancers of what they are on', async () => {
    const policy = (Resource: Array<string>) =>
      foundation.identities.putRole('tagger', [
        { Version: '1', Statement: [{ Effect: 'Allow', Action: ['slb:*'], Resource }] },
      ]);
    policy(['acs:slb:*:*:loadbalancer/lb-bp1other']);
    const session = rpcClient(server, VERSION, foundation.identities.assumeRole('tagger', 'test', 60_000));
    const resource = { ResourceType: 'listener', ResourceId: [`${LB}_tcp_80`] };
    const calls: ReadonlyArray<[string, object]> = [
      ['TagResources', { ...resource, Tag: [{ Key: 'a' }] }],
      ['ListTagResources', resource],
      ['UntagResources', { ...resource, All: true }],
    ];
    const codes = async () => {
      const found: Array<string | null> = [];
      for (const [action, parameters] of calls) found.push((await session(action, { ...parameters })).code);
      return found;
    };

    const denied = await codes();
    policy([`acs:slb:*:*:loadbalancer/${LB}`]);
    const allowed = await codes();
    const everywhere = await session('ListTagResources', {
      ResourceType: 'listener',
      Tag: [{ Key: 'a' }],
    });

    expect(denied).toEqual(calls.map(() => 'Forbidden.RAM'));
    expect(allowed).toEqual(calls.map(() => null));
    expect(everywhere.code).toBe('Forbidden.RAM');
  });

  it('have low limits: 5 changes and 10 reads in a second', async () => {
    const resource = { ResourceType: 'masterslaveservergroup', ResourceId: [PAIR] };
    const together = async (count: number, action: string, parameters: object) => {
      const results = await Promise.all(Array.from({ length: count }, () => call(action, { ...parameters })));
      return results.filter(({ code }) => code === 'Throttling.User').length;
    };

    expect(await together(11, 'ListTagResources', resource)).toBe(1);
    expect(await together(6, 'UntagResources', { ...resource, All: true })).toBe(1);
    expect(await together(6, 'TagResources', { ...resource, Tag: [{ Key: 'a' }] })).toBe(1);
  });
});
