import type { Clock } from '../clock.ts';
import type { GroupRefusal, LaneNotes } from '../lanes/model.ts';

/** A group refuses the next write in the same second, so the next one waits a little longer than that. */
const GROUP_PROCESSING_MS = 1_100;
/** The lane's row is written often. */
const REASON_LENGTH_MAX = 300;

/** What of a lane's notes is about when its groups can be written. */
export type PacingNotes = Pick<LaneNotes, 'writtenAtMs' | 'writableAtMs' | 'refused'>;

/** When the next write to each group of a lane may be sent. Begins with what earlier passes noted. */
export class Pacing {
  readonly #clock: Clock;
  readonly #writtenAtMs: Record<string, number>;
  readonly #writableAtMs: Record<string, number>;
  readonly #refused: Record<string, GroupRefusal>;

  constructor(notes: LaneNotes, clock: Clock) {
    this.#clock = clock;
    this.#writtenAtMs = { ...notes.writtenAtMs };
    this.#writableAtMs = { ...notes.writableAtMs };
    this.#refused = { ...notes.refused };
  }

  /** No write to the group before this instant; one that has passed means now. */
  writableAtMs(vServerGroupId: string): number {
    return this.#writableAtMs[vServerGroupId] ?? 0;
  }

  isWritable(vServerGroupId: string): boolean {
    return this.writableAtMs(vServerGroupId) <= this.#clock.nowMs();
  }

  /** A write goes out: from here on the group may read differently from what it was. */
  sent(vServerGroupId: string): void {
    this.#writtenAtMs[vServerGroupId] = this.#clock.nowMs();
  }

  /** A write was answered. */
  answered(vServerGroupId: string): void {
    this.sent(vServerGroupId);
    this.hold(vServerGroupId, GROUP_PROCESSING_MS);
    delete this.#refused[vServerGroupId];
  }

  /** Writes to the group that were refused as a whole, in a row. */
  refusalsOf(vServerGroupId: string): number {
    return this.#refused[vServerGroupId]?.count ?? 0;
  }

  /** A write was refused because of the group, which takes none for so long. Returns until when. */
  refused(vServerGroupId: string, reason: string, forMs: number): number {
    const count = this.refusalsOf(vServerGroupId) + 1;
    this.#refused[vServerGroupId] = { count, reason: reason.slice(0, REASON_LENGTH_MAX) };
    this.hold(vServerGroupId, forMs);
    return this.writableAtMs(vServerGroupId);
  }

  /** The group takes no write for so long; a longer hold stays. */
  hold(vServerGroupId: string, forMs: number): void {
    const untilMs = this.#clock.nowMs() + forMs;
    this.#writableAtMs[vServerGroupId] = Math.max(untilMs, this.writableAtMs(vServerGroupId));
  }

  /** What matters beyond this pass; writes that have settled by now do not. */
  notes(settleMs: number): PacingNotes {
    const nowMs = this.#clock.nowMs();
    return {
      writtenAtMs: later(this.#writtenAtMs, nowMs - settleMs),
      writableAtMs: later(this.#writableAtMs, nowMs),
      ...(Object.keys(this.#refused).length > 0 && { refused: { ...this.#refused } }),
    };
  }
}

function later(instants: Readonly<Record<string, number>>, thanMs: number): Record<string, number> {
  return Object.fromEntries(Object.entries(instants).filter(([, atMs]) => atMs > thanMs));
}
