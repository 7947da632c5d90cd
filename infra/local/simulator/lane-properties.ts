import type { LaneState } from './lane-state.ts';
import { LEASE, PHASE } from './lane-state.ts';

/** What the protocol promises. The first four must hold at every step, the others of every state. */
export const PROPERTIES = {
  'one-holder': 'no two workers hold the lane at once',
  'own-fence': 'who takes the lane holds the fence that the row has',
  'send-under-lease': 'a call is sent only by a holder whose lease outlives it',
  'record-order': 'no record of a higher fence is overwritten under a lower one',
  'nothing-lost': 'some way leads to rest, with every accepted signal recorded and applied',
  'rest-by-ticks': 'without faults every way leads to rest, by ticks alone',
  'rest-by-messages':
    'without faults every way leads to rest, by wake-ups alone, unless a worker died between a row and its message',
} as const;

/** One of {@link PROPERTIES}. */
export type LaneProperty = keyof typeof PROPERTIES;

/** The property that a step breaks: one that everybody can see in the state after it, or the one that is known of it. */
export function brokenBy(next: LaneState, known: LaneProperty | null): LaneProperty | null {
  return hasTwoHolders(next) ? 'one-holder' : known;
}

/** Whether two workers believe that they hold an unexpired lease. */
function hasTwoHolders({ workers }: LaneState): boolean {
  let holders = 0;
  for (const { phase, lease } of workers) {
    if (phase >= PHASE.opening && lease !== LEASE.over) holders++;
  }
  return holders > 1;
}
