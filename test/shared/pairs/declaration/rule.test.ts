import { describe, expect, it } from 'vitest';
import type { PairGroupDeclaration } from '../../../../shared/config/pair-group.ts';
import type { PairPlace } from '../../../../shared/pairs/model.ts';
import { planPair } from '../../../../shared/pairs/plan.ts';
import { anInstance, LB, NOW_MS } from '../../../support/builders.ts';
import {
  aGroup,
  aListener,
  aMember,
  aPair,
  aPairInput,
  aPairRow,
  members,
  type PairInputOverrides,
  PRIMARY,
  SECONDARY,
} from '../../../support/pairs.ts';

const PLACE: PairPlace = {
  status: 'active',
  vpcId: null,
  inDefaultGroup: 0,
  backendCount: 10,
  backendsMax: 200,
};

const declaring = (overrides: Partial<PairGroupDeclaration> = {}) =>
  aPair({
    group: {
      primary: aMember(PRIMARY),
      secondary: aMember(SECONDARY),
      tags: [{ key: 'team', value: 'db' }],
      isManaged: true,
      adopt: false,
      ...overrides,
    },
  });

const anOrder = (overrides: { readonly orderId?: string; readonly orderedAtMs?: number } = {}) =>
  ({
    kind: 'apply',
    orderId: 'order-1',
    by: 'mei',
    reason: 'autopilot apply',
    orderedAtMs: NOW_MS,
    ...overrides,
  }) as const;

/** A pair whose listener sends to the empty default group, and that nobody has recorded. */
const plan = (overrides: PairInputOverrides = {}) =>
  planPair(
    aPairInput({
      pair: declaring(),
      row: null,
      groups: [],
      listeners: [aListener({ groupId: null })],
      health: [],
      place: PLACE,
      ...overrides,
    }),
  );

const servers = (...list: ReadonlyArray<ReturnType<typeof anInstance>>) =>
  new Map([...aPairInput().instances.values(), ...list].map((instance) => [instance.instanceId, instance]));

const AT = 'pairs.orders-db';

