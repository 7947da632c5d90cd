import { describe, expect, it } from 'vitest';
import { isSweepTrouble } from '../../../../infra/operator/status/model.ts';
import { statusOfSweep } from '../../../../infra/operator/status/sweep.ts';
import type { LastSweep } from '../../../../shared/sweep/last.ts';
import { NOW_MS } from '../../../support/builders.ts';
import { setTableStage } from '../table-stage.ts';

const MINUTE_MS = 60_000;
const COMPARE_MS = 5 * MINUTE_MS;
const aSweep = (overrides: Partial<LastSweep> = {}): LastSweep => ({
  sweepAtMs: NOW_MS - 2 * MINUTE_MS,
  groups: 3,
  pairs: 0,
  found: 0,
  corrected: 0,
  held: 0,
  failed: 0,
  unreported: [],
  remarks: [],
  ...overrides,
});
const told = (overrides: Partial<LastSweep> = {}) => statusOfSweep(aSweep(overrides), COMPARE_MS, NOW_MS);

describe('the last sweep in a status', () => {
  it('is told with its figures, and is no trouble where nothing is', () => {
    expect(told().text).toBe('last sweep 2 min ago: 3 groups: nothing found');
    expect(told({ pairs: 1, found: 4, corrected: 3, held: 1 }).text).toBe(
      'last sweep 2 min ago: 3 groups, 1 pairs: 4 found, 3 corrected, 1 held',
    );
    expect(isSweepTrouble(told({ found: 4 }))).toBe(false);
  });

  it('is late after three intervals, and asks whether its function runs', () => {
    const late = told({ sweepAtMs: NOW_MS - 16 * MINUTE_MS });

    expect(late.text).toContain('does slb-autopilot-drift-sweep run?');
    expect(isSweepTrouble(late)).toBe(true);
    expect(told({ sweepAtMs: NOW_MS - 15 * MINUTE_MS }).isLate).toBe(false);
  });

  it('is trouble where something was not compared, or where it has something to say', () => {
    expect(isSweepTrouble(told({ failed: 1 }))).toBe(true);
    expect(isSweepTrouble(told({ remarks: ['asg-1 itself manages rsp-1:80'] }))).toBe(true);
    expect(told({ unreported: ['lb-a', 'lb-b', 'lb-c', 'lb-d'] }).text).toMatch(
      /no report yet on lb-a, lb-b, lb-c and 1 more$/,
    );
  });

  it('is said not to have been where none has reported', async () => {
    const table = await setTableStage();

    const { status, out } = await table.run('status');

    expect(status).toBe(0);
    expect(out).toContain('no sweep has reported yet');
  });
});
