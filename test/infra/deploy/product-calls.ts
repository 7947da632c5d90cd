import { createConnectionCounts } from '../../../shared/adapters/alibaba/connection-counts.ts';
import { createDeclarationGateway } from '../../../shared/adapters/alibaba/declaration-gateway.ts';
import { createEssGateway } from '../../../shared/adapters/alibaba/ess-gateway.ts';
import { createInstanceGateway } from '../../../shared/adapters/alibaba/instance-gateway.ts';
import { createLoadBalancerGateway } from '../../../shared/adapters/alibaba/load-balancer-gateway.ts';
import { createPairGateway } from '../../../shared/adapters/alibaba/pair-gateway.ts';
import type { RpcClient } from '../../../shared/adapters/alibaba/rpc-client.ts';
import { createSlbGateway } from '../../../shared/adapters/alibaba/slb-gateway.ts';
import type { QueueClient } from '../../../shared/adapters/mns/queue-client.ts';
import {
  createQuarantineNotes,
  createRequestQueue,
  createResults,
  createWakeUps,
  QUEUES,
} from '../../../shared/adapters/mns/queues.ts';
import type { Production } from '../../../shared/adapters/production.ts';
import { createAuditLog } from '../../../shared/adapters/tablestore/audit-log.ts';
import { createRecentAudit } from '../../../shared/adapters/tablestore/audit-reader.ts';
import { createBackendStore, createMemberIndex } from '../../../shared/adapters/tablestore/backend-store.ts';
import { createBudgetStore } from '../../../shared/adapters/tablestore/budget-store.ts';
import { createClaimStore } from '../../../shared/adapters/tablestore/claim-store.ts';
import type { TableClient } from '../../../shared/adapters/tablestore/client.ts';
import {
  createDeclarationOrders,
  createDeclarationStore,
} from '../../../shared/adapters/tablestore/declaration-store.ts';
import { createDoneStore } from '../../../shared/adapters/tablestore/done-store.ts';
import { createHookStore } from '../../../shared/adapters/tablestore/hook-store.ts';
import { createInboxStore } from '../../../shared/adapters/tablestore/inbox-store.ts';
import { createLaneStore } from '../../../shared/adapters/tablestore/lane-store.ts';
import { createPairOrders, createPairStore } from '../../../shared/adapters/tablestore/pair-store.ts';
import {
  createQuarantine,
  createQuarantineCount,
} from '../../../shared/adapters/tablestore/quarantine-store.ts';
import { createRequestStore } from '../../../shared/adapters/tablestore/request-store.ts';
import { createApiBudget } from '../../../shared/api-budget/apply.ts';
import { DEFAULT_API_BUDGET } from '../../../shared/api-budget/model.ts';
import type { DeclarationStep } from '../../../shared/declarations/model.ts';
import { emptyDeclaration } from '../../../shared/declarations/record.ts';
import type { LaneChange } from '../../../shared/lanes/model.ts';
import type { PairStep } from '../../../shared/pairs/model.ts';
import { newPairRow } from '../../../shared/pairs/record.ts';
import { keyOfRow } from '../../../shared/requests/model.ts';
import type { Step } from '../../../shared/server-groups/model.ts';
import { RECONCILE_FUNCTION } from '../../../shared/sweep/model.ts';
import { aHookRow, aRow, aSignal, GROUP, LB, NOW_MS, SCALING_GROUP } from '../../support/builders.ts';
import { aRequestRow } from '../../support/requests.ts';

/** A call that the product makes, as RAM judges it. */
export interface ProductCall {
  readonly action: string;
  readonly resources: ReadonlyArray<string>;
}

/** The ports behind which the clouds are; the type follows `Production`, so that a new one cannot be forgotten here. */
type CloudPort = Exclude<
  keyof Production,
  | 'clock'
  | 'ownClock'
  | 'random'
  | 'newId'
  | 'logger'
  | 'metrics'
  | 'prober'
  | 'bindings'
  | 'pairs'
  | 'regionId'
  | 'timing'
  | 'limits'
  | 'maintenance'
  | 'sweep'
  | 'calls'
  | 'assume'
  | 'scalingPolicy'
  | 'scalingGroupIds'
  | 'requestPolicy'
>;

