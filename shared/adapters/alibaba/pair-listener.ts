import type { PairListenerName } from '../../config/pair.ts';
import type { ListenerSettings, PairListener } from '../../pairs/model.ts';

/** What says which listener it is, what it is pointed at and how it is doing: no settings. */
const NO_SETTINGS: ReadonlySet<string> = new Set([
  'RequestId',
  'LoadBalancerId',
  'ListenerPort',
  'ListenerProtocol',
  'Status',
  'VServerGroup',
  'VServerGroupId',
  'MasterSlaveServerGroup',
  'MasterSlaveServerGroupId',
  // Of the default group: with another one there is none.
  'BackendServerPort',
]);

/**
 * A TCP or UDP listener as DescribeLoadBalancerTCPListenerAttribute and its UDP twin show it. Whatever they show beyond what
 * is known here counts as a setting, so that a change of it is seen.
 *
 * @see https://www.alibabacloud.com/help/en/slb/classic-load-balancer/developer-reference/api-slb-2014-05-15-describeloadbalancertcplistenerattribute
 */
export function readListener(
  { protocol, port }: PairListenerName,
  wire: Readonly<Record<string, unknown>>,
): PairListener {
  const { MasterSlaveServerGroupId, VServerGroupId, Status: status, HealthCheck: check } = wire;
  const idIn = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);
  return {
    protocol,
    port,
    groupId: idIn(MasterSlaveServerGroupId),
    vServerGroupId: idIn(VServerGroupId),
    isRunning: status !== 'stopped',
    isHealthChecked: check === 'on',
    settings: settingsOf(wire),
  };
}

/** The parameters of a listener, of whatever protocol. */
export function settingsOf(wire: Readonly<Record<string, unknown>>): ListenerSettings {
  return Object.fromEntries(
    Object.entries(wire)
      .filter(
        ([name, value]) => !NO_SETTINGS.has(name) && value !== null && value !== undefined && value !== '',
      )
      .map(
        ([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)] as const,
      )
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
