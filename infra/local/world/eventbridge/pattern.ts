import { BlockList, isIPv4 } from 'node:net';
import { CloudError } from '../errors.ts';

/** Says whether an event passes a rule's filter. */
export type EventMatcher = (event: unknown) => boolean;
type ValueMatcher = (value: unknown) => boolean;
/** Judges one field; `value` is `undefined` when the event has none. */
type FieldMatcher = (value: unknown) => boolean;

const EXPRESSIONS_PER_FIELD_MAX = 5;
const NUMBER_MAX = 1_000_000_000;

/**
 * The matcher of an event pattern. Keys are ANDed, the members of an array ORed, comparison is case-sensitive, and an
 * array in the event matches when one of its members does. Throws `InvalidEventPattern` (400) for what is no pattern,
 * and for more than five expressions on one field.
 * @see https://www.alibabacloud.com/help/en/eventbridge/user-guide/event-patterns
 */
export function compileEventPattern(pattern: string): EventMatcher {
  let parsed: unknown;
  try {
    parsed = JSON.parse(pattern);
  } catch {
    throw invalid('it is not JSON');
  }
  if (!isObject(parsed)) throw invalid('it is not an object');
  return compileObject(parsed);
}

function compileObject(pattern: Record<string, unknown>): EventMatcher {
  const fields = Object.entries(pattern).map(
    ([name, expected]) => [name, compileField(name, expected)] as const,
  );
  return (event) =>
    isObject(event) &&
    fields.every(([name, matches]) => matches(Object.hasOwn(event, name) ? event[name] : undefined));
}

function compileField(name: string, expected: unknown): FieldMatcher {
  if (isObject(expected)) {
    const matches = compileObject(expected);
    return (value) => [value].flat().some(matches);
  }
  if (!Array.isArray(expected) || expected.length === 0) throw invalid(`${name} is not an array of values`);
  if (expected.length > EXPRESSIONS_PER_FIELD_MAX) {
    throw invalid(`${name} has more than ${EXPRESSIONS_PER_FIELD_MAX} expressions`);
  }
  const alternatives = expected.map((expression: unknown) => compileExpression(name, expression));
  return (value) => alternatives.some((matches) => matches(value));
}

function compileExpression(name: string, expression: unknown): FieldMatcher {
  if (!isObject(expression)) {
    if (Array.isArray(expression)) throw invalid(`${name} holds an array within an array`);
    return onPresent((value) => value === expression);
  }
  const entries = Object.entries(expression);
  const [operator, operand] = entries[0] ?? [];
  if (operator === undefined || entries.length !== 1) throw invalid(`${name} needs one operator`);
  if (operator === 'exists') {
    if (typeof operand !== 'boolean') throw invalid(`exists of ${name} is neither true nor false`);
    return (value) => (value !== undefined) === operand;
  }
  return onPresent(compileOperator(name, operator, operand));
}

/** A field that is missing never matches; an array does when one of its members does. */
function onPresent(matches: ValueMatcher): FieldMatcher {
  return (value) => value !== undefined && (Array.isArray(value) ? value.some(matches) : matches(value));
}

function compileOperator(name: string, operator: string, operand: unknown): ValueMatcher {
  if (operator === 'prefix') return onText(name, operand, (value, text) => value.startsWith(text));
  if (operator === 'suffix') return onText(name, operand, (value, text) => value.endsWith(text));
  if (operator === 'contains') return onText(name, operand, (value, text) => value.includes(text));
  if (operator === 'anything-but') return compileAnythingBut(name, operand);
  if (operator === 'numeric') return compileNumeric(name, operand);
  if (operator === 'cidr') return compileCidr(name, operand);
  throw invalid(`${name} uses the unknown operator ${operator}`);
}

function onText(
  name: string,
  operand: unknown,
  test: (value: string, operand: string) => boolean,
): ValueMatcher {
  if (typeof operand !== 'string' || operand === '') throw invalid(`${name} needs a text to compare with`);
  return (value) => typeof value === 'string' && test(value, operand);
}

function compileAnythingBut(name: string, operand: unknown): ValueMatcher {
  if (isObject(operand)) {
    const { prefix, ...rest } = operand;
    if (prefix === undefined || Object.keys(rest).length > 0) {
      throw invalid(`anything-but of ${name} takes values or a prefix`);
    }
    const starts = compileOperator(name, 'prefix', prefix);
    return (value) => !starts(value);
  }
  const excluded = new Set<unknown>([operand].flat());
  const isValid = [...excluded].every((value) => typeof value === 'string' || typeof value === 'number');
  if (excluded.size === 0 || !isValid) throw invalid(`anything-but of ${name} takes texts or numbers`);
  return (value) => !excluded.has(value);
}

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
};

/** `[">", 0, "<=", 5]`: one or two comparisons, all of which must hold. */
function compileNumeric(name: string, operand: unknown): ValueMatcher {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) {
    throw invalid(`numeric of ${name} takes one or two comparisons`);
  }
  const comparisons: Array<(value: number) => boolean> = [];
  for (let i = 0; i < operand.length; i += 2) {
    const sign: unknown = operand[i];
    const bound: unknown = operand[i + 1];
    const compare =
      typeof sign === 'string' && Object.hasOwn(COMPARISONS, sign) ? COMPARISONS[sign] : undefined;
    if (compare === undefined || typeof bound !== 'number' || Math.abs(bound) > NUMBER_MAX) {
      throw invalid(`numeric of ${name} is not a comparison with a number up to ${NUMBER_MAX}`);
    }
    comparisons.push((value) => compare(value, bound));
  }
  return (value) => typeof value === 'number' && comparisons.every((compare) => compare(value));
}

/** IPv4 only, as documented. */
function compileCidr(name: string, operand: unknown): ValueMatcher {
  const [, network, length] = /^([\d.]+)\/(\d{1,2})$/.exec(typeof operand === 'string' ? operand : '') ?? [];
  if (network === undefined || !isIPv4(network) || Number(length) > 32) {
    throw invalid(`cidr of ${name} is not a block like 10.0.0.0/24`);
  }
  const block = new BlockList();
  block.addSubnet(network, Number(length), 'ipv4');
  return (value) => typeof value === 'string' && isIPv4(value) && block.check(value, 'ipv4');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(reason: string): CloudError {
  return new CloudError(400, 'InvalidEventPattern', `The event pattern is invalid: ${reason}.`);
}
