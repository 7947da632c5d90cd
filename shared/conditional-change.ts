import { TransientError } from './errors.ts';

const TRIES_MAX = 3;

/**
 * Makes a conditional change whose reply may get lost, and says whether it stands. After a lost reply it looks; if the
 * change does not stand (yet), the very same change is made again: it sets absolute values under the same condition, so
 * it cannot take effect twice, and a first one that lands late is found then. Throws what `change` throws otherwise.
 */
export async function changeSurely(
  change: () => Promise<'changed' | 'conflict'>,
  stands: () => Promise<boolean>,
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      const isChanged = (await change()) === 'changed';
      return isChanged || (attempt > 1 && (await stands()));
    } catch (error) {
      const isUnknown = error instanceof TransientError && error.reason === 'unknown-outcome';
      if (!isUnknown) throw error;
      if (await stands()) return true;
      if (attempt >= TRIES_MAX) throw error;
    }
  }
}
