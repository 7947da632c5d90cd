import type { WorkerCall } from '../play/calls.ts';
import type { Scene } from './invariant.ts';
import { MARK_PREFIX } from './our-writes.ts';

/**
 * What is wrong with an answer that lets a scaling group release instances which still serve, so that a group is left below
 * its guard without any write of ours; `null` = nothing, or the configuration has hooks whose time is up go on like that.
 */
export function givenAway(
  { config, clouds, hooks }: Pick<Scene, 'config' | 'clouds' | 'hooks'>,
  { worker, travel }: WorkerCall,
): string | null {
  if (travel.action !== 'CompleteLifecycleAction') return null;
  const { LifecycleHookId, LifecycleActionToken, LifecycleActionResult } = travel.parameters as Readonly<
    Record<string, string>
  >;
  const hook = hooks.find(LifecycleHookId ?? '', LifecycleActionToken ?? '');
  if (hook?.transition !== 'SCALE_IN' || LifecycleActionResult === 'ROLLBACK') return null;
  const isTimeUp = hook.answer?.reason.startsWith('its time is up') === true;
  if (isTimeUp && config.scaling.policy.whenTimeIsUp === 'continue') return null;
  const leaving = new Set(hook.instanceIds);
  for (const vServerGroupId of new Set(config.bindings.map((binding) => binding.vServerGroupId))) {
    const able = (clouds.slb.group(vServerGroupId)?.backends ?? []).filter(
      ({ serverId, weight }) => weight > 0 && clouds.ecs.find(serverId)?.status === 'Running',
    );
    const lost = able.filter(
      ({ serverId, description }) => leaving.has(serverId) && description.startsWith(MARK_PREFIX),
    );
    const guards = config.bindings.filter((binding) => binding.vServerGroupId === vServerGroupId);
    const floor = Math.max(1, ...guards.map((binding) => binding.guards.minInService));
    const left = able.length - lost.length;
    if (lost.length === 0 || left >= floor) continue;
    const names = lost.map(({ serverId, port }) => `${serverId}:${port}`).join(' ');
    return `${worker} has Auto Scaling take ${names} out of ${vServerGroupId}, which leaves ${left} of ${able.length} able to serve, and ${floor} must`;
  }
  return null;
}
