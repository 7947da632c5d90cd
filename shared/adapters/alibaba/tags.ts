import * as z from 'zod';
import type { Tag } from '../../config/tags.ts';

/** Tags as answers have them: going in it is `Key` and `Value`, coming out `TagKey` and `TagValue`. */
export const TagsSchema = z
  .object({ Tag: z.array(z.object({ TagKey: z.string(), TagValue: z.string().nullish() })) })
  .nullish();

/** What an answer says of them. */
export function readTags(tags: z.infer<typeof TagsSchema>): ReadonlyArray<Tag> {
  return (tags?.Tag ?? []).map(({ TagKey, TagValue }) => ({ key: TagKey, value: TagValue ?? '' }));
}

/** As a parameter. */
export function writeTags(tags: ReadonlyArray<Tag>): ReadonlyArray<{ Key: string; Value: string }> {
  return tags.map(({ key, value }) => ({ Key: key, Value: value }));
}
