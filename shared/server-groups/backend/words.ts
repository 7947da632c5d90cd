import { instant } from '../../times.ts';
import type { BackendRow } from './record.ts';

/** Where a backend is in its life. */
export function describePhase({
  phase,
  cause,
  rampStep,
  weightZeroAtMs,
  decidedAtMs,
  listedAtMs,
}: BackendRow): string {
  switch (phase) {
    case 'joining': {
      if (listedAtMs !== null) return `joining: in the group since ${instant(listedAtMs)}, not ready yet`;
      return decidedAtMs === null ? 'joining' : `joining: to be added since ${instant(decidedAtMs)}`;
    }
    case 'ramping':
      return `ramping, step ${rampStep + 1}`;
    case 'in-service':
      return 'in service';
    case 'draining': {
      const since = weightZeroAtMs === null ? '' : ` since ${instant(weightZeroAtMs)}`;
      return `draining${since}, cause ${cause}`;
    }
    case 'removed':
      return `kept out, cause ${cause}`;
  }
}
