/** The middle value; of an even number the lower one of the two, so that it is always a value that was measured. */
export function median(values: ReadonlyArray<number>): number {
  return percentile(values, 50);
}

/** The smallest measured value that at least `percent` % of the values are not above. */
export function percentile(values: ReadonlyArray<number>, percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)];
  if (value === undefined) throw new RangeError('no values');
  return value;
}
