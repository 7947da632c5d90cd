import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CampaignSettings, PlayedSeed } from './player.ts';
import type { PlayerAnswer, PlayerOrder } from './player-process.ts';

/**
 * A process has one processor for itself. Helper threads of the engine, for garbage and compiling, would take a fifth of
 * another one and save no time where all processors play.
 */
const EXEC_ARGV = ['--single-threaded', '--max-semi-space-size=32'];

/** Plays one day in some process. Rejects when it cannot be played at all, or its process dies. */
export type PlayInProcess = (seed: number) => Promise<PlayedSeed>;

/**
 * Runs `work` once for each of `count` processes, all at once, and ends the processes. Returns the CPU time, in ms, that
 * they have used with their start. Rejects with the first failure.
 */
export async function withPlayers(
  count: number,
  settings: CampaignSettings,
  work: (play: PlayInProcess) => Promise<void>,
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'autopilot-simulate-'));
  const players: Array<Player> = [];
  try {
    const path = join(folder, 'player.cjs');
    await bundlePlayer(path);
    for (let index = 0; index < count; index++) players.push(new Player(path, settings));
    await Promise.all(players.map((player) => work((seed) => player.play(seed))));
    return players.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  } finally {
    for (const player of players) player.end();
    await rm(folder, { recursive: true, force: true });
  }
}

/** One file with everything that a player needs: it starts faster and runs without a loader's helpers. */
async function bundlePlayer(path: string): Promise<void> {
  // Loaded here, since no other command needs it.
  const { build } = await import('esbuild');
  await build({
    entryPoints: [fileURLToPath(new URL('player-process.ts', import.meta.url))],
    bundle: true,
    outfile: path,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'silent',
    // Neither the SDKs nor what serves HTTP is ever loaded there.
    external: ['@alicloud/*', 'tablestore', 'pino', 'esbuild'],
  });
}

/** One process, which plays one day at a time. */
class Player {
  /** As of its last answer. */
  cpuMs = 0;
  readonly #child: ChildProcess;
  #settle: ((answer: PlayerAnswer | Error) => void) | null = null;
  /** Why it can play no more; `null` = it can. */
  #failure: Error | null = null;

  constructor(path: string, settings: CampaignSettings) {
    this.#child = fork(path, [], {
      execArgv: EXEC_ARGV,
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.on('message', (answer: PlayerAnswer) => this.#settle?.(answer));
    this.#child.on('error', (error) => this.#fail(error));
    this.#child.on('exit', (code, signal) =>
      this.#fail(new Error(`a process of the simulator ended with ${signal ?? code}`)),
    );
    this.#send({ kind: 'settings', settings });
  }

  async play(seed: number): Promise<PlayedSeed> {
    const answer = await new Promise<PlayerAnswer>((resolve, reject) => {
      if (this.#failure !== null) throw this.#failure;
      this.#settle = (told) => (told instanceof Error ? reject(told) : resolve(told));
      this.#send({ kind: 'play', seed });
    });
    if (answer.kind === 'failed') throw new Error(`seed ${seed} could not be played: ${answer.reason}`);
    this.cpuMs = answer.cpuMs;
    return answer.played;
  }

  end(): void {
    this.#settle = null;
    this.#child.kill();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#settle?.(this.#failure);
  }

  #send(order: PlayerOrder): void {
    // What keeps it from arriving is told by the events of the process.
    this.#child.send(order, () => {});
  }
}
