import type { SlbTag } from './model.ts';

/** A tag to be looked for; without a value the key alone counts. */
export interface TagFilter {
  readonly key: string;
  readonly value?: string | undefined;
}

/** Whether the resource has all of the tags. */
export function hasTags(
  { tags }: { readonly tags: ReadonlyArray<SlbTag> },
  wanted: ReadonlyArray<TagFilter>,
): boolean {
  return wanted.every(({ key, value }) =>
    tags.some((tag) => tag.key === key && (value === undefined || value === tag.value)),
  );
}