describe('a pair without a group that declares one', () => {
  it.each<readonly [string, PairInputOverrides, string]>([
    [
      'a listener that does not exist',
      {
        pair: {
          ...declaring(),
          listeners: [
            { protocol: 'tcp', port: 3306 },
            { protocol: 'udp', port: 53 },
          ],
        },
      },
      `${AT}.listeners[1]: found udp:53, which ${LB} does not have, allowed is a TCP or UDP listener that exists`,
    ],
    [
      'a listener that a vServer group serves',
      { listeners: [aListener({ groupId: null, vServerGroupId: 'rsp-web' })] },
      `${AT}.listeners[0]: found tcp:3306 on the vServer group rsp-web, allowed is a listener that nobody serves (group.adopt takes it over)`,
    ],
    [
      'a listener that the default group serves',
      { place: { ...PLACE, inDefaultGroup: 2 } },
      `${AT}.listeners[0]: found tcp:3306 on the default group, which has 2 servers, allowed is a listener that nobody serves (group.adopt takes it over)`,
    ],
    [
      'a member that is stopped',
      { instances: servers(anInstance(SECONDARY, { status: 'Stopped' })) },
      `${AT}.group.secondary.server: found ${SECONDARY} (Stopped), allowed is an instance that ECS shows Running, and that stays`,
    ],
    [
      'a member that ECS does not know',
      { instances: new Map([[SECONDARY, anInstance(SECONDARY)]]) },
      `${AT}.group.primary.server: found ${PRIMARY} (ECS does not list it), allowed is an instance that ECS shows Running, and that stays`,
    ],
    [
      'a member in another VPC than the load balancer',
      {
        place: { ...PLACE, vpcId: 'vpc-here' },
        instances: servers(
          anInstance(PRIMARY, { vpcId: 'vpc-here' }),
          anInstance(SECONDARY, { vpcId: 'vpc-there' }),
        ),
      },
      `${AT}.group.secondary.server: found ${SECONDARY} in vpc-there, allowed is an instance in vpc-here, that of ${LB}`,
    ],
    [
      'members in two VPCs of a public load balancer',
      {
        instances: servers(
          anInstance(PRIMARY, { vpcId: 'vpc-here' }),
          anInstance(SECONDARY, { vpcId: 'vpc-there' }),
        ),
      },
      `${AT}.group.secondary.server: found ${SECONDARY} in vpc-there, allowed is an instance in vpc-here, the primary's`,
    ],
    [
      'a load balancer that is full',
      { place: { ...PLACE, backendCount: 199 } },
      `${AT}.loadBalancer: found 199 of 200 backends taken, allowed is room for 2 more (limits.backendsPerLoadBalancer)`,
    ],
    [
      'a load balancer that is locked',
      { place: { ...PLACE, status: 'locked' } },
      `${AT}.loadBalancer: found it locked, allowed is one that takes changes`,
    ],
    [
      'a group of our name that others have made',
      { groups: [aGroup({ groupId: 'rsp-same', name: 'slb-autopilot/orders-db/1' })] },
      `${AT}.group: found rsp-same, which others have made with our name slb-autopilot/orders-db/1, allowed is another name of it, or adopt: true`,
    ],
    [
      'a group of our name with other members, whoever may adopt',
      {
        pair: declaring({ adopt: true }),
        groups: [
          aGroup({
            groupId: 'rsp-same',
            name: 'slb-autopilot/orders-db/1',
            members: members(SECONDARY, PRIMARY),
          }),
        ],
      },
      `${AT}.group: found rsp-same, which others have made with our name slb-autopilot/orders-db/1 and other members, allowed is the same members: nothing changes a group`,
    ],
    [
      'a group of its own that its listeners have left',
      { row: aPairRow(), groups: [aGroup()] },
      `${AT}.group: found rsp-bp1old, which is the pair's and used by none of its listeners, allowed is its listeners on it, or no such group: point them at it, or delete it`,
    ],
  ])('is held by %s, and nothing is called', (_name, overrides, reason) => {
    const { row, step } = plan(overrides);
    expect(row.held).toBe(reason);
    expect({ step, saga: row.saga }).toEqual({ step: null, saga: null });
  });

  it('is told all faults at once', () => {
    const { row } = plan({
      listeners: [],
      instances: new Map(),
      place: { ...PLACE, backendCount: 200 },
    });
    // Without any listener there is nothing to point at a group, and nothing else is asked.
    expect(row.held).toBe('none of tcp:3306 exists');
    const both = plan({ instances: new Map(), place: { ...PLACE, backendCount: 200 } }).row.held;
    expect(both?.split('; ')).toHaveLength(3);
  });

  it('waits for somebody to ask where only apply may create it', () => {
    const { row, step } = plan({ pair: declaring({ isManaged: false }) });
    expect(row.held).toBe('its group is declared and does not exist: autopilot apply has it created');
    expect({ step, saga: row.saga }).toEqual({ step: null, saga: null });
  });

  it('refuses an order with every fault, and one that is about its members', () => {
    const stopped = { instances: servers(anInstance(PRIMARY, { status: 'Stopped' })) };
    expect(plan({ ...stopped, orders: [anOrder()] }).row.answers).toMatchObject([
      { orderId: 'order-1', outcome: 'refused', reason: expect.stringContaining(`${PRIMARY} (Stopped)`) },
    ]);
    const promote = {
      ...anOrder(),
      kind: 'promote',
      to: null,
      overridesCoolDown: false,
    } as const;
    expect(plan({ orders: [promote] }).row.answers).toMatchObject([
      { outcome: 'refused', reason: 'none of tcp:3306 uses a primary/secondary group' },
    ]);
  });

  it('is not created while it is paused, by itself or by order', () => {
    const row = aPairRow({
      groupId: null,
      pause: { untilMs: NOW_MS + 60_000, by: 'ops', reason: 'we measure' },
    });
    expect(plan({ row }).row).toMatchObject({ saga: null, held: expect.stringContaining('paused by ops') });
    expect(plan({ row, orders: [anOrder()] }).row).toMatchObject({
      saga: null,
      answers: [{ outcome: 'refused', reason: expect.stringContaining('resume the pair first') }],
    });
  });

  it('is not created again by itself for an hour when SLB has refused its servers, but by order', () => {
    const row = aPairRow({
      groupId: null,
      unsuitable: [{ serverId: PRIMARY, reason: 'NetworkConflict', untilMs: NOW_MS + 60_000 }],
    });
    expect(plan({ row }).row.held).toBe('its group could not be created: NetworkConflict');
    expect(plan({ row, orders: [anOrder()] }).row.saga).toMatchObject({ kind: 'creation' });
  });

  it('gets it when ticks may create it', () => {
    const { row, decisions, goesOn } = plan();
    expect(row).toMatchObject({
      number: 1,
      memberIds: [PRIMARY, SECONDARY].sort(),
      held: null,
      saga: {
        number: 1,
        kind: 'creation',
        phase: 'create',
        groupName: 'slb-autopilot/orders-db/1',
        from: null,
        to: members(PRIMARY, SECONDARY),
        tags: [
          { key: 'team', value: 'db' },
          { key: 'slb-autopilot:pair', value: 'orders-db' },
          { key: 'slb-autopilot:change', value: '1' },
        ],
        listeners: [{ protocol: 'tcp', port: 3306, state: 'waiting', vServerGroupId: null }],
      },
    });
    expect(decisions.map(({ action }) => action)).toEqual(['pair-change-begun']);
    expect(goesOn).toBe(true);
  });

  it('gets it when somebody asks for it', () => {
    const { row } = plan({ pair: declaring({ isManaged: false }), orders: [anOrder()] });
    expect(row.saga).toMatchObject({ kind: 'creation', orderId: 'order-1' });
    expect(row.answers).toMatchObject([{ orderId: 'order-1', outcome: 'begun', number: 1 }]);
  });

  it('takes over what may be adopted: a group of our name, and a listener of a vServer group', () => {
    const found = aGroup({ groupId: 'rsp-same', name: 'slb-autopilot/orders-db/4' });
    const { row } = plan({
      pair: declaring({ adopt: true }),
      groups: [found],
      listeners: [aListener({ groupId: null, vServerGroupId: 'rsp-web' })],
    });
    expect(row.saga).toMatchObject({
      number: 4,
      phase: 'repoint',
      groupId: 'rsp-same',
      isFound: true,
      listeners: [{ vServerGroupId: 'rsp-web' }],
    });
    const next = plan({
      pair: declaring({ adopt: true }),
      row,
      groups: [found],
      listeners: [aListener({ groupId: null, vServerGroupId: 'rsp-web' })],
    });
    expect(next.step).toMatchObject({
      kind: 'point',
      groupId: 'rsp-same',
      settings: { VServerGroup: 'off' },
    });
  });

  it('has to be read anew when nobody has asked its load balancer', () => {
    expect(plan({ place: null })).toMatchObject({ mustRead: true, step: null });
  });
});

