import type { Slb } from '../slb/slb.ts';
import type { SlbMetricName } from './alarm.ts';

/**
 * What CloudMonitor counts at a listener's port now: the servers that its checks find abnormal, or normal. No server is
 * named, and neither is the protocol: TCP and UDP of one port are counted together. `null` = nothing is checked there.
 *
 * @see https://github.com/AlibabaCloudDocs/cms, "Appendix 1: Metrics", SLB
 */
export function slbMetric(
  slb: Slb,
  of: {
    readonly loadBalancerId: string;
    readonly listenerPort: number;
    readonly metricName: SlbMetricName;
  },
): number | null {
  const { loadBalancerId, listenerPort, metricName } = of;
  const isChecked = slb
    .listenersOf(loadBalancerId)
    .some(
      (listener) =>
        listener.listenerPort === listenerPort &&
        listener.status === 'running' &&
        listener.settings.HealthCheck === 'on',
    );
  if (!isChecked) return null;
  const counted = metricName === 'UnhealthyServerCount' ? 'abnormal' : 'normal';
  return slb.health
    .describe({ loadBalancerId, listenerPort })
    .filter(({ serverHealthStatus }) => serverHealthStatus === counted).length;
}
