import type { Signal } from '../../acceptance/model.ts';
import { happenedAtMs } from '../signals.ts';

/** What keeps a binding's differences from being corrected for a time. */
export interface Pause {
  /** The key of the signal that asked for it. */
  readonly key: string;
  readonly reason: string;
  readonly untilMs: number;
}

/** What a signal about a whole binding has instead of an instance's id. */
export function subjectOfBinding(name: string): string {
  return `${BINDING_PREFIX}${name}`;
}

/** Whether a signal is about a whole binding, and not about an instance. */
export function isSubjectOfBinding(subject: string): boolean {
  return subject.startsWith(BINDING_PREFIX);
}

const BINDING_PREFIX = 'binding/';

/** The pauses that stand now, by the name of the binding: the last that was said of each, unless its time is over. */
export function standingPauses(signals: ReadonlyArray<Signal>, nowMs: number): ReadonlyMap<string, Pause> {
  const last = new Map<string, { readonly atMs: number; readonly pause: Pause | null }>();
  for (const signal of signals) {
    const { key, news } = signal;
    if (news.kind !== 'pause') continue;
    const atMs = happenedAtMs(signal);
    const known = last.get(news.binding);
    if (known !== undefined && known.atMs > atMs) continue;
    const pause = news.untilMs === null ? null : { key, reason: news.reason, untilMs: news.untilMs };
    last.set(news.binding, { atMs, pause });
  }
  const standing = new Map<string, Pause>();
  for (const [binding, { pause }] of last) {
    if (pause !== null && pause.untilMs > nowMs) standing.set(binding, pause);
  }
  return standing;
}
