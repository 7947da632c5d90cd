import { parentPort, workerData } from 'node:worker_threads';
import { type CampaignSettings, playSeed } from './player.ts';

/** What a thread of a campaign is told: play this seed, or stop. */
export interface ThreadOrder {
  /** `null` = there is nothing more. */
  readonly seed: number | null;
}

// Days make a lot of small garbage and few mistakes: deep stacks are not worth their price.
Error.stackTraceLimit = 4;

const port = parentPort;
const settings = workerData as CampaignSettings;
port?.on('message', ({ seed }: ThreadOrder) => {
  if (seed === null) {
    port.close();
    return;
  }
  void playSeed(seed, settings).then(
    (played) => port.postMessage(played),
    (error: unknown) => {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      port.postMessage({ seed, reason });
    },
  );
});
