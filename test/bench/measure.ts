import type { Builds } from './builds.ts';

/** What the figures of a line count. MB are of 1,000,000 bytes. */
export type Unit = 'ms' | 's' | 'calls' | 'rows' | 'documents' | 'MB' | '×';

/** One figure, beside what it may be at most and beside what one would have without this product. */
export interface Line {
  readonly name: string;
  /** Backends or events that it was measured with; `null` where neither matters. */
  readonly size: number | null;
  readonly figure: number;
  readonly unit: Unit;
  /** The cost that the project holds itself to; `null` = shown for the reader, nothing is promised. */
  readonly bound: number | null;
  /** The same work done with what one would pick instead; `null` = there is no such thing. */
  readonly instead: number | null;
  /** What the reader must know to believe the figures; `''` = nothing. */
  readonly note: string;
}

/** The lines of one measure, and what they were measured under. */
export interface MeasureResult {
  readonly conditions: Readonly<Record<string, string | number>>;
  readonly lines: ReadonlyArray<Line>;
  /** Paths of the files that it wrote. */
  readonly files?: ReadonlyArray<string>;
}

/** What a measure is run with. */
export interface Bench {
  /** Small sizes and few runs: shows that everything works, and says nothing about times. */
  readonly isQuick: boolean;
  /** How often a time is taken; the median of them counts. */
  readonly runs: number;
  readonly builds: Builds;
  /** Where files for people go; it exists. */
  readonly outFolder: string;
  /** Tells the waiting reader what is being done. */
  say(text: string): void;
}

/** One question that the bench answers. */
export interface Measure {
  /** For `--only`. */
  readonly name: string;
  readonly title: string;
  /** What stands in the column of what one would pick instead. */
  readonly instead: string;
  run(bench: Bench): Promise<MeasureResult>;
}

/** `false` = it has a bound and does not keep it. Counts are exact, times are compared as measured. */
export function isOk({ figure, bound }: Line): boolean {
  return bound === null || figure <= bound;
}

/** How many times as much the alternative costs: above 1 ours costs less. `null` where there is none, or ours is 0. */
export function ratioOf({ figure, instead }: Line): number | null {
  return instead === null || figure === 0 ? null : instead / figure;
}
