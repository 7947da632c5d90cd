import type { LaneChange, LaneRow } from './model.ts';

/** The table of lanes. */
export interface LaneStore {
  /** The row, or an empty lane. Throws TransientError. */
  read(laneId: string): Promise<LaneRow>;
  /** All rows; complete or an error. */
  list(): Promise<ReadonlyArray<LaneRow>>;
  /** Adds one to `dirty` of each lane, without condition. A repeat counts again, which only costs a look. */
  signal(laneIds: ReadonlyArray<string>): Promise<void>;
  /**
   * Applies the change if its expectations hold. Throws TransientError with `unknown-outcome` when the store did not
   * answer: read the row and compare `owner`.
   */
  change(laneId: string, change: LaneChange): Promise<'changed' | 'conflict'>;
}

/** Delayed messages that say "look at this lane", nothing more. One that comes too early or twice costs one read. */
export interface WakeUps {
  /** Sends one for `dueAtMs`; an instant in the past means at once. Throws TransientError. */
  send(laneId: string, dueAtMs: number): Promise<void>;
}
