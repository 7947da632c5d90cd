/** Texts from one on and before another, in the order of their bytes. */
export interface TextSpan {
  readonly from: string;
  readonly before: string;
}

/** All texts that begin with `prefix`, which ends with an ASCII character other than the last one. */
export function beginningWith(prefix: string): TextSpan {
  const last = prefix.length - 1;
  const next = String.fromCharCode(prefix.charCodeAt(last) + 1);
  return { from: prefix, before: `${prefix.slice(0, last)}${next}` };
}

/**
 * What the keys of a range begin with: cells, and a span in the last of the columns if need be, since what comes after one
 * cannot narrow a range any more.
 */
export type KeyPrefix = Readonly<Record<string, string | number | TextSpan>>;

/** An end of a range: a value for every column of the primary key, in the table's order. */
export type KeyEnd<V> = ReadonlyArray<{ readonly name: string; readonly value: V }>;

/** How a client writes the values of a key: those of cells, and what is below and above all of them. */
export interface KeyValues<V> {
  readonly cell: (value: string | number) => V;
  readonly least: V;
  readonly most: V;
}

/** Both ends of a range. No row has the key of an end, so it does not matter which of them belongs to the range. */
export function rangeEnds<V>(
  keyNames: ReadonlyArray<string>,
  prefix: KeyPrefix,
  { cell, least, most }: KeyValues<V>,
): { readonly lower: KeyEnd<V>; readonly upper: KeyEnd<V> } {
  // Nothing of what begins with the text before which a span ends is in it.
  const isSpan = Object.values(prefix).some((value) => typeof value === 'object');
  const end = (ofSpan: keyof TextSpan, rest: V): KeyEnd<V> =>
    keyNames.map((name) => {
      const value = prefix[name];
      if (value === undefined) return { name, value: rest };
      return { name, value: cell(typeof value === 'object' ? value[ofSpan] : value) };
    });
  return { lower: end('from', least), upper: end('before', isSpan ? least : most) };
}
