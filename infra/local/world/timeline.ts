import type { WorldClock } from './clock.ts';

/** One thing that happened, for people and for reports. */
export interface TimelineEntry {
  readonly atMs: number;
  /** Who it happened to or in: `ecs`, `ess`, `slb`, `eventbridge`, `mns`, `cms`, `fc`, `scene`. */
  readonly source: 'ecs' | 'ess' | 'slb' | 'eventbridge' | 'mns' | 'cms' | 'fc' | 'timer' | 'scene';
  /** A short name for the kind of thing, `instance-running`, `backends-added`. */
  readonly kind: string;
  /** One line for people, without the time. */
  readonly text: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** What happened in the world, oldest first. */
export interface Timeline {
  readonly entries: ReadonlyArray<TimelineEntry>;
  record(entry: Omit<TimelineEntry, 'atMs'>): void;
  onEntry(listener: (entry: TimelineEntry) => void): void;
}

const ENTRIES_MAX = 100_000;

/** An empty timeline. */
export function createTimeline(clock: WorldClock): Timeline {
  const entries: Array<TimelineEntry> = [];
  const listeners: Array<(entry: TimelineEntry) => void> = [];
  return {
    entries,
    onEntry: (listener) => void listeners.push(listener),
    record(entry) {
      const stamped = { ...entry, atMs: clock.nowMs() };
      entries.push(stamped);
      if (entries.length > ENTRIES_MAX) entries.shift();
      for (const listener of listeners) listener(stamped);
    },
  };
}
