import { createHash } from 'node:crypto';
import canonicalizeModule from 'canonicalize';

// The package is CommonJS (`module.exports = serialize`) while its types declare an ES default export.
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string | undefined;

/** Nesting that no vendor's event comes near; deeper content could exhaust the stack of recursive readers. */
const DEEPEST_NESTING = 64;

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether the value is an object and not an array or `null`. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object's own value under the name: nothing that a prototype could lend, `undefined` when absent. */
export function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/**
 * What keeps a parsed JSON value from having a canonical form, or `null`: nesting beyond 64 levels, a number outside
 * the doubles (`1e999` parses to Infinity), half a surrogate pair (written as an escape, it passes `JSON.parse`).
 *
 * @see https://www.rfc-editor.org/rfc/rfc8785
 */
export function canonicalFault(value: unknown, depth = 0): string | null {
  if (typeof value === 'string') return isBrokenText(value) ? 'a text with half a surrogate pair' : null;
  if (typeof value === 'number') return Number.isFinite(value) ? null : 'a number out of range';
  if (typeof value !== 'object' || value === null) return null;
  if (depth >= DEEPEST_NESTING) return `nested deeper than ${DEEPEST_NESTING} levels`;
  if (Array.isArray(value)) {
    for (const item of value) {
      const fault = canonicalFault(item, depth + 1);
      if (fault !== null) return fault;
    }
    return null;
  }
  for (const [name, member] of Object.entries(value)) {
    const fault = canonicalFault(name, depth) ?? canonicalFault(member, depth + 1);
    if (fault !== null) return fault;
  }
  return null;
}

/** In a `u` pattern a surrogate matches only when it stands alone. */
function isBrokenText(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

/**
 * SHA-256 in hex over the canonical JSON (RFC 8785) of a value: the same for any order of members and any spelling
 * of numbers. Only for values without a `canonicalFault`.
 */
export function canonicalHash(value: unknown): string {
  return createHash('sha256').update(canonicalText(value)).digest('hex');
}

/** The canonical JSON (RFC 8785) of a value without a `canonicalFault`. */
export function canonicalText(value: unknown): string {
  return canonicalize(value) ?? 'null';
}
