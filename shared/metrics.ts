/** What is counted for alarms and dashboards. Each needs somebody's eyes when it is not zero, but for `write-calls`. */
export type MetricName =
  /** Another writer keeps putting its own value back. */
  | 'backends-contested'
  /** Backends that a guard or a setting keeps from what they are to become. */
  | 'backends-held'
  /** Backends that did not become ready within their limit. */
  | 'backends-not-ready'
  /** Groups found with less capacity than their guard asks for. */
  | 'capacity-below-floor'
  /** Selectors that cannot be believed: nothing matches any more, or too much to be listed. */
  | 'selectors-unsure'
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
