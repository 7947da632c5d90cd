import { listenerName, type Pair } from '../../../shared/config/pair.ts';
import type { PairMembers } from '../../../shared/pairs/model.ts';
import type { Saga } from '../../../shared/pairs/saga/model.ts';

/** `i-a > i-b`: the primary first. */
export function describeMembers({ primary, secondary }: PairMembers): string {
  return `${primary.serverId} > ${secondary.serverId}`;
}

/** `tcp:3306, udp:3306` */
export function describeListeners({ listeners }: Pick<Pair, 'listeners'>): string {
  return listeners.map(listenerName).join(', ');
}

/** What made a change turn back, with the call, the vendor's code and the request id that its support asks for. */
export function describeFailure({ failure }: Pick<Saga, 'failure'>): string {
  if (failure === null) return 'no reason was noted';
  const { message, api, code, requestId } = failure;
  const origin = [api, code, requestId === null ? null : `request ${requestId}`].filter(
    (part) => part !== null,
  );
  return origin.length === 0 ? message : `${message} (${origin.join(', ')})`;
}

/** `2026-04-09T04:18:26Z` */
export function instant(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

const UNITS = [
  ['day', 24 * 3_600_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const;

/** About how long, in one unit: `12 s`, `5 min`, `3 h`, `2 days`. */
export function roughly(ms: number): string {
  const unit = UNITS.find(([, unitMs]) => ms >= unitMs);
  if (unit === undefined) return `${Math.max(0, Math.round(ms / 1_000))} s`;
  const count = Math.floor(ms / unit[1]);
  return `${count} ${unit[0]}${unit[0] === 'day' && count !== 1 ? 's' : ''}`;
}

/** `promotion 3` */
export function nameOfChange({ kind, number }: Pick<Saga, 'kind' | 'number'>): string {
  return `${kind} ${number}`;
}
