import { CloudError } from '../../world/errors.ts';
import type { Script } from '../script.ts';

const TAKEN_WITHIN_MS = 5_000;

/** Somebody does this in the console, and once more while the group is busy with what was done before. */
export async function byHand(script: Script, write: () => unknown): Promise<void> {
  await script.until("somebody's write is taken", TAKEN_WITHIN_MS, () => {
    try {
      write();
      return [];
    } catch (error) {
      if (!(error instanceof CloudError) || error.code !== 'VServerGroupProcessing') throw error;
      return [error.message];
    }
  });
}
