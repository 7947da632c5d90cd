import { listenerName, type Pair } from '../config/pair.ts';
import type { PairGroup, PairInput, PairListener } from './model.ts';
import type { PairRow } from './record.ts';
import { numberOfName } from './saga/model.ts';

/** Where a pair stands: the group that its listeners use, or why there is none that could be called its own. */
export type Standing =
  | { readonly kind: 'group'; readonly group: PairGroup; readonly listeners: ReadonlyArray<PairListener> }
  /** It declares a group, and none of its listeners uses one of that kind. */
  | { readonly kind: 'none'; readonly reason: string }
  | { readonly kind: 'unclear'; readonly reason: string };

/**
 * The group of a pair: that which was its own, as long as one of its listeners uses it, else the one that all of them use.
 * Listeners that somebody has pointed elsewhere are left alone.
 */
export function standingOf(input: PairInput, row: PairRow): Standing {
  const { pair, listeners, described } = input;
  const missing = pair.listeners.filter(
    (name) => !listeners.some(({ protocol, port }) => protocol === name.protocol && port === name.port),
  );
  const used = [...new Set(listeners.flatMap(({ groupId }) => groupId ?? []))];
  const own = used.find((groupId) => groupId === row.groupId) ?? (used.length === 1 ? used[0] : undefined);
  if (own === undefined) {
    const names = pair.listeners.map(listenerName).join(', ');
    if (used.length > 1) return unclear(`${names} use different groups: ${used.join(', ')}`);
    if (missing.length === pair.listeners.length) return unclear(`none of ${names} exists`);
    const reason = `none of ${names} uses a primary/secondary group`;
    return pair.group === null ? unclear(reason) : { kind: 'none', reason };
  }
  const group = described.get(own);
  if (group === undefined) return unclear(`${own} could not be read`);
  if (pair.group !== null && !pair.group.adopt && own !== row.groupId && !isOurs(pair, group)) {
    return unclear(`${own} is a group that others have made: with group.adopt it becomes the pair's`);
  }
  return { kind: 'group', group, listeners: listeners.filter(({ groupId }) => groupId === own) };
}

function isOurs({ name }: Pick<Pair, 'name'>, group: Pick<PairGroup, 'name'>): boolean {
  return numberOfName(name, group.name) !== null;
}

/** What of the pair is not as the configuration has it though nobody can mend it; for people, `null` = nothing. */
export function strayListeners({ pair, listeners }: PairInput, groupId: string): string | null {
  const parts = pair.listeners.flatMap((name) => {
    const seen = listeners.find(({ protocol, port }) => protocol === name.protocol && port === name.port);
    if (seen === undefined) return [`${listenerName(name)} does not exist`];
    if (seen.groupId === groupId) return [];
    return [`${listenerName(name)} uses ${seen.groupId ?? 'no primary/secondary group'}`];
  });
  return parts.length === 0 ? null : `${parts.join('; ')}: left alone`;
}

function unclear(reason: string): Standing {
  return { kind: 'unclear', reason };
}
