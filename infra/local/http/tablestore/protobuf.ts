import { isUtf8 } from 'node:buffer';
import { parameterInvalid } from '../../world/tablestore/refusals.ts';
import { ByteWriter } from './byte-writer.ts';

// Wire types; groups (3, 4) are not in use.
const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

function malformed() {
  return parameterInvalid('Parse PBMessage from RawString failed.');
}

/**
 * Reads one protobuf message field by field: `while (reader.next()) switch (reader.field) …`. A field whose value is
 * not taken is skipped. Throws 400 OTSParameterInvalid for what is no protobuf.
 */
export class ProtobufReader {
  /** Number of the current field. */
  field = 0;
  readonly #buffer: Buffer;
  #position = 0;
  #wireType = VARINT;
  #isTaken = true;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  /** Goes to the next field; `false` at the end. */
  next(): boolean {
    if (!this.#isTaken) this.#skip();
    if (this.#position >= this.#buffer.length) return false;
    const tag = this.#varint();
    this.field = tag >>> 3;
    this.#wireType = tag & 7;
    this.#isTaken = false;
    return true;
  }

  /** An int32, int64 or enum; beyond 2^53 the nearest double. */
  integer(): number {
    this.#take(VARINT);
    return this.#varint();
  }

  boolean(): boolean {
    return this.integer() !== 0;
  }

  /** Shares memory with the message. */
  bytes(): Buffer {
    this.#take(DELIMITED);
    const length = this.#varint();
    const end = this.#position + length;
    if (length < 0 || end > this.#buffer.length) throw malformed();
    const value = this.#buffer.subarray(this.#position, end);
    this.#position = end;
    return value;
  }

  string(): string {
    const bytes = this.bytes();
    if (!isUtf8(bytes)) throw malformed();
    return bytes.toString('utf8');
  }

  #take(wireType: number): void {
    if (this.#wireType !== wireType) throw malformed();
    this.#isTaken = true;
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    let wide = BigInt(value);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      wide |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, wide));
    }
    throw malformed();
  }

  #byte(): number {
    const byte = this.#buffer[this.#position++];
    if (byte === undefined) throw malformed();
    return byte;
  }

  #skip(): void {
    if (this.#wireType === VARINT) this.integer();
    else if (this.#wireType === DELIMITED) this.bytes();
    else if (this.#wireType === FIXED64) this.#position += 8;
    else if (this.#wireType === FIXED32) this.#position += 4;
    else throw malformed();
    if (this.#position > this.#buffer.length) throw malformed();
    this.#isTaken = true;
  }
}

/** Refuses a message without a field that its definition requires. */
export function required<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw malformed();
  return value;
}

/** The name that stands for a number in an enum of the protocol; refuses unknown numbers. */
export function enumName<T extends string>(names: Readonly<Record<number, T>>, value: number): T {
  return required(names[value]);
}

/** Writes one protobuf message, fields in the order of the calls. */
export class ProtobufWriter {
  readonly #out = new ByteWriter(64);

  integer(field: number, value: number): this {
    this.#varint(field << 3);
    this.#varint(value);
    return this;
  }

  boolean(field: number, value: boolean): this {
    return this.integer(field, value ? 1 : 0);
  }

  bytes(field: number, value: Uint8Array): this {
    this.#varint((field << 3) | DELIMITED);
    this.#varint(value.byteLength);
    this.#out.bytes(value);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value, 'utf8'));
  }

  message(field: number, value: ProtobufWriter): this {
    return this.bytes(field, value.finish());
  }

  finish(): Buffer {
    return this.#out.written();
  }

  #varint(value: number): void {
    let rest = value;
    if (rest < 0 || rest > 0x7fffffff) {
      let wide = BigInt.asUintN(64, BigInt(rest));
      for (; wide > 0x7fn; wide >>= 7n) this.#out.byte(Number(wide & 0x7fn) | 0x80);
      this.#out.byte(Number(wide));
      return;
    }
    for (; rest > 0x7f; rest >>>= 7) this.#out.byte((rest & 0x7f) | 0x80);
    this.#out.byte(rest);
  }
}
