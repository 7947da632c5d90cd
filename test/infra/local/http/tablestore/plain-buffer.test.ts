import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  readPlainBuffer,
  readVariant,
} from '../../../../../infra/local/http/tablestore/plain-buffer-reader.ts';
import { writePlainBuffer } from '../../../../../infra/local/http/tablestore/plain-buffer-writer.ts';
import type { RowAnswer } from '../../../../../infra/local/world/tablestore/requests.ts';
import {
  AUTO_INCREMENT,
  type ColumnValue,
  INF_MIN,
} from '../../../../../infra/local/world/tablestore/values.ts';

// What the Node SDK 5.6.5 writes, zero bytes at the end included.
const PUT =
  '7500000001030402000000696405060000000301000000610a910304010000006e05090000000007000000000000000a22020304010000007305060000000301000000780a270304010000006905090000000001000000000000000a5703040100000064050900000001000000000000f83f0aba03040100000062050200000002010a3e03040300000062696e0507000000070200000001020a0003040200000074730506000000030100000079070068e5cf8b0100000a1b09b4';
const UPDATE =
  '7500000001030402000000696405060000000301000000610a91020304010000007305060000000301000000780a270304030000006f6c640603070068e5cf8b0100000a6f030404000000676f6e6506010a58030403000000636e74050900000000010000000000000006040af7099b0000000000';
const DELETE = '7500000001030402000000696405060000000301000000610a910809f3';
const RANGE_START = '750000000103040200000069640501000000090a6109e000';
const AUTO =
  '7500000001030402000000696405060000000301000000610a9103040300000073657105010000000b0a8b020304010000007305060000000301000000780a27096200';

const hex = (text: string) => Buffer.from(text, 'hex');
const cell = (name: string, value: unknown, more: object = {}) => ({
  name,
  value,
  operation: null,
  timestamp: null,
  ...more,
});

describe('rows the SDK writes', () => {
  it('reads a put with every type', () => {
    expect(readPlainBuffer(hex(PUT))).toEqual({
      primaryKey: [cell('id', 'a'), cell('n', 7n)],
      cells: [
        cell('s', 'x'),
        cell('i', 1n),
        cell('d', 1.5),
        cell('b', true),
        cell('bin', Buffer.from([1, 2])),
        cell('ts', 'y', { timestamp: 1_700_000_000_000 }),
      ],
      isDeleteMarked: false,
    });
  });

  it('reads the operations of an update', () => {
    expect(readPlainBuffer(hex(UPDATE)).cells).toEqual([
      cell('s', 'x'),
      cell('old', null, { operation: 3, timestamp: 1_700_000_000_000 }),
      cell('gone', null, { operation: 1 }),
      cell('cnt', 1n, { operation: 4 }),
    ]);
  });

  it('reads a delete marker and the placeholders of primary keys', () => {
    expect(readPlainBuffer(hex(DELETE)).isDeleteMarked).toBe(true);
    expect(readPlainBuffer(hex(RANGE_START)).primaryKey).toEqual([cell('id', INF_MIN)]);
    expect(readPlainBuffer(hex(AUTO)).primaryKey).toEqual([cell('id', 'a'), cell('seq', AUTO_INCREMENT)]);
  });

  it('reads values that stand alone in filters', () => {
    expect(readVariant(hex('000500000000000000'))).toBe(5n);
    expect(readVariant(hex('03020000006162'))).toBe('ab');
  });
});

describe('damaged rows', () => {
  it('refuses every single flipped bit with a refusal of the service', () => {
    for (const vector of [PUT, UPDATE, DELETE]) {
      const whole = hex(vector);
      // Beyond the row's checksum there is padding only.
      const rowBytes = vector === UPDATE ? whole.length - 5 : whole.length;
      for (let bit = 0; bit < rowBytes * 8; bit++) {
        const damaged = Buffer.from(whole);
        const at = bit >> 3;
        damaged[at] = (damaged[at] as number) ^ (1 << (bit & 7));
        expect(() => readPlainBuffer(damaged), `bit ${bit}`).toThrow(
          expect.objectContaining({ status: 400, code: 'OTSParameterInvalid' }),
        );
      }
    }
  });

  it('never fails otherwise than with a refusal', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const row = Buffer.concat([hex('750000000103'), bytes]);
        expect(() => readPlainBuffer(row)).toThrow(expect.objectContaining({ code: 'OTSParameterInvalid' }));
      }),
    );
  });
});

const columnValue: fc.Arbitrary<ColumnValue> = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.double({ noNaN: true }),
  fc.boolean(),
  fc.string({ unit: 'grapheme' }),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
);
const name = fc.stringMatching(/^[a-z_]{1,12}$/);
const rowAnswer: fc.Arbitrary<RowAnswer> = fc.record({
  primaryKey: fc.array(
    fc.record({
      name,
      value: fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.string({ unit: 'grapheme' })),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  cells: fc.array(fc.record({ name, value: columnValue, timestamp: fc.nat() }), { maxLength: 20 }),
});

describe('rows we write', () => {
  it('are read back as they were', () => {
    fc.assert(
      fc.property(rowAnswer, (row) => {
        const read = readPlainBuffer(writePlainBuffer([row]));
        expect(read.primaryKey.map(({ name, value }) => ({ name, value }))).toEqual(row.primaryKey);
        expect(read.cells.map(({ name, value, timestamp }) => ({ name, value, timestamp }))).toEqual(
          row.cells,
        );
      }),
    );
  });

  it('are the bytes the SDK writes for the same row', () => {
    // The SDK's put differs from an answer only in having no timestamps but one.
    const bytes = writePlainBuffer([
      {
        primaryKey: [
          { name: 'id', value: 'a' },
          { name: 'n', value: 7n },
        ],
        cells: [],
      },
    ]).toString('hex');
    expect(PUT.startsWith(bytes.slice(0, -4))).toBe(true);
  });

  it('share one header, and none at all for no rows', () => {
    const row: RowAnswer = { primaryKey: [{ name: 'id', value: 'a' }], cells: [] };
    const one = writePlainBuffer([row]);
    expect(writePlainBuffer([row, row])).toEqual(Buffer.concat([one, one.subarray(4)]));
    expect(writePlainBuffer([]).length).toBe(0);
  });
});
