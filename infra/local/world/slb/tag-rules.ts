import type { SlbTag } from './model.ts';
import { slbRefusals } from './refusals.ts';

/** Tags that a resource has at most, and tags and resources in one call. */
export const TAGS_MAX = 20;

const KEY_LENGTH_MAX = 64;
const VALUE_LENGTH_MAX = 128;

/**
 * Checks tags that are to be set: keys of 1–64 characters that begin neither with `aliyun` nor with `acs:` and hold no
 * address, values of at most 128. Throws `InvalidParam.TagKey`, `InvalidParam.TagValue` or `SizeLimitExceeded.Tag` (400).
 */
export function checkTags(tags: ReadonlyArray<SlbTag>): void {
  if (tags.length > TAGS_MAX) throw slbRefusals.tooManyTags();
  for (const { key, value } of tags) {
    const isReserved = /^(aliyun|acs:)/i.test(key) || /https?:\/\//i.test(key);
    if (key === '' || key.length > KEY_LENGTH_MAX || isReserved) throw slbRefusals.invalidTagKey();
    if (value.length > VALUE_LENGTH_MAX) throw slbRefusals.invalidTagValue();
  }
}
