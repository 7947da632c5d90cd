import { type CampaignSettings, type PlayedSeed, playSeed } from './player.ts';

/** What a process of a campaign is told: first the settings of the campaign, then one seed after the other. */
export type PlayerOrder =
  | { readonly kind: 'settings'; readonly settings: CampaignSettings }
  | { readonly kind: 'play'; readonly seed: number };

/** What it answers to each seed. */
export type PlayerAnswer =
  | {
      readonly kind: 'played';
      readonly played: PlayedSeed;
      /** CPU time that the process has used since its start. */
      readonly cpuMs: number;
    }
  | { readonly kind: 'failed'; readonly seed: number; readonly reason: string };

// Days make a lot of small garbage and few mistakes: deep stacks are not worth their price.
Error.stackTraceLimit = 4;

let settings: CampaignSettings | null = null;

process.on('message', (order: PlayerOrder) => {
  if (order.kind === 'settings') settings = order.settings;
  else void play(order.seed).then((answer) => process.send?.(answer));
});
// Whoever has started the campaign is gone: nobody waits for the day.
process.on('disconnect', () => process.exit());

async function play(seed: number): Promise<PlayerAnswer> {
  try {
    if (settings === null) throw new Error('no settings were sent before the seed');
    const played = await playSeed(seed, settings);
    const { user, system } = process.cpuUsage();
    return { kind: 'played', played, cpuMs: (user + system) / 1_000 };
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { kind: 'failed', seed, reason };
  }
}
