import type { LanePlan, Step } from '../../../shared/server-groups/model.ts';

/** `i-web0001`, `i-web0002`, … */
export function ids(count: number, from = 1): ReadonlyArray<string> {
  return Array.from({ length: count }, (_, index) => `i-web${String(index + from).padStart(4, '0')}`);
}

/** `put i-1 joining` for each change of a record. */
export function rowsOf({ changes }: LanePlan): ReadonlyArray<string> {
  return changes.map(({ kind, row }) => `${kind} ${row.serverId} ${row.phase}`);
}

/** `add i-1=100,i-2=100` for each call. */
export function callsOf({ steps }: Pick<LanePlan, 'steps'>): ReadonlyArray<string> {
  return steps.map(callOf);
}

/** `add i-1=100,i-2=100`. */
export function callOf({ kind, backends }: Step): string {
  return `${kind} ${backends.map(({ serverId, weight }) => `${serverId}=${weight}`).join(',')}`;
}
