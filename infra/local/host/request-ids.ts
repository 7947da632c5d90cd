import type { Foundation } from '../world/foundation.ts';

function timed(foundation: Pick<Foundation, 'clock' | 'ids'>, prefix: string): string {
  const seconds = Math.floor(foundation.clock.nowMs() / 1_000).toString(16);
  return `${prefix}-${seconds.padStart(8, '0')}-${foundation.ids.hex(8)}-${foundation.ids.hex(12)}`.toLowerCase();
}

/** A request id of Function Compute: `1-65e571bc-158a59e8-b63f98cd471c`; the first group is the time. */
export function newRequestId(foundation: Pick<Foundation, 'clock' | 'ids'>): string {
  return timed(foundation, '1');
}

/** An instance id: `c-6551e2b5-158a59e8-b63f98cd471c`. */
export function newInstanceId(foundation: Pick<Foundation, 'clock' | 'ids'>): string {
  return timed(foundation, 'c');
}
