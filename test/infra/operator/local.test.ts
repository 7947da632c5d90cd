import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createCloudsClient } from '../../../infra/operator/clouds-client.ts';
import { createControlClient } from '../../../infra/operator/control-client.ts';
import { until } from '../../support/stage.ts';
import { runAutopilot, startAutopilot, startThroughShell, temporaryFolder } from './autopilot.ts';

const PRODUCTS = ['slb', 'ecs', 'ess', 'eci', 'cms', 'ots', 'mns', 'fc', 'control'];

/** Clouds in a process of their own, and the way to give them orders. */
async function clouds(...options: ReadonlyArray<string>) {
  const note = join(temporaryFolder(), 'run', 'local.json');
  const running = startAutopilot(['local', '--json', ...options], note);
  const connection = JSON.parse(await running.printed(/\n/));
  const order = (...args: ReadonlyArray<string>) => runAutopilot(['local', ...args], note);
  const client = createCloudsClient(connection);
  const control = createControlClient(connection);
  return { note, running, connection, order, client, control };
}

describe('local', () => {
  it('prints one JSON line, serves every product on loopback and ends with 0 at SIGTERM', async () => {
    const { note, running, connection } = await clouds('--region', 'cn-beijing');

    expect(connection).toMatchObject({
      accountId: expect.stringMatching(/^\d+$/),
      region: 'cn-beijing',
      accessKeyId: expect.stringMatching(/^LTAI/),
      accessKeySecret: expect.any(String),
      controlToken: expect.stringMatching(/^[0-9a-f]{64}$/),
      otsInstance: 'slb-autopilot',
    });
    expect(Object.keys(connection.endpoints).sort()).toEqual([...PRODUCTS].sort());
    for (const product of PRODUCTS) {
      expect(connection.endpoints[product]).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      const answer = await fetch(connection.endpoints[product]);
      expect(answer.status, product).toBeGreaterThanOrEqual(400);
    }
    expect(statSync(note).mode & 0o777).toBe(0o600);

    running.child.kill('SIGTERM');

    expect(await running.ended).toEqual({ status: 0, out: `${JSON.stringify(connection)}\n`, err: '' });
    expect(existsSync(note)).toBe(false);
  });

  it('ends with the npx that started it, whose shell passes no signal on', async () => {
    const note = join(temporaryFolder(), 'local.json');
    const shell = startThroughShell(['local', '--json'], note);
    const { endpoints } = JSON.parse(await shell.printed(/\n/));

    shell.child.kill('SIGTERM');

    await until(
      async () =>
        await fetch(endpoints.ecs).then(
          () => false,
          () => true,
        ),
    );
    await until(() => !existsSync(note));
  });

  it('keeps its key and its instances in a folder, also through kill -9', async () => {
    const data = temporaryFolder();
    const first = await clouds('--data', data);
    const ran = await first.order('run-instances', '--count', '2', '--tag', 'role=web', '--json');
    const { instanceIds } = JSON.parse(ran.out);
    first.running.child.kill('SIGKILL');
    await first.running.ended;

    const second = await clouds('--data', data);

    expect(second.connection.accessKeySecret).toBe(first.connection.accessKeySecret);
    const { out } = await second.order('instances', '--json');
    const { instances } = JSON.parse(out);
    expect(instances.map(({ instanceId }: { instanceId: string }) => instanceId)).toEqual(instanceIds);
    expect(instances[0]).toMatchObject({ tags: { role: 'web' } });
  });

  it('takes orders about instances, and ends with 1 when one of them is refused', async () => {
    const { order } = await clouds();
    const { instanceIds } = JSON.parse((await order('run-instances', '--json')).out);
    const [instanceId] = instanceIds;

    const early = await order('start', instanceId);
    const unknown = await order('stop', 'i-bp1unknown', '--json');
    const released = await order('delete', instanceId, '--json');

    expect(early.status).toBe(1);
    expect(early.err).toMatch(/IncorrectInstanceStatus/);
    expect(unknown.status).toBe(1);
    expect(JSON.parse(unknown.out)).toMatchObject({
      order: 'StopInstance',
      results: [{ instanceId: 'i-bp1unknown', ok: false, error: expect.stringContaining('NotFound') }],
    });
    expect({ ...released, out: JSON.parse(released.out) }).toEqual({
      status: 0,
      out: { order: 'DeleteInstance', results: [{ instanceId, ok: true, error: null }] },
      err: '',
    });
  });

  it('takes spot instances back, and no others', async () => {
    const { order, client } = await clouds();
    const [spot = ''] = await client.runInstances(1, {}, true);
    const [usual = ''] = await client.runInstances(1, {}, false);

    const { status, out, err } = await order('interrupt', spot, usual, '--json');

    expect({ status, err }).toEqual({ status: 1, err: '' });
    expect(JSON.parse(out)).toEqual({
      order: 'interrupt',
      results: [
        { instanceId: spot, ok: true, error: null, releaseAt: expect.stringMatching(/Z$/) },
        { instanceId: usual, ok: false, error: expect.stringContaining('NotSpotInstance') },
      ],
    });
  });

  it('schedules a system event of an instance, and calls it off', async () => {
    const { order, client } = await clouds();
    const [instanceId = ''] = await client.runInstances(1, {}, false);
    const eventType = 'SystemMaintenance.Reboot';

    const asked = ['--type', eventType, '--not-before', '10m'];
    const scheduled = JSON.parse((await order('system-event', instanceId, ...asked, '--json')).out);
    const canceled = await order('system-event', instanceId, '--cancel', scheduled.eventId);

    expect(scheduled).toMatchObject({ instanceId, eventType, eventId: expect.stringMatching(/^e-/) });
    expect(Date.parse(scheduled.notBefore) - Date.now()).toBeGreaterThan(9 * 60_000);
    expect(canceled).toEqual({ status: 0, out: `${scheduled.eventId} is Canceled\n`, err: '' });
  });

  it('ends at SIGTERM though a system event lies far ahead, and knows of it when it is opened again', async () => {
    const data = temporaryFolder();
    const first = await clouds('--data', data);
    const [instanceId = ''] = await first.client.runInstances(1, {}, false);
    const { eventId } = await first.control.scheduleSystemEvent({
      instanceId,
      eventType: 'SystemMaintenance.Stop',
      notBefore: '2099-01-01T00:00:00Z',
    });

    first.running.child.kill('SIGTERM');
    const { status } = await first.running.ended;
    const second = await clouds('--data', data);

    expect(status).toBe(0);
    expect(await second.control.endSystemEvent('avoid', eventId, instanceId)).toEqual({ status: 'Avoided' });
  });

  it('lists nothing where nothing is, as a sentence and as JSON', async () => {
    const { order } = await clouds();

    const [instances, groups, json] = await Promise.all([
      order('instances'),
      order('groups'),
      order('groups', '--json'),
    ]);

    expect(instances.out).toBe('There are no instances.\n');
    expect(groups.out).toBe('There are no vServer groups.\n');
    expect(JSON.parse(json.out)).toEqual({ groups: [] });
  });

  it('leaves the orders to the clouds that were there first', async () => {
    const { note, running, connection } = await clouds();

    const second = startAutopilot(['local'], note);

    expect(await second.printed(/Ctrl-C/)).toContain(`process ${running.child.pid}`);
    second.child.kill('SIGINT');
    expect((await second.ended).status).toBe(0);
    expect(JSON.parse(readFileSync(note, 'utf8'))).toMatchObject({ accessKeyId: connection.accessKeyId });
  });

  it('refuses a switch that does not exist or cannot have that value, with 2', async () => {
    const note = join(temporaryFolder(), 'local.json');

    const unknown = await runAutopilot(['local', '--switch', 'slbAddsPresent=reject'], note);
    const value = await runAutopilot(['local', '--switch', 'slbAddPresent=rejects'], note);

    expect([unknown.status, value.status]).toEqual([2, 2]);
    expect(value.err).toContain('reject, ignore, overwrite-weight');
  });
});

