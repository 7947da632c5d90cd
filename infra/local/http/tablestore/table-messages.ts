import { parameterInvalid } from '../../world/tablestore/refusals.ts';
import type { DefinedColumn, PrimaryKeySchema, TableOptions } from '../../world/tablestore/table.ts';
import type {
  CreateTableRequest,
  StreamSpecification,
  TableDescription,
  UpdateTableRequest,
} from '../../world/tablestore/table-operations.ts';
import { enumName, ProtobufReader, ProtobufWriter, required } from './protobuf.ts';

const PRIMARY_KEY_TYPES = { 1: 'INTEGER', 2: 'STRING', 3: 'BINARY' } as const;
const DEFINED_TYPES = { 1: 'INTEGER', 2: 'DOUBLE', 3: 'BOOLEAN', 4: 'STRING', 7: 'BLOB' } as const;
const STATUS = { ACTIVE: 1, LOADING: 3 } as const;
const AUTO_INCREMENT_OPTION = 1;

/** Reads a CreateTableRequest. Partitions are ignored: the local service has one. Secondary indexes are refused. */
export function readCreateTable(body: Buffer): CreateTableRequest {
  const reader = new ProtobufReader(body);
  let meta: ReturnType<typeof readTableMeta> | null = null;
  let reserved: { read?: number; write?: number } | null = null;
  let options: Partial<TableOptions> = {};
  let stream: StreamSpecification | null = null;
  while (reader.next()) {
    if (reader.field === 1) meta = readTableMeta(reader.bytes());
    else if (reader.field === 2) reserved = readThroughput(reader.bytes());
    else if (reader.field === 3) options = readTableOptions(reader.bytes());
    else if (reader.field === 5) stream = readStream(reader.bytes());
    else if (reader.field === 7) throw parameterInvalid('The local Tablestore has no secondary indexes.');
  }
  return { ...required(meta), options, reserved: { read: 0, write: 0, ...required(reserved) }, stream };
}

/** Reads an UpdateTableRequest. */
export function readUpdateTable(body: Buffer): UpdateTableRequest {
  const reader = new ProtobufReader(body);
  let tableName: string | null = null;
  let reserved: { read?: number; write?: number } | null = null;
  let options: Partial<TableOptions> = {};
  let stream: StreamSpecification | null = null;
  while (reader.next()) {
    if (reader.field === 1) tableName = reader.string();
    else if (reader.field === 2) reserved = readThroughput(reader.bytes());
    else if (reader.field === 3) options = readTableOptions(reader.bytes());
    else if (reader.field === 4) stream = readStream(reader.bytes());
  }
  return { tableName: required(tableName), reserved, options, stream };
}

/** Reads a request that names a table in its first field and nothing else that matters here. */
export function readTableName(body: Buffer): string {
  const reader = new ProtobufReader(body);
  let tableName: string | null = null;
  while (reader.next()) if (reader.field === 1) tableName = reader.string();
  return required(tableName);
}

/** Writes a ListTableResponse. */
export function writeTableNames(names: ReadonlyArray<string>): Buffer {
  const out = new ProtobufWriter();
  for (const name of names) out.string(1, name);
  return out.finish();
}

/** Writes a DescribeTableResponse. */
export function writeDescription(table: TableDescription): Buffer {
  const meta = new ProtobufWriter().string(1, table.tableName);
  for (const { name, type, isAutoIncrement } of table.primaryKey) {
    const column = new ProtobufWriter().string(1, name).integer(2, numberOf(PRIMARY_KEY_TYPES, type));
    meta.message(2, isAutoIncrement ? column.integer(3, AUTO_INCREMENT_OPTION) : column);
  }
  for (const { name, type } of table.definedColumns) {
    meta.message(3, new ProtobufWriter().string(1, name).integer(2, numberOf(DEFINED_TYPES, type)));
  }
  return new ProtobufWriter()
    .message(1, meta)
    .message(2, throughputDetails(table))
    .message(3, tableOptions(table.options))
    .integer(4, STATUS[table.status])
    .message(5, streamDetails(table))
    .finish();
}

