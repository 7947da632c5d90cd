import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { WorkerSettings } from '../support/worker.ts';

const SCRIPT = fileURLToPath(new URL('./run-function.cjs', import.meta.url));

/** Where a built function runs and against which clouds. */
export interface FunctionPlace {
  readonly folder: string;
  readonly settings: WorkerSettings;
  /** Further variables of its environment. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Time from the start of `node -e 0` to its end, in ms: what nothing can undercut. */
export function timeBareNode(): Promise<number> {
  return timeProcess(['-e', '0'], {});
}

/** Time of a whole process that loads a function and initializes it, in ms. */
export function timeInitialize(place: FunctionPlace): Promise<number> {
  return timeProcess([SCRIPT, place.folder, 'initialize'], environmentOf(place));
}

/** Starts a process that handles one payload, and resolves when it has ended. Throws when it failed. */
export async function handleOnce(place: FunctionPlace, payload: Buffer): Promise<void> {
  const request = { context: contextOf(place.settings), payload: payload.toString('base64') };
  const environment = { ...environmentOf(place), BENCH_REQUEST: JSON.stringify(request) };
  await timeProcess([SCRIPT, place.folder, 'once'], environment);
}

/** A function in a process of its own that handles payload after payload. */
export interface ServingFunction {
  /** Handles one payload; the CPU time that the process spent on it, all threads together, in ms. */
  handle(payload: Buffer): Promise<number>;
  end(): Promise<void>;
}

/** Starts and initializes a function that stays. */
export async function serveFunction(place: FunctionPlace): Promise<ServingFunction> {
  const child = spawn(process.execPath, [SCRIPT, place.folder, 'serve'], {
    env: environmentOf(place),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await nextMessage(child);
  return {
    async handle(payload) {
      const answer = nextMessage(child);
      child.send({ context: contextOf(place.settings), payload: payload.toString('base64') });
      const { cpuMs, error } = (await answer) as { cpuMs: number; error?: string };
      if (error !== undefined) throw new Error(`the function failed: ${error}`);
      return cpuMs;
    },
    async end() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('the process of the function ended'));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message);
    });
  });
}

async function timeProcess(
  parameters: ReadonlyArray<string>,
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, [...parameters], {
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new Error(`the measured process ended with status ${status}`);
  return performance.now() - startedAtMs;
}

/** Only what the platform and s.yaml would give it; nothing of this process's environment may slow it down. */
function environmentOf({ folder, settings, variables }: FunctionPlace): Record<string, string> {
  const { accountId, regionId, otsInstance, endpoints } = settings;
  return {
    // SDKs that use what Node discourages say so at every start.
    NODE_NO_WARNINGS: '1',
    FC_ACCOUNT_ID: accountId,
    FC_REGION: regionId,
    FC_FUNC_CODE_PATH: `${folder}/`,
    OTS_INSTANCE: otsInstance,
    SLB_ENDPOINT: endpoints.slb,
    ECS_ENDPOINT: endpoints.ecs,
    ESS_ENDPOINT: endpoints.ess,
    CMS_ENDPOINT: endpoints.cms,
    OTS_ENDPOINT: endpoints.ots,
    MNS_ENDPOINT: endpoints.mns,
    FUNCTION_COMPUTE_ENDPOINT: endpoints.fc,
    ...variables,
  };
}

function contextOf({ accessKey }: WorkerSettings): object {
  const { accessKeyId, accessKeySecret, securityToken } = accessKey;
  return {
    requestId: 'bench',
    credentials: { accessKeyId, accessKeySecret, securityToken: securityToken ?? '' },
  };
}
