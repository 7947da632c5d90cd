import { afterEach, describe, expect, it } from 'vitest';
import type { FunctionHost } from '../../../../infra/local/host/function-host.ts';
import { fixture, hostWith, until } from './support.ts';

let host: FunctionHost | null = null;
afterEach(() => host?.close());

function start(...parameters: Parameters<typeof hostWith>) {
  const started = hostWith(...parameters);
  host = started.host;
  return started;
}

const initializer = { handler: 'index.initialize', timeoutSeconds: 1 };

describe('initializer', () => {
  it('runs once before the first request of an instance', async () => {
    const { run } = start({ initializer });

    await run({ do: 'describe' });

    expect((await run({ do: 'describe' })).json().initializations).toBe(1);
  });

  it('may use a callback', async () => {
    const { host } = start({ codeFolder: fixture('callback-hooks'), initializer });

    expect((await host.invoke('worker', Buffer.from(''))).body.toString()).toBe('{"isReady":true}');
  });

  it('fails the invocation and costs the instance', async () => {
    const { host, run } = start({ initializer, environment: { FAIL_INITIALIZATIONS: '1' } });

    const { headers, json } = await run({ do: 'describe' });

    expect(headers['x-fc-error-type']).toBe('InitializationError');
    expect(json()).toMatchObject({ errorType: 'Error', errorMessage: 'initialization 1 failed' });
    await until(() => host.instances().length === 0, 'the instance is gone');
  });

  it('runs again in the same instance under the switch', async () => {
    const switches = { fcFailedInitializer: 'retry-in-place' } as const;
    const { run } = start({ initializer, environment: { FAIL_INITIALIZATIONS: '1' } }, {}, { switches });
    await run({ do: 'describe' });

    const { headers, json } = await run({ do: 'describe' });

    expect(headers['x-fc-error-type']).toBeUndefined();
    expect(json().initializations).toBe(2);
  });

  it('is stopped at its own timeout', async () => {
    const { run } = start({ initializer, environment: { HANG_INITIALIZATION: 'yes' } });

    const { headers, json } = await run({ do: 'describe' });

    expect(headers['x-fc-error-type']).toBe('InitializationError');
    expect(json().errorMessage).toMatch(/^Function timed out after 1 seconds/);
  });
});

describe('what the function is told', () => {
  it('gets the documented context, with the session of its role', async () => {
    const { foundation, host, run } = start({ timeoutSeconds: 7, memoryMb: 256 });
    foundation.identities.putRole('worker-role', []);
    host.deploy({ ...withRole, timeoutSeconds: 7, memoryMb: 256 });

    const { headers, json } = await run({ do: 'describe' }, { retryCount: 3 });

    const { context, environment } = json();
    expect(context).toEqual({
      requestId: headers['x-fc-request-id'],
      credentials: {
        accessKeyId: expect.stringMatching(/^STS\./),
        accessKeySecret: expect.any(String),
        securityToken: expect.any(String),
      },
      function: { name: 'worker', handler: 'index.handler', memory: 256, timeout: 7 },
      service: { name: '', logProject: '', logStore: '', qualifier: 'LATEST', versionId: '' },
      region: 'cn-hangzhou',
      accountId: '1234567890123456',
      retryCount: 3,
      tracing: { openTracingSpanContext: '', openTracingSpanBaggages: {}, jaegerEndpoint: '' },
      logger: ['debug', 'info', 'warn', 'error'],
      waitsForEmptyEventLoopBeforeCallback: false,
    });
    const session = foundation.identities.find(environment.ALIBABA_CLOUD_ACCESS_KEY_ID);
    expect(session?.principal).toMatchObject({
      kind: 'role-session',
      roleName: 'worker-role',
      sessionName: headers['x-fc-instance-id'],
    });
    expect(session?.securityToken).toBe(environment.ALIBABA_CLOUD_SECURITY_TOKEN);
  });

  it('gets the platform variables and its own, and nothing else of this process but PATH', async () => {
    const { run } = start({ environment: { STAGE: 'test' } });

    const { headers, json } = await run({ do: 'describe' });

    const { environment, cwd } = json();
    expect(environment).toEqual({
      PATH: process.env.PATH,
      STAGE: 'test',
      FC_FUNC_CODE_PATH: `${cwd}/`,
      FC_ACCOUNT_ID: '1234567890123456',
      FC_FUNCTION_HANDLER: 'index.handler',
      FC_FUNCTION_MEMORY_SIZE: '512',
      FC_FUNCTION_NAME: 'worker',
      FC_REGION: 'cn-hangzhou',
      FC_CUSTOM_LISTEN_PORT: '9000',
      FC_INSTANCE_ID: headers['x-fc-instance-id'],
      FC_VER_ID: 'LATEST',
    });
  });

  it('refuses to run without its role', async () => {
    const { host, run } = start();
    host.deploy(withRole);

    await expect(run({ do: 'describe' })).rejects.toMatchObject({ status: 403, code: 'AccessDenied' });
  });

  it('is killed when a fault kills the caller of a call made with its session', async () => {
    const { foundation, host, run } = start();
    foundation.identities.putRole('worker-role', []);
    host.deploy(withRole);
    const { environment } = (await run({ do: 'describe' })).json();
    const waiting = run({ do: 'sleep', ms: 10_000 });
    const principal = foundation.identities.find(environment.ALIBABA_CLOUD_ACCESS_KEY_ID)?.principal;
    if (principal === undefined) throw new Error('no session');
    const effect = { kind: 'kill-caller', when: 'after' } as const;
    foundation.faults.inject({ name: 'die', match: { product: 'slb' }, skip: 0, times: 1, effect });
    const call = {
      product: 'slb',
      action: 'Any',
      principal,
      subject: null,
      resources: [],
      parameters: {},
    } as const;

    await expect(foundation.gate.perform(call, 'r-1', () => 'done')).rejects.toThrow();

    expect((await waiting).json().errorMessage).toMatch(/^Process exited unexpectedly/);
  });
});