describe('orders without clouds', () => {
  it('end with 1 and say how to start some', async () => {
    const { status, out, err } = await runAutopilot(
      ['local', 'groups'],
      join(temporaryFolder(), 'none.json'),
    );

    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toContain('npm start');
  });

  it('find out that the noted ones were killed, and forget them', async () => {
    const { note, running, order } = await clouds();
    running.child.kill('SIGKILL');
    await running.ended;

    const { status, err } = await order('instances');

    expect(status).toBe(1);
    expect(err).toContain(`process ${running.child.pid}`);
    expect(existsSync(note)).toBe(false);
  });

  it('go to no other computer', async () => {
    const { connection } = await clouds();
    const note = join(temporaryFolder(), 'elsewhere.json');
    const endpoints = { ...connection.endpoints, ecs: 'https://ecs.aliyuncs.com' };
    writeFileSync(note, JSON.stringify({ ...connection, endpoints }));

    const { status, err } = await runAutopilot(['local', 'run-instances'], note);

    expect(status).toBe(1);
    expect(err).toContain('No local clouds are running');
  });

  it('work with the line that was printed, saved by hand', async () => {
    const { connection } = await clouds();
    const note = join(temporaryFolder(), 'saved.json');
    writeFileSync(note, JSON.stringify(connection));

    const { status, out } = await runAutopilot(['local', 'run-instances', '--count', '2', '--json'], note);

    expect(status).toBe(0);
    expect(JSON.parse(out).instanceIds).toHaveLength(2);
  });
});
