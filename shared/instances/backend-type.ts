import type { BackendType, Binding } from '../config/binding.ts';

/**
 * What a server of SLB is, which its id alone says: SLB refuses an `eni-…` or `eci-…` under any other `Type`. So no row and
 * no key holds the type.
 */
export function typeOfServer(serverId: string): BackendType {
  if (serverId.startsWith('eni-')) return 'eni';
  return serverId.startsWith('eci-') ? 'eci' : 'ecs';
}

/** Which cloud lists the server, for people. Network interfaces are of ECS. */
export function cloudOf(serverId: string): 'ECS' | 'ECI' {
  return typeOfServer(serverId) === 'eci' ? 'ECI' : 'ECS';
}

/** Whether the binding names the backend's port: bindings of one group share a port where their servers differ in type. */
export function namesPortOf(
  { type, ports }: Pick<Binding, 'type' | 'ports'>,
  { serverId, port }: { readonly serverId: string; readonly port: number },
): boolean {
  return typeOfServer(serverId) === type && ports.some((each) => each.port === port);
}
