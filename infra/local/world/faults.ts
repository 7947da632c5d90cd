import type { ApiCall } from './api-call.ts';
import { CloudError, ConnectionLost } from './errors.ts';

/** What a fault does to the calls it hits. */
export type FaultEffect =
  /** Refused with these words; the call does not take effect. */
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly code: string;
      readonly message: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The connection breaks before the call takes effect. */
  | { readonly kind: 'lose-request' }
  /** The call takes effect and the connection breaks before the answer. */
  | { readonly kind: 'lose-reply' }
  /** The answer comes later by this much; the call takes effect after `beforeMs`. */
  | { readonly kind: 'delay'; readonly beforeMs: number; readonly afterMs: number }
  /** The caller's process is killed, before the call takes effect or after it. */
  | { readonly kind: 'kill-caller'; readonly when: 'before' | 'after' };

/** Something that goes wrong, as data. Without a field in `match`, every value matches. */
export interface Fault {
  /** Shown in logs and reports. */
  readonly name: string;
  readonly match: {
    readonly product?: ApiCall['product'];
    readonly action?: string;
    readonly subject?: string;
    readonly callers?: 'role-sessions' | 'administrators';
  };
  /** So many matching calls pass before it strikes. */
  readonly skip: number;
  /** So many calls it then strikes; `null` = all that follow. */
  readonly times: number | null;
  readonly effect: FaultEffect;
}

/** The faults in force and how often each has struck. */
export interface Faults {
  inject(fault: Fault): void;
  /** Ends the faults of that name, or all. */
  clear(name?: string): void;
  /** The effects that strike this call; counts it. */
  strike(call: ApiCall): ReadonlyArray<FaultEffect>;
  /** How often the fault of that name has struck. */
  struck(name: string): number;
}

/** No faults at first. */
export function createFaults(): Faults {
  let active: Array<{ fault: Fault; seen: number }> = [];
  const counts = new Map<string, number>();
  return {
    inject: (fault) => void active.push({ fault, seen: 0 }),
    clear(name) {
      active = name === undefined ? [] : active.filter((entry) => entry.fault.name !== name);
    },
    strike(call) {
      const effects: Array<FaultEffect> = [];
      for (const entry of active) {
        if (!matches(entry.fault, call)) continue;
        const { skip, times, name, effect } = entry.fault;
        const turn = entry.seen++;
        if (turn < skip || (times !== null && turn >= skip + times)) continue;
        counts.set(name, (counts.get(name) ?? 0) + 1);
        effects.push(effect);
      }
      return effects;
    },
    struck: (name) => counts.get(name) ?? 0,
  };
}

function matches({ match }: Fault, call: ApiCall): boolean {
  const wantedKind = match.callers === 'role-sessions' ? 'role-session' : 'administrator';
  return (
    (match.product === undefined || match.product === call.product) &&
    (match.action === undefined || match.action === call.action) &&
    (match.subject === undefined || match.subject === call.subject) &&
    (match.callers === undefined || wantedKind === call.principal.kind)
  );
}

/** Throws what the effect makes of a call that has not been applied yet; other effects pass. */
export function throwBefore(effect: FaultEffect): void {
  if (effect.kind === 'error')
    throw new CloudError(effect.status, effect.code, effect.message, effect.headers);
  if (effect.kind === 'lose-request') throw new ConnectionLost(false);
}