/** How every method of every port is called, so that each call that it can make is made. */
type Exercises = {
  readonly [P in CloudPort]: {
    readonly [M in keyof Production[P]]: (port: Production[P]) => Promise<unknown>;
  };
};

const SERVER = 'i-bp1fictional00000001';
const PAIR_GROUP = 'rsp-bp1fictional0001';
const PAIR_STEPS: ReadonlyArray<PairStep> = [
  {
    kind: 'create',
    loadBalancerId: LB,
    name: 'slb-autopilot/orders-db/1',
    members: {
      primary: { serverId: SERVER, port: 3306, weight: 100 },
      secondary: { serverId: 'i-bp1fictional00000002', port: 3306, weight: 100 },
    },
    tags: [],
  },
  ...(['tcp', 'udp'] as const).map(
    (protocol): PairStep => ({
      kind: 'point',
      loadBalancerId: LB,
      listener: { protocol, port: 3306 },
      groupId: PAIR_GROUP,
      settings: {},
    }),
  ),
  { kind: 'delete', groupId: PAIR_GROUP },
  { kind: 'tag', groupId: PAIR_GROUP, tags: [{ key: 'team', value: 'db' }] },
  { kind: 'untag', groupId: PAIR_GROUP, keys: ['team'] },
];
const LISTENERS = (['tcp', 'udp', 'http', 'https'] as const).map((protocol) => ({ protocol, port: 80 }));
const DECLARATION_STEPS: ReadonlyArray<DeclarationStep> = [
  { kind: 'create', loadBalancerId: LB, name: 'web', tags: [] },
  { kind: 'rename', groupId: GROUP, name: 'web' },
  { kind: 'tag', groupId: GROUP, tags: [{ key: 'team', value: 'shop' }] },
  { kind: 'untag', groupId: GROUP, keys: ['team'] },
  ...LISTENERS.map((listener): DeclarationStep => {
    const groupId = GROUP;
    return { kind: 'point', loadBalancerId: LB, listener, groupId, leavesPair: false, settings: {} };
  }),
  { kind: 'point-rule', ruleId: 'rule-1', groupId: GROUP },
  {
    kind: 'create-rule',
    loadBalancerId: LB,
    listener: { protocol: 'http', port: 80 },
    domain: 'a.example.com',
    url: '/v1',
    name: 'web-1',
    groupId: GROUP,
  },
  { kind: 'delete', groupId: GROUP },
];
const PLACE = 'cn-hangzhou:1234567890123456';

