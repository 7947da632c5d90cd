import type { PairGroupDeclaration } from '../../config/pair-group.ts';
import { TAGS_MAX } from '../../config/tags.ts';
import type { PairDraft } from '../draft.ts';
import type { PairGroup, PairInput } from '../model.ts';
import { PAIR_TAG } from '../saga/begin.ts';

/** What the tags of a pair's group come to. */
export type TagWork =
  | { readonly kind: 'nothing' }
  /** A call is on its way into the plan, or waits. */
  | { readonly kind: 'working' }
  | { readonly kind: 'held'; readonly reason: string };

/**
 * Sets the tags that are declared and ours, and takes off those that we once set and that are declared no more. Tags of
 * others stay. Only where ticks may do so, or somebody has asked for it.
 */
export function planTags(draft: PairDraft, { pair, nowMs }: PairInput, group: PairGroup): TagWork {
  const { group: declared } = pair;
  const { tagging } = draft.row;
  if (declared === null || (!declared.isManaged && !tagging.isDue)) return { kind: 'nothing' };
  const { missing, obsolete } = tagDifference(pair.name, declared, tagging.keys, group);
  const keys = declared.tags.map(({ key }) => key);
  if (missing.length === 0 && obsolete.length === 0) {
    draft.set({ tagging: { keys, isDue: false, notBeforeMs: null } });
    return { kind: 'nothing' };
  }
  const after = new Set([...group.tags, ...missing].map(({ key }) => key));
  for (const key of obsolete) after.delete(key);
  if (after.size > TAGS_MAX) {
    const reason = `${group.groupId} would have ${after.size} tags, and ${TAGS_MAX} are allowed: take off some of the others'`;
    return { kind: 'held', reason };
  }
  if (tagging.notBeforeMs !== null && tagging.notBeforeMs > nowMs) {
    draft.wait(tagging.notBeforeMs, `another try to set the tags of ${group.groupId}`);
    return { kind: 'working' };
  }
  // What is about to be set is ours to take away, whatever becomes of the answer.
  const touched = [...new Set([...tagging.keys, ...keys])].sort();
  draft.set({ tagging: { ...tagging, keys: touched, notBeforeMs: null } });
  const { groupId } = group;
  // First what goes: there may be no room for what comes.
  if (obsolete.length > 0) draft.send({ kind: 'untag', groupId, keys: obsolete });
  else draft.send({ kind: 'tag', groupId, tags: missing });
  return { kind: 'working' };
}

function tagDifference(
  name: string,
  declared: PairGroupDeclaration,
  setKeys: ReadonlyArray<string>,
  { tags }: PairGroup,
) {
  const wanted = [...declared.tags, { key: PAIR_TAG, value: name }];
  const wantedKeys = new Set(wanted.map(({ key }) => key));
  const present = new Map(tags.map(({ key, value }) => [key, value]));
  return {
    missing: wanted.filter(({ key, value }) => present.get(key) !== value),
    obsolete: setKeys.filter((key) => !wantedKeys.has(key) && present.has(key)),
  };
}
