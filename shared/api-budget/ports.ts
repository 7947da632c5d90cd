/** What is counted together: calls of one operation in one slot, by all workers of all functions. */
export interface BudgetKey {
  readonly regionId: string;
  /** The API operation, `SetVServerGroupAttribute`. */
  readonly api: string;
  /** Start of the slot, milliseconds since the epoch. */
  readonly slotStartsAtMs: number;
}

/** Where it is counted how many calls are taken. Counts only grow, and are forgotten some days later. */
export interface BudgetStore {
  /**
   * Takes up to `want` calls, as long as not more than `cap` are taken in all; returns how many, 0 to `want`. Never takes
   * a call twice: throws TransientError with `unknown-outcome` when the store did not answer, and then all of them may
   * be taken: send none.
   */
  take(key: BudgetKey, want: number, cap: number): Promise<number>;
  /** Counts `calls` in each of the slots, whatever is taken there already. Throws TransientError. */
  spend(keys: ReadonlyArray<BudgetKey>, calls: number): Promise<void>;
}
