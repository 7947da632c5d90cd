import { AUTO_INCREMENT, INF_MAX, INF_MIN, type PrimaryKeyInput } from './values.ts';

const SIGN = 2n ** 63n;

/**
 * The primary key as one text, so made that comparing two texts with `<` orders their rows as the service does:
 * column by column, integers by value, strings (UTF-8) and binaries by byte, INF_MIN before and INF_MAX after all.
 * Each character is one byte, 0 to 255.
 */
export function encodeRowKey(values: ReadonlyArray<PrimaryKeyInput>): string {
  let key = '';
  for (const value of values) key += encodeColumn(value);
  return key;
}

function encodeColumn(value: PrimaryKeyInput): string {
  if (value === INF_MIN) return '\x00';
  if (value === INF_MAX) return '\x02';
  if (value === AUTO_INCREMENT) throw new Error('the value of an auto-increment column is not chosen yet');
  if (typeof value === 'bigint') return `\x01${(value + SIGN).toString(16).padStart(16, '0')}`;
  const bytes = typeof value === 'string' ? latin1OfUtf8(value) : Buffer.from(value).toString('latin1');
  // A zero byte ends the column; one inside is followed by 255, which is above whatever follows the end.
  return `\x01${bytes.includes('\x00') ? bytes.replaceAll('\x00', '\x00\xff') : bytes}\x00`;
}

function latin1OfUtf8(text: string): string {
  const isAscii = Buffer.byteLength(text) === text.length;
  return isAscii ? text : Buffer.from(text, 'utf8').toString('latin1');
}
