import { expect, it } from 'vitest';
import { nextLookMs } from '../../../../shared/scaling/hook/situation.ts';
import { NOW_MS } from '../../../support/builders.ts';

it.each([
  ['soon at first', 0, 2_000],
  ['ever more seldom, at whole milliseconds since tables take no others', 20_000, 3_334],
  ['at least every half minute', 600_000, 30_000],
])('what goes on is looked at %s', (_, sinceMs, waitMs) => {
  expect(nextLookMs(NOW_MS - sinceMs, NOW_MS)).toBe(NOW_MS + waitMs);
});
