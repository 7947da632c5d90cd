import { availableParallelism } from 'node:os';
import { type CampaignSettings, type PlayedSeed, playSeed } from './player.ts';
import { withPlayers } from './players.ts';
import { type SimulationReport, Tally } from './report.ts';

/** Which seeds, and how. */
export interface CampaignOptions extends CampaignSettings {
  readonly firstSeed: number;
  readonly seeds: number;
  /** Processes at most; `null` = as many as the machine has processors for. */
  readonly processes: number | null;
  readonly onProgress: (progress: { readonly played: number; readonly broken: number }) => void;
}

/** Below so many seeds, starting processes costs more than they save. */
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
  const order = new SeedOrder(firstSeed, seeds, () => tally.broken >= BROKEN_MAX);
  const count = Math.min(options.processes ?? availableParallelism(), seeds);
  let playersCpuMs = 0;
  if (count <= 1 || (options.processes === null && seeds <= SEEDS_ALONE_MAX)) {
    for (let seed = order.next(); seed !== null; seed = order.next()) take(await playSeed(seed, options));
  } else {
    const { deployment, configuration, isShrunk } = options;
    playersCpuMs = await withPlayers(count, { deployment, configuration, isShrunk }, async (play) => {
      for (let seed = order.next(); seed !== null; seed = order.next()) take(await play(seed));
    });
  }
  const { user, system } = process.cpuUsage(before);
  return tally.report(firstSeed, (user + system) / 1_000 + playersCpuMs);
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
