import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GROUP, LB, SCALING_GROUP } from '../../../support/builders.ts';
import { runAutopilot, temporaryFolder } from '../autopilot.ts';
import { runHere } from '../run-here.ts';
import { aDoctorStage, variablesOf } from './doctor-stage.ts';

describe('doctor on local clouds', () => {
  it('finds nothing wrong where nothing is, changes nothing and ends with 0', async () => {
    const { clouds, ask, run } = await aDoctorStage();

    const told = await ask();

    expect(told).toMatchObject({ status: 0, ok: true });
    expect(told.findings.filter(({ severity }) => severity !== 'ok')).toEqual([]);
    expect(told.findings.map(({ found }) => found)).toEqual(
      expect.arrayContaining([
        'active',
        '0 of 200 backends (limits.backendsPerLoadBalancer) are taken',
        `belongs to ${LB}`,
        'weight 0 stops new connections',
        '2 instances in it',
        'SCALE_OUT, waits 600 s before it needs a heartbeat',
        // 20 minutes and the removal: sent at 8 and 16 minutes, safe until 24.
        'a drain of 20m needs 2 heartbeats of 20, of 600 s at most',
      ]),
    );
    const calls = clouds.foundation.gate.records.map(({ action }) => action);
    expect(calls.length).toBeGreaterThan(15);
    expect(calls.filter((action) => !/^(Describe|GetRow$)/.test(action))).toEqual([]);

    const { status, out, err } = await run();
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toContain('0 errors, 0 warnings');
    expect(out).toContain('Not looked at: queues');
  });

  it('tells it as a process of its own as well', async () => {
    const { note, config } = await aDoctorStage({ hookOut: { heartbeatTimeoutSeconds: 60 } });

    const { status, out, err } = await runAutopilot(['doctor', '--local', '--config', config], note);

    expect({ status, err }).toEqual({ status: 1, err: '' });
    expect(out).toContain('1 error, 0 warnings');
    expect(out).toMatch(
      /call 1: aliyun ess ModifyLifecycleHook .*--HeartbeatTimeout 600 --version 2022-02-22 --force$/m,
    );
  });

  it('finds a scaling group that is not there', async () => {
    const { ask } = await aDoctorStage({ binding: { selector: { scalingGroup: 'asg-bp1nowhere0001' } } });

    expect(await ask()).toMatchObject({
      status: 1,
      ok: false,
      findings: [
        {
          severity: 'error',
          check: 'scaling-group',
          where: { scalingGroup: 'asg-bp1nowhere0001' },
          found: 'there is no such scaling group in cn-hangzhou: nothing is selected for web',
        },
        ...Array.from({ length: 5 }, () => ({ severity: 'ok' })),
      ],
    });
  });

  it('finds hooks that are missing, and its calls create them', async () => {
    const { ask, troubles, send } = await aDoctorStage({ hookIn: null, hookOut: null });

    const missing = await troubles();
    for (const { call } of missing) await send(call);

    expect(missing.map(({ severity, check }) => [severity, check])).toEqual([
      ['warning', 'hook-missing'],
      ['warning', 'hook-missing'],
    ]);
    expect(await ask()).toMatchObject({ status: 0 });
    expect(await troubles()).toEqual([]);
  });

  it('finds a hook that notifies somebody else, and leaves it alone', async () => {
    const { clouds, ask } = await aDoctorStage({ hookOut: null });
    clouds.mns.createQueue('cmdb');
    clouds.ess.createLifecycleHook({
      scalingGroupId: SCALING_GROUP,
      lifecycleHookName: 'cmdb',
      lifecycleTransition: 'SCALE_IN',
      heartbeatTimeoutSeconds: 60,
      notificationArn: `acs:mns:cn-hangzhou:${clouds.foundation.identities.accountId}:queue/cmdb`,
    });

    const { status, findings } = await ask();

    expect(status).toBe(0);
    expect(findings.filter(({ severity }) => severity !== 'ok').map(({ check }) => check)).toEqual([
      'hook-missing',
    ]);
    expect(findings.find(({ check }) => check === 'hook-neighbour')).toMatchObject({
      where: { scalingGroup: SCALING_GROUP, hook: expect.stringMatching(/^cmdb \(/) },
      found: expect.stringMatching(/:queue\/cmdb and that we leave alone$/),
    });
  });

  it('finds a timeout that is too short, and its call lengthens it', async () => {
    const { ask, troubles, send } = await aDoctorStage({ hookOut: { heartbeatTimeoutSeconds: 120 } });

    const told = await ask();
    const [short] = told.findings;
    await send(short?.call);

    expect(told.status).toBe(1);
    expect(short).toMatchObject({
      severity: 'error',
      check: 'hook-timeout',
      where: { hook: expect.stringMatching(/^drain \(/) },
      found: expect.stringContaining('its timeout is 120 s, less than 180 s'),
    });
    expect(await troubles()).toEqual([]);
  });

  it('finds a timeout that is not what the file says', async () => {
    const { troubles, send } = await aDoctorStage({
      hookIn: { heartbeatTimeoutSeconds: 900 },
      file: { scaling: { groups: [{ id: SCALING_GROUP, hookTimeout: '15m' }] } },
    });

    const [said, ...others] = await troubles();
    await send(said?.call);

    expect(others).toEqual([]);
    expect(said).toMatchObject({
      check: 'hook-timeout-said',
      found: expect.stringMatching(/^ESS says 600 s, scaling.groups says hookTimeout: 15m/),
    });
    expect(await troubles()).toEqual([]);
  });

  it('finds results by default that the policy would not have given, and its calls change them', async () => {
    const { ask, troubles, send } = await aDoctorStage({
      hookIn: { defaultResult: 'CONTINUE' },
      hookOut: { defaultResult: 'CONTINUE' },
    });

    const found = await troubles();
    for (const { call } of found) await send(call);

    expect(found.map(({ check, fix }) => [check, fix])).toEqual([
      ['hook-default', 'set DefaultResult to ABANDON'],
      ['hook-default', 'set DefaultResult to ROLLBACK'],
    ]);
    expect(await ask()).toMatchObject({ status: 0 });
    expect(await troubles()).toEqual([]);
  });

  it('finds a vServer group that Auto Scaling manages, and its call detaches it', async () => {
    const attachment = { loadBalancerId: LB, vServerGroupId: GROUP, port: 8080, weight: 50 };
    const { ask, troubles, send } = await aDoctorStage({ group: { vServerGroups: [attachment] } });

    const told = await ask();
    const [native] = told.findings;
    await send(native?.call);

    expect(told.status).toBe(1);
    expect(native).toMatchObject({
      severity: 'error',
      check: 'native-attachment',
      where: { scalingGroup: SCALING_GROUP, binding: 'web', vServerGroup: GROUP },
    });
    expect(await troubles()).toEqual([]);
  });

  it('refuses a drain that no hook can wait for as a fault of the file, with 2', async () => {
    const { ask } = await aDoctorStage({ binding: { drain: { time: '359m' } } });

    expect(await ask()).toMatchObject({
      status: 2,
      ok: false,
      findings: [
        {
          severity: 'error',
          check: 'configuration',
          where: { file: expect.stringMatching(/^autopilot\.yaml:1:\d+$/) },
          found: 'bindings[0].drain.time: found a drain of 359m for instances of a scaling group',
        },
      ],
    });
  });

  it('finds load balancers, groups and tables that are not there', async () => {
    const { run, ask } = await aDoctorStage({
      binding: { loadBalancer: 'lb-bp1nowhere', vServerGroup: 'rsp-bp1nowhere' },
      withoutTables: true,
    });

    const { status, findings } = await ask();
    const told = await run();

    expect(status).toBe(1);
    const errors = findings.filter(({ severity }) => severity === 'error');
    expect(errors.slice(0, 2).map(({ check }) => check)).toEqual(['load-balancer', 'vserver-group']);
    expect(errors.slice(2).map(({ where }) => where.table)).toEqual([
      ...[
        'done',
        'lanes',
        'inbox',
        'backends',
        'members',
        'hooks',
        'promotions',
        'declarations',
        'requests',
        'budget',
        'audit',
        'quarantine',
      ],
    ]);
    expect(told).toMatchObject({ status: 1, err: '' });
    expect(told.out).toMatch(/error +lb-bp1nowhere +there is no such load balancer in cn-hangzhou; the/);
  });

  it('believes an empty listing by tags only of a key that may list', async () => {
    const { clouds, ask } = await aDoctorStage({ binding: { selector: { tags: { role: 'nobody' } } } });
    const { identities } = clouds.foundation;
    identities.putRole('blind', [
      { Version: '1', Statement: [{ Effect: 'Allow', Action: ['slb:*', 'ots:*'], Resource: ['*'] }] },
    ]);

    const told = await ask();
    const blind = await ask([], variablesOf(clouds, identities.assumeRole('blind', 'test', 60_000)));

    expect(told).toMatchObject({ status: 0 });
    expect(told.findings[0]).toMatchObject({ severity: 'warning', found: 'no instance carries role=nobody' });
    expect(blind.status).toBe(3);
    expect(blind.findings[0]).toMatchObject({
      check: 'not-checked',
      where: { binding: 'web' },
      found: expect.stringMatching(/^could not be checked: .* \(DescribeInstances, /),
    });
  });
});

describe('doctor by the environment', () => {
  it('may ask everything with the role of the functions, but read of their tables', async () => {
    const { clouds, ask } = await aDoctorStage();
    const role = clouds.foundation.identities.assumeRole('slb-autopilot-functions', 'test', 60_000);

    const told = await ask([], variablesOf(clouds, role));

    expect(told.findings.filter(({ severity }) => severity !== 'ok')).toEqual([]);
    expect(told).toMatchObject({ status: 0, ok: true });
    expect(told.notes[0]).toMatch(/^Not looked at: the tables .*audit.*, which this key may not read\.$/);
  });

  it('ends with 3 when a wrong key is refused, and says of what', async () => {
    const { clouds, run } = await aDoctorStage();
    const key = { accessKeyId: 'LTAIwrong', accessKeySecret: 'wrong', securityToken: null };

    const { status, out } = await run([], variablesOf(clouds, key));

    expect(status).toBe(3);
    expect(out).toContain('could not be checked: the access key does not exist');
    expect(out).toMatch(/0 errors, \d+ warnings, 0 well/);
  });

  it('tells what it found before what it could not ask', async () => {
    const { clouds, ask } = await aDoctorStage({ hookOut: { heartbeatTimeoutSeconds: 60 } });
    const { administrator } = clouds.foundation.identities;

    const told = await ask([], { ...variablesOf(clouds, administrator), SLB_ENDPOINT: 'http://127.0.0.1:9' });

    expect(told.status).toBe(1);
    expect(told.findings.slice(0, 2).map(({ check }) => check)).toEqual(['hook-timeout', 'not-checked']);
  });

  it('ends with 3 without a key, and with 2 without an account or for another region', async () => {
    const { clouds, run } = await aDoctorStage();
    const variables = variablesOf(clouds, clouds.foundation.identities.administrator);

    const keyless = await run([], { ...variables, ALIBABA_CLOUD_ACCESS_KEY_ID: '' });
    const nobody = await run([], { ...variables, ALIYUN_ACCOUNT_ID: '' });
    const elsewhere = await run([], { ...variables, FC_REGION: 'cn-beijing' });

    expect(keyless).toMatchObject({ status: 3, out: '' });
    expect(keyless.err).toContain('set ALIBABA_CLOUD_ACCESS_KEY_ID');
    expect(nobody).toMatchObject({ status: 2, out: '' });
    expect(nobody.err).toContain('FC_ACCOUNT_ID: found nothing');
    expect(elsewhere).toMatchObject({ status: 2, out: '' });
    expect(elsewhere.err).toContain('FC_REGION');
  });
});

describe('doctor without clouds', () => {
  it('ends with 3 when none are running locally', async () => {
    const folder = temporaryFolder();
    const config = join(folder, 'autopilot.yaml');
    const binding = {
      name: 'web',
      loadBalancer: LB,
      vServerGroup: GROUP,
      selector: { tags: { role: 'web' } },
      ports: [{ port: 80 }],
    };
    writeFileSync(config, JSON.stringify({ version: 1, region: 'cn-hangzhou', bindings: [binding] }));

    const none = join(folder, 'none.json');
    const { status, out, err } = await runHere(['doctor', '--local', '--config', config, '--note', none]);

    expect({ status, out }).toEqual({ status: 3, out: '' });
    expect(err).toContain('No local clouds are running');
  });
});
