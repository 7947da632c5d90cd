import type { ConfigPath, PathFault } from './faults.ts';
import { isMap, valueAt } from './raw-values.ts';

/** What is wrong with a selector at `path` as a whole; one that is no map is the schema's fault to find. */
export function selectorFaults(selector: unknown, path: ConfigPath): Array<PathFault> {
  if (!isMap(selector)) return [];
  const has = ['tags', 'scalingGroup'].filter((key) => valueAt(selector, key) !== undefined);
  const faults: Array<PathFault> = [];
  if (has.length !== 1) {
    const found = has.length === 0 ? 'neither tags nor scalingGroup' : 'both tags and scalingGroup';
    faults.push({ path, found, allowed: 'exactly one of tags and scalingGroup' });
  }
  const tags = valueAt(selector, 'tags');
  if (!isMap(tags)) return faults;
  const keys = Object.keys(tags);
  // No object can hold this key as an ordinary one, so it would select less than it says.
  const isUsable = !keys.includes('__proto__');
  if (keys.length < 1 || keys.length > 20 || !isUsable) {
    const found = isUsable ? `${keys.length} tags` : 'a tag "__proto__"';
    faults.push({ path: [...path, 'tags'], found, allowed: 'a map of 1 to 20 tags' });
  }
  return faults;
}
