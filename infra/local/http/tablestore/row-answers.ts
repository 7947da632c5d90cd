import type {
  BatchRowResult,
  BatchTableResult,
  Consumed,
  RangeResult,
  RowResult,
} from '../../world/tablestore/requests.ts';
import { writePlainBuffer, writePrimaryKey } from './plain-buffer-writer.ts';
import { ProtobufWriter } from './protobuf.ts';

/** Writes a GetRowResponse; a row that is not there is an empty one. */
export function writeGetRow({ consumed, row }: RowResult): Buffer {
  return new ProtobufWriter()
    .message(1, capacity(consumed))
    .bytes(2, writePlainBuffer(row === null ? [] : [row]))
    .finish();
}

/** Writes a PutRowResponse, UpdateRowResponse or DeleteRowResponse. */
export function writeWriteRow({ consumed, row }: RowResult): Buffer {
  const out = new ProtobufWriter().message(1, capacity(consumed));
  if (row !== null) out.bytes(2, writePlainBuffer([row]));
  return out.finish();
}

/** Writes a BatchGetRowResponse; rows that are not there are empty ones. */
export function writeBatchGetRow(tables: ReadonlyArray<BatchTableResult>): Buffer {
  return writeBatch(tables, true);
}

/** Writes a BatchWriteRowResponse. */
export function writeBatchWriteRow(tables: ReadonlyArray<BatchTableResult>): Buffer {
  return writeBatch(tables, false);
}

/** Writes a GetRangeResponse. */
export function writeGetRange({ consumed, rows, nextStartPrimaryKey }: RangeResult): Buffer {
  const out = new ProtobufWriter().message(1, capacity(consumed)).bytes(2, writePlainBuffer(rows));
  if (nextStartPrimaryKey !== null) out.bytes(3, writePrimaryKey(nextStartPrimaryKey));
  return out.finish();
}

/** Writes an Error. */
export function writeError(code: string, message: string): Buffer {
  return error(code, message).finish();
}

function writeBatch(tables: ReadonlyArray<BatchTableResult>, isRowAlwaysThere: boolean): Buffer {
  const out = new ProtobufWriter();
  for (const { tableName, rows } of tables) {
    const table = new ProtobufWriter().string(1, tableName);
    for (const row of rows) table.message(2, batchRow(row, isRowAlwaysThere));
    out.message(1, table);
  }
  return out.finish();
}

function batchRow(result: BatchRowResult, isRowAlwaysThere: boolean): ProtobufWriter {
  const out = new ProtobufWriter().boolean(1, result.isOk);
  if (!result.isOk) return out.message(2, error(result.code, result.message));
  out.message(3, capacity(result.consumed));
  if (result.row !== null) out.bytes(4, writePlainBuffer([result.row]));
  else if (isRowAlwaysThere) out.bytes(4, Buffer.alloc(0));
  return out;
}

function capacity({ read, write }: Consumed): ProtobufWriter {
  return new ProtobufWriter().message(1, new ProtobufWriter().integer(1, read).integer(2, write));
}

function error(code: string, message: string): ProtobufWriter {
  return new ProtobufWriter().string(1, code).string(2, message);
}
