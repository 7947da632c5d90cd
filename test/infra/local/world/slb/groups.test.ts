import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../../../../infra/local/world/store.ts';
import { codeOf, GROUP, LB, refusalOf, slbWorld } from './slb-world.ts';

const vServerGroupId = GROUP;

describe('adding backends', () => {
  it('refuses the 21st backend in one call, or the 41st by the switch', () => {
    const documented = slbWorld();
    const lenient = slbWorld({ slbBackendsPerCallMax: 40 });
    const entries = (world: typeof documented, amount: number) =>
      world.run(amount).map((serverId) => ({ serverId, port: 80 }));

    documented.add({ vServerGroupId, backendServers: entries(documented, 20) });
    lenient.add({ vServerGroupId, backendServers: entries(lenient, 40) });
    const tooMany = () => documented.add({ vServerGroupId, backendServers: entries(documented, 21) });

    expect(refusalOf(tooMany)).toMatchObject({ code: 'TooManyBackendServers', status: 400 });
    expect(documented.members()).toHaveLength(20);
    expect(lenient.members()).toHaveLength(40);
  });

  it('takes running servers only, and nothing of a call that names another', () => {
    const { ecs, clock, run, add, members } = slbWorld();
    const [running = '', stopped = ''] = run(2);
    ecs.stopInstance({ instanceId: stopped });
    clock.advanceBy(0);
    const together = (serverId: string) =>
      refusalOf(() =>
        add({
          vServerGroupId,
          backendServers: [
            { serverId: running, port: 80 },
            { serverId, port: 80 },
          ],
        }),
      );

    expect(together(stopped)).toMatchObject({ code: 'ObtainIpFail', status: 400 });
    expect(together('i-unknown')).toMatchObject({ code: 'InvalidServerId.NotFound', status: 404 });
    expect(members()).toEqual([]);
  });

  it('takes a stopped server, and spells an unknown one otherwise, by the switches', () => {
    const { ecs, clock, run, add, members } = slbWorld({
      slbAddNotRunning: 'accept',
      slbUnknownServerStatus: 400,
    });
    const [id = ''] = run(1);
    ecs.stopInstance({ instanceId: id });
    clock.advanceBy(0);

    add({ vServerGroupId, backendServers: [{ serverId: id, port: 80 }] });
    const unknown = () => add({ vServerGroupId, backendServers: [{ serverId: 'i-unknown', port: 80 }] });

    expect(members()).toEqual([`${id}:80=100`]);
    expect(refusalOf(unknown)).toMatchObject({ code: 'InvalidServerId.NotFound', status: 400 });
  });

  it.each([
    ['reject', 'LocalClouds.BackendServerAlreadyInGroup', [10]],
    ['ignore', null, [10, 50]],
    ['overwrite-weight', null, [50, 50]],
  ] as const)('meets a backend that is there already by the switch: %s', (slbAddPresent, code, expected) => {
    const { run, add, slb } = slbWorld({ slbAddPresent });
    const [a = '', b = ''] = run(2);
    add({ vServerGroupId, backendServers: [{ serverId: a, port: 80, weight: 10 }] });

    const again = codeOf(() =>
      add({ vServerGroupId, backendServers: [a, b].map((serverId) => ({ serverId, port: 80, weight: 50 })) }),
    );

    expect(again).toBe(code);
    expect(slb.group(GROUP)?.backends.map((backend) => backend.weight)).toEqual(expected);
  });

  it('keeps the first of a backend named twice, or refuses it by the switch', () => {
    const twice = (serverId: string) => [
      { serverId, port: 80, weight: 1 },
      { serverId, port: 80, weight: 2 },
    ];
    const first = slbWorld();
    const strict = slbWorld({ slbDuplicateInRequest: 'error' });
    const [id = ''] = first.run(1);
    const [other = ''] = strict.run(1);

    first.add({ vServerGroupId, backendServers: twice(id) });

    expect(first.members()).toEqual([`${id}:80=1`]);
    expect(codeOf(() => strict.add({ vServerGroupId, backendServers: twice(other) }))).toBe(
      'LocalClouds.BackendServerTwiceInRequest',
    );
  });

  it('tells backends apart by server and port', () => {
    const { run, add, remove, members } = slbWorld();
    const [id = ''] = run(1);

    add({ vServerGroupId, backendServers: [80, 81].map((port) => ({ serverId: id, port, weight: 0 })) });
    remove({ vServerGroupId, backendServers: [{ serverId: id, port: 80 }] });

    expect(members()).toEqual([`${id}:81=0`]);
  });

  it.each([
    [{ port: 0 }, 'InvalidParameter'],
    [{ port: 65_536 }, 'InvalidParameter'],
    [{ port: undefined }, 'InvalidParameter'],
    [{ serverId: undefined }, 'InvalidParameter'],
    [{ weight: 101 }, 'InvalidWeight.Malformed'],
    [{ weight: -1 }, 'InvalidWeight.Malformed'],
    [{ weight: 0.5 }, 'InvalidWeight.Malformed'],
    [{ weight: Number.NaN }, 'InvalidWeight.Malformed'],
    [{ description: 'x'.repeat(81) }, 'InvalidParameter'],
    [{ description: 'no spaces' }, 'InvalidParameter'],
    [{ type: 'pod' }, 'BackendServer.InvalidType'],
    [{ description: '归属/autopilot-1.0_a' }, null],
  ])('checks an entry: %o', (wrong, code) => {
    const { run, add } = slbWorld();
    const [serverId = ''] = run(1);

    expect(codeOf(() => add({ vServerGroupId, backendServers: [{ serverId, port: 80, ...wrong }] }))).toBe(
      code,
    );
  });

  it('refuses an empty list and a missing group', () => {
    const { run, add, remove } = slbWorld();
    const [serverId = ''] = run(1);
    const missing = () => add({ vServerGroupId: 'rsp-missing', backendServers: [{ serverId, port: 80 }] });

    expect(codeOf(() => add({ vServerGroupId, backendServers: [] }))).toBe('BackendServersMalformed');
    expect(codeOf(() => remove({ vServerGroupId, backendServers: [] }))).toBe('BackendServersMalformed');
    expect(refusalOf(missing)).toEqual({
      code: 'InvalidParameter',
      status: 404,
      message: 'The specified VServerGroupId does not exist.',
    });
  });

  it('counts server-ports of all groups of the load balancer against its quota', () => {
    const { run, add, create, remove, slb } = slbWorld({ slbBackendQuota: 3 });
    const [a = '', b = ''] = run(2);
    const [one, two] = [80, 81];
    const other = create({
      loadBalancerId: LB,
      vServerGroupName: 'other',
      backendServers: [one, two].map((port) => ({ serverId: a, port })),
    }).vServerGroupId;
    slb.seedLoadBalancer({ loadBalancerId: 'lb-bp1second', name: 'second' });
    slb.seedVServerGroup({
      vServerGroupId: 'rsp-second',
      loadBalancerId: 'lb-bp1second',
      name: 'elsewhere',
      backends: [{ serverId: a, port: one }],
    });
    const addTwo = () =>
      add({ vServerGroupId, backendServers: [one, two].map((port) => ({ serverId: b, port })) });

    expect(codeOf(addTwo)).toBe('InstanceBackendServerNumberOverLimit');
    remove({ vServerGroupId: other, backendServers: [{ serverId: a, port: one }] });
    expect(codeOf(addTwo)).toBeNull();
  });

  it('keeps the servers of a load balancer in one VPC', () => {
    const { run, add, slb } = slbWorld();
    const [here = ''] = run(1);
    const [there = ''] = run(1, 'vpc-other');
    slb.seedLoadBalancer({ loadBalancerId: 'lb-private', addressType: 'intranet' });
    slb.seedVServerGroup({ vServerGroupId: 'rsp-private', loadBalancerId: 'lb-private', name: 'web' });
    add({ vServerGroupId, backendServers: [{ serverId: here, port: 80 }] });
    const addThere = (group: string) =>
      codeOf(() => add({ vServerGroupId: group, backendServers: [{ serverId: there, port: 80 }] }));

    expect(addThere(GROUP)).toBe('InvalidBackendServers.Inconsistent');
    expect(addThere('rsp-private')).toBe('NetworkConflict');
  });
});

