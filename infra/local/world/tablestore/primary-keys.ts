import type { Switches } from '../switches.ts';
import { checkColumnName, LIMITS } from './limits.ts';
import { invalidPrimaryKey, parameterInvalid } from './refusals.ts';
import type { PrimaryKeySchema } from './table.ts';
import {
  AUTO_INCREMENT,
  checkNumber,
  INF_MAX,
  INF_MIN,
  type PrimaryKey,
  sizeOfValue,
  typeName,
} from './values.ts';

/** What a primary key is given for: placeholders are allowed in some places only. */
export type PrimaryKeyUse = 'put' | 'update' | 'delete' | 'read' | 'range';

/** Refuses, without looking at the table, what no table would take as a primary key. */
export function checkPrimaryKey(primaryKey: PrimaryKey, use: PrimaryKeyUse, switches: Switches): void {
  if (primaryKey.length === 0) throw parameterInvalid('Cell data broken, PK is empty.');
  for (const [index, { name, value }] of primaryKey.entries()) {
    checkColumnName(name, switches);
    if (primaryKey.findIndex((column) => column.name === name) < index) {
      throw parameterInvalid(`Duplicated primary key name: '${name}'.`);
    }
    if (value === AUTO_INCREMENT) checkPlaceholder(use);
    else if (value === INF_MIN || value === INF_MAX) {
      if (use !== 'range')
        throw parameterInvalid(`${typeName(value)} is an invalid type for the primary key.`);
    } else {
      checkNumber(value);
      const size = sizeOfValue(value);
      if (size > LIMITS.primaryKeyColumnBytes) {
        throw parameterInvalid(
          `The length of primary key column: '${name}' exceeds the MaxLength: ${LIMITS.primaryKeyColumnBytes} with CurrentLength: ${size}.`,
        );
      }
    }
  }
}

function checkPlaceholder(use: PrimaryKeyUse): void {
  if (use === 'read' || use === 'range') {
    throw parameterInvalid("PKAutoIncr can't be used for read operations.");
  }
  if (use === 'delete') throw parameterInvalid('Invalid row to delete which with pk auto increment.');
}

const TYPE_NAMES = { INTEGER: 'VT_INTEGER', STRING: 'VT_STRING', BINARY: 'VT_BLOB' } as const;

/** Refuses (400 OTSInvalidPK) a primary key that does not fit the schema: number, names in order, types. */
export function checkAgainstSchema(primaryKey: PrimaryKey, schema: ReadonlyArray<PrimaryKeySchema>): void {
  if (primaryKey.length !== schema.length) {
    throw invalidPrimaryKey(`Validate PK size fail. Input: ${primaryKey.length}, Meta: ${schema.length}.`);
  }
  for (const [index, column] of schema.entries()) {
    const given = primaryKey[index];
    if (given === undefined || given.name !== column.name) {
      throw invalidPrimaryKey(`Validate PK name fail. Input: ${given?.name ?? ''}, Meta: ${column.name}.`);
    }
    const { value } = given;
    const isPlaceholder =
      value === INF_MIN || value === INF_MAX || (value === AUTO_INCREMENT && column.isAutoIncrement);
    if (!isPlaceholder && typeName(value) !== TYPE_NAMES[column.type]) {
      throw invalidPrimaryKey(
        `Validate PK type fail. Input: ${typeName(value)}, Meta: ${TYPE_NAMES[column.type]}.`,
      );
    }
  }
}
