import type { WorkerCall } from '../../../../../infra/local/simulator/play/calls.ts';
import type { Pair } from '../../../../../shared/config/pair.ts';
import type { PairStep } from '../../../../../shared/pairs/model.ts';
import { NO_TAGGING, type PairOrder, type PairRow } from '../../../../../shared/pairs/record.ts';
import { beginSaga } from '../../../../../shared/pairs/saga/begin.ts';
import type { Saga } from '../../../../../shared/pairs/saga/model.ts';
import { LB } from '../../../../support/builders.ts';
import {
  aGroup,
  aListener,
  aPair,
  aPairRow,
  members,
  OLD_GROUP,
  PRIMARY,
  SECONDARY,
  STANDBY,
} from '../../../../support/pairs.ts';
import { type Cells, History, WORKER } from './history.ts';

/** The group that the first change of the pair makes, and its name. */
export const NEW_GROUP = 'rsp-bp1new';
export const NEW_NAME = 'slb-autopilot/orders-db/1';
/** The pair's listeners. */
export const LISTENERS = [
  { protocol: 'tcp', port: 3306 },
  { protocol: 'tcp', port: 3307 },
] as const;

/** What a worker is answered about the pair; what is left out is well. */
export interface Sights {
  /** By server: what the checks of both listeners say of it. */
  readonly health?: Readonly<Record<string, string>>;
  /** By server: its status at ECS; `absent` = not listed. */
  readonly statuses?: Readonly<Record<string, string>>;
  /** By port: the group behind the listener; `null` = none. */
  readonly uses?: Readonly<Record<number, string | null>>;
  /** Groups beside the old one: id, name, members and users. */
  readonly groups?: ReadonlyArray<{
    readonly groupId: string;
    readonly name: string;
    readonly members?: readonly [string, string];
    readonly users?: ReadonlyArray<number>;
  }>;
  /** Whether SLB shows the old group without its primary. */
  readonly isPrimaryDropped?: boolean;
}

/** A history of the pair of `aPair`, with two listeners, made by hand. */
export class PairHistory extends History {
  readonly #pair: Pair;
  #cells: Cells | null = null;
  #row: PairRow = aPairRow();

  constructor(overrides: Partial<Pair> = {}) {
    const pair = aPair({ listeners: LISTENERS, ...overrides });
    super({ pairs: [pair] });
    this.#pair = pair;
    const { slb } = this.clouds;
    this.makesGroup(OLD_GROUP, 'orders', PRIMARY, SECONDARY);
    for (const { protocol, port } of LISTENERS) {
      slb.seedListener({
        loadBalancerId: LB,
        listenerProtocol: protocol,
        listenerPort: port,
        masterSlaveServerGroupId: OLD_GROUP,
      });
    }
    this.writesRow({});
  }

  /** Puts a group into the world. */
  makesGroup(masterSlaveServerGroupId: string, name: string, primary: string, secondary: string): void {
    this.clouds.slb.seedMasterSlaveServerGroup({
      masterSlaveServerGroupId,
      loadBalancerId: LB,
      name,
      backends: [
        { serverId: primary, port: 3306, serverType: 'Master' },
        { serverId: secondary, port: 3306, serverType: 'Slave' },
      ],
    });
  }

