import type { Logger } from '../../logger.ts';
import type { Metrics } from '../../metrics.ts';

/**
 * Counts as log lines: `{metric, value, …labels}`, one for each count, so that Log Service can sum them up over time
 * and raise alarms (`metric: backends-not-ready | select sum(value)`).
 */
export function createLogMetrics(logger: Pick<Logger, 'info'>): Metrics {
  return {
    count(metric, value, labels) {
      try {
        // In this order: a label must not pass itself off as the metric.
        logger.info({ ...labels, metric, value }, 'metric');
      } catch {
        // A closed log is no reason to fail what is being counted, and there is nowhere to say it.
      }
    },
  };
}
