import type { Switches } from '../../../infra/local/world/switches.ts';
import { pairLaneId } from '../../../shared/pairs/model.ts';
import type { PairOrder, PairRow } from '../../../shared/pairs/record.ts';
import { LB } from '../../support/builders.ts';
import { readTable } from '../../support/stage.ts';
import { setVirtualStage, type VirtualStage, type VirtualStageOptions } from './stage.ts';

/** What a test says about its pair. */
export interface PairStageOptions {
  /** What the entry of `pairs` says beyond name, load balancer and listeners. */
  readonly pair?: object;
  /** @default ['tcp:3306'] */
  readonly listeners?: ReadonlyArray<string>;
  /** Nobody has made a group: the listeners send to the default group, which is empty. The members are {@link MEMBER_IDS}. */
  readonly hasNoGroup?: boolean;
  /** Instances in the standby pool. @default 1 */
  readonly standbys?: number;
  readonly switches?: Partial<Switches>;
  /** Of the listeners, by the vendor's names. */
  readonly listenerSettings?: Readonly<Record<string, string>>;
  readonly onCall?: NonNullable<VirtualStageOptions['onCall']>;
}

/** The pair's first group, before anything was changed. */
export const PAIR_GROUP = 'rsp-bp1orders0pair';
/** The members of a pair without a group. */
export const MEMBER_IDS = ['i-bp1orders0primary', 'i-bp1orders0second'] as const;
/** The pair's name. */
export const PAIR = 'orders-db';
/** The port of the members. */
export const PAIR_PORT = 3306;

/** The product beside a primary/secondary group, in virtual time. */
export interface PairStage extends VirtualStage {
  readonly primaryId: string;
  readonly secondaryId: string;
  readonly standbyIds: ReadonlyArray<string>;
  /** What the listeners use, and who is what there: `tcp:3306 i-a > i-b`. */
  pairs(): ReadonlyArray<string>;
  /** The ids of the load balancer's primary/secondary groups. */
  groupIds(): ReadonlyArray<string>;
  /** Its row in the product's table; `null` = there is none. */
  row(): PairRow | null;
  /** What the product has noted about the pair, in order: `pair-adopted`, `pair-change-begun`, … */
  audit(): ReadonlyArray<string>;
  /** Writes about groups and listeners since the stage was set. */
  writes(): number;
  /** Puts an order in as a person's command does. */
  order(order: PairOrder): Promise<void>;
}

/** Sets the stage: a pair of Running instances that the product knows, and a pool. */
export async function setPairStage(options: PairStageOptions = {}): Promise<PairStage> {
  const { pair = {}, listeners = ['tcp:3306'], standbys = 1, switches = {}, listenerSettings = {} } = options;
  const { hasNoGroup = false } = options;
  const stage = await setVirtualStage({
    configuration: {
      version: 1,
      region: 'cn-hangzhou',
      pairs: [{ name: PAIR, loadBalancer: LB, listeners, standby: { tags: { role: 'standby' } }, ...pair }],
    },
    latencyMs: 20,
    seed: 7,
    switches,
    ...(options.onCall === undefined ? {} : { onCall: options.onCall }),
  });
  const { clouds, clock } = stage;
  const { ecs, slb } = clouds;
  slb.seedLoadBalancer({ loadBalancerId: LB });
  const [primaryId = '', secondaryId = ''] = ecs.runInstances({
    amount: 2,
    tags: [{ key: 'role', value: 'db' }],
    ...(hasNoGroup && { instanceIds: MEMBER_IDS }),
  });
  const standbyIds =
    standbys === 0 ? [] : ecs.runInstances({ amount: standbys, tags: [{ key: 'role', value: 'standby' }] });
  await stage.pass(20_000);
  if (!hasNoGroup)
    slb.seedMasterSlaveServerGroup({
      masterSlaveServerGroupId: PAIR_GROUP,
      loadBalancerId: LB,
      name: 'orders',
      backends: [
        { serverId: primaryId, port: PAIR_PORT, serverType: 'Master' },
        { serverId: secondaryId, port: PAIR_PORT, serverType: 'Slave' },
      ],
      tags: [{ key: 'team', value: 'orders' }],
    });
  for (const listener of listeners) {
    const [protocol, port] = listener.split(':');
    slb.seedListener({
      loadBalancerId: LB,
      listenerProtocol: protocol === 'udp' ? 'udp' : 'tcp',
      listenerPort: Number(port),
      ...(hasNoGroup ? { backendServerPort: PAIR_PORT } : { masterSlaveServerGroupId: PAIR_GROUP }),
      settings: {
        HealthCheckInterval: '1',
        HealthyThreshold: '2',
        UnhealthyThreshold: '2',
        ...listenerSettings,
      },
    });
  }
  let writes = 0;
  clouds.foundation.gate.onRecord(({ product, action }) => {
    if (product === 'slb' && !action.startsWith('Describe')) writes++;
  });
  await stage.pass(3 * 60_000);
  const row = (): PairRow | null => {
    const found = readTable(clouds, 'promotions').find(({ entry }) => entry === 'pair');
    return found === undefined ? null : (JSON.parse(String(found.row)) as PairRow);
  };
  return {
    ...stage,
    primaryId,
    secondaryId,
    standbyIds,
    row,
    writes: () => writes,
    pairs: () =>
      slb.listenersOf(LB).map((listener) => {
        const { listenerProtocol, listenerPort, masterSlaveServerGroupId } = listener;
        const group = slb.masterSlaveGroup(masterSlaveServerGroupId ?? '');
        const of = (role: string) =>
          group?.backends.find(({ serverType }) => serverType === role)?.serverId ?? '';
        return `${listenerProtocol}:${listenerPort} ${of('Master')} > ${of('Slave')}`;
      }),
    groupIds: () => slb.masterSlaveGroupsOf(LB).map((group) => group.masterSlaveServerGroupId),
    audit: () =>
      readTable(clouds, 'audit')
        .filter(({ subject }) => subject === `pair:${PAIR}`)
        .sort((a, b) => Number(a.at) - Number(b.at))
        .map(({ action }) => String(action)),
    async order(order) {
      const person = stage.person();
      await person.pairOrders.put(PAIR, order);
      await person.lanes.signal([pairLaneId({ name: PAIR })]);
      await person.wakeUps.send(pairLaneId({ name: PAIR }), clock.nowMs());
    },
  };
}
