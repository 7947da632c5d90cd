import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  createFunctionHost,
  type FunctionHost,
  type FunctionHostOptions,
} from '../../../../infra/local/host/function-host.ts';
import type { InvokeOptions } from '../../../../infra/local/host/invocation.ts';
import type { FunctionSettingsInput } from '../../../../infra/local/host/settings.ts';
import {
  createFoundation,
  type Foundation,
  type FoundationOptions,
} from '../../../../infra/local/world/foundation.ts';

/** The folder of one of the handlers written for these tests. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
}

/** A host on a foundation of its own, with the function `worker` of the `behaviours` folder deployed. */
export function hostWith(
  settings: Partial<FunctionSettingsInput> = {},
  options: FunctionHostOptions = {},
  world: FoundationOptions = {},
): { foundation: Foundation; host: FunctionHost; run: Run } {
  const foundation = createFoundation(world);
  const host = createFunctionHost(foundation, options);
  host.deploy({ functionName: 'worker', codeFolder: fixture('behaviours'), timeoutSeconds: 10, ...settings });
  return { foundation, host, run: runner(host) };
}

/** Invokes `worker` with a command of the `behaviours` folder. */
export type Run = (
  command: { do: string } & Record<string, unknown>,
  options?: InvokeOptions,
) => Promise<{
  headers: Readonly<Record<string, string>>;
  text: string;
  json: () => ReturnType<typeof JSON.parse>;
}>;

function runner(host: FunctionHost): Run {
  return async (command, options = {}) => {
    const { headers, body } = await host.invoke('worker', Buffer.from(JSON.stringify(command)), options);
    return { headers, text: body.toString(), json: () => JSON.parse(body.toString()) };
  };
}

/** Whether a process of that id runs; one that is dead and only waits to be buried does not. */
export function isAlive(pid: number | null): boolean {
  try {
    const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1);
    return afterName?.[0] !== 'Z';
  } catch {
    return false;
  }
}

/** Waits until the condition holds; fails after 5 s. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadlineMs = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadlineMs) throw new Error(`not within 5 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
