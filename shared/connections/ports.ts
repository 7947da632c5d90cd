/** Counts the connections that instances still have, to end a drain before its time. */
export interface ConnectionCounts {
  /**
   * The newest count of each instance, by id; an instance without a sample is left out, which never ends a drain. Throws
   * TransientError, RejectedError.
   */
  of(instanceIds: ReadonlyArray<string>): Promise<ReadonlyMap<string, number>>;
}
