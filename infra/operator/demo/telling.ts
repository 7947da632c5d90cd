import type { TimelineEntry } from '../../local/world/timeline.ts';

/** One line of the live timeline. */
export interface Happening {
  readonly atMs: number;
  readonly who: string;
  readonly text: string;
  readonly tone: 'headline' | 'plain' | 'quiet' | 'good' | 'leaving' | 'bad';
}

/** What is told of one kind of thing, however often it happened in a moment. */
export interface Telling {
  /** Entries with the same key become one line. */
  readonly key: string;
  readonly who: string;
  readonly tone: Happening['tone'];
  /** `subjects` are those of all entries of the line. */
  readonly text: (subjects: ReadonlyArray<string>) => string;
  readonly subject: string;
}

const SUBJECTS_SHOWN_MAX = 2;

/** A line of its own, in the world's words. */
export function single({ text, kind }: TimelineEntry, who: string, tone: Happening['tone']): Telling {
  return { key: `${kind} ${text}`, who, tone, subject: '', text: () => text };
}

/** A function's name without what all of them begin with. */
export function shortName(text: string): string {
  return text.replace(/^slb-autopilot-/, '');
}

/** The first of them, and how many more there are. */
export function someOf(ids: ReadonlyArray<string>): string {
  const rest = ids.length - SUBJECTS_SHOWN_MAX;
  return [...ids.slice(0, SUBJECTS_SHOWN_MAX), ...(rest > 0 ? [`and ${rest} more`] : [])].join(', ');
}

/** Each of them once. */
export function distinct(texts: ReadonlyArray<string>): string {
  return [...new Set(texts)].join(', ');
}

/** `3 servers`, `1 server`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `4.2 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
