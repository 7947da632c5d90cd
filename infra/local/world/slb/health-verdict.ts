import type { ServingSpan } from '../ecs/serving-spans.ts';
import type { Listener, ServerHealthStatus } from './model.ts';

/**
 * What a listener's checks make of what a port did, from their first probe on. A server is found good after as many
 * probes in a row as the healthy threshold asks for; a failure is declared after about
 * `timeout × threshold + interval × (threshold − 1)`, and before either has happened the answer is `unavailable`.
 *
 * @see https://www.alibabacloud.com/help/en/slb/classic-load-balancer/user-guide/faq-about-health-checks
 */
export function verdictOf(
  spans: ReadonlyArray<ServingSpan>,
  settings: Listener['settings'],
): ServerHealthStatus {
  const intervalMs = Number(settings.HealthCheckInterval) * 1_000;
  // UDP and TCP have the one, HTTP and HTTPS the other.
  const timeoutMs = Number(settings.HealthCheckConnectTimeout ?? settings.HealthCheckTimeout) * 1_000;
  const failures = Number(settings.UnhealthyThreshold);
  const goodAfterMs = intervalMs * Number(settings.HealthyThreshold);
  const badAfterMs = timeoutMs * failures + intervalMs * (failures - 1);

  let status: ServerHealthStatus = 'unavailable';
  let servedBefore = false;
  let streakMs = 0;
  for (const { serves, fromMs, toMs } of spans) {
    streakMs = toMs - fromMs + (serves === servedBefore ? streakMs : 0);
    servedBefore = serves;
    if (serves && streakMs >= goodAfterMs) status = 'normal';
    if (!serves && streakMs >= badAfterMs) status = 'abnormal';
  }
  return status;
}