describe('a pair whose listeners use a group already, and that declares one', () => {
  const used = { groups: [aGroup()], listeners: [aListener()] };

  it('is held where others have made the group', () => {
    expect(plan(used).row).toMatchObject({
      groupId: null,
      held: "rsp-bp1old is a group that others have made: with group.adopt it becomes the pair's",
    });
  });

  it.each<readonly [string, PairInputOverrides]>([
    ['may adopt it', { pair: declaring({ adopt: true }) }],
    ['has had it before it was declared', { row: aPairRow() }],
    ['has lost its row, but the name tells', { groups: [aGroup({ name: 'slb-autopilot/orders-db/3' })] }],
  ])('has it as its own where it %s', (_name, overrides) => {
    expect(plan({ ...used, ...overrides }).row).toMatchObject({ groupId: 'rsp-bp1old', held: null });
  });

  it('is not pulled back when its members are others than declared', () => {
    const swapped = aGroup({ members: members(SECONDARY, PRIMARY) });
    const tags = swapped.tags;
    const { row, step } = plan({
      ...used,
      pair: declaring({ isManaged: false, tags }),
      row: aPairRow(),
      groups: [swapped],
      health: [],
    });
    expect({ saga: row.saga, step, held: row.held }).toEqual({ saga: null, step: null, held: null });
  });
});
