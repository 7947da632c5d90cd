import type { RowAnswer } from '../../world/tablestore/requests.ts';
import type { ColumnValue, PrimaryKey } from '../../world/tablestore/values.ts';
import { ByteWriter } from './byte-writer.ts';
import { crc8, crc8Byte } from './crc8.ts';
import { HEADER, TAG, VARIANT } from './plain-buffer-format.ts';

/** Rows in PlainBuffer, one header for all of them; nothing at all for no rows. */
export function writePlainBuffer(rows: ReadonlyArray<RowAnswer>): Buffer {
  if (rows.length === 0) return Buffer.alloc(0);
  const out = new ByteWriter(rows.length * 256);
  out.int32(HEADER);
  for (const row of rows) writeRow(out, row);
  return out.written();
}

/** A primary key alone, as GetRange answers where the next page starts. */
export function writePrimaryKey(primaryKey: PrimaryKey<bigint | string | Uint8Array>): Buffer {
  return writePlainBuffer([{ primaryKey, cells: [] }]);
}

function writeRow(out: ByteWriter, row: RowAnswer): void {
  let rowCrc = 0;
  out.byte(TAG.ROW_PK);
  for (const { name, value } of row.primaryKey) rowCrc = crc8Byte(rowCrc, writeCell(out, name, value, null));
  if (row.cells.length > 0) out.byte(TAG.ROW_DATA);
  for (const { name, value, timestamp } of row.cells) {
    rowCrc = crc8Byte(rowCrc, writeCell(out, name, value, timestamp));
  }
  out.byte(TAG.ROW_CHECKSUM);
  // There is no delete marker in answers: a zero in its place.
  out.byte(crc8Byte(rowCrc, 0));
}

/** Returns the cell's checksum. */
function writeCell(out: ByteWriter, name: string, value: ColumnValue, timestamp: number | null): number {
  out.byte(TAG.CELL);
  out.byte(TAG.CELL_NAME);
  const nameLengthAt = out.length;
  out.int32(0);
  const nameAt = out.length;
  out.text(name);
  out.patchInt32(nameLengthAt, out.length - nameAt);
  let crc = crc8(0, out.written(nameAt));

  out.byte(TAG.CELL_VALUE);
  const lengthAt = out.length;
  out.int32(0);
  const valueAt = out.length;
  writeVariant(out, value);
  out.patchInt32(lengthAt, out.length - valueAt);
  crc = crc8(crc, out.written(valueAt));

  if (timestamp !== null) {
    out.byte(TAG.CELL_TIMESTAMP);
    const timestampAt = out.length;
    out.int64(BigInt(timestamp));
    crc = crc8(crc, out.written(timestampAt));
  }
  out.byte(TAG.CELL_CHECKSUM);
  out.byte(crc);
  return crc;
}

function writeVariant(out: ByteWriter, value: ColumnValue): void {
  if (typeof value === 'bigint') {
    out.byte(VARIANT.INTEGER);
    out.int64(value);
  } else if (typeof value === 'number') {
    out.byte(VARIANT.DOUBLE);
    out.double(value);
  } else if (typeof value === 'boolean') {
    out.byte(VARIANT.BOOLEAN);
    out.byte(value ? 1 : 0);
  } else {
    out.byte(typeof value === 'string' ? VARIANT.STRING : VARIANT.BLOB);
    const lengthAt = out.length;
    out.int32(0);
    const payloadAt = out.length;
    if (typeof value === 'string') out.text(value);
    else out.bytes(value);
    out.patchInt32(lengthAt, out.length - payloadAt);
  }
}
