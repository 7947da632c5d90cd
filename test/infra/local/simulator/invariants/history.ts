import type { Travel } from '../../../../../infra/local/memory/carrier.ts';
import { createMemoryClouds, type MemoryClouds } from '../../../../../infra/local/memory/clouds.ts';
import { readMemoryDeployment } from '../../../../../infra/local/memory/read-deployment.ts';
import type { InvariantName } from '../../../../../infra/local/simulator/invariants/invariant.ts';
import type { CallOutcome, WorkerCall } from '../../../../../infra/local/simulator/play/calls.ts';
import { Watchers } from '../../../../../infra/local/simulator/play/watchers.ts';
import { VirtualClock } from '../../../../../infra/local/world/clock.ts';
import type { StoredRow } from '../../../../../infra/local/world/tablestore/rows.ts';
import type { Config } from '../../../../../shared/config/load.ts';
import { type BackendRow, newRow, withColumns } from '../../../../../shared/server-groups/backend/record.ts';
import {
  ASSUME,
  aBinding,
  GROUP,
  LB,
  NOW_MS,
  REQUESTS,
  SCALING,
  SWEEP,
} from '../../../../support/builders.ts';

/** A member of the test's group: server, weight and, where it matters, port and Description. */
export interface Member {
  readonly serverId: string;
  readonly weight: number;
  readonly port?: number;
  readonly description?: string;
}

/** A row of a table before and after, by its columns; its key is what the table's key is. */
export type Cells = Readonly<Record<string, string | number>>;

export const WORKER = 'events-1';
export const MARK = 'slb-autopilot/web';

const deployment = await readMemoryDeployment();

/** A history made by hand, told to all invariants as the simulator would tell it. */
export class History {
  readonly clock = new VirtualClock(NOW_MS);
  readonly clouds: MemoryClouds;
  readonly config: Config;
  readonly #watchers = new Watchers();

  constructor(overrides: Partial<Config> = {}) {
    this.config = {
      version: 1,
      regionId: 'cn-hangzhou',
      bindings: [aBinding()],
      pairs: [],
      timing: {
        leaseMs: 45_000,
        callTimeoutMs: 10_000,
        passBudgetMs: 20_000,
        gatherMs: 2_000,
        settleMs: 3_000,
        compareMs: 300_000,
        contestMs: 600_000,
      },
      limits: { callsPerMinute: 90, reserveForPeople: 12, backendsPerLoadBalancer: 200 },
      maintenance: { drainAheadMs: 900_000 },
      sweep: SWEEP,
      scaling: SCALING,
      requests: REQUESTS,
      assume: ASSUME,
      ...overrides,
    };
    this.clouds = createMemoryClouds({ clock: this.clock, deployment });
    this.clouds.slb.seedLoadBalancer({ loadBalancerId: LB });
    this.clouds.slb.seedVServerGroup({ vServerGroupId: GROUP, loadBalancerId: LB, name: 'web' });
    const nowMs = () => this.clock.nowMs();
    this.#watchers.begin({ config: this.config, clouds: this.clouds, nowMs });
  }

  /** What an invariant has said, in order. */
  broken(invariant: InvariantName): ReadonlyArray<string> {
    return this.#watchers.violations.filter((each) => each.invariant === invariant).map(({ text }) => text);
  }

  passes(ms: number): void {
    this.clock.advanceBy(ms);
  }

  sends(travel: Pick<Travel, 'product' | 'action' | 'parameters'>, worker = WORKER): WorkerCall {
    const call: WorkerCall = {
      worker,
      travel: { ...travel, timeoutMs: 10_000, about: () => '' },
      sentAtMs: this.clock.nowMs(),
      landedAtMs: null,
      outcome: null,
    };
    this.#watchers.tell('sent', call);
    return call;
  }

  lands(call: WorkerCall, outcome: CallOutcome): void {
    call.landedAtMs = this.clock.nowMs();
    call.outcome = outcome;
    this.#watchers.tell('landed', call);
  }

  /** The worker goes on with this answer. */
  hears(call: WorkerCall, answer: CallOutcome): void {
    this.#watchers.heard(call, answer);
  }

  /** Lands with this answer and is heard at once. */
  answers(call: WorkerCall, body: unknown): void {
    this.lands(call, { isOk: true, body });
    this.hears(call, { isOk: true, body });
  }

  /** A worker reads the group and its instances, all Running unless `statuses` says otherwise, and its records. */
  looks(
    members: ReadonlyArray<Member>,
    statuses: Readonly<Record<string, string>> = {},
    { worker = WORKER, tags = { role: 'web' } as Readonly<Record<string, string>> } = {},
  ): void {
    const ids = [...new Set([...members.map(({ serverId }) => serverId), ...Object.keys(statuses)])];
    this.readsRecords(worker);
    const describe = { VServerGroupId: GROUP };
    this.answers(
      this.sends({ product: 'slb', action: 'DescribeVServerGroupAttribute', parameters: describe }, worker),
      groupAnswer(members),
    );
    const wireTags = Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
    this.answers(
      this.sends(
        { product: 'ecs', action: 'DescribeInstances', parameters: { InstanceIds: JSON.stringify(ids) } },
        worker,
      ),
      {
        Instances: {
          Instance: ids
            .filter((id) => statuses[id] !== 'absent')
            .map((id) => ({ InstanceId: id, Status: statuses[id] ?? 'Running', Tags: { Tag: wireTags } })),
        },
      },
    );
  }

