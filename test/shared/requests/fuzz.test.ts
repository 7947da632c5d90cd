import { describe, expect, it } from 'vitest';
import { CHANGE_KINDS } from '../../../shared/requests/document.ts';
import { DAMAGES } from '../../support/request-fuzz/damages.ts';
import { emptyTally, fuzz } from '../../support/request-fuzz/run.ts';
import { TEXT_DAMAGES } from '../../support/request-fuzz/spellings.ts';

const SEEDS = [20_261_127, 1, 2, 3];
const DOCUMENTS_PER_SEED = 5_000;

describe('damaged change requests', () => {
  it('are read without a throw, and none is admitted but what was signed', () => {
    const tally = emptyTally();

    for (const seed of SEEDS) fuzz(tally, seed, 0, DOCUMENTS_PER_SEED);

    expect(tally.firstBreaches).toEqual([]);
    // The damages are neither so small that all is admitted, nor so large that nothing comes as far as its signature.
    const outcomes = Object.fromEntries(tally.outcomes);
    expect(outcomes.admitted).toBeGreaterThan(500);
    expect(outcomes['refused: bad-signature']).toBeGreaterThan(1_000);
    expect(outcomes['refused: unsigned']).toBeGreaterThan(100);
    expect(outcomes['refused: right-not-held']).toBeGreaterThan(100);
    expect(outcomes['not-understood']).toBeGreaterThan(5_000);
    expect(tally.admittedKinds).toEqual(new Set(CHANGE_KINDS));
    for (const damage of [...Object.keys(DAMAGES), ...Object.keys(TEXT_DAMAGES), 'the carrier']) {
      expect(tally.damages.get(damage) ?? 0, damage).toBeGreaterThan(100);
    }
  });
});
