import { defects } from './defects.ts';
import { capacity } from './i1-capacity.ts';
import { ownership } from './i2-ownership.ts';
import { drained } from './i3-drained.ts';
import { ramp } from './i4-ramp.ts';
import { lease } from './i7-lease.ts';
import { budget } from './i8-budget.ts';
import { acceptance } from './i9-acceptance.ts';
import { duplicates } from './i10-duplicates.ts';
import { policy } from './i12-policy.ts';
import type { InvariantName, MakeInvariant } from './invariant.ts';

/** Every invariant that a day is watched for. I13, that everything comes to rest, is judged at the day's end. */
export const INVARIANTS: ReadonlyArray<readonly [InvariantName, MakeInvariant]> = [
  ['D', defects],
  ['I1', capacity],
  ['I2', ownership],
  ['I3', drained],
  ['I4', ramp],
  ['I7', lease],
  ['I8', budget],
  ['I9', acceptance],
  ['I10', duplicates],
  ['I12', policy],
];
