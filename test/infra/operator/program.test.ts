import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runAutopilot, temporaryFolder } from './autopilot.ts';

const run = (...args: ReadonlyArray<string>) => runAutopilot(args, join(temporaryFolder(), 'note.json'));

describe('the command line', () => {
  it('ends with 2 for an unknown command, an unknown option and a missing argument', async () => {
    const wrong = await Promise.all([run('bogus'), run('validate', '--bogus'), run('local', 'stop')]);

    expect(wrong.map(({ status }) => status)).toEqual([2, 2, 2]);
    expect(wrong.map(({ out }) => out)).toEqual(['', '', '']);
    expect(wrong[0]?.err).toContain("unknown command 'bogus'");
  });

  it('calls an unknown order to the local clouds an unknown command', async () => {
    const { status, out, err } = await run('local', 'bogus');

    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain("unknown command 'bogus'");
  });

  it('refuses to start clouds in no region, or with their state in no folder', async () => {
    const wrong = await Promise.all([
      run('local', '--json', '--region', 'no region'),
      run('local', '--json', '--data', ''),
    ]);

    expect(wrong.map(({ status, out }) => ({ status, out }))).toEqual([
      { status: 2, out: '' },
      { status: 2, out: '' },
    ]);
    expect(wrong.map(({ err }) => err)).toEqual([
      expect.stringContaining('such as cn-hangzhou'),
      expect.stringContaining('path of a folder'),
    ]);
  });

  it('refuses a system event that says nothing, too much or no time', async () => {
    const event = (...options: ReadonlyArray<string>) => run('local', 'system-event', 'i-1', ...options);

    const wrong = await Promise.all([
      event(),
      event('--cancel', 'e-1', '--not-before', '10m'),
      event('--type', 'SystemMaintenance.Stop', '--not-before', 'tomorrow'),
    ]);

    expect(wrong.map(({ status }) => status)).toEqual([2, 2, 2]);
    expect(wrong[0]?.err).toContain('--type, --cancel, --avoid');
    expect(wrong[2]?.err).toContain('such as 10m');
  });

  it('ends with 2 and the help when it is told nothing', async () => {
    const { status, err } = await run();

    expect(status).toBe(2);
    expect(err).toContain('Usage: autopilot');
  });

  it('refuses options that would be ignored', async () => {
    const wrong = await Promise.all([
      run('demo', '--json'),
      run('demo', '--scene', 'main'),
      run('demo', '--once', '--config', 'autopilot.yaml'),
      run('demo', '--once', '--scene', 'none-of-this-name'),
      run('demo', '--once', '--seed', 'x'),
    ]);

    expect(wrong.map(({ status }) => status)).toEqual([2, 2, 2, 2, 2]);
    expect(wrong[3]?.err).toContain('There are: main, hooks');
  });

  it('tells its version and, in its help, what its exit statuses mean', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

    const [told, help] = await Promise.all([run('--version'), run('demo', '--help')]);

    expect(told).toMatchObject({ status: 0, out: `${version}\n` });
    expect(help.status).toBe(0);
    expect(help.out).toContain('0 done, 1 failed, 2 wrong configuration or usage');
  });
});

describe('validate', () => {
  const FAULTY = [
    'version: 1',
    'region: cn-hangzhou',
    'bindings:',
    '  - name: web',
    '    loadBalancer: lb-bp1one',
    '    vServerGroup: rsp-bp1one',
    '    selector: { tags: { role: web } }',
    '    ports: [{ port: 80, weight: 101 }]',
    '    colour: blue',
    '',
  ].join('\n');

  it('tells every fault with its place and ends with 2', async () => {
    const file = join(temporaryFolder(), 'autopilot.yaml');
    writeFileSync(file, FAULTY);

    const { status, out, err } = await run('validate', '--config', file);

    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(/^autopilot\.yaml:8:\d+: bindings\[0\]\.ports\[0\]\.weight: found 101/m);
    expect(err).toMatch(/^autopilot\.yaml:9:\d+: bindings\[0\]\.colour: found an unknown key/m);
    expect(err).toContain('2 faults in autopilot.yaml');
  });

  it('tells faults as JSON when asked to', async () => {
    const file = join(temporaryFolder(), 'autopilot.yaml');
    writeFileSync(file, FAULTY);

    const { status, out } = await run('validate', '--config', file, '--json');

    expect(status).toBe(2);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      faults: [
        { path: 'bindings[0].ports[0].weight', line: 8 },
        { path: 'bindings[0].colour', line: 9 },
      ],
    });
  });

  it('ends with 2 when there is no such file', async () => {
    const { status, err } = await run('validate', '--config', join(temporaryFolder(), 'none.yaml'));

    expect(status).toBe(2);
    expect(err).toContain('ENOENT');
  });

  it('shows what it understood of pairs, also as JSON', async () => {
    const file = join(temporaryFolder(), 'autopilot.yaml');
    const pair = { name: 'orders-db', loadBalancer: 'lb-bp1one', listeners: ['tcp:3306', 'udp:3306'] };
    writeFileSync(file, JSON.stringify({ version: 1, region: 'cn-hangzhou', pairs: [pair] }));

    const { status, out } = await run('validate', '--config', file);
    const json = await run('validate', '--config', file, '--json');

    expect(status).toBe(0);
    expect(out).toContain('cn-hangzhou, 0 bindings, 1 pair\n');
    expect(out).toMatch(/orders-db +lb-bp1one +no pool +stop +answers our probe +bad for 10s/);
    expect(out).toMatch(/tcp:3306 +maintenance +cool-down 10m/);
    expect(JSON.parse(json.out).pairs[0].promoteOn).toEqual([
      'stop',
      'maintenance',
      'spot-reclaim',
      'unhealthy',
    ]);
  });

  it('shows what the configuration means, the defaults included', async () => {
    const file = join(temporaryFolder(), 'autopilot.yaml');
    writeFileSync(file, FAULTY.replace(', weight: 101', '').replace('    colour: blue\n', ''));

    const [told, json] = await Promise.all([
      run('validate', '--config', file),
      run('validate', '--config', file, '--json'),
    ]);

    expect(told.status).toBe(0);
    expect(told.out).toMatch(/web +lb-bp1one +rsp-bp1one +role=web +80 → 100 +running +30s +min 1, out 50 %/);
    expect(json.status).toBe(0);
    expect(JSON.parse(json.out)).toMatchObject({
      ok: true,
      regionId: 'cn-hangzhou',
      bindings: [{ name: 'web', drain: { timeMs: 30_000 }, ports: [{ port: 80, weight: 100 }] }],
    });
  });
});
