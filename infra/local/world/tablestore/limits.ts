import type { Switches } from '../switches.ts';
import { parameterInvalid } from './refusals.ts';

/**
 * The service's limits.
 * @see https://help.aliyun.com/en/tablestore/product-overview/limits-on-widecolumn-model
 */
export const LIMITS = {
  tables: 64,
  primaryKeyColumns: 4,
  primaryKeyColumnBytes: 1024,
  definedColumns: 32,
  attributeColumnBytes: 2 * 1024 * 1024,
  columnsPerWrite: 1024,
  columnsToGet: 128,
  requestBytes: 4 * 1024 * 1024,
  batchWriteRows: 200,
  batchGetRows: 100,
  rangeRows: 5000,
  rangeBytes: 4 * 1024 * 1024,
  filters: 10,
  nameBytes: 255,
  /** Time between two changes of a table's reserved throughput. */
  throughputAdjustmentMs: 120_000,
  /** Lifetime of cells, unless they live for ever. */
  timeToLiveMinSeconds: 86_400,
} as const;

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;

/** Refuses a table name that the service would not take. */
export function checkTableName(name: string): void {
  if (!NAME.test(name)) throw parameterInvalid(`Invalid table name: '${name}'.`);
}

/** Refuses a column name that the service would not take; see the switch `otsColumnNames`. */
export function checkColumnName(name: string, switches: Switches): void {
  if (NAME.test(name)) return;
  if (name === '') throw parameterInvalid('invalid name of column: empty name.');
  const isFree = switches.otsColumnNames === 'all-but-leading-hash';
  if (isFree && !name.startsWith('#') && Buffer.byteLength(name) <= LIMITS.nameBytes) return;
  throw parameterInvalid(`Invalid column name: '${name}'.`);
}

/** Refuses a list of columns to read that is too long or names an impossible column. */
export function checkColumnsToGet(names: ReadonlyArray<string>, switches: Switches): void {
  if (names.length > LIMITS.columnsToGet) {
    throw parameterInvalid(
      `The number of columns from the request exceeds the limit, limit count: ${LIMITS.columnsToGet}, column count: ${names.length}.`,
    );
  }
  for (const name of names) checkColumnName(name, switches);
}
