import * as z from 'zod';

/** A text of a pattern. Every message of the schemas completes the sentence "allowed is …". */
export function text(pattern: RegExp, allowed: string) {
  return z.string({ error: allowed }).regex(pattern, { error: allowed });
}

/** A whole number within bounds. */
export function integer(min: number, max: number) {
  const allowed = `a whole number from ${min} to ${max}`;
  return z.int({ error: allowed }).min(min, { error: allowed }).max(max, { error: allowed });
}

/** One of a few words. */
export function oneOf<const Words extends ReadonlyArray<string>>(words: Words) {
  return z.enum(words, { error: words.join(', ').replace(/, ([^,]*)$/, ' or $1') });
}

/** A list that is neither empty nor too long. */
export function list<Item extends z.ZodType>(item: Item, max: number, what: string) {
  const allowed = `a list of 1 to ${max} ${what}`;
  return z.array(item, { error: allowed }).min(1, { error: allowed }).max(max, { error: allowed });
}

/** A map with these keys and no others: a key that is not ours is a typing mistake, not a wish to be ignored. */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
  const keys = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? `one of the keys ${keys}` : `a map with ${keys}`),
  });
}

/** A switch. */
export const YES_OR_NO = z.boolean({ error: 'true or false' });

/** An hour in milliseconds, the unit of the longer bounds. */
export const HOUR_MS = 3_600_000;

/** The id of what can be a backend: an ECS instance, a network interface, a container instance. */
export const SERVER_ID = /^(?:i|eni|eci)-[A-Za-z0-9-]{1,60}$/;

/** The id of a scaling group. */
export const SCALING_GROUP_ID = /^asg-[A-Za-z0-9-]{1,60}$/;
