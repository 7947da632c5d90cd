import type { MemoryDeployment } from '../../memory/deployment.ts';
import type { Day } from '../day.ts';
import { drawDay } from '../draw/day.ts';
import { type PlayedDay, playDay } from '../play/play-day.ts';
import { type BrokenDay, shrink } from './shrink.ts';

/** What a campaign is given: plain data, so that other threads can be handed it. */
export interface CampaignSettings {
  readonly deployment: MemoryDeployment;
  /** The text of a configuration to play on; `null` = each seed draws its own. */
  readonly configuration: string | null;
  readonly isShrunk: boolean;
}

/** One seed, played. */
export interface PlayedSeed {
  readonly day: Omit<PlayedDay, 'trace'>;
  readonly broken: BrokenDay | null;
}

/** Plays the day of a seed; a day that breaks an invariant is shrunk. */
export async function playSeed(seed: number, settings: CampaignSettings): Promise<PlayedSeed> {
  const { deployment, configuration, isShrunk } = settings;
  const drawn = drawDay(seed, configuration);
  const { trace: _, ...day } = await playDay(drawn, deployment);
  const [violation] = day.violations;
  const breaks = async (smaller: Day) => (await playDay(smaller, deployment)).violations[0] ?? null;
  const playsMax = isShrunk ? undefined : 0;
  const broken = violation === undefined ? null : await shrink(drawn, violation, breaks, playsMax);
  return { day, broken };
}