const EXERCISES: Exercises = {
  done: {
    read: (port) => port.read(['key']),
    write: (port) => port.write([{ key: 'key', payloadHash: 'hash', result: 'accepted', atMs: NOW_MS }]),
  },
  claims: {
    read: (port) => port.read('key'),
    change: (port) =>
      port.change({
        expect: 'absent',
        row: { key: 'key', payloadHash: 'hash', owner: 'token', claimedUntilMs: NOW_MS, result: null },
      }),
    changeHeld: (port) => port.changeHeld('key', 'token', { result: 'done' }),
  },
  inbox: {
    put: (port) => port.put([{ laneId: LB, signal: aSignal(SERVER, 'Running') }]),
    read: (port) => port.read(LB),
    remove: (port) => port.remove(LB, ['key']),
  },
  lanes: {
    read: (port) => port.read(LB),
    list: (port) => port.list(),
    signal: (port) => port.signal([LB]),
    change: (port) =>
      port.change(LB, { expect: { fence: 1 }, set: {}, nextFence: true } satisfies LaneChange),
  },
  backends: {
    readGroups: (port) => port.readGroups([GROUP]),
    commit: (port) =>
      port.commit({
        loadBalancerId: LB,
        fence: 1,
        changes: [
          { kind: 'put', row: aRow(SERVER), expectedRevision: null },
          { kind: 'put', row: aRow('i-bp1fictional00000002'), expectedRevision: 1 },
          { kind: 'delete', row: aRow('i-bp1fictional00000003'), expectedRevision: 1 },
        ],
        departed: ['i-bp1fictional00000003'],
        audit: [
          {
            subject: `lane:${LB}`,
            atMs: NOW_MS,
            id: 'id',
            action: 'join-decided',
            reason: 'it runs',
            requestIds: [],
            inputs: {},
          },
        ],
      }),
  },
  hooks: {
    notice: (port) => port.notice([{ ...aHookRow(), noticedAtMs: NOW_MS }]),
    read: (port) => port.read(SCALING_GROUP),
    commit: (port) =>
      port.commit({ fence: 1, changes: [{ kind: 'put', row: aHookRow(), expectedRevision: 1 }], audit: [] }),
  },
  scaling: {
    instances: (port) => port.instances(SCALING_GROUP),
    activitiesInProgress: (port) => port.activitiesInProgress(SCALING_GROUP),
    activities: (port) => port.activities(SCALING_GROUP, ['asa-1']),
    actions: (port) => port.actions('asa-1'),
    hooks: (port) => port.hooks(SCALING_GROUP),
    attachments: (port) => port.attachments(SCALING_GROUP),
    heartbeat: (port) => port.heartbeat(aHookRow(), 600),
    complete: (port) =>
      port.complete(aHookRow(), {
        result: 'CONTINUE',
        reason: 'out',
        clientToken: 'token',
        decidedAtMs: NOW_MS,
      }),
  },
  budget: {
    settings: async (port) => port.settings,
    nowMs: async (port) => port.nowMs(),
    reserve: (port) => port.reserve('SetVServerGroupAttribute', 2, 'join'),
    throttled: (port) => port.throttled('SetVServerGroupAttribute', null),
  },
  members: { lanesOf: (port) => port.lanesOf([SERVER]) },
  quarantine: {
    put: (port) => port.put([{ key: 'key', reason: 'no JSON', text: 'text', messageId: null, atMs: NOW_MS }]),
  },
  wakeUps: { send: (port) => port.send(LB, NOW_MS) },
  groups: {
    describe: (port) => port.describe(GROUP),
    send: async (port) => {
      for (const kind of ['add', 'set-weight', 'remove'] as const) {
        await port.send({ kind, vServerGroupId: GROUP, backends: [] } satisfies Step);
      }
    },
  },
  pairGroups: {
    groups: (port) => port.groups(LB),
    describe: (port) => port.describe(PAIR_GROUP),
    listener: async (port) => {
      await port.listener(LB, { protocol: 'tcp', port: 3306 });
      await port.listener(LB, { protocol: 'udp', port: 53 });
    },
    send: async (port) => {
      for (const step of PAIR_STEPS) await port.send(step);
    },
    callOf: async (port) => PAIR_STEPS.map(port.callOf),
  },
  pairRows: {
    read: (port) => port.read('orders-db'),
    commit: (port) =>
      port.commit({
        laneId: 'pair-orders-db',
        row: { ...newPairRow({ name: 'orders-db', loadBalancerId: LB }), revision: 2, fence: 1 },
        expectedRevision: 1,
        joined: [SERVER],
        departed: ['i-bp1fictional00000002'],
        audit: [],
      }),
    removeOrders: (port) => port.removeOrders('orders-db', ['order']),
  },
  pairOrders: {
    put: (port) =>
      port.put('orders-db', {
        kind: 'pause',
        orderId: 'order',
        untilMs: NOW_MS,
        by: 'ops',
        reason: 'maintenance',
        orderedAtMs: NOW_MS,
      }),
  },
  declaredGroups: {
    observe: (port) => port.observe(LB, [{ protocol: 'http', port: 80 }]),
    settings: async (port) => {
      for (const listener of LISTENERS) await port.settings(LB, listener);
    },
    send: async (port) => {
      for (const step of DECLARATION_STEPS) await port.send(step);
    },
    callOf: async (port) => DECLARATION_STEPS.map(port.callOf),
  },
  declarations: {
    read: (port) => port.read(LB),
    commit: (port) =>
      port.commit({
        row: { ...emptyDeclaration('web', LB), revision: 2, fence: 1 },
        expectedRevision: 1,
        audit: [],
      }),
    removeOrders: (port) =>
      port.removeOrders(LB, [
        { orderId: 'order', kind: 'apply', binding: 'web', by: 'ops', orderedAtMs: NOW_MS },
      ]),
  },
  declarationOrders: {
    put: (port) =>
      port.put(LB, { orderId: 'order', kind: 'apply', binding: 'web', by: 'ops', orderedAtMs: NOW_MS }),
  },
  requests: {
    read: (port) => port.read([keyOfRow(aRequestRow())]),
    put: (port) => port.put([aRequestRow()]),
    open: (port) => port.open(aRequestRow().laneId),
    takeIds: (port) => port.takeIds([keyOfRow(aRequestRow())]),
    commit: (port) =>
      port.commit({ fence: 1, changes: [{ row: aRequestRow(), expectedRevision: 1 }], audit: [] }),
    close: (port) => port.close(aRequestRow().laneId, [keyOfRow(aRequestRow())]),
  },
  audit: {
    latest: (port) => port.latest('request:id-1', 1),
    write: (port) =>
      port.write([
        {
          subject: 'sweep:cn-hangzhou',
          atMs: NOW_MS,
          id: 'id-1',
          action: 'sweep-reported',
          reason: 'nothing found',
          requestIds: [],
          inputs: {},
        },
      ]),
  },
  quarantined: { count: (port) => port.count(1) },
  results: { send: (port) => port.send('{}') },
  requestQueue: { send: (port) => port.send('{}', 60) },
  reconcile: { start: (port) => port.start('task', '{}') },
  loadBalancers: {
    describe: (port) => port.describe(LB),
    health: (port) => port.health(LB),
  },
  connections: { of: (port) => port.of([SERVER]) },
  instances: {
    describe: async (port) => {
      for (const id of [SERVER, 'eni-bp1fictional00001', 'eci-bp1fictional00001']) await port.describe([id]);
    },
    list: (port) => port.list([{ key: 'role', value: 'web' }]),
    openSystemEvents: (port) => port.openSystemEvents([SERVER]),
    provePermission: (port) => port.provePermission(),
  },
};

