import type { BackendHealth } from '../../../shared/load-balancers/model.ts';
import type { BackendRow } from '../../../shared/server-groups/backend/record.ts';
import type { ObservedBackend } from '../../../shared/server-groups/model.ts';
import { aBinding, type BindingOverrides } from '../../support/builders.ts';
import type { PlayedLane } from './played-lane.ts';
import { aGroupOf } from './played-lanes.ts';

/** So many in service on port 8080, whose binding names these ports from now on. */
export function aMove(
  count: number,
  ports: ReadonlyArray<number> = [8081],
  overrides: BindingOverrides = {},
): PlayedLane {
  const lane = aGroupOf(count, overrides);
  lane.bindings = [aBinding({ ...overrides, ports: portsOf(ports) })];
  return lane;
}

/** The binding names these ports from now on. */
export function moveTo(lane: PlayedLane, ...ports: ReadonlyArray<number>): PlayedLane {
  lane.bindings = lane.bindings.map((binding) => ({ ...binding, ports: portsOf(ports) }));
  return lane;
}

function portsOf(ports: ReadonlyArray<number>) {
  return ports.map((port) => ({ port, weight: 100 }));
}

/** The health checks say it of these backends, `i-1:8081`. */
export function saysOf(
  lane: PlayedLane,
  status: BackendHealth['status'],
  ...keys: ReadonlyArray<string>
): void {
  for (const key of keys) {
    const [serverId = '', port] = key.split(':');
    lane.health.set(key, { listenerPort: 80, protocol: 'http', serverId, port: Number(port), status });
  }
}

/** The listed backend `i-1:8081`. */
export function listed(lane: PlayedLane, key: string): ObservedBackend | undefined {
  return [...lane.list.values()].find(({ serverId, port }) => `${serverId}:${port}` === key);
}

/** The record of `i-1:8081`. */
export function recorded(lane: PlayedLane, key: string): BackendRow | undefined {
  return [...lane.rows.values()].find(({ serverId, port }) => `${serverId}:${port}` === key);
}

/** `i-1:8081=100` for each backend of the server. */
export function portsOfServer(lane: PlayedLane, id: string): ReadonlyArray<string> {
  return [...lane.list.values()]
    .filter(({ serverId }) => serverId === id)
    .map(({ port, weight }) => `:${port}=${weight}`)
    .sort();
}

/**
 * The servers that serve: Running, with a weight above 0 on some port where they are proven and not known to be abnormal.
 */
export function serving(lane: PlayedLane): ReadonlySet<string> {
  const abnormal = new Set(
    [...lane.health.values()]
      .filter(({ status }) => status === 'abnormal')
      .map(({ serverId, port }) => `${serverId}:${port}`),
  );
  const isProven = (key: string) =>
    lane.bindings[0]?.readiness === 'running' || recorded(lane, key)?.phase !== 'joining';
  return new Set(
    [...lane.list.values()]
      .filter(({ serverId, port, weight }) => {
        const key = `${serverId}:${port}`;
        const isRunning = lane.instances.get(serverId)?.status === 'Running';
        return weight > 0 && isRunning && !abnormal.has(key) && isProven(key);
      })
      .map(({ serverId }) => serverId),
  );
}

/** How many calls of each kind were sent. */
export function callsOf(lane: PlayedLane): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const call of lane.sent) {
    const kind = call.split(' ')[1] ?? '';
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}
