import { handleTick } from '../../functions/tick/handler.ts';
import { type LocalClouds, type LocalCloudsOptions, startLocalClouds } from '../../infra/local/clouds.ts';
import type { CallRecord } from '../../infra/local/world/calls.ts';
import { INF_MAX, INF_MIN } from '../../infra/local/world/tablestore/values.ts';
import { QUEUES } from '../../shared/adapters/mns/queues.ts';
import type { Production } from '../../shared/adapters/production.ts';
import { TABLES } from '../../shared/adapters/tablestore/tables.ts';
import type { Binding } from '../../shared/config/binding.ts';
import type { Timing } from '../../shared/config/timing.ts';
import { aBinding } from './builders.ts';
import { createWorker, type WorkerSettings } from './worker.ts';

/** Legal and short: a write is sent while the lease outlives the call timeout by 5 s. */
export const QUICK_TIMING: Timing = {
  leaseMs: 10_000,
  callTimeoutMs: 2_000,
  passBudgetMs: 10_000,
  gatherMs: 0,
  settleMs: 300,
  compareMs: 300_000,
  contestMs: 600_000,
};

/** Local clouds with the product's tables, queues, load balancers and groups, and workers on the real adapters. */
export interface Stage {
  readonly clouds: LocalClouds;
  readonly bindings: ReadonlyArray<Binding>;
  /** What a worker in another process needs. */
  readonly settings: WorkerSettings;
  /** Another worker: its own clients, its own identity, the same clouds. */
  worker(overrides?: Partial<Production>): Production;
  /** SLB writes that took effect, in order. */
  slbWrites(): ReadonlyArray<CallRecord>;
  /** `i-1:8080=100` for each backend of the group, sorted. */
  group(vServerGroupId?: string): ReadonlyArray<string>;
  /** All rows of a table: key and columns together. */
  rows(table: keyof typeof TABLES): ReadonlyArray<Record<string, unknown>>;
  /** Starts instances and waits until they are Running; returns their ids. */
  running(count: number, tags?: Record<string, string>): Promise<ReadonlyArray<string>>;
  /** Ticks with a worker until `isDone`; fails after `limitMs`. */
  tickUntil(worker: Production, isDone: () => boolean, limitMs?: number): Promise<void>;
  close(): Promise<void>;
}

const SLB_WRITES: ReadonlySet<string> = new Set([
  'AddVServerGroupBackendServers',
  'SetVServerGroupAttribute',
  'RemoveVServerGroupBackendServers',
]);

/** Sets the stage; every instance transition takes a few milliseconds. */
export async function setStage(
  options: { bindings?: ReadonlyArray<Binding>; timing?: Partial<Timing>; clouds?: LocalCloudsOptions } = {},
): Promise<Stage> {
  const clouds = await startLocalClouds({
    ecsTimings: { pendingMs: 1, startingMs: 1, stoppingMs: 1, releasingMs: 1 },
    ...options.clouds,
    switches: { slbGroupProcessingMs: 0, ...options.clouds?.switches },
  });
  const bindings = options.bindings ?? [aBinding({ drain: { timeMs: 0 } })];
  createTables(clouds);
  for (const queue of Object.values(QUEUES)) clouds.mns.createQueue(queue);
  seedGroups(clouds, bindings);
  const { identities, region } = clouds.foundation;
  const { accessKeyId, accessKeySecret, securityToken } = identities.administrator;
  const settings: WorkerSettings = {
    accountId: identities.accountId,
    regionId: region,
    accessKey: { accessKeyId, accessKeySecret, securityToken },
    otsInstance: clouds.tablestore.instanceName,
    endpoints: clouds.endpoints,
    bindings,
    timing: { ...QUICK_TIMING, ...options.timing },
  };
  return {
    clouds,
    bindings,
    settings,
    worker: (overrides = {}) => ({ ...createWorker(settings), ...overrides }),
    slbWrites: () =>
      clouds.foundation.gate.records.filter(({ action, applied }) => applied && SLB_WRITES.has(action)),
    group: (id = bindings[0]?.vServerGroupId ?? '') =>
      (clouds.slb.group(id)?.backends ?? [])
        .map(({ serverId, port, weight }) => `${serverId}:${port}=${weight}`)
        .sort(),
    rows: (table) => readTable(clouds, table),
    async running(count, tags = { role: 'web' }) {
      const ids = clouds.ecs.runInstances({
        amount: count,
        tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
      });
      await until(() => ids.every((id) => clouds.ecs.find(id)?.status === 'Running'));
      return ids;
    },
    async tickUntil(worker, isDone, limitMs = 8_000) {
      await until(async () => {
        await handleTick(worker, [{ kind: 'tick' }]);
        return isDone();
      }, limitMs);
    },
    close: () => clouds.close(),
  };
}

/** Looks every few milliseconds until it holds; throws when it does not within `limitMs`. */
export async function until(isDone: () => boolean | Promise<boolean>, limitMs = 5_000): Promise<void> {
  const endMs = Date.now() + limitMs;
  while (!(await isDone())) {
    if (Date.now() > endMs) throw new Error(`it did not come to pass within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function createTables(clouds: LocalClouds): void {
  for (const { name, key, timeToLiveSeconds } of Object.values(TABLES)) {
    clouds.tablestore.createTable({
      tableName: name,
      primaryKey: key.map((column) => ({ ...column, isAutoIncrement: false })),
      options: { timeToLive: timeToLiveSeconds, maxVersions: 1 },
      reserved: { read: 0, write: 0 },
    });
  }
}

/** Every row of a table, keys and columns together. */
export function readTable(
  clouds: Pick<LocalClouds, 'tablestore'>,
  table: keyof typeof TABLES,
): ReadonlyArray<Record<string, unknown>> {
  const { name, key } = TABLES[table];
  const { rows } = clouds.tablestore.getRange({
    tableName: name,
    direction: 'FORWARD',
    inclusiveStartPrimaryKey: key.map((column) => ({ name: column.name, value: INF_MIN })),
    exclusiveEndPrimaryKey: key.map((column) => ({ name: column.name, value: INF_MAX })),
    limit: null,
    maxVersions: 1,
    columnsToGet: [],
    timeRange: null,
    filter: null,
    startColumn: null,
    endColumn: null,
  });
  return rows.map(({ primaryKey, cells }) =>
    Object.fromEntries([...primaryKey, ...cells].map(({ name, value }) => [name, value])),
  );
}

function seedGroups(clouds: LocalClouds, bindings: ReadonlyArray<Binding>): void {
  for (const { loadBalancerId, vServerGroupId, name } of bindings) {
    clouds.slb.seedLoadBalancer({ loadBalancerId });
    clouds.slb.seedVServerGroup({ vServerGroupId, loadBalancerId, name });
  }
}
