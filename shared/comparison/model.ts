import type { PlanSection } from './sections/model.ts';

/** What comparing load balancers, or pairs, came to. */
export interface ComparisonReport {
  /** Ids of load balancers, or names of pairs, that were compared. */
  readonly compared: ReadonlyArray<string>;
  /** Those that somebody works on, who compares them himself. */
  readonly held: ReadonlyArray<string>;
  /** Lanes with something to do; they have been signalled. */
  readonly different: ReadonlyArray<string>;
  /**
   * Those that could not be compared, by reason; the next round tries again. One that was compared is among them when only
   * its system events could not be asked for.
   */
  readonly failed: Readonly<Record<string, string>>;
}

/** The same with everything that was seen, in the order in which it was asked for. */
export interface Comparison {
  readonly report: ComparisonReport;
  readonly sections: ReadonlyArray<ComparedSection>;
}

/** A section with the lane that works on what it tells. */
export interface ComparedSection extends PlanSection {
  readonly laneId: string;
}
