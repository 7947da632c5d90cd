import { isUtf8 } from 'node:buffer';
import { parameterInvalid } from '../../world/tablestore/refusals.ts';
import {
  AUTO_INCREMENT,
  type ColumnValue,
  INF_MAX,
  INF_MIN,
  type PrimaryKeyInput,
} from '../../world/tablestore/values.ts';
import { crc8, crc8Byte } from './crc8.ts';
import { HEADER, TAG, VARIANT } from './plain-buffer-format.ts';

/** Any value the encoding can hold. */
export type WireValue = ColumnValue | PrimaryKeyInput;

/** A cell as it stands on the wire. */
export interface WireCell {
  readonly name: string;
  readonly value: WireValue | null;
  /** One of `CELL_OPERATION`; `null` = put. */
  readonly operation: number | null;
  readonly timestamp: number | null;
}

/** A row as it stands on the wire. */
export interface WireRow {
  readonly primaryKey: ReadonlyArray<WireCell>;
  readonly cells: ReadonlyArray<WireCell>;
  readonly isDeleteMarked: boolean;
}

/**
 * Reads the one row of a request. Checksums are verified; zero bytes after the row are ignored, since SDKs allocate
 * too much. Throws 400 OTSParameterInvalid.
 */
export function readPlainBuffer(buffer: Buffer): WireRow {
  try {
    return new Cursor(buffer).row();
  } catch (error) {
    // The buffer's own reads throw beyond its end.
    if (error instanceof RangeError) throw parameterInvalid('data format is invalid.');
    throw error;
  }
}

/** Reads a value that stands alone, as in filters: the type's byte and the payload. */
export function readVariant(buffer: Buffer): ColumnValue {
  try {
    const cursor = new Cursor(buffer);
    const value = cursor.variant();
    if (typeof value === 'symbol' || value === null) throw unknownVariant();
    return value;
  } catch (error) {
    if (error instanceof RangeError) throw parameterInvalid('Deserialize relation filter failed.');
    throw error;
  }
}

function unknownVariant() {
  return parameterInvalid('data format is invalid, unknown variant type occured.');
}

class Cursor {
  readonly #buffer: Buffer;
  #position = 0;
  // The checksum over the row's cells read so far.
  #rowCrc = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  row(): WireRow {
    const header = this.#int32();
    if (header !== HEADER) {
      throw parameterInvalid(`Cell data broken, mismatch header, actual: ${header}, expect: ${HEADER}.`);
    }
    this.#expect(TAG.ROW_PK);
    const primaryKey = this.#cells();
    if (primaryKey.length === 0) throw parameterInvalid('Cell data broken, no PK follow PKTag.');
    const cells = this.#accept(TAG.ROW_DATA) ? this.#cells() : [];
    const isDeleteMarked = this.#accept(TAG.DELETE_ROW_MARKER);
    if (!this.#accept(TAG.ROW_CHECKSUM)) {
      throw parameterInvalid('Cell data broken, row is not end with checksum tag.');
    }
    this.#verify(crc8Byte(this.#rowCrc, isDeleteMarked ? 1 : 0));
    for (; this.#position < this.#buffer.length; this.#position++) {
      if (this.#buffer[this.#position] !== 0) throw parameterInvalid('data format is invalid.');
    }
    return { primaryKey, cells, isDeleteMarked };
  }

  /** A value: type byte and payload. `null` for the type NULL. */
  variant(): WireValue | null {
    const type = this.#byte();
    switch (type) {
      case VARIANT.INTEGER:
        return this.#int64();
      case VARIANT.DOUBLE:
        this.#position += 8;
        return this.#buffer.readDoubleLE(this.#position - 8);
      case VARIANT.BOOLEAN:
        return this.#byte() !== 0;
      case VARIANT.STRING: {
        const bytes = this.#slice(this.#int32());
        if (!isUtf8(bytes)) throw parameterInvalid('Value of column must be UTF8 encoding.');
        return bytes.toString('utf8');
      }
      case VARIANT.BLOB:
        // A copy, so that a small value does not keep its whole request in memory.
        return Buffer.from(this.#slice(this.#int32()));
      case VARIANT.NULL:
        return null;
      case VARIANT.INF_MIN:
        return INF_MIN;
      case VARIANT.INF_MAX:
        return INF_MAX;
      case VARIANT.AUTO_INCREMENT:
        return AUTO_INCREMENT;
      default:
        throw unknownVariant();
    }
  }

  #cells(): Array<WireCell> {
    const cells: Array<WireCell> = [];
    while (this.#accept(TAG.CELL)) cells.push(this.#cell());
    return cells;
  }

  #cell(): WireCell {
    this.#expect(TAG.CELL_NAME);
    const nameBytes = this.#slice(this.#int32());
    if (!isUtf8(nameBytes)) throw parameterInvalid('data format is invalid.');
    const name = nameBytes.toString('utf8');
    let crc = crc8(0, nameBytes);
    let value: WireValue | null = null;
    if (this.#accept(TAG.CELL_VALUE)) {
      const length = this.#int32();
      const start = this.#position;
      value = this.variant();
      if (this.#position - start !== length) {
        throw parameterInvalid("Cell data broken, has more data in cell, but they can't be parsed.");
      }
      crc = crc8(crc, this.#buffer, start, this.#position);
    }
    const operation = this.#accept(TAG.CELL_TYPE) ? this.#byte() : null;
    let timestamp: number | null = null;
    if (this.#accept(TAG.CELL_TIMESTAMP)) {
      timestamp = Number(this.#int64());
      // The checksum takes the timestamp before the operation, other than they are written.
      crc = crc8(crc, this.#buffer, this.#position - 8, this.#position);
    }
    if (operation !== null) crc = crc8Byte(crc, operation);
    if (!this.#accept(TAG.CELL_CHECKSUM)) {
      throw parameterInvalid('Cell data broken, cell is not end with checksum[0x0A] tag.');
    }
    this.#verify(crc);
    this.#rowCrc = crc8Byte(this.#rowCrc, crc);
    return { name, value, operation, timestamp };
  }

  #verify(expected: number): void {
    const given = this.#byte();
    if (given !== expected) {
      throw parameterInvalid(`Cell data broken, checksum is mismatch, ${given}:${expected}:`);
    }
  }

  #expect(tag: number): void {
    const actual = this.#byte();
    if (actual !== tag) {
      throw parameterInvalid(`Cell data broken, mismatch tag, actual tag(${actual}), expect(${tag}).`);
    }
  }

  #accept(tag: number): boolean {
    if (this.#buffer[this.#position] !== tag) return false;
    this.#position++;
    return true;
  }

  #byte(): number {
    return this.#buffer.readUInt8(this.#position++);
  }

  #int32(): number {
    this.#position += 4;
    return this.#buffer.readInt32LE(this.#position - 4);
  }

  #int64(): bigint {
    this.#position += 8;
    return this.#buffer.readBigInt64LE(this.#position - 8);
  }

  #slice(length: number): Buffer {
    const end = this.#position + length;
    if (length < 0 || end > this.#buffer.length) {
      throw parameterInvalid(`Cell data broken, wrong string format, size: ${length}.`);
    }
    const slice = this.#buffer.subarray(this.#position, end);
    this.#position = end;
    return slice;
  }
}
