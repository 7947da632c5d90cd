import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type CampaignSettings, type PlayedSeed, playSeed } from './player.ts';
import { type SimulationReport, Tally } from './report.ts';
import type { ThreadOrder } from './thread.ts';

/** Which seeds, and how. */
export interface CampaignOptions extends CampaignSettings {
  readonly firstSeed: number;
  readonly seeds: number;
  /** Threads at most; `null` = as many as the machine has processors for. */
  readonly threads: number | null;
  readonly onProgress: (progress: { readonly played: number; readonly broken: number }) => void;
}

/** Below so many seeds, starting threads costs more than they save. */
const SEEDS_ALONE_MAX = 8;
/** Broken days are shrunk and shown up to this number; then the campaign stops. */
const BROKEN_MAX = 10;

/** Plays the days of many seeds on all processors. What comes of a seed does not depend on how many there are. */
export async function runCampaign(options: CampaignOptions): Promise<SimulationReport> {
  const { firstSeed, seeds, onProgress } = options;
  const tally = new Tally();
  const before = process.cpuUsage();
  const take = ({ day, broken }: PlayedSeed) => {
    tally.take(day, broken);
    onProgress({ played: tally.seeds, broken: tally.broken });
  };
  const threads = Math.min(options.threads ?? availableParallelism(), seeds);
  if (threads <= 1 || (options.threads === null && seeds <= SEEDS_ALONE_MAX)) {
    for (let seed = firstSeed; seed < firstSeed + seeds && tally.broken < BROKEN_MAX; seed++) {
      take(await playSeed(seed, options));
    }
  } else {
    const order = new SeedOrder(firstSeed, seeds, () => tally.broken >= BROKEN_MAX);
    const code = await bundledThread();
    const { deployment, configuration, isShrunk } = options;
    const settings: CampaignSettings = { deployment, configuration, isShrunk };
    await Promise.all(Array.from({ length: threads }, () => runThread(code, settings, order, take)));
  }
  const { user, system } = process.cpuUsage(before);
  return tally.report(firstSeed, (user + system) / 1_000);
}

/** Hands out seeds in order, until there are no more. */
class SeedOrder {
  #next: number;
  readonly #end: number;
  readonly #isEnough: () => boolean;

  constructor(firstSeed: number, seeds: number, isEnough: () => boolean) {
    this.#next = firstSeed;
    this.#end = firstSeed + seeds;
    this.#isEnough = isEnough;
  }

  next(): number | null {
    return this.#next < this.#end && !this.#isEnough() ? this.#next++ : null;
  }
}

/** One file with everything that a thread needs: it starts faster and runs without a loader's helpers. */
async function bundledThread(): Promise<string> {
  // Loaded here, since no other command needs it.
  const { build } = await import('esbuild');
  const result = await build({
    entryPoints: [fileURLToPath(new URL('thread.ts', import.meta.url))],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'silent',
    // Neither the SDKs nor what serves HTTP is ever loaded there.
    external: ['@alicloud/*', 'tablestore', 'pino', 'esbuild'],
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error('the simulator could not be bundled');
  return file.text;
}

function runThread(
  code: string,
  settings: CampaignSettings,
  order: SeedOrder,
  take: (played: PlayedSeed) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(code, {
      eval: true,
      workerData: settings,
      resourceLimits: { maxYoungGenerationSizeMb: 64 },
    });
    const next = () => worker.postMessage({ seed: order.next() } satisfies ThreadOrder);
    worker.on('message', (message: PlayedSeed | { seed: number; reason: string }) => {
      if ('reason' in message) {
        void worker.terminate();
        reject(new Error(`seed ${message.seed} could not be played: ${message.reason}`));
        return;
      }
      take(message);
      next();
    });
    worker.on('error', reject);
    worker.on('exit', () => resolve());
    next();
  });
}
