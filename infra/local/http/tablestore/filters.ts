import type { ColumnFilter, Comparator } from '../../world/tablestore/filters.ts';
import { parameterInvalid } from '../../world/tablestore/refusals.ts';
import { readVariant } from './plain-buffer-reader.ts';
import { enumName, ProtobufReader, required } from './protobuf.ts';

const COMPARATORS: Readonly<Record<number, Comparator>> = {
  1: 'EQ',
  2: 'NE',
  3: 'GT',
  4: 'GE',
  5: 'LT',
  6: 'LE',
};
const COMBINATORS = { 1: 'NOT', 2: 'AND', 3: 'OR' } as const;
const KINDS = { 1: 'single', 2: 'composite', 3: 'pagination' } as const;

// The service takes far fewer; this only keeps a hostile message from exhausting the stack.
const DEPTH_MAX = 32;

/** Reads a filter or column condition (`filter.proto.Filter`). Throws 400 OTSParameterInvalid. */
export function readFilter(bytes: Buffer, depth = 0): ColumnFilter {
  if (depth > DEPTH_MAX) throw parameterInvalid('Deserialize filter failed.');
  const reader = new ProtobufReader(bytes);
  let type: number | null = null;
  let content: Buffer | null = null;
  while (reader.next()) {
    if (reader.field === 1) type = reader.integer();
    else if (reader.field === 2) content = reader.bytes();
  }
  const body = required(content);
  switch (enumName(KINDS, required(type))) {
    case 'single':
      return readSingle(body);
    case 'composite':
      return readComposite(body, depth);
    case 'pagination':
      return readPagination(body);
  }
}

function readSingle(bytes: Buffer): ColumnFilter {
  const reader = new ProtobufReader(bytes);
  let comparator: Comparator | null = null;
  let columnName: string | null = null;
  let value: Buffer | null = null;
  let filterIfMissing: boolean | null = null;
  let latestVersionOnly: boolean | null = null;
  while (reader.next()) {
    if (reader.field === 1) comparator = enumName(COMPARATORS, reader.integer());
    else if (reader.field === 2) columnName = reader.string();
    else if (reader.field === 3) value = reader.bytes();
    else if (reader.field === 4) filterIfMissing = reader.boolean();
    else if (reader.field === 5) latestVersionOnly = reader.boolean();
  }
  return {
    kind: 'single',
    comparator: required(comparator),
    columnName: required(columnName),
    value: readVariant(required(value)),
    filterIfMissing: required(filterIfMissing),
    latestVersionOnly: required(latestVersionOnly),
  };
}

function readComposite(bytes: Buffer, depth: number): ColumnFilter {
  const reader = new ProtobufReader(bytes);
  let combinator: 'NOT' | 'AND' | 'OR' | null = null;
  const parts: Array<ColumnFilter> = [];
  while (reader.next()) {
    if (reader.field === 1) combinator = enumName(COMBINATORS, reader.integer());
    else if (reader.field === 2) parts.push(readFilter(reader.bytes(), depth + 1));
  }
  return { kind: 'composite', combinator: required(combinator), parts };
}

function readPagination(bytes: Buffer): ColumnFilter {
  const reader = new ProtobufReader(bytes);
  let offset: number | null = null;
  let limit: number | null = null;
  while (reader.next()) {
    if (reader.field === 1) offset = reader.integer();
    else if (reader.field === 2) limit = reader.integer();
  }
  return { kind: 'pagination', offset: required(offset), limit: required(limit) };
}