describe('a group that was just written', () => {
  it('refuses the next write until its time is over, reads never, other groups not', () => {
    const { clock, run, add, set, slb, create } = slbWorld({ slbGroupProcessingMs: 1_000 });
    const [a = '', b = ''] = run(2);
    const other = create({ loadBalancerId: LB, vServerGroupName: 'other' }).vServerGroupId;
    add({ vServerGroupId, backendServers: [{ serverId: a, port: 80 }] });
    clock.advanceBy(999);

    const soon = refusalOf(() =>
      set({ vServerGroupId, backendServers: [{ serverId: a, port: 80, weight: 0 }] }),
    );
    const elsewhere = codeOf(() =>
      add({ vServerGroupId: other, backendServers: [{ serverId: b, port: 80 }] }),
    );
    clock.advanceBy(1);
    const later = codeOf(() =>
      set({ vServerGroupId, backendServers: [{ serverId: a, port: 80, weight: 0 }] }),
    );

    expect(soon).toMatchObject({ code: 'VServerGroupProcessing', status: 400 });
    expect(elsewhere).toBeNull();
    expect(later).toBeNull();
    expect(slb.describeVServerGroup(GROUP).backends[0]?.weight).toBe(0);
  });

  it('is refused to a locked load balancer', () => {
    const { run, add, slb } = slbWorld();
    const [serverId = ''] = run(1);
    slb.seedLoadBalancer({ loadBalancerId: 'lb-locked', status: 'locked' });
    slb.seedVServerGroup({ vServerGroupId: 'rsp-locked', loadBalancerId: 'lb-locked', name: 'web' });
    const write = () => add({ vServerGroupId: 'rsp-locked', backendServers: [{ serverId, port: 80 }] });

    expect(codeOf(write)).toBe('LbStatusNotSupport');
  });
});

