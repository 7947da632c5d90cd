import type { Builds } from './builds.ts';

/** What the numbers of a row count. */
export type Unit = 'ms' | 'calls' | '×';

/** One number, beside what it may be at most and beside what one would have without this product. */
export interface Row {
  readonly what: string;
  /** Backends or events that it was measured with; `null` where neither matters. */
  readonly size: number | null;
  readonly measured: number;
  readonly unit: Unit;
  /** The cost that the project holds itself to; `null` = shown for the reader, nothing is promised. */
  readonly bound: number | null;
  /** The same work done the naive way; `null` = there is no such thing. */
  readonly naive: number | null;
  /** What the reader must know to believe the numbers; `''` = nothing. */
  readonly note: string;
}

/** The rows of one measure, and what they were measured under. */
export interface MeasureResult {
  readonly conditions: Readonly<Record<string, string | number>>;
  readonly rows: ReadonlyArray<Row>;
}

/** What a measure is run with. */
export interface Bench {
  /** Numbers of backends, ascending. */
  readonly sizes: ReadonlyArray<number>;
  /** How often a time is taken; the median of them counts. */
  readonly runs: number;
  readonly builds: Builds;
  /** Tells the waiting reader what is being done. */
  say(text: string): void;
}

/** One question that the bench answers. */
export interface Measure {
  /** For `--only`. */
  readonly name: string;
  readonly title: string;
  /** What stands in the column of the naive way. */
  readonly naive: string;
  run(bench: Bench): Promise<MeasureResult>;
}

/** Whether the row keeps its bound; `null` when it has none. Counts are exact, times are compared as measured. */
export function keepsBound({ measured, bound }: Row): boolean | null {
  return bound === null ? null : measured <= bound;
}
