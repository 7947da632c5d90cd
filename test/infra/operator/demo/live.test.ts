import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runAutopilot, startAutopilot, temporaryFolder } from '../autopilot.ts';

const CONFIG = `
version: 1
region: cn-hangzhou
bindings:
  - name: web
    loadBalancer: lb-bp1demo
    vServerGroup: rsp-bp1demo
    selector: { tags: { role: web } }
    ports: [{ port: 8080, weight: 70 }]
    drain: { time: 0s }
  - name: search
    loadBalancer: lb-bp1demo
    vServerGroup: rsp-bp1search
    selector: { scalingGroup: asg-bp1demo }
    ports: [{ port: 9200 }]
    drain: { time: 0s }
timing: { lease: 10s, callTimeout: 3s, gather: 0s, settle: 0s }
`;

/** Every process below `pid`, with the command it runs. */
function descendants(pid: number | undefined): ReadonlyArray<string> {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null);
  const found = new Set([String(pid)]);
  for (const [, id, parent] of rows) if (found.has(String(parent))) found.add(String(id));
  return [...found].slice(1);
}

function isRunning(pid: string): boolean {
  return execFileSync('ps', ['-eo', 'pid='], { encoding: 'utf8' }).split(/\s+/).includes(pid);
}

describe('the live demo', () => {
  it('does the main job, takes orders of a second process and leaves nothing behind', async () => {
    const folder = temporaryFolder();
    const configFile = join(folder, 'autopilot.yaml');
    const note = join(folder, 'local.json');
    writeFileSync(configFile, CONFIG);
    const demo = startAutopilot(['demo', '--config', configFile, '--seed', '7'], note);

    // Its own opening: three join, one of them stops and one is released.
    await demo.printed(/SLB +web: 2 backends removed/, 40_000);
    // Then the scaling group: four come, two of them go.
    await demo.printed(/search: hook until-it-is-drained was answered CONTINUE after/, 40_000);
    const order = (...args: ReadonlyArray<string>) => runAutopilot(['local', ...args, '--json'], note);
    const ran = await order('run-instances', '--count', '2', '--tag', 'role=web');
    const { instanceIds } = JSON.parse(ran.out);
    await expect
      .poll(async () => JSON.parse((await order('groups')).out).groups[0].backends, {
        timeout: 15_000,
        interval: 500,
      })
      .toEqual(
        expect.arrayContaining(
          instanceIds.map((serverId: string) => ({
            serverId,
            port: 8080,
            weight: 70,
            description: 'slb-autopilot/web',
          })),
        ),
      );

    const scaled = await order('scale', 'search', '--by', '1', '--wait');
    expect(JSON.parse(scaled.out)).toMatchObject({
      statusCode: 'Successful',
      hooks: [{ name: 'until-it-serves', status: 'Completed', result: 'CONTINUE' }],
    });

    const processes = descendants(demo.child.pid);
    demo.child.kill('SIGINT');
    const { status, out } = await demo.ended;

    expect(status).toBe(0);
    expect(processes.length).toBeGreaterThan(0);
    // The compiler's own process ends by itself, a moment after ours.
    await expect.poll(() => processes.filter(isRunning), { timeout: 5_000 }).toEqual([]);
    expect(out).toContain('npx autopilot local run-instances --count 3 --tag role=web');
    expect(out).toContain('npx autopilot local scale search --by 10');
    expect(out).toMatch(/you +RunInstances 2 × role=web/);
    expect(out).toMatch(/you +ScaleWithAdjustment asg-bp1demo by 1/);
    expect(out).toContain('search: hook until-it-serves was answered CONTINUE after');
    // Nothing that moves a cursor or colours anything: this is no terminal.
    expect(out).not.toContain('\x1b');
    expect((await order('groups')).status).toBe(1);
  }, 120_000);

  it('refuses a wrong configuration with 2 before it starts anything', async () => {
    const folder = temporaryFolder();
    const configFile = join(folder, 'autopilot.yaml');
    writeFileSync(configFile, CONFIG.replace('port: 8080', 'port: 0'));

    const { status, out, err } = await runAutopilot(['demo', '--config', configFile], join(folder, 'note'));

    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain('bindings[0].ports[0].port');
  });
});

describe('a scene that is interrupted', () => {
  it('ends with 1, still reports as JSON, and leaves nothing behind', async () => {
    const demo = startAutopilot(['demo', '--once', '--json'], join(temporaryFolder(), 'note'));
    await expect.poll(() => descendants(demo.child.pid).length, { timeout: 60_000 }).toBeGreaterThan(1);

    const processes = descendants(demo.child.pid);
    // Twice at once, as some parents do.
    demo.child.kill('SIGINT');
    demo.child.kill('SIGINT');
    const { status, out } = await demo.ended;

    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ ok: false, failures: [expect.stringContaining('interrupted')] });
    await expect.poll(() => processes.filter(isRunning), { timeout: 5_000 }).toEqual([]);
  }, 120_000);
});