describe('setting, removing and replacing backends', () => {
  it('changes those named and never adds', () => {
    const { run, add, set, members, slb } = slbWorld();
    const [a = '', b = '', c = ''] = run(3);
    add({
      vServerGroupId,
      backendServers: [a, b].map((serverId) => ({ serverId, port: 80, description: 'ours' })),
    });

    const answer = set({
      vServerGroupId,
      vServerGroupName: 'renamed',
      backendServers: [a, c].map((serverId) => ({ serverId, port: 80, weight: 0 })),
    });

    expect(members()).toEqual([`${a}:80=0`, `${b}:80=100`]);
    expect(slb.group(GROUP)).toMatchObject({ vServerGroupName: 'renamed' });
    expect(slb.group(GROUP)?.backends.map((backend) => backend.description)).toEqual(['ours', 'ours']);
    expect(answer.backends).toHaveLength(2);
  });

  it('clears what Set leaves out, or refuses an absent server, by the switches', () => {
    const { run, add, set, slb } = slbWorld({ slbSetWithoutDescription: 'cleared', slbSetAbsent: 'error' });
    const [a = ''] = run(1);
    add({ vServerGroupId, backendServers: [{ serverId: a, port: 80, description: 'ours', weight: 5 }] });

    set({ vServerGroupId, backendServers: [{ serverId: a, port: 80 }] });
    const absent = codeOf(() =>
      set({ vServerGroupId, backendServers: [{ serverId: a, port: 81, weight: 1 }] }),
    );

    expect(slb.group(GROUP)?.backends).toMatchObject([{ description: '', weight: 100 }]);
    expect(absent).toBe('LocalClouds.BackendServerNotInGroup');
  });

  it('sets weight 0 on and removes a server that is gone, and ignores absent ones', () => {
    const { clock, ecs, run, add, set, remove, members } = slbWorld();
    const [id = ''] = run(1);
    const backendServers = [{ serverId: id, port: 80, weight: 0 }];
    add({ vServerGroupId, backendServers: [{ serverId: id, port: 80 }] });
    ecs.deleteInstance({ instanceId: id, force: true });
    clock.advanceBy(0);

    const stays = members();
    set({ vServerGroupId, backendServers });
    const drained = members();
    remove({ vServerGroupId, backendServers });
    const again = codeOf(() => remove({ vServerGroupId, backendServers }));

    expect([stays, drained, members()]).toEqual([[`${id}:80=100`], [`${id}:80=0`], []]);
    expect(again).toBeNull();
  });

  it('drops a released server by itself after the time of the switch, also over a restart', () => {
    const store = memoryStore();
    const switches = { slbReleasedInstanceDroppedAfterMs: 5_000 };
    const before = slbWorld(switches, store);
    const [id = ''] = before.run(1);
    before.add({ vServerGroupId, backendServers: [{ serverId: id, port: 80 }] });
    before.ecs.deleteInstance({ instanceId: id, force: true });
    before.clock.advanceBy(4_999);
    const kept = before.members();

    const after = slbWorld(switches, store);
    after.clock.advanceBy(5_000);

    expect(kept).toHaveLength(1);
    expect(after.members()).toEqual([]);
  });

  it('replaces servers within the quota in one write', () => {
    const { run, add, modify, members } = slbWorld({ slbBackendQuota: 1 });
    const [a = '', b = ''] = run(2);
    add({ vServerGroupId, backendServers: [{ serverId: a, port: 80 }] });

    modify({
      vServerGroupId,
      oldBackendServers: [
        { serverId: a, port: 80 },
        { serverId: 'i-absent', port: 80 },
      ],
      newBackendServers: [{ serverId: b, port: 80, weight: 7 }],
    });

    expect(members()).toEqual([`${b}:80=7`]);
  });

  it('answers the whole group, or only those named by the switch', () => {
    const whole = slbWorld();
    const partial = slbWorld({ slbWriteAnswers: 'affected-only' });
    const answered = ({ run, add }: typeof whole) =>
      run(2).map(
        (serverId) => add({ vServerGroupId, backendServers: [{ serverId, port: 80 }] }).backends.length,
      );

    expect(answered(whole)).toEqual([1, 2]);
    expect(answered(partial)).toEqual([1, 1]);
  });

  it('tells the timeline who came, changed and went', () => {
    const { foundation, run, add, set, remove } = slbWorld();
    const [id = ''] = run(1);
    const backendServers = [{ serverId: id, port: 80, weight: 0 }];
    add({ vServerGroupId, backendServers: [{ serverId: id, port: 80 }] });
    set({ vServerGroupId, backendServers });
    remove({ vServerGroupId, backendServers });

    const lines = foundation.timeline.entries.filter((entry) => entry.source === 'slb');
    expect(lines.map((entry) => `${entry.kind}: ${entry.text}`)).toEqual([
      `backends-added: web (${GROUP}): added ${id}:80 weight 100`,
      `weights-set: web (${GROUP}): set ${id}:80 weight 0`,
      `backends-removed: web (${GROUP}): removed ${id}:80 weight 0`,
    ]);
  });
});

describe('deleting a group', () => {
  it('is refused while a listener uses it and for a time after', () => {
    const { clock, slb } = slbWorld({ slbAssociationLingersMs: 3_000 });
    const listener = { loadBalancerId: LB, listenerPort: 80, listenerProtocol: 'tcp' } as const;
    slb.seedListener({ ...listener, vServerGroupId: GROUP });
    const remove = () => codeOf(() => slb.vServerGroups.delete(GROUP));

    const inUse = remove();
    slb.listeners.delete(listener);
    clock.advanceBy(2_999);
    const lingering = remove();
    clock.advanceBy(1);

    expect([inUse, lingering, remove()]).toEqual(['RspoolVipExist', 'RspoolVipExist', null]);
    expect(slb.group(GROUP)).toBeNull();
    expect(remove()).toBe('InvalidParameter');
  });
});

describe('a seed', () => {
  it('leaves what a kept world has already as it is', () => {
    const store = memoryStore();
    const before = slbWorld({}, store);
    const [id = ''] = before.run(1);
    before.add({ vServerGroupId, backendServers: [{ serverId: id, port: 80 }] });

    expect(slbWorld({}, store).members()).toEqual([`${id}:80=100`]);
  });
});
