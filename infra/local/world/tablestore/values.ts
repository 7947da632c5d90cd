import { parameterInvalid } from './refusals.ts';

/**
 * The value of an attribute column. The JavaScript type is the column's type: `bigint` INTEGER (64 bits, signed),
 * `number` DOUBLE, `boolean` BOOLEAN, `string` STRING, `Uint8Array` BINARY.
 */
export type ColumnValue = bigint | number | boolean | string | Uint8Array;

/** The value of a primary key column: INTEGER, STRING or BINARY. */
export type PrimaryKeyValue = bigint | string | Uint8Array;

/** Before every value of a primary key column. Only the ends of a range may hold it. */
export const INF_MIN = Symbol('INF_MIN');
/** After every value of a primary key column. Only the ends of a range may hold it. */
export const INF_MAX = Symbol('INF_MAX');
/** Stands for the value that the service is to choose for an auto-increment primary key column. */
export const AUTO_INCREMENT = Symbol('AUTO_INCREMENT');

/** What a request may hold as a primary key column's value. */
export type PrimaryKeyInput = PrimaryKeyValue | typeof INF_MIN | typeof INF_MAX | typeof AUTO_INCREMENT;

/** A primary key as requests give it: columns with names, in the order of the table's schema. */
export type PrimaryKey<Value = PrimaryKeyInput> = ReadonlyArray<{
  readonly name: string;
  readonly value: Value;
}>;

/** Types a primary key column can have. */
export type PrimaryKeyType = 'INTEGER' | 'STRING' | 'BINARY';

const INTEGER_MIN = -(2n ** 63n);
const INTEGER_MAX = 2n ** 63n - 1n;

/** Whether the number fits the service's INTEGER. */
export function isInt64(value: bigint): boolean {
  return value >= INTEGER_MIN && value <= INTEGER_MAX;
}

/** The type's name as the service's messages spell it, `VT_INTEGER`. */
export function typeName(value: ColumnValue | PrimaryKeyInput): string {
  if (value === INF_MIN) return 'VT_INF_MIN';
  if (value === INF_MAX) return 'VT_INF_MAX';
  if (value === AUTO_INCREMENT) return 'VT_AUTO_INCREMENT';
  if (typeof value === 'bigint') return 'VT_INTEGER';
  if (typeof value === 'number') return 'VT_DOUBLE';
  if (typeof value === 'boolean') return 'VT_BOOLEAN';
  return typeof value === 'string' ? 'VT_STRING' : 'VT_BLOB';
}

/** Bytes the value counts for in the service's limits and capacity units. */
export function sizeOfValue(value: ColumnValue): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'boolean') return 1;
  return value instanceof Uint8Array ? value.byteLength : 8;
}

/** Negative, zero or positive; `null` when the two are of different types. Strings compare by their UTF-8 bytes. */
export function compareValues(left: ColumnValue, right: ColumnValue): number | null {
  if (typeof left === 'string' && typeof right === 'string') {
    return left === right ? 0 : Buffer.compare(Buffer.from(left), Buffer.from(right));
  }
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right);
  if (typeof left !== typeof right || typeof left === 'object' || typeof right === 'object') return null;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** A value as JSON data: doubles and booleans as they are, the others as text behind a letter for their type. */
export type StoredValue = string | number | boolean;

/** Turns a value into JSON data. */
export function storeValue(value: ColumnValue): StoredValue {
  if (typeof value === 'bigint') return `i${value}`;
  if (typeof value === 'string') return `s${value}`;
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString('base64')}`;
  // JSON has no negative zero.
  return Object.is(value, -0) ? 'z' : value;
}

/** The opposite of {@link storeValue}. */
export function restoreValue(stored: StoredValue): ColumnValue {
  if (typeof stored !== 'string') return stored;
  const text = stored.slice(1);
  switch (stored[0]) {
    case 'i':
      return BigInt(text);
    case 'b':
      return Buffer.from(text, 'base64');
    case 'z':
      return -0;
    default:
      return text;
  }
}

/** Refuses numbers that the service's types cannot hold. */
export function checkNumber(value: ColumnValue): void {
  if (typeof value === 'bigint' && !isInt64(value)) throw parameterInvalid('data format is invalid.');
  if (typeof value !== 'number' || Number.isFinite(value)) return;
  throw parameterInvalid(`${Number.isNaN(value) ? 'NaN' : 'Infinity'} can't be set to double value.`);
}
