import { describe, expect, it } from 'vitest';
import { type BackendRow, withColumns } from '../../../../shared/server-groups/backend/record.ts';
import { aRow, NOW_MS } from '../../../support/builders.ts';

describe('a record with some columns changed', () => {
  const full: BackendRow = aRow('i-1', {
    cause: 'stopped',
    dueSinceMs: NOW_MS,
    weightZeroAtMs: NOW_MS,
    absentSinceMs: NOW_MS,
    held: { by: 'min-in-service', reason: 'a guard' },
    decidedAtMs: NOW_MS,
    listedAtMs: NOW_MS,
    rampStep: 2,
    rampSinceMs: NOW_MS,
    quietSamples: 1,
    sampledAtMs: NOW_MS,
    orders: [{ cause: 'maintenance', ref: 'e-1', sinceMs: NOW_MS, deadlineAtMs: null, untilMs: null }],
    returns: [{ cause: 'maintenance', ref: 'e-1', atMs: NOW_MS }],
    healthySinceMs: NOW_MS,
    fullWeight: 100,
    confirmedWeight: 100,
    corrections: 2,
    correctionsSinceMs: NOW_MS,
    notBeforeMs: NOW_MS,
  });
  const changes: ReadonlyArray<Partial<BackendRow>> = [
    {},
    { binding: 'api' },
    { phase: 'draining', cause: 'released', generation: 9 },
    { cause: null },
    { dueSinceMs: null },
    { weightZeroAtMs: null },
    { absentSinceMs: null, hasDeletedEvent: true },
    { held: null, refusals: 3 },
    { notBeforeMs: null },
    { decidedAtMs: null },
    { listedAtMs: null },
    { rampStep: 0, rampSinceMs: null },
    { quietSamples: 0, sampledAtMs: null },
    { orders: [] },
    { returns: [] },
    { healthySinceMs: null },
    { confirmedWeight: null },
    { fullWeight: 50 },
    { corrections: 0, correctionsSinceMs: null },
    { revision: 7, fence: 8 },
  ];

  it.each(changes)('has them and keeps all others: %j', (change) => {
    expect(withColumns(full, change)).toEqual({ ...full, ...change });
  });
});
