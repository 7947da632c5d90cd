import type { Switches } from '../switches.ts';
import { LIMITS } from './limits.ts';
import { checkAgainstSchema, checkPrimaryKey } from './primary-keys.ts';
import { checkReadOptions, select, unitsOf } from './reads.ts';
import { parameterInvalid } from './refusals.ts';
import type { RangeRequest, RangeResult, RowAnswer } from './requests.ts';
import { encodeRowKey } from './row-keys.ts';
import { exists } from './rows.ts';
import type { Table } from './table.ts';
import type { PrimaryKeyValue } from './values.ts';

/** Refuses, without looking at the table, a range that no table would take. */
export function checkRange(request: RangeRequest, switches: Switches): void {
  checkPrimaryKey(request.inclusiveStartPrimaryKey, 'range', switches);
  checkPrimaryKey(request.exclusiveEndPrimaryKey, 'range', switches);
  if (request.limit !== null && request.limit <= 0)
    throw parameterInvalid('The limit must be greater than 0.');
  checkReadOptions(request, 'No version condition is specified.', switches);
}

/**
 * Reads one page: it ends after `limit` rows returned, or 5000 rows or 4 MB looked at, whichever comes first. Rows
 * that the filter drops count as looked at.
 */
export function readRange(table: Table, request: RangeRequest, switches: Switches): RangeResult {
  const { direction, inclusiveStartPrimaryKey, exclusiveEndPrimaryKey, limit } = request;
  const schema = table.record.primaryKey;
  checkAgainstSchema(inclusiveStartPrimaryKey, schema);
  checkAgainstSchema(exclusiveEndPrimaryKey, schema);
  const start = encodeRowKey(inclusiveStartPrimaryKey.map(({ value }) => value));
  const end = encodeRowKey(exclusiveEndPrimaryKey.map(({ value }) => value));
  if (direction === 'FORWARD' && start >= end) {
    throw parameterInvalid('Begin key must less than end key in FORWARD');
  }
  if (direction === 'BACKWARD' && start <= end) {
    throw parameterInvalid('Begin key must more than end key in BACKWARD');
  }

  const lifetime = table.lifetime();
  const rows: Array<RowAnswer> = [];
  let scannedRows = 0;
  let scannedBytes = 0;
  let next: ReadonlyArray<PrimaryKeyValue> | null = null;
  for (const row of direction === 'FORWARD' ? table.upwards(start, end) : table.downwards(start, end)) {
    if (!exists(row, lifetime)) continue;
    const isPageFull =
      rows.length === limit || scannedRows === LIMITS.rangeRows || scannedBytes >= LIMITS.rangeBytes;
    if (isPageFull) {
      next = row.primaryKey;
      break;
    }
    const { answer, bytes } = select(row, table, request, lifetime, switches);
    scannedRows++;
    scannedBytes += bytes;
    if (answer !== null) rows.push(answer);
  }
  return {
    consumed: { read: unitsOf(scannedBytes), write: 0 },
    rows,
    nextStartPrimaryKey:
      next?.map((value, index) => ({ name: schema[index]?.name as string, value })) ?? null,
  };
}
