import { describe, expect, it } from 'vitest';
import { codeOf, GROUP, LB, refusalOf, slbWorld } from './slb-world.ts';

const PAIR = 'rsp-bp1pair';
const LISTENER = `${LB}_tcp_80`;
const TYPES = [
  ['vservergroup', GROUP],
  ['masterslaveservergroup', PAIR],
  ['listener', LISTENER],
] as const;

function taggedWorld() {
  const world = slbWorld();
  const { slb } = world;
  slb.seedMasterSlaveServerGroup({
    masterSlaveServerGroupId: PAIR,
    loadBalancerId: LB,
    name: 'pair',
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
  const tagsOf = (resourceType: (typeof TYPES)[number][0], resourceId: string) =>
    slb.tags
      .list({ resourceType, resourceIds: [resourceId] })
      .resourceTags.map(({ key, value }) => `${key}=${value}`);
  return { ...world, tags: slb.tags, tagsOf };
}

describe('tags', () => {
  it.each(TYPES)('of a %s are set, overwritten and taken off', (resourceType, resourceId) => {
    const { tags, tagsOf } = taggedWorld();
    const resource = { resourceType, resourceIds: [resourceId] };

    tags.tag({
      ...resource,
      tags: [
        { key: 'a', value: '1' },
        { key: 'b', value: '' },
      ],
    });
    tags.tag({
      ...resource,
      tags: [
        { key: 'a', value: '2' },
        { key: 'c', value: '3' },
      ],
    });
    const set = tagsOf(resourceType, resourceId);
    tags.untag({ ...resource, tagKeys: ['a', 'absent'], isAll: true });
    const less = tagsOf(resourceType, resourceId);
    tags.untag({ ...resource, isAll: true });

    expect([set, less]).toEqual([
      ['a=2', 'b=', 'c=3'],
      ['b=', 'c=3'],
    ]);
    expect(tagsOf(resourceType, resourceId)).toEqual([]);
  });

  it('show where groups and listeners are described', () => {
    const { slb, tags } = taggedWorld();
    for (const [resourceType, resourceId] of TYPES) {
      tags.tag({ resourceType, resourceIds: [resourceId], tags: [{ key: 'team', value: resourceType }] });
    }

    const wanted = [{ key: 'team' }];
    expect(slb.describeVServerGroup(GROUP).tags).toEqual([{ key: 'team', value: 'vservergroup' }]);
    expect(slb.masterSlaveGroups.describe({ loadBalancerId: LB, tags: wanted })).toHaveLength(1);
    expect(slb.listeners.describe({ tags: wanted }).listeners).toHaveLength(1);
  });

  it('are set on all resources of a call or on none', () => {
    const { tags, slb, tagsOf } = taggedWorld();
    slb.seedVServerGroup({ vServerGroupId: 'rsp-2', loadBalancerId: LB, name: 'b' });
    const set = (resourceIds: ReadonlyArray<string>) =>
      refusalOf(() =>
        tags.tag({ resourceType: 'vservergroup', resourceIds, tags: [{ key: 'a', value: '1' }] }),
      );

    expect(set([GROUP, 'rsp-none'])).toMatchObject({ code: 'InvalidParameter', status: 400 });
    expect(set([GROUP, PAIR])).toMatchObject({ code: 'InvalidParameter' });
    expect(tagsOf('vservergroup', GROUP)).toEqual([]);
    expect(set([GROUP, 'rsp-2'])).toBeNull();
    expect(tagsOf('vservergroup', 'rsp-2')).toEqual(['a=1']);
  });

  it.each([
    [[], 'MissingParam.TagKey'],
    [[{ key: '', value: '' }], 'InvalidParam.TagKey'],
    [[{ key: 'x'.repeat(65), value: '' }], 'InvalidParam.TagKey'],
    [[{ key: 'acs:x', value: '' }], 'InvalidParam.TagKey'],
    [[{ key: 'Aliyun-x', value: '' }], 'InvalidParam.TagKey'],
    [[{ key: 'see-https://x', value: '' }], 'InvalidParam.TagKey'],
    [[{ key: 'x', value: 'y'.repeat(129) }], 'InvalidParam.TagValue'],
    [Array.from({ length: 21 }, (_, n) => ({ key: `k${n}`, value: '' })), 'SizeLimitExceeded.Tag'],
    [[{ key: 'x'.repeat(64), value: 'y'.repeat(128) }], null],
  ])('are checked, at creation too: %j', (wrong, code) => {
    const { tags, create } = taggedWorld();
    const resource = { resourceType: 'vservergroup', resourceIds: [GROUP] } as const;

    expect(codeOf(() => tags.tag({ ...resource, tags: wrong }))).toBe(code);
    expect(codeOf(() => create({ loadBalancerId: LB, tags: wrong }))).toBe(wrong.length === 0 ? null : code);
  });

  it('are 20 at most, together with those that are there', () => {
    const { tags } = taggedWorld();
    const resource = { resourceType: 'masterslaveservergroup', resourceIds: [PAIR] } as const;
    const many = (amount: number, prefix: string) =>
      Array.from({ length: amount }, (_, n) => ({ key: `${prefix}${n}`, value: '' }));
    tags.tag({ ...resource, tags: many(20, 'k') });

    expect(codeOf(() => tags.tag({ ...resource, tags: many(20, 'k') }))).toBeNull();
    expect(codeOf(() => tags.tag({ ...resource, tags: many(1, 'more') }))).toBe('SizeLimitExceeded.Tag');
    expect(codeOf(() => tags.untag({ ...resource }))).toBe('MissingParam.TagKey');
    expect(codeOf(() => tags.tag({ ...resource, resourceIds: [], tags: many(1, 'k') }))).toBe(
      'InvalidParameter',
    );
    const tooMany = Array.from({ length: 21 }, () => PAIR);
    expect(codeOf(() => tags.untag({ ...resource, resourceIds: tooMany, isAll: true }))).toBe(
      'InvalidParameter',
    );
  });

  it('of a locked load balancer stay as they are', () => {
    const { tags, slb } = taggedWorld();
    slb.seedLoadBalancer({ loadBalancerId: 'lb-locked', status: 'locked' });
    slb.seedVServerGroup({ vServerGroupId: 'rsp-locked', loadBalancerId: 'lb-locked', name: 'x' });
    const resource = { resourceType: 'vservergroup', resourceIds: ['rsp-locked'] } as const;

    expect(codeOf(() => tags.tag({ ...resource, tags: [{ key: 'a', value: '' }] }))).toBe(
      'LbStatusNotSupport',
    );
  });

  it('are listed by tags, of resources that have all of them, in pages', () => {
    const { tags, slb } = taggedWorld();
    const resourceType = 'vservergroup' as const;
    const ids = Array.from({ length: 30 }, (_, n) => `rsp-many-${n}`);
    for (const vServerGroupId of ids) {
      slb.seedVServerGroup({
        vServerGroupId,
        loadBalancerId: LB,
        name: 'many',
        tags: [
          { key: 'team', value: 'x' },
          { key: 'stage', value: vServerGroupId },
        ],
      });
    }
    const query = { resourceType, tags: [{ key: 'team', value: 'x' }, { key: 'stage' }] };

    const first = tags.list(query);
    const second = tags.list({ ...query, nextToken: first.nextToken });

    expect([first.resourceTags.length, second.resourceTags.length]).toEqual([50, 10]);
    expect(second.nextToken).toBe('');
    expect(tags.list({ resourceType, tags: [{ key: 'team', value: 'y' }] }).resourceTags).toEqual([]);
    expect(tags.list({ resourceType, resourceIds: ['rsp-none'] }).resourceTags).toEqual([]);
    expect(codeOf(() => tags.list({ resourceType }))).toBe('MissingParameter');
    expect(codeOf(() => tags.list({ ...query, nextToken: 'nonsense' }))).toBe('InvalidParameter');
  });
});
