import { afterEach, expect, it } from 'vitest';
import { deliver } from '../../../../infra/local/host/delivery.ts';
import type { FunctionHost } from '../../../../infra/local/host/function-host.ts';
import { hostWith } from './support.ts';

let host: FunctionHost | null = null;
afterEach(() => host?.close());

const command = (action: string) => Buffer.from(JSON.stringify({ do: action, ms: 200 }));

it('tells a function error, throttling and a refusal from success', async () => {
  host = hostWith({ maxInstances: 1 }).host;

  const failed = await deliver(host, 'worker', command('throw'));
  const missing = await deliver(host, 'absent', command('number'));
  const busy = deliver(host, 'worker', command('sleep'));
  const throttled = await deliver(host, 'worker', command('number'));

  expect(failed).toMatchObject({
    ok: false,
    kind: 'function-error',
    message: expect.stringContaining('oops'),
  });
  expect(missing).toMatchObject({ ok: false, kind: 'system' });
  expect(throttled).toMatchObject({ ok: false, kind: 'throttled' });
  expect(await busy).toMatchObject({ ok: true });
});
