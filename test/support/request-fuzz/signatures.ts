import type { Random } from '../../../infra/local/world/random.ts';

/** The points of small order in all the spellings that OpenSSL reads as points, in hex. */
export const SMALL_ORDER_POINTS: ReadonlyArray<string> = [
  ['00', '00', '00'],
  ['00', '00', '80'],
  ['01', '00', '00'],
  ['01', '00', '80'],
  ['ec', 'ff', '7f'],
  ['ec', 'ff', 'ff'],
  ['ed', 'ff', '7f'],
  ['ed', 'ff', 'ff'],
  ['ee', 'ff', '7f'],
  ['ee', 'ff', 'ff'],
]
  .map(([first = '', middle = '', last = '']) => `${first}${middle.repeat(30)}${last}`)
  .concat(
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  );

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** The order of the group: S and S + L are the same number to whoever does not check. */
const ORDER = (1n << 252n) + 27_742_317_777_372_353_535_851_937_790_883_648_493n;

/** The same bytes in another spelling: a bit is set that stands for nothing. Only for Base64 that ends in `=`. */
export function withStrayBit(base64: string, bit = 1): string {
  const end = base64.indexOf('=');
  const last = ALPHABET.indexOf(base64[end - 1] ?? 'A');
  return base64.slice(0, end - 1) + ALPHABET[last | bit] + base64.slice(end);
}

/** A signature whose S is larger by `times` the order of the group. */
export function withLargerS(base64: string, times = 1n): string {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length !== 64) return base64;
  let s = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`) + times * ORDER;
  for (let at = 32; at < 64; at++) {
    bytes[at] = Number(s & 255n);
    s >>= 8n;
  }
  return bytes.toString('base64');
}

type Alteration = (value: string, random: Random) => string;

const inside = (random: Random, text: string) => Math.floor(random() * (text.length + 1));
const inserted = (value: string, at: number, what: string) => value.slice(0, at) + what + value.slice(at);
const ofBytes = (value: string, alter: (bytes: Buffer) => void) => {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length === 64) alter(bytes);
  return bytes.toString('base64');
};
const pointIn = (random: Random) =>
  Buffer.from(SMALL_ORDER_POINTS[Math.floor(random() * SMALL_ORDER_POINTS.length)] ?? '', 'hex');

/** What can be done to a signature's value: other bytes, and the same bytes in other spellings. */
export const SIGNATURE_ALTERATIONS: ReadonlyArray<Alteration> = [
  (value, random) =>
    ofBytes(value, (bytes) => {
      const at = Math.floor(random() * 64);
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << Math.floor(random() * 8)), at);
    }),
  (value, random) => withStrayBit(value, 1 + Math.floor(random() * 15)),
  (value, random) => withLargerS(value, 1n + BigInt(Math.floor(random() * 14))),
  (value, random) => ofBytes(value, (bytes) => pointIn(random).copy(bytes)),
  (value, random) =>
    ofBytes(value, (bytes) => {
      pointIn(random).copy(bytes);
      bytes.fill(0, 32);
    }),
  (value) => ofBytes(value, (bytes) => bytes.fill(0)),
  (value) => value.replaceAll('=', ''),
  (value) => `${value}=`,
  (value) => `${value.replaceAll('=', '')}AA`,
  (value) => value.replaceAll('+', '-').replaceAll('/', '_'),
  (value) => `${value.slice(0, 86).replaceAll('+', '-').replaceAll('/', '_')}==`,
  (value, random) => inserted(value, inside(random, value), ' '),
  (value, random) => `${inserted(value.slice(0, 86), inside(random, value), '\n')} `,
  (value, random) => inserted(value.slice(0, 86), inside(random, value), '=='),
  (value) => Buffer.from(value, 'base64').toString('hex'),
  (value) => Buffer.from(value).toString('base64'),
  (value) => value + value,
  (value, random) => value.slice(0, inside(random, value)),
  (value) => value.toLowerCase(),
  (value, random) => inserted(value, inside(random, value), '\u0000'),
];
