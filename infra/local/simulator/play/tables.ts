import type { MemoryClouds } from '../../memory/clouds.ts';
import type { StoredRow } from '../../world/tablestore/rows.ts';
import { readStored, type TableRow } from './observed-store.ts';

/** The rows of a table as they are now, in order of their making. */
export function rowsOf({ foundation }: Pick<MemoryClouds, 'foundation'>, table: string): Array<TableRow> {
  return [...foundation.store.collection<StoredRow>(`ots-rows/${table}`).values()].map(readStored);
}

/** Whether the row only keeps the place of a record that was deleted. */
export function isGone({ columns }: TableRow): boolean {
  return columns.goneAtMs !== undefined;
}

/** The records of the table `backends` as they are now. */
export function backendsOf(clouds: Pick<MemoryClouds, 'foundation'>): Array<BackendRecord> {
  return rowsOf(clouds, 'backends')
    .filter((row) => !isGone(row))
    .map(readBackend);
}

/** What the product remembers of a backend, as far as the simulator cares. */
export interface BackendRecord {
  readonly vServerGroupId: string;
  readonly serverId: string;
  readonly port: number;
  readonly phase: string;
  /** Why it drains or is out; `null` in the other phases. */
  readonly cause: string | null;
  readonly orders: ReadonlyArray<{
    readonly cause: string;
    readonly deadlineAtMs: number | null;
    readonly untilMs: number | null;
  }>;
  readonly generation: number;
  /** `null` = not held. */
  readonly held: string | null;
  readonly notBeforeMs: number | null;
  readonly fence: number;
  readonly revision: number;
}

const records = new WeakMap<TableRow, BackendRecord>();

/** Reads a row of the table `backends`; the same object for the same row. */
export function readBackend(from: TableRow): BackendRecord {
  const known = records.get(from);
  if (known !== undefined) return known;
  const row = JSON.parse(String(from.columns.row)) as Omit<BackendRecord, 'held'> & {
    readonly held: { readonly reason: string } | null;
  };
  const record = { ...row, held: row.held?.reason ?? null };
  records.set(from, record);
  return record;
}

/** What the product remembers of a lifecycle hook that waits, as far as the simulator cares. */
export interface HookRecord {
  readonly scalingGroupId: string;
  readonly lifecycleHookId: string;
  readonly token: string;
  /** `null` = not yet known. */
  readonly transition: 'SCALE_OUT' | 'SCALE_IN' | null;
  readonly instanceIds: ReadonlyArray<string>;
  readonly answer: {
    readonly result: string;
    readonly reason: string;
    readonly clientToken: string;
  } | null;
}

const hooks = new WeakMap<TableRow, HookRecord>();

/** Reads a row of the table `hooks`; the same object for the same row. */
export function readHook(from: TableRow): HookRecord {
  const known = hooks.get(from);
  if (known !== undefined) return known;
  const record = JSON.parse(String(from.columns.hook)) as HookRecord;
  hooks.set(from, record);
  return record;
}

/** A row of the table `lanes`, as far as the simulator cares. */
export interface LaneRecord {
  readonly loadBalancerId: string;
  /** Empty = nobody. */
  readonly owner: string;
  readonly leaseUntilMs: number;
  readonly fence: number;
  readonly dirty: number;
  readonly handled: number;
  /** `null` = none. */
  readonly nextWakeUpMs: number | null;
}

/** Reads a row of the table `lanes`. */
export function readLane({ key, columns }: TableRow): LaneRecord {
  const number = (name: string) => Number(columns[name] ?? 0);
  const nextWakeUpMs = Number(columns.nextWakeUpMs ?? -1);
  return {
    loadBalancerId: key[0] ?? '',
    owner: String(columns.owner ?? ''),
    leaseUntilMs: number('leaseUntilMs'),
    fence: number('fence'),
    dirty: number('dirty'),
    handled: number('handled'),
    nextWakeUpMs: nextWakeUpMs < 0 ? null : nextWakeUpMs,
  };
}

