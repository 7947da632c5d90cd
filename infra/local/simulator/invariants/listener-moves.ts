import type { PairListenerName } from '../../../../shared/config/pair.ts';
import type { MemoryClouds } from '../../memory/clouds.ts';
import type { WorkerCall } from '../play/calls.ts';
import { listenerKey } from './pair-sight.ts';
import { pairWriteOf } from './pair-writes.ts';

/** The last time that a listener came to another group, as it really happened. */
export interface ListenerMove {
  readonly by: 'us' | 'others';
  readonly atMs: number;
}

/** Who has moved the listeners of all load balancers, from what took effect in the world. */
export class ListenerMoves {
  readonly #last = new Map<string, ListenerMove>();
  readonly #lastWriteAtMs = new Map<string, number>();

  constructor({ foundation }: Pick<MemoryClouds, 'foundation'>) {
    foundation.timeline.onEntry(({ kind, atMs, details }) => {
      if (kind !== 'listener-moved') return;
      const { loadBalancerId, listenerProtocol, listenerPort } = details;
      // Taken for somebody else's until the call that did it turns out to be ours, which is at once.
      this.#last.set(`${loadBalancerId} ${listenerProtocol}:${listenerPort}`, { by: 'others', atMs });
    });
  }

  /** To be told of every call that has landed. */
  landed(call: WorkerCall): void {
    const write = call.outcome?.isOk === true ? pairWriteOf(call) : null;
    if (write?.kind !== 'point') return;
    const key = listenerKey(write.loadBalancerId, write.listener);
    this.#lastWriteAtMs.set(key, call.landedAtMs ?? call.sentAtMs);
    const last = this.#last.get(key);
    if (last !== undefined && last.atMs === call.landedAtMs)
      this.#last.set(key, { by: 'us', atMs: last.atMs });
  }

  /** When the last call of ours about a listener took effect, wherever it pointed; `null` = none has. */
  lastWriteAtMs(loadBalancerId: string, listener: PairListenerName): number | null {
    return this.#lastWriteAtMs.get(listenerKey(loadBalancerId, listener)) ?? null;
  }

  /** `null` = it is where it was at first. */
  last(loadBalancerId: string, listener: PairListenerName): ListenerMove | null {
    return this.#last.get(listenerKey(loadBalancerId, listener)) ?? null;
  }
}
