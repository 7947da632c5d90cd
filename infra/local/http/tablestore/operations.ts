import type { RowChange } from '../../world/tablestore/requests.ts';
import type { Tablestore } from '../../world/tablestore/tablestore.ts';
import type { PrimaryKey } from '../../world/tablestore/values.ts';
import {
  writeBatchGetRow,
  writeBatchWriteRow,
  writeGetRange,
  writeGetRow,
  writeWriteRow,
} from './row-answers.ts';
import {
  readBatchGetRow,
  readBatchWriteRow,
  readGetRange,
  readGetRow,
  readWriteRow,
} from './row-messages.ts';
import {
  readCreateTable,
  readTableName,
  readUpdateTable,
  writeDescription,
  writeTableNames,
  writeUpdated,
} from './table-messages.ts';

/** A request that is understood: what it is about, and how to carry it out. */
export interface Operation {
  /** The tables it touches; `*` = all of them. */
  readonly tableNames: ReadonlyArray<string>;
  /** For the record of calls: small, and JSON data. */
  readonly parameters: unknown;
  /** Carries it out and returns the body of the answer. */
  run(): Buffer;
}

/** Understands the body of one operation's request. Throws 400 OTSParameterInvalid. */
type Reader = (tablestore: Tablestore, body: Buffer) => Operation;

const EMPTY = Buffer.alloc(0);

/** The operations that the local Tablestore has, by name. */
export const OPERATIONS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['CreateTable', createTable],
  ['ListTable', listTable],
  ['DescribeTable', describeTable],
  ['UpdateTable', updateTable],
  ['DeleteTable', deleteTable],
  ['GetRow', getRow],
  ['PutRow', writeRow('PUT')],
  ['UpdateRow', writeRow('UPDATE')],
  ['DeleteRow', writeRow('DELETE')],
  ['BatchGetRow', batchGetRow],
  ['BatchWriteRow', batchWriteRow],
  ['GetRange', getRange],
  ['StartLocalTransaction', startLocalTransaction],
]);

function createTable(tablestore: Tablestore, body: Buffer): Operation {
  const request = readCreateTable(body);
  return onTable(request.tableName, { options: request.options }, () => {
    tablestore.createTable(request);
    return EMPTY;
  });
}

function listTable(tablestore: Tablestore): Operation {
  return onTable('*', {}, () => writeTableNames(tablestore.listTable()));
}

function describeTable(tablestore: Tablestore, body: Buffer): Operation {
  const tableName = readTableName(body);
  return onTable(tableName, {}, () => writeDescription(tablestore.describeTable(tableName)));
}

function updateTable(tablestore: Tablestore, body: Buffer): Operation {
  const request = readUpdateTable(body);
  return onTable(request.tableName, { options: request.options }, () =>
    writeUpdated(tablestore.updateTable(request)),
  );
}

function deleteTable(tablestore: Tablestore, body: Buffer): Operation {
  const tableName = readTableName(body);
  return onTable(tableName, {}, () => {
    tablestore.deleteTable(tableName);
    return EMPTY;
  });
}

function startLocalTransaction(tablestore: Tablestore, body: Buffer): Operation {
  const tableName = readTableName(body);
  return onTable(tableName, {}, () => tablestore.refuseTransaction(tableName));
}

function getRow(tablestore: Tablestore, body: Buffer): Operation {
  const { tableName, primaryKey, options, transactionId } = readGetRow(body);
  return onTable(tableName, { primaryKey: describeKey(primaryKey) }, () => {
    if (transactionId !== null) tablestore.refuseTransaction(tableName);
    return writeGetRow(tablestore.getRow(tableName, primaryKey, options));
  });
}

function writeRow(kind: RowChange['kind']): Reader {
  return (tablestore, body) => {
    const { tableName, change, transactionId } = readWriteRow(kind, body);
    return onTable(tableName, { primaryKey: describeKey(change.primaryKey) }, () => {
      if (transactionId !== null) tablestore.refuseTransaction(tableName);
      return writeWriteRow(tablestore.writeRow(tableName, change));
    });
  };
}

function batchGetRow(tablestore: Tablestore, body: Buffer): Operation {
  const tables = readBatchGetRow(body);
  const rows = Object.fromEntries(
    tables.map(({ tableName, primaryKeys }) => [tableName, primaryKeys.length]),
  );
  return {
    tableNames: tables.map(({ tableName }) => tableName),
    parameters: { rows },
    run: () => writeBatchGetRow(tablestore.batchGetRow(tables)),
  };
}

function batchWriteRow(tablestore: Tablestore, body: Buffer): Operation {
  const { tables, transactionId } = readBatchWriteRow(body);
  const counts = Object.fromEntries(tables.map(({ tableName, rows }) => [tableName, rows.length]));
  return {
    tableNames: tables.map(({ tableName }) => tableName),
    parameters: { rows: counts },
    run() {
      if (transactionId !== null) for (const { tableName } of tables) tablestore.refuseTransaction(tableName);
      return writeBatchWriteRow(tablestore.batchWriteRow(tables));
    },
  };
}

function getRange(tablestore: Tablestore, body: Buffer): Operation {
  const request = readGetRange(body);
  const { tableName, direction, inclusiveStartPrimaryKey, transactionId } = request;
  return onTable(tableName, { direction, start: describeKey(inclusiveStartPrimaryKey) }, () => {
    if (transactionId !== null) tablestore.refuseTransaction(tableName);
    return writeGetRange(tablestore.getRange(request));
  });
}

function onTable(tableName: string, parameters: unknown, run: () => Buffer): Operation {
  return { tableNames: [tableName], parameters, run };
}

/** A primary key for people, `id=a, seq=7`. */
function describeKey(primaryKey: PrimaryKey): string {
  return primaryKey
    .map(({ name, value }) => {
      if (typeof value === 'symbol') return `${name}=${value.description}`;
      return `${name}=${value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value}`;
    })
    .join(', ');
}
