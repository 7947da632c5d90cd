/**
 * Values of a file that nobody has checked yet: looked at as they are, so that faults between several values show up
 * together with those of single ones.
 */

/** Whether it is a map. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands under a key; `undefined` = nothing does, or it is no map. */
export function valueAt(value: unknown, key: string): unknown {
  return isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** The list under a key; empty when there is none. */
export function listAt(value: unknown, key: string): ReadonlyArray<unknown> {
  const list = valueAt(value, key);
  return Array.isArray(list) ? list : [];
}

/** The keys of the map under a key; empty when there is none. */
export function keysAt(value: unknown, key: string): ReadonlyArray<string> {
  const map = valueAt(value, key);
  return isMap(map) ? Object.keys(map) : [];
}

/** Tells groups of bindings apart: by the id, or by who declares it; `null` = it names none, or not rightly. */
export function groupKeyAt(binding: unknown): string | null {
  const id = valueAt(binding, 'vServerGroup');
  if (typeof id === 'string') return id;
  const declaring = valueAt(binding, 'groupOf') ?? valueAt(binding, 'name');
  return typeof declaring === 'string' ? `the group of ${declaring}` : null;
}

/** What a binding says, or else the file's defaults. */
export function policyAt(file: unknown, binding: unknown, section: string, key: string): unknown {
  return valueAt(valueAt(binding, section), key) ?? valueAt(valueAt(valueAt(file, 'defaults'), section), key);
}
