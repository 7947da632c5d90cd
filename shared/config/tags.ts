import * as z from 'zod';
import type { ConfigPath, PathFault } from './faults.ts';
import { describeValue } from './faults.ts';
import { isMap } from './raw-values.ts';

/** A tag of a group: SLB's `Key` and `Value`. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** Tags that one group may have, ours included. */
export const TAGS_MAX = 20;
/** Begins the keys of the tags that we put onto groups ourselves. */
export const OWN_TAG_PREFIX = 'slb-autopilot:';

const KEY_LENGTH_MAX = 64;
const VALUE_LENGTH_MAX = 128;
/** Keys that begin like this belong to the vendor, and cannot be set. */
export const RESERVED_KEY = /^(?:aliyun|acs:)/i;
const ADDRESS = /https?:\/\//i;

/**
 * Tags as the file has them. How many, and what keys and values may be, is {@link tagFaults}' to find, each by itself.
 *
 * @see https://www.alibabacloud.com/help/en/slb/classic-load-balancer/developer-reference/api-slb-2014-05-15-tagresources
 */
export const TagsSchema = z.record(z.string(), z.unknown(), { error: 'a map of tags' });

/** Everything that is wrong with a map of tags at `path`; `own` = how many we add to it. One that is no map is the schema's to find. */
export function tagFaults(tags: unknown, path: ConfigPath, own: number): ReadonlyArray<PathFault> {
  if (!isMap(tags)) return [];
  const keys = Object.keys(tags);
  const most = TAGS_MAX - own;
  const tooMany: ReadonlyArray<PathFault> =
    keys.length <= most ? [] : [{ path, found: `${keys.length} tags`, allowed: `at most ${most} tags` }];
  return [...tooMany, ...keys.flatMap((key) => faultsOf(key, tags[key], [...path, key]))];
}

/** The tags of a map without faults, by key. */
export function resolveTags(tags: Readonly<Record<string, unknown>> | undefined): ReadonlyArray<Tag> {
  return Object.entries(tags ?? {})
    .map(([key, value]) => ({ key, value: String(value ?? '') }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

function faultsOf(key: string, value: unknown, path: ConfigPath): ReadonlyArray<PathFault> {
  const faults: Array<PathFault> = [];
  const about = (found: string, allowed: string, isKey?: true) =>
    faults.push({ path, found, allowed, ...(isKey && { isKey }) });
  const named = describeValue(key);
  if (key === '__proto__') about('a tag "__proto__"', 'another key', true);
  else if (key.length < 1 || key.length > KEY_LENGTH_MAX) {
    about(`a key of ${key.length} characters`, `a key of 1 to ${KEY_LENGTH_MAX} characters`, true);
  } else if (RESERVED_KEY.test(key)) {
    about(`the key ${named}`, 'a key that does not begin with aliyun or acs:', true);
  } else if (ADDRESS.test(key)) about(`the key ${named}`, 'a key without http:// and https://', true);
  else if (key.startsWith(OWN_TAG_PREFIX)) {
    about(`the key ${named}`, `a key that does not begin with ${OWN_TAG_PREFIX}, which are our own`, true);
  } else if (typeof value !== 'string') {
    about(describeValue(value), 'a text (in quotes where YAML sees something else), which may be empty');
  } else if (value.length > VALUE_LENGTH_MAX) {
    about(`a value of ${value.length} characters`, `a value of at most ${VALUE_LENGTH_MAX} characters`);
  } else if (ADDRESS.test(value)) about(describeValue(value), 'a value without http:// and https://');
  return faults;
}
