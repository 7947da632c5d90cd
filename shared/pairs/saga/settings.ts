import type { ListenerSettings } from '../model.ts';
import type { SagaListener } from './model.ts';

/**
 * The parameters of which it is not known that they stay when a call leaves them out: one public tool always sends the
 * domain again, and newer pages give the persistence a default.
 *
 * @see https://www.alibabacloud.com/help/en/slb/classic-load-balancer/developer-reference/api-slb-2014-05-15-setloadbalancertcplistenerattribute
 */
const SUSPECTS: ReadonlyArray<string> = ['HealthCheckDomain', 'PersistenceTimeout'];

/** Sent along by a listener that comes from a vServer group: it must not be left with two groups. */
export const LEAVES_V_SERVER_GROUP: ListenerSettings = { VServerGroup: 'off' };

/** What is always sent along with a new group: the domain of the health check, where there is one. */
export function settingsToSend(before: ListenerSettings): ListenerSettings {
  const domain = before.HealthCheckDomain ?? '';
  return domain === '' ? {} : { HealthCheckDomain: domain };
}

/** What the change of the group has cost: suspects that were set and are not as they were. Empty = nothing. */
export function lostSettings(before: ListenerSettings, now: ListenerSettings): ListenerSettings {
  return Object.fromEntries(
    SUSPECTS.flatMap((name) => {
      const value = before[name] ?? '';
      return value === '' || (now[name] ?? '') === value ? [] : [[name, value]];
    }),
  );
}

/**
 * What is sent along with the old group when a listener goes back: what always is, what the way there has cost it, and what
 * had to be mended then, for the way back may cost it once more.
 */
export function settingsToGoBack(
  { before, mends }: Pick<SagaListener, 'before' | 'mends'>,
  now: ListenerSettings,
): ListenerSettings {
  return { ...settingsToSend(before), ...lostSettings(before, mends > 0 ? {} : now) };
}

/** All that differs, for people: `Description "a" → "b"`; `null` = nothing does. */
export function describeDifferences(before: ListenerSettings, now: ListenerSettings): string | null {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  const differing = names.filter((name) => (before[name] ?? '') !== (now[name] ?? ''));
  if (differing.length === 0) return null;
  return differing.map((name) => `${name} "${before[name] ?? ''}" → "${now[name] ?? ''}"`).join(', ');
}
