import { describe, expect, it } from 'vitest';
import { GROUP, setCommandStage } from './command-stage.ts';

describe('autopilot promote', () => {
  it('puts an order, shows how it goes on and ends when the change is in force', async () => {
    const stage = await setCommandStage({ listeners: ['tcp:3306', 'udp:3306'] });
    const { primaryId, secondaryId } = stage;
    await stage.tick();

    const { status, out, err } = await stage.runWithFunction('promote', 'orders-db', '--reason', 'patch day');

    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toContain(
      `promotion 1 has begun: ${primaryId} > ${secondaryId} becomes ${secondaryId} > ${primaryId}`,
    );
    expect(out).toMatch(
      new RegExp(
        `promotion 1 of orders-db is in force: ${secondaryId} > ${primaryId}, tcp:3306, udp:3306 by rsp-`,
      ),
    );
    expect(stage.pairs()).toEqual([
      `tcp:3306 ${secondaryId} > ${primaryId}`,
      `udp:3306 ${secondaryId} > ${primaryId}`,
    ]);
    expect(stage.row()?.saga?.reason).toMatch(/ asked for it: patch day$/);
  });

  it('wakes a function up, which need not wait for the tick', async () => {
    const stage = await setCommandStage();
    await stage.tick();
    stage.writes();

    const { status, out } = await stage.run('promote', 'orders-db', '--no-wait', '--by', 'mei');

    expect(status).toBe(0);
    expect(out).toBe('The order is put. autopilot pairs orders-db tells what becomes of it.\n');
    expect(stage.writes()).toEqual(['ots BatchWriteRow', 'ots BatchWriteRow', 'mns SendMessage']);
    expect((await stage.run('pairs', 'orders-db')).out).toMatch(
      /waiting +promote the secondary, asked by mei at \S+Z: no\s+reason given/,
    );
  });

  it('makes a standby the primary that is named, and prints one document with --json', async () => {
    const stage = await setCommandStage();
    const { primaryId, standbyIds } = stage;
    const [standbyId = ''] = standbyIds;
    await stage.tick();

    const { status, out, err } = await stage.runWithFunction(
      'promote',
      'orders-db',
      '--to',
      standbyId,
      '--json',
    );

    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      pair: 'orders-db',
      outcome: 'done',
      change: { number: 1, outcome: 'done', to: { primary: { serverId: standbyId } } },
    });
    // What people want to see goes to standard error then.
    expect(err).toContain('promotion 1 has begun');
    expect(stage.pairs()).toEqual([`tcp:3306 ${standbyId} > ${primaryId}`]);
  });

  it('tells that it is in force while the old group still counts as in use', async () => {
    const stage = await setCommandStage({ switches: { slbAssociationLingersMs: 600_000 } });
    await stage.tick();

    const { status, out } = await stage.runWithFunction('promote', 'orders-db', '--wait-limit', '2s');

    expect(out).toContain(`2 of 3: in force; deleting the old group ${GROUP}`);
    expect(out).toMatch(
      /promotion 1 of orders-db: 2 of 3, in force; .*refused .*The functions go on with it\.\n$/,
    );
    expect(status).toBe(0);
  });

  it('keeps the time going on a terminal, and moves no cursor elsewhere', async () => {
    const stage = await setCommandStage();
    await stage.tick();

    const onTerminal = await stage.runOnTerminal(80, 'promote', 'orders-db', '--wait-limit', '1s');
    const elsewhere = await stage.run('promote', 'orders-db', '--wait-limit', '1s');

    const [first = ''] = onTerminal.out.split('\r\x1b[K').filter((line) => line !== '');
    expect(first).toMatch(/^ +\d\.\d s {2}waiting for a function to take the order up$/);
    expect(elsewhere.out).not.toContain('\x1b');
  });
});

