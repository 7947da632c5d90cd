const MINUTE_MS = 60_000;

/**
 * Whether a timer that fires every minute begins a sweep in the minute of `atMs`: once in `compareMs`, and nobody has to
 * remember when it was.
 */
export function isSweepDue(atMs: number, compareMs: number): boolean {
  const minutes = Math.max(1, Math.round(compareMs / MINUTE_MS));
  return Math.floor(atMs / MINUTE_MS) % minutes === 0;
}

/**
 * The task of a load balancer in the sweep of that instant, `lb-bp1example_20260409T050530Z`: a timer that fires twice
 * names the same, and the next sweep another one.
 */
export function taskIdOf(loadBalancerId: string, triggeredAtMs: number): string {
  const instant = new Date(triggeredAtMs).toISOString().replace(/[-:]|\.\d+/g, '');
  return `${loadBalancerId}_${instant}`;
}

/** Every load balancer that a binding or a pair names. */
export function loadBalancerIdsOf({
  bindings,
  pairs,
}: {
  readonly bindings: ReadonlyArray<{ readonly loadBalancerId: string }>;
  readonly pairs: ReadonlyArray<{ readonly loadBalancerId: string }>;
}): ReadonlyArray<string> {
  return [...new Set([...bindings, ...pairs].map(({ loadBalancerId }) => loadBalancerId))].sort();
}

/**
 * How many of the last reports hold all of the last sweep over so many load balancers: its own, one of each of its tasks, and
 * as much again if its timer fired twice.
 */
export function reportsOfSweep(loadBalancers: number): number {
  return 2 * loadBalancers + 2;
}
