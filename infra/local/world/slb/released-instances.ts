import type { Foundation } from '../foundation.ts';
import type { GroupStore } from './group-store.ts';
import type { MasterSlaveStore } from './master-slave-store.ts';
import type { InstanceDirectory } from './model.ts';

/**
 * Takes released instances out of all groups of both kinds when the switch `slbReleasedInstanceDroppedAfterMs` says so. What is due
 * is kept, so that it happens after a restart too.
 */
export function dropReleasedInstances(
  foundation: Foundation,
  ecs: InstanceDirectory,
  {
    groups,
    masterSlaveGroups,
  }: { readonly groups: GroupStore; readonly masterSlaveGroups: MasterSlaveStore },
): void {
  const { clock, timeline } = foundation;
  const afterMs = foundation.switches.slbReleasedInstanceDroppedAfterMs;
  const due = foundation.store.collection<number>('slb/releases');

  const drop = (instanceId: string) => {
    due.delete(instanceId);
    for (const group of groups.all()) {
      const backends = group.backends.filter((backend) => backend.serverId !== instanceId);
      if (backends.length === group.backends.length) continue;
      groups.put({ ...group, backends });
      const { vServerGroupId, vServerGroupName, loadBalancerId } = group;
      timeline.record({
        source: 'slb',
        kind: 'backends-dropped',
        text: `${vServerGroupName} (${vServerGroupId}): dropped released ${instanceId}`,
        details: { loadBalancerId, vServerGroupId, serverId: instanceId },
      });
    }
    for (const group of masterSlaveGroups.all()) {
      const backends = group.backends.filter((backend) => backend.serverId !== instanceId);
      if (backends.length === group.backends.length) continue;
      masterSlaveGroups.put({ ...group, backends });
      const { masterSlaveServerGroupId, masterSlaveServerGroupName, loadBalancerId } = group;
      timeline.record({
        source: 'slb',
        kind: 'master-slave-backends-dropped',
        text: `${masterSlaveServerGroupName} (${masterSlaveServerGroupId}): dropped released ${instanceId}`,
        details: { loadBalancerId, masterSlaveServerGroupId, serverId: instanceId },
      });
    }
  };

  for (const [instanceId, atMs] of due.entries()) clock.at(atMs, () => drop(instanceId));
  ecs.onStateChange(({ instanceId, state }) => {
    if (state !== 'Deleted' || afterMs === null) return;
    const atMs = clock.nowMs() + afterMs;
    due.set(instanceId, atMs);
    clock.at(atMs, () => drop(instanceId));
  });
}