describe('what stands in the way of a promotion', () => {
  it('is told as the reason of the refusal, with 1', async () => {
    const stage = await setCommandStage();
    await stage.tick();
    const { primaryId } = stage;

    expect(await stage.runWithFunction('promote', 'orders-db', '--to', primaryId)).toEqual({
      status: 1,
      out: `refused: ${primaryId} is the primary already\n`,
      err: '',
    });
  });

  it('is a cool-down, unless it is to be ignored', async () => {
    const stage = await setCommandStage();
    await stage.tick();
    await stage.runWithFunction('promote', 'orders-db');

    const cooling = await stage.runWithFunction('promote', 'orders-db');
    const ignored = await stage.runWithFunction('promote', 'orders-db', '--ignore-cool-down');

    expect(cooling.status).toBe(1);
    expect(cooling.out).toMatch(/^refused: the last change .* cool-down ago: no other until \S+Z\n$/);
    expect(ignored.status).toBe(0);
    expect(stage.pairs()).toEqual([`tcp:3306 ${stage.primaryId} > ${stage.secondaryId}`]);
  });

  it('is what SLB refuses for good, with the call, its code and the request id', async () => {
    const stage = await setCommandStage();
    await stage.tick();
    stage.clouds.foundation.faults.inject({
      name: 'no listener',
      match: { action: 'SetLoadBalancerTCPListenerAttribute' },
      skip: 0,
      times: 1,
      effect: { kind: 'error', status: 400, code: 'ActionNotAllowed', message: 'Not this one.' },
    });

    const { status, out } = await stage.runWithFunction('promote', 'orders-db');

    expect(status).toBe(1);
    expect(out).toMatch(
      /promotion 1 of orders-db was (?:given up|undone): .*Not this one\..*\(SetLoadBalancerTCPListenerAttribute, ActionNotAllowed, request [0-9A-F-]{36}\)\n$/,
    );
    expect(stage.pairs()).toEqual([`tcp:3306 ${stage.primaryId} > ${stage.secondaryId}`]);
  });

  it('is that nobody answers within the limit: 3, and what is known', async () => {
    const stage = await setCommandStage();
    await stage.tick();

    expect(await stage.run('promote', 'orders-db', '--wait-limit', '100ms')).toEqual({
      status: 3,
      out: 'nobody has answered yet. The order waits; autopilot pairs orders-db tells what becomes of it.\n',
      err: '',
    });
  });

  it('is a pair that there is not: 2, with those that there are', async () => {
    const stage = await setCommandStage();

    expect(await stage.run('promote', 'order-db')).toEqual({
      status: 2,
      out: '',
      err: 'There is no pair "order-db". There are: orders-db.\n',
    });
  });

  it.each([
    [['--to', 'web-1'], 'Allowed is the id of an instance, i-….'],
    [['--reason', ' '], 'Allowed is one line of 1 to 300 characters.'],
    [['--wait-limit', 'soon'], 'Allowed is a duration such as 30s or 10m.'],
    [['--probe'], '--probe goes with --dry-run'],
  ])('is %j: 2', async (args, message) => {
    const stage = await setCommandStage({ standbys: 0 });

    const { status, err } = await stage.run('promote', 'orders-db', ...args);

    expect(status).toBe(2);
    expect(err).toContain(message);
  });

  it('is a table that cannot be read: 3, and nothing was put', async () => {
    const stage = await setCommandStage();
    stage.clouds.foundation.faults.inject({
      name: 'no table',
      match: { product: 'ots' },
      skip: 0,
      times: null,
      effect: { kind: 'error', status: 403, code: 'OTSNoPermissionAccess', message: 'Not you.' },
    });

    const { status, out, err } = await stage.run('promote', 'orders-db');

    expect({ status, out }).toEqual({ status: 3, out: '' });
    expect(err).toMatch(/^nothing was put: the row of orders-db cannot be read: .*OTSNoPermissionAccess/);
  });
});

