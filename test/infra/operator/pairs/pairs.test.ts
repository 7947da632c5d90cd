import { describe, expect, it, vi } from 'vitest';
import { variablesOf } from '../doctor/doctor-stage.ts';
import { runHere } from '../run-here.ts';
import { GROUP, setCommandStage } from './command-stage.ts';

describe('autopilot pairs', () => {
  it('shows who is who, the state and the last change, no wider than 80 columns', async () => {
    const stage = await setCommandStage();
    const { primaryId, secondaryId } = stage;
    await stage.tick();
    const before = await stage.run('pairs');
    await stage.runWithFunction('promote', 'orders-db');

    const { status, out, err } = await stage.run('pairs');

    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(before.out).toMatch(new RegExp(`orders-db +${primaryId} +well`));
    expect(out).toMatch(new RegExp(`orders-db +${secondaryId} +well`));
    expect(out).toMatch(/tcp:3306 +pool: 1/);
    expect(out).toMatch(/promotion 1 done, \d+ s/);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('shows one in detail: observers, orders, the last change, the audit', async () => {
    const stage = await setCommandStage({ pair: { badFor: '1h' } });
    const { primaryId, secondaryId, clouds } = stage;
    await stage.tick();
    await stage.runWithFunction('promote', 'orders-db', '--reason', 'patch day');
    clouds.ecs.stopInstance({ instanceId: secondaryId });
    await expect
      .poll(async () => {
        await stage.tick();
        return Object.keys(stage.row()?.testimonies ?? {});
      })
      .toContain(secondaryId);

    const { status, out } = await stage.run('pairs', 'orders-db');

    expect(status).toBe(0);
    expect(out).toContain(`${secondaryId} is accused by`);
    expect(out).toMatch(new RegExp(`primary +${secondaryId}:3306 +\\w+, home +.*`));
    expect(out).toMatch(/ecs: Stopp\w+ for \d+ s/);
    expect(out).toContain(`${primaryId} > ${secondaryId} (${GROUP})`);
    expect(out).toContain('asked for it: patch day');
    expect(out).toMatch(/pair-called: delete rsp-bp1orders0pair/);
  });

  it('prints one document with --json', async () => {
    const stage = await setCommandStage();
    await stage.tick();

    const all = JSON.parse((await stage.run('pairs', '--json')).out);
    const one = JSON.parse((await stage.run('pairs', 'orders-db', '--json')).out);

    expect(all).toEqual({
      pairs: [
        {
          name: 'orders-db',
          loadBalancerId: 'lb-bp1orders0001',
          listeners: [{ protocol: 'tcp', port: 3306 }],
          error: null,
          groupId: GROUP,
          primary: { serverId: stage.primaryId, port: 3306, weight: 100 },
          secondary: { serverId: stage.secondaryId, port: 3306, weight: 100 },
          homeId: stage.primaryId,
          standbyIds: stage.standbyIds,
          states: [{ kind: 'well', text: 'well' }],
          lastChange: null,
        },
      ],
    });
    expect(one.pairs[0]).toMatchObject({
      row: { groupId: GROUP },
      orders: [],
      audit: [{ action: 'pair-adopted' }],
    });
  });

  it('shows a pair that no function has seen', async () => {
    const stage = await setCommandStage();

    expect((await stage.run('pairs')).out).toMatch(new RegExp(`${stage.primaryId} +no function has`));
  });

  it('writes nothing', async () => {
    const stage = await setCommandStage();
    await stage.tick();
    stage.writes();

    await stage.run('pairs');
    await stage.run('pairs', 'orders-db');

    expect(stage.writes()).toEqual([]);
  });

  it('ends with 3 when a pair cannot be looked at, and says why', async () => {
    const stage = await setCommandStage();
    stage.clouds.foundation.faults.inject({
      name: 'no SLB',
      match: { action: 'DescribeMasterSlaveServerGroups' },
      skip: 0,
      times: null,
      effect: { kind: 'error', status: 403, code: 'Forbidden.RAM', message: 'Not you.' },
    });

    const { status, out } = await stage.run('pairs');

    expect(status).toBe(3);
    expect(out).toMatch(/orders-db +could not be looked/);
  });
});

describe('the caller of the commands about pairs', () => {
  /** What the README lists. */
  const ACTIONS = [
    ...['slb:DescribeMasterSlaveServerGroups', 'slb:DescribeMasterSlaveServerGroupAttribute'],
    ...['slb:DescribeLoadBalancerTCPListenerAttribute', 'slb:DescribeLoadBalancerUDPListenerAttribute'],
    ...['slb:DescribeHealthStatus', 'ecs:DescribeInstances', 'ecs:DescribeInstancesFullStatus'],
    ...['ots:GetRange', 'ots:BatchGetRow', 'ots:BatchWriteRow', 'mns:SendMessage'],
  ];

  it('needs no more than what the README lists', async () => {
    const stage = await setCommandStage();
    await stage.tick();
    const { identities } = stage.clouds.foundation;
    identities.putRole('operator', [
      { Version: '1', Statement: [{ Effect: 'Allow', Action: ACTIONS, Resource: ['*'] }] },
    ]);
    const variables = {
      ...variablesOf(stage.clouds, identities.assumeRole('operator', 'test', 60_000)),
      MNS_ENDPOINT: stage.clouds.endpoints.mns,
    };
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    try {
      const place = ['--config', stage.config];
      const dryRun = await runHere(['promote', 'orders-db', '--dry-run', ...place]);
      const shown = await runHere(['pairs', 'orders-db', ...place]);
      const put = await runHere(['promote', 'orders-db', '--no-wait', ...place]);

      expect(dryRun).toMatchObject({ status: 0, err: '' });
      expect(shown).toMatchObject({ status: 0, err: '' });
      expect(shown.out).toContain('pair-adopted');
      expect(put).toEqual({
        status: 0,
        out: 'The order is put. autopilot pairs orders-db tells what becomes of it.\n',
        err: '',
      });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('sees all but the audit without the right to read that', async () => {
    const stage = await setCommandStage();
    await stage.tick();
    const { identities } = stage.clouds.foundation;
    const audit = [stage.clouds.tablestore.resource('audit')];
    identities.putRole('nosy', [
      { Version: '1', Statement: [{ Effect: 'Allow', Action: ACTIONS, Resource: ['*'] }] },
      { Version: '1', Statement: [{ Effect: 'Deny', Action: ['ots:GetRange'], Resource: audit }] },
    ]);
    const role = identities.assumeRole('nosy', 'test', 60_000);
    for (const [name, value] of Object.entries(variablesOf(stage.clouds, role))) vi.stubEnv(name, value);
    try {
      const { status, out } = await runHere(['pairs', 'orders-db', '--config', stage.config]);

      expect(status).toBe(0);
      expect(out).toMatch(/audit +cannot be read: .*OTSNoPermissionAccess/s);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('ends with 3 without a key, and with 3 without local clouds', async () => {
    const stage = await setCommandStage();
    vi.stubEnv('ALIYUN_ACCOUNT_ID', '1234567890123456');
    try {
      const keyless = await runHere(['pairs', '--config', stage.config]);
      const nowhere = await runHere([
        'promote',
        'orders-db',
        '--config',
        stage.config,
        '--local',
        '--note',
        '/nowhere',
      ]);

      expect(keyless.status).toBe(3);
      expect(keyless.err).toContain('There is no access key to ask with');
      expect(nowhere.status).toBe(3);
      expect(nowhere.err).toContain('No local clouds are running');
    } finally {
      vi.unstubAllEnvs();
    }
  });
});
