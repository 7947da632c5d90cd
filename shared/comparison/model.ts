/** What a round of full comparisons came to. */
export interface ComparisonReport {
  /** Load balancers that were compared. */
  readonly compared: ReadonlyArray<string>;
  /** Those of them with something to do; their lanes have been signalled. */
  readonly different: ReadonlyArray<string>;
  /**
   * Those that could not be compared, by reason; the next round tries again. One that was compared is among them when only
   * its system events could not be asked for.
   */
  readonly failed: Readonly<Record<string, string>>;
}
