/** How many connections an instance had. */
export interface ConnectionSample {
  readonly count: number;
  /** Since when it was counted: what happened later than this may not show in it. */
  readonly sinceMs: number;
}

/** Counts the connections that instances still have, to end a drain before its time. */
export interface ConnectionCounts {
  /**
   * The newest sample of each instance, by id; an instance without one is left out, which never ends a drain. Throws
   * TransientError, RejectedError.
   */
  of(instanceIds: ReadonlyArray<string>): Promise<ReadonlyMap<string, ConnectionSample>>;
}
