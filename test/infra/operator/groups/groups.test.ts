import { describe, expect, it } from 'vitest';
import { GROUP, LB } from '../../../support/builders.ts';
import { CART, type GroupsStage, OLD_CART, OTHER_LB, PAIR_GROUP, SHOP, setGroupsStage } from './stage.ts';

const read = async (stage: GroupsStage, ...args: ReadonlyArray<string>) =>
  JSON.parse((await stage.run('--json', ...args)).out).loadBalancers;

const breakReading = (stage: GroupsStage, action: string, subject: string) =>
  stage.clouds.foundation.faults.inject({
    name: 'unread',
    match: { product: 'slb', action, subject },
    skip: 0,
    times: null,
    effect: { kind: 'error', status: 403, code: 'Forbidden.RAM', message: 'Not you.' },
  });

describe('autopilot groups that cannot read a load balancer', () => {
  it.each(['DescribeVServerGroupAttribute', 'DescribeRules', 'DescribeHealthStatus'])(
    'shows nothing of it that it might be half of, tells why, shows the others, and ends with 3: %s',
    async (action) => {
      const stage = await setGroupsStage();
      breakReading(stage, action, LB);

      const { status, out } = await stage.run(LB, OTHER_LB);

      expect(status).toBe(3);
      expect(out).toMatch(
        new RegExp(
          `${LB}\\n {2}could not be read: RAM does not allow .*\\(${action}, Forbidden\\.RAM, request `,
        ),
      );
      expect(out).toContain(`${OTHER_LB}  other\n  no listener`);
      expect(out).not.toContain(SHOP);
    },
  );

  it('says so of one that does not exist', async () => {
    const stage = await setGroupsStage();

    const { status, out } = await stage.run('lb-nowhere');

    expect(status).toBe(3);
    expect(out).toContain('the load balancer does not exist in this region');
    expect(await read(stage, 'lb-nowhere')).toMatchObject([
      { loadBalancerId: 'lb-nowhere', error: expect.stringContaining('InvalidLoadBalancerId.NotFound') },
    ]);
  });
});

describe('autopilot groups', () => {
  it('shows where requests go in the order in which places are looked for', async () => {
    const [told] = await read(await setGroupsStage());

    const routes = told.listeners.map(
      (each: { listener: string; routes: ReadonlyArray<Record<string, string | null>> }) => [
        each.listener,
        each.routes.map(({ kind, domain, url, groupId }) => [kind, domain, url, groupId]),
      ],
    );
    expect(routes).toEqual([
      [
        'http:80',
        [
          ['rule', 'www.example.com', '/cart/checkout', SHOP],
          ['rule', 'www.example.com', '/cart', CART],
          ['rule', '*.shop.example.com', '', SHOP],
          ['rule', '*.example.com', '', SHOP],
          ['rule', '', '/cart', CART],
          ['listener', null, null, GROUP],
        ],
      ],
      ['http:81', [['default', null, null, null]]],
      ['tcp:3306', [['listener', null, null, PAIR_GROUP]]],
    ]);
  });

  it('tells of each server whose it is: a binding’s, ours by mark, or a stranger’s', async () => {
    const stage = await setGroupsStage();
    const [ours, stranger, primary, secondary] = stage.ids;

    const [told] = await read(stage);

    const servers = told.groups.flatMap(
      (group: { groupId: string | null; servers: ReadonlyArray<Record<string, unknown>> }) =>
        group.servers.map(({ serverId, port, weight, type, role, owner }) => [
          group.groupId,
          serverId,
          port,
          role ?? weight,
          type,
          owner,
        ]),
    );
    expect(servers).toEqual([
      [GROUP, ours, 8080, 100, 'ecs', { kind: 'binding', name: 'web' }],
      [GROUP, stranger, 8080, 0, 'ecs', { kind: 'stranger', name: null }],
      [GROUP, stranger, 9090, 10, 'ecs', { kind: 'mark', name: 'slb-autopilot/gone' }],
      [PAIR_GROUP, primary, 3306, 'primary', 'ecs', { kind: 'pair', name: 'orders-db' }],
      [PAIR_GROUP, secondary, 3306, 'secondary', 'ecs', { kind: 'pair', name: 'orders-db' }],
      [null, stranger, null, 100, 'ecs', { kind: 'stranger', name: null }],
    ]);
  });

  it('tells of each group who uses it, its tags, and who has the same name', async () => {
    const [told] = await read(await setGroupsStage());

    const group = (id: string | null) =>
      told.groups.find(({ groupId }: { groupId: string | null }) => groupId === id);
    expect(group(GROUP)).toMatchObject({
      tags: [{ key: 'team', value: 'orders' }],
      owners: [{ kind: 'binding', name: 'web' }],
      users: [{ listener: 'http:80', requests: ['the rest'] }],
      namesakes: [],
    });
    expect(group(CART)).toMatchObject({
      owners: [],
      users: [{ listener: 'http:80', requests: ['www.example.com/cart', '/cart'] }],
      namesakes: [OLD_CART],
    });
    expect(group(OLD_CART)).toMatchObject({ users: [], namesakes: [CART] });
    expect(group(PAIR_GROUP)).toMatchObject({ users: [{ listener: 'tcp:3306', requests: ['all'] }] });
    expect(group(null)).toMatchObject({ users: [{ listener: 'http:81', requests: ['all'] }] });
  });

  it('says what the health checks in front of a group report of its servers', async () => {
    const stage = await setGroupsStage();
    const [ours] = stage.ids;
    stage.clouds.slb.setHealth({ serverId: ours, port: 8080 }, 'abnormal');

    const { out } = await stage.run();

    expect(out).toMatch(new RegExp(`${ours} +8080 +weight 100 +ecs +abnormal +binding web`));
    expect(out).toMatch(/ {2}weight 100 {2}ecs {2}not checked {2}stranger’s\n$/);
  });

  it('fits a terminal of 100 columns, and hides nothing that others may have written there', async () => {
    const stage = await setGroupsStage();
    stage.clouds.slb.seedVServerGroup({
      vServerGroupId: 'rsp-bp1evil000001',
      loadBalancerId: LB,
      name: 'evil\u001b[2J',
    });

    const { status, out } = await stage.runOnTerminal();

    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
    const lines = out.replaceAll(/\u001b\[\d+m/g, '').split('\n');
    expect(status).toBe(0);
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    expect(out).toContain('evil\ufffd[2J');
    expect(lines).toContain('    nobody uses it');
  });

  it('needs no more than the policy for operators allows, and asks no table', async () => {
    const stage = await setGroupsStage();
    const before = stage.clouds.foundation.gate.records.length;

    const { status, err } = await stage.runAsOperator();

    expect({ status, err }).toEqual({ status: 0, err: '' });
    const asked = stage.clouds.foundation.gate.records.slice(before);
    expect([...new Set(asked.map(({ product }) => product))]).toEqual(['slb']);
    expect(asked.filter(({ action }) => !action.startsWith('Describe'))).toEqual([]);
  });
});