/** A change of a pair, as its journal has it. */
export interface SagaRecord {
  readonly number: number;
  readonly kind: 'creation' | 'promotion' | 'fail-back' | 'new-standby';
  /** `null` = it began by itself. */
  readonly orderId: string | null;
  readonly startedAtMs: number;
  readonly groupName: string;
  /** `null` = it had no group before. */
  readonly from: { readonly groupId: string; readonly members: PairMembersRecord } | null;
  readonly to: PairMembersRecord;
  readonly listeners: ReadonlyArray<{
    readonly protocol: string;
    readonly port: number;
    /** Its settings when the change began. */
    readonly before: Readonly<Record<string, string>>;
  }>;
  /** Its new group; `null` = none, as far as the journal knows. */
  readonly groupId: string | null;
  readonly phase: string;
  readonly inFlight: { readonly kind: string; readonly target: string; readonly sentAtMs: number } | null;
  readonly outcome: string | null;
  readonly endedAtMs: number | null;
}

/** Who is who in a group. */
export interface PairMembersRecord {
  readonly primary: PairMemberRecord;
  readonly secondary: PairMemberRecord;
}

/** One of the two. */
export interface PairMemberRecord {
  readonly serverId: string;
  readonly port: number;
}

/** What the product remembers of a pair, as far as the simulator cares. */
export interface PairRecord {
  readonly name: string;
  readonly number: number;
  readonly groupId: string | null;
  readonly memberIds: ReadonlyArray<string>;
  readonly homeId: string | null;
  readonly testimonies: Readonly<Record<string, object>>;
  readonly notices: ReadonlyArray<{
    readonly serverId: string;
    readonly cause: string;
    readonly fromMs: number;
  }>;
  readonly saga: SagaRecord | null;
  readonly leftovers: ReadonlyArray<string>;
  /** `null` = nothing is held. */
  readonly held: string | null;
  readonly fence: number;
}

/** What a person asks of a pair, as it waits in the table. */
export interface PairOrderRecord {
  readonly kind: 'promote' | 'pause';
  readonly orderId: string;
  /** Of a promotion. */
  readonly overridesCoolDown?: boolean;
}

const pairs = new WeakMap<TableRow, PairRecord>();

/** Reads a row of the table `promotions`; the same object for the same row, `null` = it is an order. */
export function readPair(from: TableRow): PairRecord | null {
  if (from.key[1] !== 'pair') return null;
  const known = pairs.get(from);
  if (known !== undefined) return known;
  const record = JSON.parse(String(from.columns.row)) as PairRecord;
  pairs.set(from, record);
  return record;
}

/** The order in a row of that table; `null` = it is none. */
export function readPairOrder({ key, columns }: TableRow): PairOrderRecord | null {
  if (key[1]?.startsWith('order/') !== true) return null;
  return JSON.parse(String(columns.order)) as PairOrderRecord;
}

/** What the product remembers of a change request, as far as the simulator cares. */
export interface RequestRecord {
  readonly phase: string;
  readonly request: { readonly requestId: string };
}

/** The change requests that have come, whatever became of them. */
export function requestsOf(clouds: Pick<MemoryClouds, 'foundation'>): Array<RequestRecord> {
  return rowsOf(clouds, 'requests').flatMap(({ key: [subject = '', entry], columns }) =>
    subject.startsWith('req/') && entry !== 'taken'
      ? [JSON.parse(String(columns.request)) as RequestRecord]
      : [],
  );
}

/** What is recorded of pairs now. */
export function pairsOf(clouds: Pick<MemoryClouds, 'foundation'>): Array<PairRecord> {
  return rowsOf(clouds, 'promotions').flatMap((row) => readPair(row) ?? []);
}

/** The orders that wait now, of all pairs. */
export function ordersOf(clouds: Pick<MemoryClouds, 'foundation'>): Array<PairOrderRecord> {
  return rowsOf(clouds, 'promotions').flatMap((row) => readPairOrder(row) ?? []);
}
