import type { Switches } from '../switches.ts';
import { checkFilter } from './filters.ts';
import { checkColumnName, LIMITS } from './limits.ts';
import { checkPrimaryKey } from './primary-keys.ts';
import { parameterInvalid } from './refusals.ts';
import type { RowChange } from './requests.ts';
import { AUTO_INCREMENT, type ColumnValue, checkNumber, INF_MAX, INF_MIN, sizeOfValue } from './values.ts';

/**
 * Refuses, without looking at the table, a write that no table would take, and returns the bytes it counts for. In a
 * batch such a write fails the whole request.
 */
export function checkRowChange(change: RowChange, switches: Switches): number {
  const { primaryKey, condition } = change;
  checkPrimaryKey(primaryKey, USES[change.kind], switches);
  if (condition.columnCondition !== null) checkFilter(condition.columnCondition, 'condition', switches);
  if (primaryKey.some(({ value }) => value === AUTO_INCREMENT)) {
    if (condition.rowExistence !== 'IGNORE') {
      throw parameterInvalid(
        `Invalid expect: ${condition.rowExistence} when modify row with pk auto increment.`,
      );
    }
    if (condition.columnCondition !== null) {
      throw parameterInvalid("Can't set condition when modify row with pk auto increment.");
    }
  }
  checkReturnContent(change);
  return sizeOfKey(change) + checkCells(change, switches);
}

const USES = { PUT: 'put', UPDATE: 'update', DELETE: 'delete' } as const;

/** Refuses a single-row request above the size limit; `operation` is its name in the service's words. */
export function checkRequestSize(operation: string, bytes: number): void {
  if (bytes > LIMITS.requestBytes) {
    throw parameterInvalid(
      `The total data size of ${operation} request exceeds the limit, limit size: ${LIMITS.requestBytes}, data size: ${bytes}.`,
    );
  }
}

function sizeOfKey({ primaryKey }: RowChange): number {
  let bytes = 0;
  for (const { name, value } of primaryKey) {
    const isPlaceholder = value === AUTO_INCREMENT || value === INF_MIN || value === INF_MAX;
    bytes += name.length + (isPlaceholder ? 8 : sizeOfValue(value));
  }
  return bytes;
}

function checkReturnContent(change: RowChange): void {
  const { returnType, returnColumnNames } = change.returnContent;
  if (returnColumnNames.length === 0) return;
  const incremented = new Set<string>();
  if (change.kind === 'UPDATE' && returnType === 'RT_AFTER_MODIFY') {
    for (const { kind, name } of change.changes) if (kind === 'INCREMENT') incremented.add(name);
  }
  const wrong = returnColumnNames.find((name) => !incremented.has(name));
  if (wrong !== undefined) {
    throw parameterInvalid(`Invalid return column: '${wrong}'. Only incremented columns can be returned.`);
  }
}

function checkCells(change: RowChange, switches: Switches): number {
  if (change.kind === 'DELETE') return 0;
  const cells = change.kind === 'PUT' ? change.cells : change.changes;
  if (cells.length === 0) {
    if (change.kind === 'UPDATE') {
      throw parameterInvalid('Invalid update row request: missing cells in request.');
    }
    if (switches.otsPutWithoutColumns === 'reject') throw parameterInvalid('Attribute column is missing.');
  }
  if (cells.length > LIMITS.columnsPerWrite) {
    throw parameterInvalid(
      `The number of attribute columns exceeds the limit, limit count: ${LIMITS.columnsPerWrite}, column count: ${cells.length}.`,
    );
  }
  let bytes = 0;
  for (const cell of cells) {
    checkColumnName(cell.name, switches);
    if (change.primaryKey.some(({ name }) => name === cell.name)) {
      throw parameterInvalid(`Duplicated attribute column name with primary key column: '${cell.name}'.`);
    }
    bytes += cell.name.length;
    if ('value' in cell) bytes += checkValue(cell.name, cell.value);
    if ('kind' in cell && cell.kind === 'INCREMENT' && cells.filter(isOf(cell.name)).length > 1) {
      throw parameterInvalid(`INCREMENT cannot be combined with another operation on column '${cell.name}'.`);
    }
  }
  return bytes;
}

function isOf(column: string): (cell: { readonly name: string }) => boolean {
  return ({ name }) => name === column;
}

function checkValue(name: string, value: ColumnValue): number {
  checkNumber(value);
  const size = sizeOfValue(value);
  if (size > LIMITS.attributeColumnBytes) {
    throw parameterInvalid(
      `The length of attribute column: '${name}' exceeded the MaxLength: ${LIMITS.attributeColumnBytes} with Current Length: ${size}.`,
    );
  }
  return size;
}
