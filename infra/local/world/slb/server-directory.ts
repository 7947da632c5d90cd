import type { Eci } from '../eci/eci.ts';
import type { Ecs } from '../ecs/ecs.ts';
import type { InstanceDirectory } from './model.ts';

/** All that can be a backend, as SLB looks it up: ECS instances, network interfaces, container groups. */
export function serverDirectory(ecs: Ecs, eci: Eci): InstanceDirectory {
  return {
    find(serverId) {
      if (serverId.startsWith('eni-')) return ofInterface(ecs, serverId);
      return serverId.startsWith('eci-') ? ofContainerGroup(eci, serverId) : ecs.find(serverId);
    },
    applications: {
      spans(id, port, fromMs, toMs) {
        if (!id.startsWith('eci-')) return ecs.applications.spans(id, port, fromMs, toMs);
        const group = eci.find(id);
        if (group === null) return [{ serves: false, fromMs, toMs }];
        // What it was before nobody keeps; it serves whenever it is Running.
        const sinceMs = Math.min(toMs, Math.max(fromMs, group.statusAtMs));
        const serves = group.status === 'Running';
        return [
          { serves: !serves, fromMs, toMs: sinceMs },
          { serves, fromMs: sinceMs, toMs },
        ].filter((span) => span.toMs > span.fromMs);
      },
    },
    onStateChange: ecs.onStateChange,
  };
}

/** A network interface serves by the instance that it is attached to. */
function ofInterface({ networkInterfaces }: Ecs, serverId: string): ReturnType<InstanceDirectory['find']> {
  const found = networkInterfaces.find(serverId);
  if (found === null) return null;
  const { status, instanceId, vpcId, privateIpAddresses } = found;
  return {
    instanceId: instanceId ?? serverId,
    status: status === 'InUse' ? 'Running' : status,
    vpcId,
    privateIpAddress: privateIpAddresses[0] ?? '',
    addresses: privateIpAddresses,
  };
}

function ofContainerGroup(eci: Eci, serverId: string): ReturnType<InstanceDirectory['find']> {
  const group = eci.find(serverId);
  if (group === null) return null;
  const { status, vpcId, intranetIp } = group;
  return {
    instanceId: serverId,
    status,
    vpcId,
    privateIpAddress: intranetIp,
    addresses: [intranetIp],
  };
}
