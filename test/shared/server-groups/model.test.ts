import { describe, expect, it } from 'vitest';
import { type BackendRow, withColumns } from '../../../shared/server-groups/model.ts';
import { aRow, NOW_MS } from '../../support/builders.ts';

describe('a record with some columns changed', () => {
  const full: BackendRow = aRow('i-1', {
    cause: 'stopped',
    readySinceMs: NOW_MS,
    weightZeroAtMs: NOW_MS,
    absentSinceMs: NOW_MS,
    held: 'a guard',
    notBeforeMs: NOW_MS,
  });
  const changes: ReadonlyArray<Partial<BackendRow>> = [
    {},
    { binding: 'api' },
    { phase: 'draining', cause: 'released', generation: 9 },
    { cause: null },
    { readySinceMs: null },
    { weightZeroAtMs: null },
    { absentSinceMs: null, hasDeletedEvent: true },
    { held: null, refusals: 3 },
    { notBeforeMs: null },
    { revision: 7, fence: 8 },
  ];

  it.each(changes)('has them and keeps all others: %j', (change) => {
    expect(withColumns(full, change)).toEqual({ ...full, ...change });
  });
});
