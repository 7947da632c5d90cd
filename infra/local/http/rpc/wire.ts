import { z } from 'zod';

/** A parameter that is text. */
export const text = z.string().max(10_000);

/** A parameter that is a whole number in decimal digits. */
export const integer = z
  .string()
  .regex(/^-?\d{1,9}$/)
  .transform(Number);

/** A parameter that is `true` or `false`, in any case. */
export const flag = z
  .string()
  .regex(/^(true|false)$/i)
  .transform((value) => value.toLowerCase() === 'true');

/** `Tag.N.Key` and `Tag.N.Value` of a request that sets tags; the value may be empty. */
export const tagsToSet = z
  .array(z.object({ Key: text, Value: text.default('') }))
  .max(20)
  .transform((tags) => tags.map(({ Key, Value }) => ({ key: Key, value: Value })));

/** `Tag.N.Key` and `Tag.N.Value` of a request that filters; without a value the key alone counts. */
export const tagsToMatch = z
  .array(z.object({ Key: text, Value: text.optional() }))
  .transform((tags) => tags.map(({ Key, Value }) => ({ key: Key, value: Value })));

/** An instant as most answers write it, `2022-08-31T02:49:05Z`. */
export function secondsTime(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

/** An instant as ECS writes it, to the minute: `2017-12-10T04:04Z`. */
export function minuteTime(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16)}Z`;
}

/** Tags as answers write them: `Key` and `Value` go in, `TagKey` and `TagValue` come out. */
export function wireTags(
  tags: ReadonlyArray<{ readonly key: string; readonly value: string }>,
): Array<{ TagKey: string; TagValue: string }> {
  return tags.map(({ key, value }) => ({ TagKey: key, TagValue: value }));
}
