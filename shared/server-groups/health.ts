import type { BackendHealth, ObservedLoadBalancer } from '../load-balancers/model.ts';
import { listenersOf, nameOf } from './listeners.ts';
import { backendKey } from './model.ts';

/** What the health checks of a group's listeners say of its backends, by {@link backendKey}; the worst of them counts. */
export type GroupHealth = ReadonlyMap<string, BackendHealth['status']>;

const WORST_FIRST = ['abnormal', 'unavailable', 'normal'] as const;

/** Joins the answers, which never name the group, with the group over the listeners that use it. */
export function healthOf(
  loadBalancer: ObservedLoadBalancer,
  health: ReadonlyArray<BackendHealth>,
  vServerGroupId: string,
): GroupHealth {
  // What a listener without a check reports is documented nowhere.
  const checking = listenersOf(loadBalancer, vServerGroupId).filter(({ isHealthChecked }) => isHealthChecked);
  const listeners = new Set(checking.map(nameOf));
  const worst = new Map<string, BackendHealth['status']>();
  if (listeners.size === 0) return worst;
  for (const entry of health) {
    if (!listeners.has(nameOf({ protocol: entry.protocol, port: entry.listenerPort }))) continue;
    const key = backendKey({ ...entry, serverIp: entry.serverIp ?? null });
    const known = worst.get(key);
    const isWorse = known === undefined || WORST_FIRST.indexOf(entry.status) < WORST_FIRST.indexOf(known);
    if (isWorse) worst.set(key, entry.status);
  }
  return worst;
}
