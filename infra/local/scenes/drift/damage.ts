import { sagaGroupName } from '../../../../shared/pairs/saga/model.ts';
import { markOf } from '../../../../shared/server-groups/model.ts';
import type { Script } from '../script.ts';
import type { Stage } from '../stage.ts';
import { bindingOf, type Cast, pairOf } from './cast.ts';
import type { Place } from './checks.ts';
import { byHand } from './hand.ts';

/** The scaling group that is given a group of ours. */
const SCALING_GROUP = 'asg-bp1scene0000drift';
/** A port that no binding has. */
const WRONG_PORT = 8081;
const FOREIGN_PORT = 9999;

/** Of `cast.web`, whose part is what. The others are bystanders. */
export const WEB_PARTS = {
  draining: 0,
  overridden: 1,
  stopped: 2,
  unselected: 3,
  reweighted: 4,
  takenOut: 5,
  onWrongPort: 6,
  withForeignPort: 7,
  released: 8,
} as const;

/** What was done, as far as somebody has to know it afterwards. */
export interface Damage {
  /** Instances that started meanwhile and belong into their groups. */
  readonly newWebId: string;
  readonly newApiId: string;
  /** Backends that somebody else has put into the group of `web`. */
  readonly strangers: ReadonlyArray<Place>;
  /** Ours by its mark, on a port that no binding has. */
  readonly onWrongPort: Place;
  /** Left over of an earlier promotion. */
  readonly strayGroupId: string;
}

/** Does everything that is to be found: to instances, to groups by hand, to listeners, to pairs. */
export async function doDamage(stage: Stage, script: Script, cast: Cast): Promise<Damage> {
  const { ecs, ess, slb } = stage.clouds;
  const web = bindingOf(stage, 'web');
  const start = (role: string) => {
    const [id = ''] = ecs.runInstances({ amount: 1, tags: [{ key: 'role', value: role }] });
    return id;
  };
  const [newWebId, claimedId, newApiId] = [start('web'), start('web'), start('api')];
  const of = (part: keyof typeof WEB_PARTS) => cast.web[WEB_PARTS[part]] ?? '';
  ecs.stopInstance({ instanceId: of('stopped') });
  ecs.deleteInstance({ instanceId: of('released'), force: true });
  ecs.untagResources({ resourceIds: [of('unselected')], tagKeys: ['role'] });
  ecs.stopInstance({ instanceId: cast.billing.primaryId, forceStop: true });
  await setByHand(stage, script, 'search', cast.search[0], 9);
  await setByHand(stage, script, 'api', cast.api[0], 5);
  deleteListenerOf(stage, 'batch');
  deleteListenerOf(stage, 'legacy');
  slb.vServerGroups.delete(bindingOf(stage, 'legacy').vServerGroupId);
  const { loadBalancerId, vServerGroupId } = web;
  ess.attachVServerGroups({
    scalingGroupId: SCALING_GROUP,
    vServerGroups: [{ loadBalancerId, vServerGroupId, port: 8080 }],
  });
  await setByHand(stage, script, 'web', of('reweighted'), 7);
  await byHand(script, () =>
    slb.vServerGroups.remove({ vServerGroupId, backendServers: [{ serverId: of('takenOut'), port: 8080 }] }),
  );
  await script.until('the new instances run', 10_000, () =>
    [newWebId, claimedId, newApiId].filter((id) => ecs.find(id)?.status !== 'Running'),
  );
  const at = (serverId: string, port: number): Place => ({ vServerGroupId, serverId, port });
  const onWrongPort = at(of('onWrongPort'), WRONG_PORT);
  const strangers = [at(cast.foreignId, 8080), at(claimedId, 8080), at(of('withForeignPort'), FOREIGN_PORT)];
  await byHand(script, () =>
    slb.vServerGroups.add({
      vServerGroupId,
      backendServers: [
        { ...onWrongPort, weight: 100, description: markOf('web') },
        ...strangers.map((place, index) => ({
          ...place,
          weight: 31 + index,
          description: `others/${index}`,
        })),
      ],
    }),
  );
  return { newWebId, newApiId, strangers, onWrongPort, strayGroupId: leaveGroup(stage, cast) };
}

async function setByHand(
  stage: Stage,
  script: Script,
  name: string,
  serverId: string | undefined,
  weight: number,
): Promise<void> {
  const { vServerGroupId, ports } = bindingOf(stage, name);
  const backend = { serverId, port: ports[0]?.port, weight };
  await byHand(script, () =>
    stage.clouds.slb.vServerGroups.set({ vServerGroupId, backendServers: [backend] }),
  );
}

function deleteListenerOf(stage: Stage, name: string): void {
  const { loadBalancerId, vServerGroupId } = bindingOf(stage, name);
  const { slb } = stage.clouds;
  for (const { listenerPort, listenerProtocol } of slb.listeners.usersOf(vServerGroupId)) {
    slb.listeners.delete({ loadBalancerId, listenerPort, listenerProtocol });
  }
}

/** A create of the first promotion that landed when nobody waited for it any more. */
function leaveGroup(stage: Stage, { orders }: Cast): string {
  const { loadBalancerId, name, listeners } = pairOf(stage, 'orders-db');
  const masterSlaveServerGroupId = 'rsp-bp1scene0driftleft';
  const port = listeners[0]?.port ?? 0;
  stage.clouds.slb.seedMasterSlaveServerGroup({
    masterSlaveServerGroupId,
    loadBalancerId,
    name: sagaGroupName(name, 1),
    backends: [
      { serverId: orders.secondaryId, port, serverType: 'Master' },
      { serverId: orders.primaryId, port, serverType: 'Slave' },
    ],
  });
  return masterSlaveServerGroupId;
}
