import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';

const folder = new URL('../../events/', import.meta.url);

/** The sample payloads of `events/`, as text. */
export const SAMPLES: ReadonlyArray<string> = [
  ...readdirSync(folder).filter((name) => name.endsWith('.json') && !name.endsWith('.schema.json')),
  ...readdirSync(new URL('carriers/', folder)).map((name) => `carriers/${name}`),
].map((name) => readFileSync(new URL(name, folder), 'utf8'));

/** Texts that parsers stumble over, put in place of a value or between characters. */
const traps = [
  '',
  'null',
  '"__proto__"',
  '{"__proto__":{"polluted":1}}',
  '[[[[[[[[[[]]]]]]]]]]',
  '1e999',
  '-0',
  '"\\ud800"',
  '"eyJhIjoxfQ=="',
  '\u0000',
  '\uFEFF',
  '抢占式',
  '{"messageBody":"{}","messageId":""}',
];

interface Damage {
  /** Where in the text, from 0 to below 1. */
  readonly at: number;
  readonly length: number;
  readonly how: 'cut' | 'double' | 'trap';
  readonly trap: string;
}

const damage: fc.Arbitrary<Damage> = fc.record({
  // Not fc.double, which prefers the ends of its range.
  at: fc.nat({ max: 999 }).map((thousandths) => thousandths / 1000),
  length: fc.nat({ max: 20 }),
  how: fc.constantFrom('cut', 'double', 'trap'),
  trap: fc.constantFrom(...traps),
});

/** Cuts a stretch out of the text, doubles it, or puts a trap in its place. */
function damageText(text: string, { at, length, how, trap }: Damage): string {
  const start = Math.floor(at * text.length);
  const stretch = text.slice(start, start + length);
  const instead = { cut: '', double: stretch + stretch, trap }[how];
  return text.slice(0, start) + instead + text.slice(start + length);
}

/** Puts the trap in the place of one whole value of a JSON text, so that the result is JSON again. */
function damageValue(text: string, { at, trap }: Damage): string {
  // Keys are matched too and then left out, or what stands between a key and its value would pass for a text.
  const values = [...text.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|-?\d+(?:\.\d+)?/g)].filter(
    ([match]) => !match.endsWith(':'),
  );
  const value = values[Math.floor(at * values.length)];
  if (value === undefined) return text;
  return (
    text.slice(0, value.index) +
    (isJson(trap) ? trap : JSON.stringify(trap)) +
    text.slice(value.index + value[0].length)
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** One of the texts with one to four damages, most of them to whole values. */
export function mutationsOf(texts: ReadonlyArray<string>): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.constantFrom(...texts),
      fc.array(fc.tuple(fc.constantFrom(damageText, damageValue, damageValue, damageValue), damage), {
        minLength: 1,
        maxLength: 4,
      }),
    )
    .map(([text, damages]) => damages.reduce((damaged, [apply, one]) => apply(damaged, one), text));
}
