import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const BIN = fileURLToPath(new URL('../../../infra/operator/bin/autopilot.mjs', import.meta.url));

/** How a run of the command line ended. */
export interface Ended {
  /** `null` = by a signal. */
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** The command line as a process that is running. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it has printed to standard output so far. */
  out(): string;
  /** Resolves with everything printed so far once `pattern` is in it; fails after `timeoutMs` or at the process's end. */
  printed(pattern: RegExp, timeoutMs?: number): Promise<string>;
}

/** A folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'autopilot-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts the command line in a process of its own; it is killed after the test. `note` keeps tests apart. */
export function startAutopilot(args: ReadonlyArray<string>, note: string): Running {
  return watch(process.execPath, [BIN, ...args], { AUTOPILOT_NOTE: note });
}

/** The same as npx does it: below a shell that waits for it. */
export function startThroughShell(args: ReadonlyArray<string>, note: string): Running {
  const command = [process.execPath, BIN, ...args].map((word) => `'${word}'`).join(' ');
  return watch('sh', ['-c', `${command}; exit $?`], { AUTOPILOT_NOTE: note, npm_command: 'exec' });
}

function watch(command: string, args: ReadonlyArray<string>, env: Record<string, string>): Running {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  const waiters = new Set<() => void>();
  // A letter of several bytes may be cut in two by a pipe; a stream that decodes puts it together again.
  child.stdout.setEncoding('utf8');
  child.stderr.setEncoding('utf8');
  child.stdout.on('data', (piece) => {
    out += piece;
    for (const look of waiters) look();
  });
  child.stderr.on('data', (piece) => {
    err += piece;
  });
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (status) => resolve({ status, out, err })),
  );
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    child,
    ended,
    out: () => out,
    printed: (pattern, timeoutMs = 15_000) =>
      new Promise((resolve, reject) => {
        const finish = (settle: () => void) => {
          clearTimeout(timer);
          waiters.delete(look);
          settle();
        };
        const fail = (why: string) =>
          finish(() => reject(new Error(`${why}: ${pattern} in\n${out}\n${err}`)));
        const look = () => {
          if (pattern.test(out)) finish(() => resolve(out));
        };
        const timer = setTimeout(() => fail('not printed in time'), timeoutMs);
        waiters.add(look);
        void ended.then(() => fail('ended without printing'));
        look();
      }),
  };
}

/** Runs the command line to its end. */
export function runAutopilot(args: ReadonlyArray<string>, note: string): Promise<Ended> {
  return startAutopilot(args, note).ended;
}