/** Every call that the product can make, found by calling every method of its adapters on clients that take notes. */
export async function productCalls(): Promise<ReadonlyArray<ProductCall>> {
  const calls: Array<ProductCall> = [];
  const note = (action: string, ...resources: ReadonlyArray<string>) =>
    void calls.push({ action, resources });
  const clock = { nowMs: () => NOW_MS };
  const tables = notingTables((action, table) =>
    note(`ots:${action}`, `acs:ots:${PLACE}:instance/slb-autopilot/table/${table}`),
  );
  const queues: QueueClient = {
    send: async (queue) => note('mns:SendMessage', `acs:mns:${PLACE}:/queues/${queue}/messages`),
  };
  const instance = `acs:ecs:${PLACE}:instance/${SERVER}`;
  const slb = notingRpc((api) => {
    const group = `acs:slb:${PLACE}:loadbalancer/${LB}`;
    // Those whose pages list the instances, or access control lists, among the resources.
    if (/^(Add|Remove|CreateMasterSlave)/.test(api)) note(`slb:${api}`, group, instance);
    else if (/^Set.*(TCP|UDP)Listener/.test(api)) note(`slb:${api}`, group, `acs:slb:${PLACE}:acl/acl-1`);
    else note(`slb:${api}`, group);
  });
  const ports: Pick<Production, CloudPort> = {
    done: createDoneStore(tables),
    claims: createClaimStore(tables),
    inbox: createInboxStore(tables),
    lanes: createLaneStore(tables),
    hooks: createHookStore(tables),
    scaling: createEssGateway(
      notingRpc((api) => note(`ess:${api}`, `acs:ess:${PLACE}:scalinggroup/${SCALING_GROUP}`)),
    ),
    backends: createBackendStore(tables),
    declaredGroups: createDeclarationGateway(slb, clock),
    declarations: createDeclarationStore(tables),
    declarationOrders: createDeclarationOrders(tables),
    pairGroups: createPairGateway(slb),
    pairRows: createPairStore(tables),
    pairOrders: createPairOrders(tables),
    // Of the audit the functions use no more than that.
    audit: { latest: createRecentAudit(tables).latest, ...createAuditLog(tables) },
    quarantined: createQuarantineCount(tables),
    requests: createRequestStore(tables),
    results: createResults(queues),
    requestQueue: createRequestQueue(queues),
    reconcile: {
      async start() {
        note('fc:InvokeFunction', `acs:fc:${PLACE}:functions/${RECONCILE_FUNCTION}`);
        return 'started';
      },
    },
    budget: createApiBudget({
      store: createBudgetStore(tables),
      clock,
      random: () => 0,
      logger: { info: () => {}, warn: () => {}, error: () => {} },
      settings: DEFAULT_API_BUDGET,
      regionId: 'cn-hangzhou',
    }),
    members: createMemberIndex(tables),
    quarantine: createQuarantine(tables, createQuarantineNotes(queues)),
    wakeUps: createWakeUps(queues, clock),
    groups: createSlbGateway(slb, clock),
    loadBalancers: createLoadBalancerGateway(slb, clock),
    // CloudMonitor's actions can be granted on everything only.
    connections: createConnectionCounts(
      notingRpc((api) => note(`cms:${api}`, '*')),
      clock,
    ),
    // Full statuses and network interfaces can be granted on everything only.
    instances: createInstanceGateway({
      ecs: notingRpc((api) => note(`ecs:${api}`, api === 'DescribeInstances' ? instance : '*')),
      eci: notingRpc((api) => note(`eci:${api}`, `acs:eci:${PLACE}:containergroup/eci-bp1fictional00001`)),
    }),
  };
  // Function Compute sends there with the functions' role.
  await queues.send(QUEUES.sweepFailures, '{}', 0);
  for (const name of Object.keys(ports) as Array<CloudPort>) await exercise(ports, name);
  return calls;
}