  readsRecords(worker = WORKER): void {
    const parameters = { table: 'backends', keys: [{ group: GROUP }] };
    this.answers(this.sends({ product: 'ots', action: 'GetRange', parameters }, worker), {
      rows: [],
      nextStartPrimaryKey: null,
    });
  }

  /** A worker sends a write to the group; it has not landed. */
  writes(kind: 'add' | 'set' | 'remove', members: ReadonlyArray<Member>, worker = WORKER): WorkerCall {
    const action = {
      add: 'AddVServerGroupBackendServers',
      set: 'SetVServerGroupAttribute',
      remove: 'RemoveVServerGroupBackendServers',
    }[kind];
    const BackendServers = JSON.stringify(
      members.map(({ serverId, weight, port = 8080, description = MARK }) => ({
        ServerId: serverId,
        Port: port,
        ...(kind === 'remove' ? {} : { Weight: weight, Description: description }),
      })),
    );
    return this.sends(
      { product: 'slb', action, parameters: { VServerGroupId: GROUP, BackendServers } },
      worker,
    );
  }

  /** A row changes, by a call of the worker that is sent and lands now, or by one that was sent before. */
  changes(
    table: string,
    key: ReadonlyArray<string>,
    before: Cells | null,
    after: Cells | null,
    by: WorkerCall | string = WORKER,
  ): void {
    const call = typeof by === 'string' ? this.sends(tableWrite(), by) : by;
    const row = (columns: Cells | null) => (columns === null ? null : { key, columns });
    this.#watchers.rowWritten({ table, before: row(before), after: row(after) }, call);
    if (typeof by === 'string') this.answers(call, {});
  }

  /** The record of a backend changes. */
  records(before: BackendRow | null, after: BackendRow | null, by: WorkerCall | string = WORKER): void {
    const row = after ?? before;
    if (row === null) return;
    const cells = (of: BackendRow | null) =>
      of === null ? null : { row: JSON.stringify(of), fence: of.fence };
    this.changes('backends', [GROUP, `${row.serverId}:${row.port}`], cells(before), cells(after), by);
  }

  /** A worker takes the lane. */
  takesLane(fence = 1, worker = WORKER, before: Cells | null = null, lane = LB): Cells {
    const leaseUntilMs = this.clock.nowMs() + 45_000;
    const after = { owner: `${worker}-1`, leaseUntilMs, fence, dirty: 1, handled: 0 };
    this.changes('lanes', [lane], before, after, worker);
    return after;
  }

  begins(payload: Buffer, worker = WORKER): void {
    this.#watchers.tell('began', worker, invocation(payload));
  }

  ends(payload: Buffer, isTaken = true, worker = WORKER): void {
    this.#watchers.tell('finished', worker, invocation(payload), isTaken);
  }

  ticks({ dies = false } = {}): void {
    const tick = { ...invocation(Buffer.from('{}')), codeName: 'tick', trigger: 'timer' } as const;
    this.#watchers.tell('began', 'tick-1', tick);
    if (dies) return;
    this.#watchers.tell('finished', 'tick-1', tick, true);
    this.readsRecords('tick-1');
  }

  says(level: 'info' | 'warn' | 'error', message: string, stack: string): void {
    this.#watchers.tell('said', WORKER, level, message, stack);
  }

  rests(): void {
    this.#watchers.tell('rested');
  }

  /** The rows of a table as the world has them, to be filled by hand. */
  stores(table: string, key: ReadonlyArray<string>, columns: Cells): void {
    const stored = [
      key.map((part) => `s${part}`),
      Object.entries(columns).map(([name, value]) => [
        name,
        [[0, typeof value === 'number' ? `i${value}` : `s${value}`]],
      ]),
    ] as unknown as StoredRow;
    this.clouds.foundation.store.collection<StoredRow>(`ots-rows/${table}`).set(key.join('\u0000'), stored);
  }
}

/** A record of the test's group. */
export function aRecord(serverId: string, changes: Partial<BackendRow> = {}): BackendRow {
  const row = newRow({ vServerGroupId: GROUP, serverId, port: 8080, serverIp: null }, 'web', 'in-service');
  return withColumns(row, { revision: 1, fence: 1, ...changes });
}

/** What reads of the group and writes to it answer. */
export function groupAnswer(members: ReadonlyArray<Member>): object {
  return {
    VServerGroupId: GROUP,
    BackendServers: {
      BackendServer: members.map(({ serverId, weight, port = 8080, description = MARK }) => ({
        ServerId: serverId,
        Port: port,
        Weight: weight,
        Description: description,
      })),
    },
  };
}

/** A delivery of these events, as an event stream makes it. */
export function aDelivery(
  ...events: ReadonlyArray<{ readonly id: string; readonly state?: string }>
): Buffer {
  const elements = events.map(({ id, state = 'Running' }) => ({
    id: `stream-${id}`,
    source: 'MNS-Function-x',
    type: 'mns:Queue:SendMessage',
    data: {
      messageId: id,
      messageBody: JSON.stringify({
        id,
        source: 'acs.ecs',
        specversion: '1.0',
        type: 'ecs:Instance:StateChange',
        data: { resourceId: 'i-a', state },
      }),
    },
  }));
  return Buffer.from(JSON.stringify(elements));
}

/** A write of rows, of whatever table. */
export function tableWrite(parameters: unknown = []): Pick<Travel, 'product' | 'action' | 'parameters'> {
  return { product: 'ots', action: 'BatchWriteRow', parameters };
}

function invocation(payload: Buffer) {
  return {
    codeName: 'instance-events',
    settings: {} as never,
    payload,
    requestId: 'request-1',
    trigger: 'stream',
    attempt: 1,
  } as const;
}
