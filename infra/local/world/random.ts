/** Uniform numbers in [0, 1). The world draws all its randomness from one of these, so that a seed is a trace. */
export type Random = () => number;

/** A small seeded generator (mulberry32): same seed, same numbers, on every machine. Not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Identifiers in the vendor's spellings. */
export interface Ids {
  /** `473469C7-F1A2-4B3C-8D4E-0123456789AB`: upper-case UUID, as the RPC products answer. */
  requestId(): string;
  /** `rsp-bp1` + 17 lower-case letters and digits; the prefix comes without the dash. */
  resourceId(prefix: string): string;
  /** `length` upper-case hex digits, as MNS message ids are. */
  hex(length: number): string;
}

const ALPHANUMERIC = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** Hex digits drawn at once: as many as a number of {@link Random} has bits for. */
const HEX_DIGITS = 8;

/** Identifiers drawn from `random`. */
export function createIds(random: Random): Ids {
  const draw = (alphabet: string, length: number) => {
    let text = '';
    for (let at = 0; at < length; at++) text += alphabet[Math.floor(random() * alphabet.length)];
    return text;
  };
  // Every call of every worker gets such an id, so digits are not drawn one by one.
  const hex = (length: number) => {
    let text = '';
    while (text.length < length) {
      text += Math.floor(random() * 2 ** 32)
        .toString(16)
        .padStart(HEX_DIGITS, '0');
    }
    return text.slice(0, length).toUpperCase();
  };
  return {
    hex,
    requestId: () => {
      const digits = hex(30);
      const part = (from: number, to: number) => digits.slice(from, to);
      return `${part(0, 8)}-${part(8, 12)}-4${part(12, 15)}-8${part(15, 18)}-${part(18, 30)}`;
    },
    resourceId: (prefix) => `${prefix}-bp1${draw(ALPHANUMERIC, 17)}`,
  };
}
