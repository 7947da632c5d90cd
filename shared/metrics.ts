/**
 * What is counted for alarms and dashboards. Each needs somebody's eyes when it is not zero, but for `pair-changes`,
 * `write-calls`, and what a sweep has seen and done.
 */
export type MetricName =
  /** Another writer keeps putting its own value back. */
  | 'backends-contested'
  /** Backends that a guard or a setting keeps from what they are to become. */
  | 'backends-held'
  /** Differences that a binding only has reported. */
  | 'drift-reported'
  /** Backends that did not become ready within their limit. */
  | 'backends-not-ready'
  /** Groups found with less capacity than their guard asks for. */
  | 'capacity-below-floor'
  /** Selectors that cannot be believed: nothing matches any more, or too much to be listed. */
  | 'selectors-unsure'
  /** Hooks whose instances a guard or a setting keeps from leaving. */
  | 'hooks-held'
  /** Hooks on the way out that were answered ROLLBACK. */
  | 'hooks-rolled-back'
  /** Hooks on the way in whose instances did not serve in time. */
  | 'hooks-not-ready'
  /** Hooks answered because ESS would wait no longer, not because it was done. */
  | 'hooks-out-of-time'
  /** Hooks that ran into their timeout. */
  | 'hooks-timed-out'
  /** Hooks that somebody else has ended. */
  | 'hooks-ended-elsewhere'
  /** Hooks that were given up: ESS never showed them, or their instances neither left nor came back. */
  | 'hooks-given-up'
  /** Calls about hooks that ESS refused. */
  | 'hook-calls-refused'
  /** vServer groups of ours that a scaling group manages as well. */
  | 'native-attachments'
  /** Pairs whose primary is accused by one observer alone, or by a notice that ECS does not confirm. */
  | 'pairs-one-sided'
  /** Pairs whose primary is bad, or whose secondary is gone, and nobody can take the place. */
  | 'pairs-degraded'
  /** Pairs that a setting, a pause or a cool-down keeps from a change that is due, or whose listeners disagree. */
  | 'pairs-held'
  /** Changes of a pair that were turned back or given up. */
  | 'pair-changes-failed'
  /** Changes of a pair that were carried out. */
  | 'pair-changes'
  /** Load balancers and pairs that a sweep could not compare, or not in full. */
  | 'sweep-failures'
  /** Sweeps, or tasks of one, that have not ended by the time of the next. */
  | 'sweeps-unfinished'
  /** Messages in quarantine. */
  | 'messages-quarantined'
  /** Of each worker of a sweep: what it looked at, found, had corrected and found held; calls; how long it took. */
  | 'sweep-groups'
  | 'sweep-backends'
  | 'sweep-found'
  | 'sweep-corrected'
  | 'sweep-held'
  | 'sweep-calls'
  | 'sweep-duration-ms'
  /** Writes that the cloud throttled. */
  | 'calls-throttled'
  /** Passes that put writes off because the API budget was used up. */
  | 'budget-exhausted'
  /** Writes sent. */
  | 'write-calls';

/** Takes counts, to be summed up by whoever reads them. Never throws: what is counted must not fail over it. */
export interface Metrics {
  /** `labels` are few and of small variety: ids of load balancers and groups, names of bindings and operations. */
  count(name: MetricName, value: number, labels: Readonly<Record<string, string>>): void;
}
