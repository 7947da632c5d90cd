import type { z } from 'zod';
import { CloudError } from '../../world/errors.ts';
import { missingParameter } from '../signatures/credentials.ts';

/** A call's parameters by their flat wire names, `Tag.1.Key`. */
export type FlatParameters = ReadonlyMap<string, string>;

// Far above what any operation takes, far below what would hurt.
const PARAMETERS_MAX = 2_000;
const DEPTH_MAX = 6;
const POISONOUS = new Set(['__proto__', 'constructor', 'prototype']);

/** The parameters of the query and of a form body together; the body's win. */
export function flatParameters(query: string, form: string): FlatParameters {
  const flat = new Map<string, string>();
  for (const text of [query, form]) {
    for (const [name, value] of new URLSearchParams(text)) flat.set(name, value);
  }
  if (flat.size > PARAMETERS_MAX) throw invalidParameter('too many parameters');
  return flat;
}

/**
 * The parameters as a tree: `Tag.1.Key` becomes `{Tag: [{Key}]}`; what is counted from 1 on becomes an array without
 * gaps. Empty values count as left out: the SDKs send those for what was not set.
 */
export function parameterTree(flat: FlatParameters): unknown {
  const root: Branch = new Map();
  for (const [name, value] of flat) {
    if (value !== '') plant(root, name.split('.'), value, name);
  }
  return grown(root);
}

type Branch = Map<string, Branch | string>;

function plant(root: Branch, path: ReadonlyArray<string>, value: string, name: string): void {
  if (path.length > DEPTH_MAX || path.some((part) => part === '' || POISONOUS.has(part))) {
    throw invalidParameter(name);
  }
  let branch = root;
  for (const part of path.slice(0, -1)) {
    const next = branch.get(part) ?? new Map();
    if (typeof next === 'string') throw invalidParameter(name);
    branch.set(part, next);
    branch = next;
  }
  const leaf = path.at(-1) ?? '';
  if (branch.has(leaf)) throw invalidParameter(name);
  branch.set(leaf, value);
}

function grown(branch: Branch): unknown {
  const entries = [...branch].map(
    ([name, value]) => [name, typeof value === 'string' ? value : grown(value)] as const,
  );
  const isCounted = entries.length > 0 && entries.every(([name]) => /^[1-9]\d{0,4}$/.test(name));
  if (!isCounted) return Object.fromEntries(entries);
  return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value);
}

/** The tree as `schema` reads it. Throws `MissingParameter` or `InvalidParameter` (400) for its first fault. */
export function readParameters<Input>(schema: z.ZodType<Input>, tree: unknown): Input {
  const result = schema.safeParse(tree);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const name = (issue?.path ?? [])
    .map((part) => (typeof part === 'number' ? part + 1 : String(part)))
    .join('.');
  throw isMissing(tree, issue?.path ?? []) ? missingParameter(name) : invalidParameter(name);
}

function isMissing(tree: unknown, path: ReadonlyArray<PropertyKey>): boolean {
  let value = tree;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return true;
    value = Reflect.get(value, part);
  }
  return value === undefined;
}

function invalidParameter(name: string): CloudError {
  return new CloudError(400, 'InvalidParameter', `The specified parameter "${name}" is not valid.`);
}
