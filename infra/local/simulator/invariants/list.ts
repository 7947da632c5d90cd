import { busyLoops } from './busy-loops.ts';
import { defects } from './defects.ts';
import { capacity } from './i1-capacity.ts';
import { ownership } from './i2-ownership.ts';
import { drained } from './i3-drained.ts';
import { ramp } from './i4-ramp.ts';
import { pairs } from './i5-pairs.ts';
import { hooks } from './i6-hooks.ts';
import { lease } from './i7-lease.ts';
import { budget } from './i8-budget.ts';
import { acceptance } from './i9-acceptance.ts';
import { duplicates } from './i10-duplicates.ts';
import { audit } from './i11-audit.ts';
import { policy } from './i12-policy.ts';
import { leftovers } from './i13-leftovers.ts';
import type { InvariantName, MakeInvariant } from './invariant.ts';

/** Every invariant that a day is watched for. That everything comes to rest (I13) is judged by the day itself. */
export const INVARIANTS: ReadonlyArray<readonly [InvariantName, MakeInvariant]> = [
  ['D', defects],
  ['D', busyLoops],
  ['I1', capacity],
  ['I2', ownership],
  ['I3', drained],
  ['I4', ramp],
  ['I5', pairs],
  ['I6', hooks],
  ['I7', lease],
  ['I8', budget],
  ['I9', acceptance],
  ['I10', duplicates],
  ['I11', audit],
  ['I12', policy],
  ['I13', leftovers],
];
