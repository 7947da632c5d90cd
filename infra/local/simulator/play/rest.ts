import type { Config } from '../../../../shared/config/load.ts';

const MINUTE_MS = 60_000;
/** Waits that no configuration names: proof of absence, an event ahead of ECS, a held backend, back-off at its longest. */
const OWN_WAITS_MS = 3 * MINUTE_MS;
const TICKS_MS = 3 * MINUTE_MS;

/**
 * How long everything may take to come to rest once nothing disturbs any more: the longest wait of the configuration, a
 * full comparison, the verification of a last write, some ticks.
 */
export function restMs({ bindings, timing }: Config): number {
  const waits = bindings.map(({ drain, join, readiness }) => {
    const ramp = join.rampPercents.length * join.rampEveryMs;
    const proof = readiness === 'running' ? 0 : join.readyWithinMs;
    return drain.timeMs + proof + ramp;
  });
  const verification = timing.leaseMs + timing.callTimeoutMs;
  return Math.max(...waits) + timing.compareMs + verification + OWN_WAITS_MS + TICKS_MS;
}