/** Writes an UpdateTableResponse. */
export function writeUpdated(table: TableDescription): Buffer {
  return new ProtobufWriter()
    .message(1, throughputDetails(table))
    .message(2, tableOptions(table.options))
    .message(3, streamDetails(table))
    .finish();
}

function readTableMeta(bytes: Buffer) {
  const reader = new ProtobufReader(bytes);
  let tableName: string | null = null;
  const primaryKey: Array<PrimaryKeySchema> = [];
  const definedColumns: Array<DefinedColumn> = [];
  while (reader.next()) {
    if (reader.field === 1) tableName = reader.string();
    else if (reader.field === 2) {
      const { name, type, option } = readColumn(reader.bytes());
      const isAutoIncrement = option === AUTO_INCREMENT_OPTION;
      primaryKey.push({ name, type: enumName(PRIMARY_KEY_TYPES, type), isAutoIncrement });
    } else if (reader.field === 3) {
      const { name, type } = readColumn(reader.bytes());
      definedColumns.push({ name, type: enumName(DEFINED_TYPES, type) });
    } else if (reader.field === 4) throw parameterInvalid('The local Tablestore has no secondary indexes.');
  }
  return { tableName: required(tableName), primaryKey, definedColumns };
}

function readColumn(bytes: Buffer) {
  const reader = new ProtobufReader(bytes);
  let name: string | null = null;
  let type: number | null = null;
  let option: number | null = null;
  while (reader.next()) {
    if (reader.field === 1) name = reader.string();
    else if (reader.field === 2) type = reader.integer();
    else if (reader.field === 3) option = reader.integer();
  }
  return { name: required(name), type: required(type), option };
}

function readThroughput(bytes: Buffer): { read?: number; write?: number } {
  const reader = new ProtobufReader(bytes);
  let unit: Buffer | null = null;
  while (reader.next()) if (reader.field === 1) unit = reader.bytes();
  const units = new ProtobufReader(required(unit));
  const reserved: { read?: number; write?: number } = {};
  while (units.next()) {
    if (units.field === 1) reserved.read = units.integer();
    else if (units.field === 2) reserved.write = units.integer();
  }
  return reserved;
}

function readTableOptions(bytes: Buffer): Partial<TableOptions> {
  const reader = new ProtobufReader(bytes);
  const options: { -readonly [Key in keyof TableOptions]?: TableOptions[Key] } = {};
  while (reader.next()) {
    if (reader.field === 1) options.timeToLive = reader.integer();
    else if (reader.field === 2) options.maxVersions = reader.integer();
    else if (reader.field === 5) options.deviationCellVersionInSec = reader.integer();
    else if (reader.field === 6) options.allowUpdate = reader.boolean();
  }
  return options;
}

function readStream(bytes: Buffer): StreamSpecification {
  const reader = new ProtobufReader(bytes);
  let enableStream: boolean | null = null;
  let expirationHours: number | null = null;
  while (reader.next()) {
    if (reader.field === 1) enableStream = reader.boolean();
    else if (reader.field === 2) expirationHours = reader.integer();
  }
  return { enableStream: required(enableStream), expirationHours };
}

function throughputDetails({ reserved, reservedAtMs, createdAtMs }: TableDescription): ProtobufWriter {
  const unit = new ProtobufWriter().integer(1, reserved.read).integer(2, reserved.write);
  return new ProtobufWriter().message(1, unit).integer(2, Math.floor((reservedAtMs ?? createdAtMs) / 1000));
}

function tableOptions(options: TableOptions): ProtobufWriter {
  return new ProtobufWriter()
    .integer(1, options.timeToLive)
    .integer(2, options.maxVersions)
    .integer(5, options.deviationCellVersionInSec)
    .boolean(6, options.allowUpdate);
}

function streamDetails({ stream }: TableDescription): ProtobufWriter {
  if (stream === null) return new ProtobufWriter().boolean(1, false);
  return new ProtobufWriter()
    .boolean(1, true)
    .string(2, stream.streamId)
    .integer(3, stream.expirationHours)
    .integer(4, stream.enabledAtMs * 1000);
}

function numberOf<T extends string>(names: Readonly<Record<number, T>>, name: T): number {
  return Number(Object.keys(names).find((number) => names[Number(number)] === name));
}
