import type { Connection } from './connection.ts';
import { readRow, type SdkRow } from './encoding.ts';
import type { Row } from './rows.ts';
import type { TablestoreSdk } from './sdk.ts';

/** An end of a range: every key column, each with its value or one of the two infinities. */
export type RangeEnd = (sdk: TablestoreSdk) => ReadonlyArray<Record<string, unknown>>;

/** What of a table is to be read. */
export interface TableRange {
  readonly table: string;
  /** Inclusive. */
  readonly start: RangeEnd;
  /** Exclusive. */
  readonly end: RangeEnd;
  /** From the greater key down to the smaller one, and no more rows than these; `null` = upwards, all of them. */
  readonly lastCount: number | null;
  /** Rows that it says no to are dropped as they are read. */
  readonly where?: (row: Row) => boolean;
}

/** A page of a range, and where the next one begins. */
interface RangePage {
  readonly rows: ReadonlyArray<SdkRow>;
  readonly nextStartPrimaryKey: ReadonlyArray<{ name: string; value: unknown }> | null;
}

/** Reads a range page by page to its end. */
export async function readRange(connection: Connection, range: TableRange): Promise<ReadonlyArray<Row>> {
  const { table, start, end, lastCount, where = () => true } = range;
  const rows: Array<Row> = [];
  let from: RangePage['nextStartPrimaryKey'] = null;
  do {
    const next = from;
    const page: RangePage = await connection.call(
      'getRange',
      (sdk) => ({
        tableName: table,
        direction: lastCount === null ? sdk.Direction.FORWARD : sdk.Direction.BACKWARD,
        inclusiveStartPrimaryKey: next?.map(({ name, value }) => ({ [name]: value })) ?? start(sdk),
        exclusiveEndPrimaryKey: end(sdk),
        maxVersions: 1,
        ...(lastCount !== null && { limit: lastCount - rows.length }),
      }),
      (data) => data as RangePage,
    );
    for (const row of page.rows) {
      const read = readRow(row);
      if (read !== null && where(read)) rows.push(read);
    }
    from = page.nextStartPrimaryKey;
    if (lastCount !== null && rows.length >= lastCount) return rows;
  } while (from !== null && from !== undefined && from.length > 0);
  return rows;
}