describe('autopilot promote --dry-run', () => {
  it('shows the calls in order with their parameters, and makes no call that writes', async () => {
    const stage = await setCommandStage({ listeners: ['tcp:3306', 'udp:3306'] });
    await stage.tick();
    const before = stage.row();
    stage.writes();

    const { status, out, err } = await stage.run('promote', 'orders-db', '--dry-run', '--json');
    const told = await stage.run('promote', 'orders-db', '--dry-run');

    expect(stage.writes()).toEqual([]);
    expect(stage.row()).toEqual(before);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const { begins, calls } = JSON.parse(out);
    expect(begins).toBe(true);
    expect(calls).toMatchObject([
      {
        api: 'CreateMasterSlaveServerGroup',
        parameters: { MasterSlaveServerGroupName: 'slb-autopilot/orders-db/1' },
      },
      {
        api: 'SetLoadBalancerTCPListenerAttribute',
        parameters: { ListenerPort: 3306, MasterSlaveServerGroup: 'on' },
      },
      { api: 'SetLoadBalancerUDPListenerAttribute', parameters: { ListenerPort: 3306 } },
      { api: 'DeleteMasterSlaveServerGroup', parameters: { MasterSlaveServerGroupId: GROUP } },
    ]);
    expect(JSON.parse(calls[0].parameters.MasterSlaveBackendServers)).toMatchObject([
      { ServerId: stage.secondaryId, ServerType: 'Master' },
      { ServerId: stage.primaryId, ServerType: 'Slave' },
    ]);
    expect(told.out).toMatch(/^1 +CreateMasterSlaveServerGroup/m);
    expect(told.out).toMatch(/^4 +DeleteMasterSlaveServerGroup/m);
    expect(told.out).toContain('Taken for granted: ');
    const widths = told.out
      .split('\n')
      .slice(1, -3)
      .map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(80);
  });

  it('says why nothing would be begun, with 1', async () => {
    const stage = await setCommandStage();
    await stage.tick();
    await stage.runWithFunction('promote', 'orders-db');
    stage.writes();

    const { status, out } = await stage.run('promote', 'orders-db', '--dry-run');
    const all = await stage.run('promote', 'orders-db', '--dry-run', '--ignore-cool-down');

    expect(status).toBe(1);
    expect(out).toMatch(/^Nothing would be begun of orders-db: the last change .* no other until \S+Z\n$/);
    expect(all.status).toBe(0);
    expect(stage.writes()).toEqual([]);
  });

  it('says that an order that waits comes first', async () => {
    const stage = await setCommandStage();
    await stage.tick();
    await stage.run('promote', 'orders-db', '--no-wait', '--by', 'mei');

    const { status, out } = await stage.run('promote', 'orders-db', '--dry-run');

    expect(status).toBe(1);
    expect(out).toContain('Nothing would be begun of orders-db: promotion 1 comes first: mei asked for it');
  });
});

describe('autopilot fail-back', () => {
  it('goes back to the former primary, which is neither a member nor in the pool', async () => {
    const stage = await setCommandStage({ pair: { coolDown: '1m', badFor: '1s' } });
    const { clouds, primaryId, secondaryId, standbyIds, tick } = stage;
    await tick();
    clouds.ecs.stopInstance({ instanceId: primaryId });
    await expect
      .poll(
        async () => {
          await tick();
          return stage.pairs();
        },
        { timeout: 20_000, interval: 200 },
      )
      .toEqual([`tcp:3306 ${secondaryId} > ${standbyIds[0]}`]);
    await expect
      .poll(async () => {
        await tick();
        return stage.row()?.saga?.outcome;
      })
      .toBe('done');
    clouds.ecs.startInstance({ instanceId: primaryId });
    await expect.poll(() => clouds.ecs.find(primaryId)?.status).toBe('Running');

    const { status, out } = await stage.runWithFunction('fail-back', 'orders-db', '--ignore-cool-down');

    expect(out).toContain('promotion 2 of orders-db is in force');
    expect(status).toBe(0);
    expect(stage.pairs()).toEqual([`tcp:3306 ${primaryId} > ${secondaryId}`]);
  }, 40_000);

  it('says that it is home already, and puts no order', async () => {
    const stage = await setCommandStage();
    await stage.tick();
    stage.writes();

    expect(await stage.run('fail-back', 'orders-db')).toEqual({
      status: 0,
      out: `Nothing to do: ${stage.primaryId}, the home of orders-db, is its primary.\n`,
      err: '',
    });
    expect(stage.writes()).toEqual([]);
  });

  it('says that no home is known before a function has looked, with 1', async () => {
    const stage = await setCommandStage();

    const { status, err } = await stage.run('fail-back', 'orders-db');

    expect({ status, err }).toEqual({
      status: 1,
      err: 'No home of orders-db is recorded: no function has looked at the pair yet.\n',
    });
  });
});