async function exercise<P extends CloudPort>(ports: Pick<Production, P>, name: P): Promise<void> {
  const port: Production[P] = ports[name];
  const exercises = Object.entries(EXERCISES[name]) as Array<
    [string, (port: Production[P]) => Promise<unknown>]
  >;
  const methods = exercises.map(([method]) => method).sort();
  if (methods.join() !== Object.keys(port).sort().join())
    throw new Error(`not every method of ${name} is called`);
  for (const [, call] of exercises) await call(port);
}

const ROW_WRITES = { put: 'PutRow', update: 'UpdateRow', delete: 'DeleteRow' } as const;

function notingTables(note: (action: string, table: string) => void): TableClient {
  return {
    time: { nowMs: () => NOW_MS },
    async get(table) {
      note('GetRow', table);
      return null;
    },
    async getMany(table) {
      note('BatchGetRow', table);
      return [];
    },
    async range(table) {
      note('GetRange', table);
      return [];
    },
    async write({ kind, table }) {
      note(ROW_WRITES[kind], table);
      // What is refused is read.
      return table === 'budget' || table === 'requests' ? 'conflict' : 'written';
    },
    async writeMany(rows) {
      for (const { table } of rows) note('BatchWriteRow', table);
      return rows.map(() => 'written' as const);
    },
  };
}

/** Answers every operation with one that has something of each. */
function notingRpc(note: (api: string) => void): RpcClient {
  return {
    async call(api, _kind, _parameters, schema) {
      note(api);
      return schema.parse({
        RequestId: 'request',
        VServerGroupId: GROUP,
        LoadBalancerId: LB,
        LoadBalancerStatus: 'active',
        VServerGroups: { VServerGroup: [] },
        Listeners: [{ LoadBalancerId: LB, ListenerPort: 80, ListenerProtocol: 'http' }],
        Rules: { Rule: [] },
        MasterSlaveServerGroupId: PAIR_GROUP,
        ListenerPort: 3306,
        Status: 'running',
        MasterSlaveServerGroups: { MasterSlaveServerGroup: [] },
        MasterSlaveBackendServers: {
          MasterSlaveBackendServer: ['Master', 'Slave'].map((ServerType, index) => ({
            ServerId: `i-${index}`,
            Port: 3306,
            Weight: 100,
            ServerType,
          })),
        },
        BackendServers: { BackendServer: [] },
        Instances: { Instance: [] },
        NetworkInterfaceSets: { NetworkInterfaceSet: [] },
        ContainerGroups: [],
        InstanceFullStatusSet: { InstanceFullStatusType: [] },
        TotalCount: 0,
        ScalingInstances: [],
        ScalingActivities: [],
        LifecycleHooks: [],
        LifecycleActions: [],
        ScalingGroups: [],
      });
    },
  };
}
