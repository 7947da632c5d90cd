import { listenerName, type Pair } from '../config/pair.ts';
import type { PairMembers } from './model.ts';
import type { Saga } from './saga/model.ts';

/** `i-a > i-b`: the primary first. */
export function describeMembers({ primary, secondary }: PairMembers): string {
  return `${primary.serverId} > ${secondary.serverId}`;
}

/** Who was what before a change; `no group` where there was none. */
export function describeBefore({ from }: Pick<Saga, 'from'>): string {
  return from === null ? 'no group' : describeMembers(from.members);
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

/** `promotion 3` */
export function nameOfChange({ kind, number }: Pick<Saga, 'kind' | 'number'>): string {
  return `${kind} ${number}`;
}