  /** A worker writes the pair's row. */
  writesRow(changes: Partial<PairRow>, worker = WORKER): void {
    const { revision } = this.#row;
    this.#row = { ...this.#row, revision: revision + 1, fence: 1, ...changes };
    const cells = { row: JSON.stringify(this.#row), fence: this.#row.fence, revision: this.#row.revision };
    this.changes('promotions', ['orders-db', 'pair'], this.#cells, cells, worker);
    this.#cells = cells;
  }

  /** A worker writes the row of a change: the first one, begun now, unless it says otherwise. */
  writesSaga(changes: Partial<Saga> = {}, worker = WORKER): Saga {
    const number = changes.number ?? 1;
    const begun = beginSaga(
      { name: 'orders-db', number: number - 1, tagging: NO_TAGGING },
      aGroup(),
      LISTENERS.map((listener) => aListener(listener)),
      { kind: 'promotion', to: members(SECONDARY, STANDBY), reason: 'it is bad', orderId: null },
      this.clock.nowMs(),
    );
    const saga = { ...begun, ...changes };
    this.writesRow({ saga, number }, worker);
    return saga;
  }

  /** An order of a person comes into the table. */
  orders(order: PairOrder): void {
    this.changes('promotions', ['orders-db', `order/${order.orderId}`], null, {
      order: JSON.stringify(order),
    });
  }

  /** A worker reads everything about the pair. */
  sees(sights: Sights = {}, worker = WORKER): void {
    const { uses = {}, groups = [], isPrimaryDropped = false } = sights;
    const old = { groupId: OLD_GROUP, name: 'orders', members: [PRIMARY, SECONDARY] as const, users: [] };
    this.#answersSlb(
      worker,
      'DescribeMasterSlaveServerGroups',
      { LoadBalancerId: LB },
      {
        MasterSlaveServerGroups: { MasterSlaveServerGroup: [old, ...groups].map(wireListed) },
      },
    );
    for (const { groupId, members: [primary, secondary] = [SECONDARY, STANDBY] } of [old, ...groups]) {
      const isDropped = isPrimaryDropped && groupId === OLD_GROUP;
      const MasterSlaveBackendServer = [
        ...(isDropped ? [] : [{ ServerId: primary, Port: 3306, ServerType: 'Master' }]),
        { ServerId: secondary, Port: 3306, ServerType: 'Slave' },
      ];
      const asked = { MasterSlaveServerGroupId: groupId };
      this.#answersSlb(worker, 'DescribeMasterSlaveServerGroupAttribute', asked, {
        MasterSlaveBackendServers: { MasterSlaveBackendServer },
      });
    }
    for (const { port } of LISTENERS) {
      const groupId = uses[port] === undefined ? OLD_GROUP : uses[port];
      const asked = { LoadBalancerId: LB, ListenerPort: port };
      this.#answersSlb(worker, 'DescribeLoadBalancerTCPListenerAttribute', asked, {
        HealthCheck: 'on',
        Status: 'running',
        ...(groupId === null ? {} : { MasterSlaveServerGroupId: groupId }),
      });
    }
    this.#seesServers(sights, worker);
  }

  /** A worker asks an instance, which answers or does not. */
  probes(serverId: string, answers: boolean | null, worker = WORKER): void {
    const privateIp = addressOf(serverId);
    const call = this.sends(
      { product: 'vpc', action: 'Probe', parameters: { privateIp, port: 3306 } },
      worker,
    );
    if (answers !== null) this.answers(call, answers);
  }

  /** A worker sends a step of the pair's; it has not landed. */
  sendsStep(step: PairStep, worker = WORKER): WorkerCall {
    switch (step.kind) {
      case 'create': {
        const of = (role: 'primary' | 'secondary', ServerType: string) => {
          const { serverId, port } = step.members[role];
          return { ServerId: serverId, Port: port, ServerType };
        };
        const parameters = {
          LoadBalancerId: step.loadBalancerId,
          MasterSlaveServerGroupName: step.name,
          MasterSlaveBackendServers: JSON.stringify([of('primary', 'Master'), of('secondary', 'Slave')]),
        };
        return this.#sendsSlb(worker, 'CreateMasterSlaveServerGroup', parameters);
      }
      case 'point': {
        const parameters = {
          LoadBalancerId: step.loadBalancerId,
          ListenerPort: step.listener.port,
          MasterSlaveServerGroup: 'on',
          MasterSlaveServerGroupId: step.groupId,
          ...step.settings,
        };
        return this.#sendsSlb(worker, 'SetLoadBalancerTCPListenerAttribute', parameters);
      }
      case 'delete':
        return this.#sendsSlb(worker, 'DeleteMasterSlaveServerGroup', {
          MasterSlaveServerGroupId: step.groupId,
        });
      default:
        throw new Error(`no history has a step ${step.kind}`);
    }
  }

  /** Somebody points a listener at a group. */
  moves(port: number, masterSlaveServerGroupId: string): void {
    this.clouds.slb.listeners.set({
      loadBalancerId: LB,
      listenerProtocol: 'tcp',
      listenerPort: port,
      masterSlaveServerGroupId,
    });
  }

  /** We do. */
  movesIt(port: number, groupId: string): void {
    const step = { kind: 'point', loadBalancerId: LB, settings: {} } as const;
    const call = this.sendsStep({ ...step, listener: { protocol: 'tcp', port }, groupId });
    this.moves(port, groupId);
    this.answers(call, {});
  }

  #seesServers({ health = {}, statuses = {} }: Sights, worker: string): void {
    const found = { [PRIMARY]: 'normal', ...health };
    this.#answersSlb(
      worker,
      'DescribeHealthStatus',
      { LoadBalancerId: LB },
      {
        BackendServers: {
          BackendServer: this.#pair.listeners.flatMap(({ port: ListenerPort }) =>
            Object.entries(found).map(([ServerId, ServerHealthStatus]) => ({
              ListenerPort,
              Protocol: 'tcp',
              ServerId,
              Port: 3306,
              ServerHealthStatus,
            })),
          ),
        },
      },
    );
    const ids = [PRIMARY, SECONDARY, STANDBY];
    const parameters = { InstanceIds: JSON.stringify(ids) };
    const Instance = ids
      .filter((id) => statuses[id] !== 'absent')
      .map((id) => ({
        InstanceId: id,
        Status: statuses[id] ?? 'Running',
        Tags: { Tag: [] },
        VpcAttributes: { PrivateIpAddress: { IpAddress: [addressOf(id)] } },
      }));
    this.answers(this.sends({ product: 'ecs', action: 'DescribeInstances', parameters }, worker), {
      Instances: { Instance },
    });
  }

  #sendsSlb(worker: string, action: string, parameters: object): WorkerCall {
    return this.sends({ product: 'slb', action, parameters }, worker);
  }

  #answersSlb(worker: string, action: string, parameters: object, body: object): void {
    this.answers(this.#sendsSlb(worker, action, parameters), body);
  }
}

function addressOf(serverId: string): string {
  return `address-of-${serverId}`;
}

function wireListed({ groupId, name, users = [] }: NonNullable<Sights['groups']>[number]) {
  return {
    MasterSlaveServerGroupId: groupId,
    MasterSlaveServerGroupName: name,
    AssociatedObjects: { Listeners: { Listener: users.map((Port) => ({ Protocol: 'tcp', Port })) } },
  };
}
