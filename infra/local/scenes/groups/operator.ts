import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SceneStopped } from '../script.ts';
import { endpointVariables, type Stage } from '../stage.ts';

const PROGRAM = fileURLToPath(new URL('../../../operator/bin/autopilot.mjs', import.meta.url));
/** Only against what hangs. */
const LIMIT_MS = 90_000;

/** How a command has ended. */
export interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** What of a saved plan the scene looks at. */
export interface SavedPlan {
  readonly plan: {
    readonly steps: ReadonlyArray<{ readonly subject: string; readonly action: string; readonly to: string }>;
    readonly held: ReadonlyArray<{ readonly subject: string; readonly by: string }>;
  };
}

/** Somebody at a terminal, with the command line as it is. */
export interface Operator {
  /** `autopilot plan` with these options more; what it has saved, and how it ended. */
  plan(...options: ReadonlyArray<string>): Promise<Ended & { readonly saved: SavedPlan }>;
  /** Has the plan that was saved last carried out. Resolves when the command has ended. */
  apply(...options: ReadonlyArray<string>): Promise<Ended>;
  close(): Promise<void>;
}

/** Opens a terminal for whoever has the account's key, with this configuration. */
export async function openTerminal({ clouds }: Stage, configFile: string): Promise<Operator> {
  const folder = await mkdtemp(join(tmpdir(), 'slb-autopilot-terminal-'));
  const file = join(folder, 'plan.json');
  const { accountId, administrator } = clouds.foundation.identities;
  const env = {
    PATH: process.env.PATH,
    ...endpointVariables(clouds),
    ALIYUN_ACCOUNT_ID: accountId,
    ALIBABA_CLOUD_ACCESS_KEY_ID: administrator.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: administrator.accessKeySecret,
  };
  const run = async (...words: ReadonlyArray<string>) =>
    await new Promise<Ended>((resolve, reject) => {
      const args = [PROGRAM, ...words, '--config', configFile];
      execFile(process.execPath, args, { env, timeout: LIMIT_MS }, (error, out, err) => {
        const status = error === null ? 0 : error.code;
        if (typeof status === 'number') resolve({ status, out, err });
        else reject(new SceneStopped(`autopilot ${words[0]} did not end within ${LIMIT_MS / 1_000} s`));
      });
    });
  return {
    async plan(...options) {
      const ended = await run('plan', '--out', file, ...options);
      if (ended.status !== 0 && ended.status !== 2) {
        throw new SceneStopped(`autopilot plan ended with ${ended.status}: ${ended.err || ended.out}`);
      }
      return { ...ended, saved: JSON.parse(await readFile(file, 'utf8')) as SavedPlan };
    },
    apply: async (...options) => await run('apply', file, '--yes', ...options),
    close: async () => await rm(folder, { recursive: true, force: true }),
  };
}
