import { TransientError } from '../../errors.ts';
import type { Instance, InstanceListing } from '../../instances/model.ts';

/** One page of a listing. */
export interface Page {
  readonly instances: ReadonlyArray<Instance>;
  /** Asks for the next page; empty or left out at the end. */
  readonly nextToken: string | null | undefined;
}

/** A query by tags sees no more resources than this; with as many found, there may be more. */
const SEEN_BY_TAGS_MAX = 1_000;
/** So many times the pages that those resources fill: an end to tokens that lead nowhere. */
const PAGES_SLACK = 3;

/**
 * Every instance with the tags, page after page of at most `perPage`, by an API that answers with tokens. Throws as `ask`
 * does, TransientError.
 */
export async function listTagged(
  { api, perPage }: { readonly api: string; readonly perPage: number },
  tags: ReadonlyArray<{ readonly key: string; readonly value: string }>,
  ask: (parameters: Readonly<Record<string, unknown>>) => Promise<Page>,
): Promise<InstanceListing> {
  // Without a tag the query would list the whole account.
  if (tags.length === 0) throw new RangeError('a listing needs a tag at least');
  const filter = { Tag: tags.map(({ key, value }) => ({ Key: key, Value: value })) };
  // By id: an instance may move to a later page while the pages are read.
  const found = new Map<string, Instance>();
  const pagesMax = PAGES_SLACK * Math.ceil(SEEN_BY_TAGS_MAX / perPage);
  let token: string | null = null;
  for (let page = 1; page <= pagesMax; page++) {
    const { instances, nextToken }: Page = await ask(
      token === null ? filter : { ...filter, NextToken: token },
    );
    for (const instance of instances) found.set(instance.instanceId, instance);
    token = nextToken || null;
    const isComplete = found.size < SEEN_BY_TAGS_MAX;
    if (token === null || !isComplete) return { instances: [...found.values()], isComplete };
  }
  const origin = { api, code: null, requestId: null };
  throw new TransientError(`the listing has no end after ${pagesMax} pages`, 'unavailable', origin);
}

/** Tags by key, whatever the key is. */
export function tagsOf(
  entries: ReadonlyArray<readonly [key: string, value: string | null | undefined]>,
): Readonly<Record<string, string>> {
  const tags: Record<string, string> = Object.create(null);
  for (const [key, value] of entries) tags[key] = value ?? '';
  return tags;
}
