import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startLocalClouds } from '../../../infra/local/clouds.ts';
import { connectionOf } from '../../../infra/operator/local-connection.ts';
import { temporaryFolder } from './autopilot.ts';
import { runHere } from './run-here.ts';

/** Local clouds with a Running instance, and the command against them. */
async function clouds() {
  const running = await startLocalClouds({ ecsTimings: { pendingMs: 1, startingMs: 1 } });
  onTestFinished(() => running.close());
  const note = join(temporaryFolder(), 'local.json');
  writeFileSync(note, JSON.stringify(connectionOf(running)));
  const [id = ''] = running.ecs.runInstances({ amount: 1 });
  await expect.poll(() => running.ecs.find(id)?.status).toBe('Running');
  const application = (...args: ReadonlyArray<string>) =>
    runHere(['local', 'application', ...args, '--note', note]);
  const serves = (port: number) => running.ecs.applications.serves(id, port);
  return { id, application, serves };
}

describe('local application', () => {
  it('lets the application fail on one port, and serve again', async () => {
    const { id, application, serves } = await clouds();

    const failed = await application(id, '--never', '--port', '3306');
    const seen = [serves(3306), serves(80)];
    const healed = await application(id, '--serves', '--port', '3306');

    expect(failed).toEqual({ status: 0, out: `${id} answers no more\n`, err: '' });
    expect(seen).toEqual([false, true]);
    expect(healed.out).toBe(`${id} serves\n`);
    expect(serves(3306)).toBe(true);
  });

  it('lets it flap, and tells it as JSON', async () => {
    const { id, application } = await clouds();

    const { status, out } = await application(id, '--flaps', '30s,10s', '--json');

    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      order: 'application',
      results: [{ instanceId: id, ok: true, kind: 'flaps' }],
    });
  });

  it('ends with 1 for an instance that there is not', async () => {
    const { application } = await clouds();

    const { status, err } = await application('i-nowhere', '--never');

    expect(status).toBe(1);
    expect(err).toContain('InvalidInstanceId.NotFound');
  });

  it.each([
    [[], 'one of --never, --flaps, --serves is needed'],
    [['--never', '--serves'], 'cannot be used with'],
    [['--never', '--after', '3s'], 'cannot be used with'],
    [['--flaps', '30s'], 'Allowed are two durations above 0'],
    [['--flaps', '30s,0s'], 'Allowed are two durations above 0'],
    [['--serves', '--port', '0'], 'Allowed is a port from 1 to 65535.'],
  ])('refuses %j with 2', async (args, message) => {
    const { status, err } = await runHere(['local', 'application', 'i-1', ...args]);

    expect(status).toBe(2);
    expect(err).toContain(message);
  });
});