describe('logs', () => {
  it('writes the lines of the managed runtime, in order', async () => {
    const { host, run } = start();
    const lines: Array<string> = [];
    host.onLog(({ line }) => lines.push(line));

    const { headers } = await run({ do: 'log' });

    const id = headers['x-fc-request-id'];
    const time = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3}';
    const sorted = lines.filter((line) => line !== 'descriptor');
    expect(lines).toContain('descriptor');
    expect(sorted).toEqual([
      `FC Invoke Start RequestId: ${id}`,
      expect.stringMatching(new RegExp(`^${time} ${id} \\[info\\] hello, world$`)),
      expect.stringMatching(new RegExp(`^${time} ${id} \\[debug\\] details$`)),
      expect.stringMatching(new RegExp(`^${time} ${id} \\[error\\] two\nlines$`)),
      'raw',
      `FC Invoke End RequestId: ${id}`,
    ]);
  });

  it('marks the end of a failed invocation and leaves out levels below ALIYUN_FC_LOG_LEVEL', async () => {
    const { host, run } = start({ environment: { ALIYUN_FC_LOG_LEVEL: 'error' } });
    const lines: Array<string> = [];
    host.onLog(({ line }) => lines.push(line));

    await run({ do: 'log' });
    await run({ do: 'throw' });

    expect(lines.filter((line) => /\[\w+\]/.test(line))).toEqual([expect.stringContaining('[error] two')]);
    expect(lines.at(-1)).toMatch(/^FC Invoke End RequestId: \S+, Error: Unhandled function error$/);
  });

  it('answers the last 4 KB of the log when asked, and survives a flood', async () => {
    const { run } = start();

    const { headers, text } = await run({ do: 'flood', lines: 50_000 }, { logType: 'Tail' });

    const tail = Buffer.from(headers['x-fc-log-result'] ?? '', 'base64').toString();
    expect(text).toBe('flooded');
    expect(tail.length).toBeLessThanOrEqual(4_096);
    expect(tail).toMatch(
      /FC Invoke End RequestId: \S+\n\nDuration: [\d.]+ ms, Billed Duration: \d+ ms, Memory Size: 512 MB, Max Memory Used: [\d.]+ MB\n$/,
    );
  });
});

describe('settings', () => {
  it.each([
    [{ timeoutSeconds: 0 }],
    [{ memoryMb: 100 }],
    [{ handler: '../index.handler' }],
    [{ environment: { FC_NAME: 'reserved' } }],
    [{ environment: { LONG: 'x'.repeat(4_096) } }],
    [{ asyncConfig: { maxAsyncRetryAttempts: 9 } }],
    [{ codeFolder: '/nowhere/at/all' }],
  ])('refuses %o', (wrong) => {
    const { host } = start();

    expect(() => host.deploy({ functionName: 'f', codeFolder: fixture('esm'), ...wrong })).toThrow(
      expect.objectContaining({ code: 'InvalidArgument' }),
    );
  });
});

const withRole = {
  functionName: 'worker',
  codeFolder: fixture('behaviours'),
  roleName: 'worker-role',
  timeoutSeconds: 10,
};
