import type { LaneInput } from '../../../shared/server-groups/model.ts';

/** What one group needs by the first thing that comes to mind: for each instance, look through the lists. */
export function naivePlan({ groups, instances, rows, signals }: LaneInput): ReadonlyArray<string> {
  const backends = [...groups.values()].flatMap((group) => group?.backends ?? []);
  const calls: Array<string> = [];
  for (const instance of instances.present.values()) {
    const backend = backends.find(({ serverId }) => serverId === instance.instanceId);
    const row = rows.find(({ serverId }) => serverId === instance.instanceId);
    const signal = signals.find(({ instanceId }) => instanceId === instance.instanceId);
    const isRunning = instance.status === 'Running';
    if (isRunning && backend === undefined && signal !== undefined) calls.push(`add ${instance.instanceId}`);
    if (!isRunning && backend !== undefined && row !== undefined) calls.push(`remove ${instance.instanceId}`);
  }
  return calls;
}
