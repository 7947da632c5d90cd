import type { LocalClouds } from '../clouds.ts';
import type { MasterSlaveServerGroup } from '../world/slb/master-slave-model.ts';

/** Who is what behind a listener. */
export interface Placement {
  /** `tcp:3306` */
  readonly listener: string;
  /** `null` = it has no primary/secondary group, or one that is gone. */
  readonly group: MasterSlaveServerGroup | null;
  /** `''` = nobody. */
  readonly primaryId: string;
  readonly secondaryId: string;
}

/** How the listeners of a load balancer stand. */
export function placementsOf(
  { slb }: Pick<LocalClouds, 'slb'>,
  loadBalancerId: string,
): ReadonlyArray<Placement> {
  return slb.listenersOf(loadBalancerId).map((listener) => {
    const group = slb.masterSlaveGroup(listener.masterSlaveServerGroupId ?? '');
    const of = (role: string) =>
      group?.backends.find(({ serverType }) => serverType === role)?.serverId ?? '';
    return {
      listener: `${listener.listenerProtocol}:${listener.listenerPort}`,
      group,
      primaryId: of('Master'),
      secondaryId: of('Slave'),
    };
  });
}

/** Listeners that do not stand like this, a sentence each. */
export function notPlaced(
  placements: ReadonlyArray<Placement>,
  primaryId: string,
  secondaryId: string,
): ReadonlyArray<string> {
  return placements
    .filter((each) => each.primaryId !== primaryId || each.secondaryId !== secondaryId)
    .map((each) => `${each.listener} has ${each.primaryId || 'nobody'} > ${each.secondaryId || 'nobody'}`);
}
