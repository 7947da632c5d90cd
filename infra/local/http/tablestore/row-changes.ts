import { parameterInvalid } from '../../world/tablestore/refusals.ts';
import type {
  CellChange,
  CellInput,
  Condition,
  ReturnContent,
  RowChange,
} from '../../world/tablestore/requests.ts';
import type { ColumnValue, PrimaryKey, PrimaryKeyInput } from '../../world/tablestore/values.ts';
import { CELL_OPERATION } from './plain-buffer-format.ts';
import { readPlainBuffer, type WireCell, type WireRow } from './plain-buffer-reader.ts';

/** A primary key alone, of a read. */
export function readPrimaryKey(bytes: Buffer): PrimaryKey {
  const row = readPlainBuffer(bytes);
  if (row.cells.length > 0) throw parameterInvalid('Attribute column cannot be given while reading data.');
  if (row.isDeleteMarked) throw parameterInvalid('Delete marker cannot be given.');
  return primaryKeyOf(row);
}

/** The row of a write, as `kind` says. Throws 400 OTSParameterInvalid for cells that do not go with it. */
export function readRowChange(
  kind: RowChange['kind'],
  bytes: Buffer,
  condition: Condition,
  returnContent: ReturnContent,
): RowChange {
  const row = readPlainBuffer(bytes);
  const primaryKey = primaryKeyOf(row);
  if (kind === 'DELETE') {
    if (!row.isDeleteMarked) {
      throw parameterInvalid('Invalid request of delete row: missing RowDeleteMarker in request.');
    }
    if (row.cells.length > 0)
      throw parameterInvalid('Invalid delete row request: unexpected cells in request.');
    return { kind, primaryKey, condition, returnContent };
  }
  if (row.isDeleteMarked) {
    throw parameterInvalid('Invalid request of put/update row: unexpected RowDeleteMarker in request.');
  }
  if (kind === 'PUT') return { kind, primaryKey, condition, returnContent, cells: row.cells.map(cellToPut) };
  return { kind, primaryKey, condition, returnContent, changes: row.cells.map(cellChange) };
}

function primaryKeyOf(row: WireRow): PrimaryKey {
  return row.primaryKey.map(({ name, value, operation, timestamp }) => {
    if (operation !== null) throw parameterInvalid(`OpType cannot be given for primary key name: '${name}'.`);
    if (timestamp !== null)
      throw parameterInvalid(`Timestamp cannot be given for primary key name: '${name}'.`);
    if (value === null) throw parameterInvalid(`No value is given for primary key name: '${name}'.`);
    if (typeof value === 'number') throw parameterInvalid('double can not be used as primary key.');
    if (typeof value === 'boolean') throw parameterInvalid('BOOLEAN is an invalid type for the primary key.');
    return { name, value: value satisfies PrimaryKeyInput };
  });
}

function cellToPut({ name, value, operation, timestamp }: WireCell): CellInput {
  if (operation !== null)
    throw parameterInvalid(`OpType cannot be given for column name: '${name}' in PutRow.`);
  if (value === null) throw parameterInvalid('Invalid request of put row: find cells without values.');
  return { name, value: attributeValue(value), timestamp };
}

function cellChange({ name, value, operation, timestamp }: WireCell): CellChange {
  switch (operation) {
    case null:
      if (value === null) throw parameterInvalid(`Invalid cell: '${name}'. Reason: missing value.`);
      return { kind: 'PUT', name, value: attributeValue(value), timestamp };
    case CELL_OPERATION.DELETE_ONE_VERSION:
    case CELL_OPERATION.DELETE_ALL_VERSION:
      return deletion(name, value, operation, timestamp);
    case CELL_OPERATION.INCREMENT:
      if (typeof value !== 'bigint')
        throw parameterInvalid(`INCREMENT: the value for '${name}' is not an INTEGER.`);
      return { kind: 'INCREMENT', name, value };
    default:
      throw parameterInvalid(`Invalid op type of cell: ${operation}.`);
  }
}

function deletion(
  name: string,
  value: WireCell['value'],
  operation: number,
  timestamp: number | null,
): CellChange {
  if (value !== null) {
    throw parameterInvalid(
      'Column value cannot be given when type is DELETE_ONE_VERSION,DELETE_ALL_VERSION.',
    );
  }
  if (operation === CELL_OPERATION.DELETE_ALL_VERSION) {
    if (timestamp !== null) {
      throw parameterInvalid('Timestamp cannot be given when type is DELETE_ALL_VERSION.');
    }
    return { kind: 'DELETE_ALL_VERSION', name };
  }
  if (timestamp === null) throw parameterInvalid('Timestamp must be given when type is DELETE_ONE_VERSION.');
  return { kind: 'DELETE_ONE_VERSION', name, timestamp };
}

function attributeValue(value: NonNullable<WireCell['value']>): ColumnValue {
  if (typeof value === 'symbol') throw parameterInvalid('Invalid type for the attribute column.');
  return value;
}
