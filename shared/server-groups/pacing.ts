import type { Clock } from '../clock.ts';
import type { LaneNotes } from '../lanes/model.ts';

/** A group refuses the next write in the same second, so the next one waits a little longer than that. */
const GROUP_PROCESSING_MS = 1_100;

/** When the next write to each group of a lane may be sent. Begins with what earlier passes noted. */
export class Pacing {
  readonly #clock: Clock;
  readonly #writtenAtMs: Record<string, number>;
  readonly #writableAtMs: Record<string, number>;

  constructor(notes: LaneNotes, clock: Clock) {
    this.#clock = clock;
    this.#writtenAtMs = { ...notes.writtenAtMs };
    this.#writableAtMs = { ...notes.writableAtMs };
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
  }

  /** The group takes no write for so long; a longer hold stays. */
  hold(vServerGroupId: string, forMs: number): void {
    const untilMs = this.#clock.nowMs() + forMs;
    this.#writableAtMs[vServerGroupId] = Math.max(untilMs, this.writableAtMs(vServerGroupId));
  }

  /** What matters beyond this pass; writes that have settled by now do not. */
  notes(settleMs: number): Pick<LaneNotes, 'writtenAtMs' | 'writableAtMs'> {
    const nowMs = this.#clock.nowMs();
    return {
      writtenAtMs: later(this.#writtenAtMs, nowMs - settleMs),
      writableAtMs: later(this.#writableAtMs, nowMs),
    };
  }
}

function later(instants: Readonly<Record<string, number>>, thanMs: number): Record<string, number> {
  return Object.fromEntries(Object.entries(instants).filter(([, atMs]) => atMs > thanMs));
}
