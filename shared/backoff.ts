import type { Random } from './clock.ts';

/**
 * How long to wait before the next try: doubles from `baseMs` with each failure up to `maxMs`, and is drawn between
 * half and the whole of that, so that workers do not come back together. `failures` counts from 1.
 */
export function backoffMs(failures: number, random: Random, baseMs: number, maxMs: number): number {
  const fullMs = Math.min(maxMs, baseMs * 2 ** Math.max(0, failures - 1));
  return Math.round(fullMs / 2 + (random() * fullMs) / 2);
}
