/** What a round of full comparisons came to. */
export interface ComparisonReport {
  /** Load balancers that were compared. */
  readonly compared: ReadonlyArray<string>;
  /** Those of them with something to do; their lanes have been signalled. */
  readonly different: ReadonlyArray<string>;
  /** Those that could not be compared, by reason; the next round tries again. */
  readonly failed: Readonly<Record<string, string>>;
}
