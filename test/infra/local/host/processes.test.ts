import { spawn } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import type { FunctionHost } from '../../../../infra/local/host/function-host.ts';
import { fixture, hostWith, isAlive, until } from './support.ts';

let host: FunctionHost | null = null;
afterEach(() => host?.close());

function start(...parameters: Parameters<typeof hostWith>) {
  const started = hostWith(...parameters);
  host = started.host;
  return started;
}

describe('a process that ends', () => {
  it('answers an exit in the words of the platform and goes on with a new instance', async () => {
    const { run } = start();
    const before = (await run({ do: 'describe' })).json().pid;

    const { headers, text } = await run({ do: 'exit' });
    const after = (await run({ do: 'describe' })).json().pid;

    expect(headers['x-fc-error-type']).toBe('UnhandledInvocationError');
    expect(text).toMatch(
      /^\{"errorMessage":"Process exited unexpectedly before completing request \(duration: \d+ms, maxMemoryUsage: \d+(\.\d{1,2})?MB\)"\}$/,
    );
    expect(after).not.toBe(before);
    expect(isAlive(before)).toBe(false);
  });

  it.each(['loop', 'never'])('kills an instance at its timeout (%s)', async (action) => {
    const { host, run } = start({ timeoutSeconds: 1 });

    const { json } = await run({ do: action });

    expect(json().errorMessage).toMatch(/^Function timed out after 1 seconds/);
    expect(host.instances()).toEqual([]);
  });

  it('ends the invocation when its instance is killed', async () => {
    const { host, run } = start();
    const waiting = run({ do: 'sleep', ms: 10_000 });
    await until(() => host.instances().length === 1, 'an instance runs');

    const [instance] = host.instances();
    expect(host.killInstance(instance?.instanceId ?? '')).toBe(true);
    expect(host.killInstance('c-unknown')).toBe(false);

    expect((await waiting).json().errorMessage).toMatch(/^Process exited unexpectedly/);
    expect(isAlive(instance?.pid ?? null)).toBe(false);
  });

  it('ends what the function had started', async () => {
    const { host, run } = start();
    const { pid, childPid } = (await run({ do: 'leave-process' })).json();
    expect(isAlive(childPid)).toBe(true);

    await host.close();

    await until(() => !isAlive(pid) && !isAlive(childPid), 'both processes are gone');
  });

  it('leaves no process behind when the host closes, busy or idle', async () => {
    const { host, run } = start();
    const first = run({ do: 'sleep', ms: 50 });
    const second = run({ do: 'loop' });
    await first;
    const pids = host.instances().map(({ pid }) => pid);
    expect(pids).toHaveLength(2);

    await host.close();

    expect(pids.map(isAlive)).toEqual([false, false]);
    expect((await second).json().errorMessage).toMatch(/^Process exited unexpectedly/);
    await expect(run({ do: 'describe' })).rejects.toMatchObject({ status: 503 });
  });

  it('leaves no process behind when the host is killed with -9: idle, waiting or looping', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', fixture('host-process.ts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const printed = await new Promise<string>((resolve) =>
      child.stdout.once('data', (data) => resolve(String(data))),
    );
    const pids: Array<number> = JSON.parse(printed);
    expect(pids.map(isAlive)).toEqual([true, true, true]);

    child.kill('SIGKILL');

    await until(() => !pids.some(isAlive), 'the instances are gone');
  });
});

describe('one request at a time', () => {
  it('starts an instance for each concurrent request and reuses them later', async () => {
    const { host, run } = start();

    const both = await Promise.all([run({ do: 'sleep', ms: 100 }), run({ do: 'sleep', ms: 100 })]);
    const later = await run({ do: 'sleep', ms: 1 });

    const pids = both.map((result) => result.json().pid);
    expect(new Set(pids).size).toBe(2);
    expect(both.map((result) => result.json().atOnce)).toEqual([1, 1]);
    expect(pids).toContain(later.json().pid);
    expect(host.instances()).toHaveLength(2);
  });

  it.each([{ maxInstances: 1 }, { reservedConcurrency: 1 }])('refuses beyond %o', async (limit) => {
    const { run } = start(limit);
    const first = run({ do: 'sleep', ms: 200 });

    await expect(run({ do: 'describe' })).rejects.toMatchObject({ status: 429, code: 'ResourceExhausted' });
    await first;
    expect((await run({ do: 'describe' })).headers['x-fc-error-type']).toBeUndefined();
  });
});

describe('freezing', () => {
  it('runs no timer between requests, and what fell due runs after the thaw', async () => {
    const { run } = start();
    const { pid } = (await run({ do: 'leave-timer', ms: 20 })).json();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const cpuTicks = await cpuTicksOf(pid);

    await new Promise((resolve) => setTimeout(resolve, 100));

    expect(await cpuTicksOf(pid)).toBe(cpuTicks);
    expect((await run({ do: 'count-ticks' })).json().ticks).toBe(1);
  });

  it('does not shorten timers that are set after a long freeze', async () => {
    const { run } = start();
    await run({ do: 'describe' });
    await new Promise((resolve) => setTimeout(resolve, 400));

    expect((await run({ do: 'time-timer', ms: 200 })).json().ms).toBeGreaterThan(190);
  });

  it('keeps the event loop running without freezing', async () => {
    const { run } = start({}, { freeze: false });
    const first = (await run({ do: 'leave-timer', ms: 5 })).json();
    await new Promise((resolve) => setTimeout(resolve, 100));

    const second = await run({ do: 'describe' });

    expect(second.json().pid).toBe(first.pid);
    expect((await run({ do: 'count-ticks' })).json().ticks).toBe(1);
  });
});

describe('removal', () => {
  it('stops an idle instance after its time, with preStop', async () => {
    const { host, run } = start({ preStop: { handler: 'index.preStop', timeoutSeconds: 1 } }, { idleMs: 50 });
    const lines: Array<string> = [];
    host.onLog(({ line }) => lines.push(line));
    const { pid } = (await run({ do: 'describe' })).json();

    await until(() => host.instances().length === 0, 'the instance is removed');

    expect(isAlive(pid)).toBe(false);
    expect(lines.filter((line) => /preStop/i.test(line))).toEqual([
      expect.stringMatching(/^FC PreStop Start RequestId: 1-/),
      expect.stringMatching(/\[info\] preStop ran$/),
      expect.stringMatching(/^FC PreStop End RequestId: 1-/),
    ]);
  });

  it('serves new requests with the new code after a redeployment, while an old request ends', async () => {
    const { host, run } = start();
    const old = run({ do: 'sleep', ms: 200 });
    await until(() => host.instances().length === 1, 'the old instance runs');

    host.deploy({ functionName: 'worker', codeFolder: fixture('esm') });

    expect((await run({ do: 'any' })).json().module).toBe('mjs');
    expect((await old).json().atOnce).toBe(1);
    await until(() => host.instances().length === 1, 'the old instance is gone');
  });

  it('removes a function with its processes', async () => {
    const { host, run } = start();
    const { pid } = (await run({ do: 'describe' })).json();

    await host.remove('worker');

    expect(isAlive(pid)).toBe(false);
    await expect(run({ do: 'describe' })).rejects.toMatchObject({ status: 404, code: 'FunctionNotFound' });
  });
});

async function cpuTicksOf(pid: number): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return stat.split(' ').slice(13, 15).join('+');
}
