import type { Cells, RowWrite } from './rows.ts';

const ROWS_PER_CALL = 200;

/** A call has 4 MB at most; what is left is for how rows are encoded. */
const BYTES_PER_CALL = 3 * 1024 * 1024;

/**
 * The rows in parts that a call takes each, in order.
 *
 * @see https://www.alibabacloud.com/help/en/tablestore/product-overview/limits-on-widecolumn-model
 */
export function writeChunks(rows: ReadonlyArray<RowWrite>): ReadonlyArray<ReadonlyArray<RowWrite>> {
  const chunks: Array<Array<RowWrite>> = [];
  let roomBytes = 0;
  for (const row of rows) {
    const bytes = bytesOf(row);
    const last = chunks.at(-1);
    if (last === undefined || last.length === ROWS_PER_CALL || bytes > roomBytes) {
      chunks.push([row]);
      roomBytes = BYTES_PER_CALL - bytes;
    } else {
      last.push(row);
      roomBytes -= bytes;
    }
  }
  return chunks;
}

function bytesOf(row: RowWrite): number {
  const columns = row.kind === 'put' ? row.columns : row.kind === 'update' ? (row.change.put ?? {}) : {};
  return bytesOfCells(row.key) + bytesOfCells(columns);
}

function bytesOfCells(cells: Cells): number {
  return Object.entries(cells).reduce(
    (bytes, [name, value]) =>
      bytes + name.length + (typeof value === 'string' ? Buffer.byteLength(value) : 8),
    0,
  );
}
