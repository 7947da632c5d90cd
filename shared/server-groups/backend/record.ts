import type { OrderCause } from '../../acceptance/model.ts';
import type { BackendIdentity } from '../model.ts';
import type { Override } from './override.ts';

/**
 * Why a backend leaves. `stopped`: the instance stops, is stopped or restarts; `released`: it is gone; `unselected`: no
 * binding wants it; `moved`: its server serves on another port instead; `not-ready`: it did not serve within its limit; the others are somebody's order.
 */
export type DrainCause = 'stopped' | 'released' | 'unselected' | 'moved' | 'not-ready' | OrderCause;

/** Where a backend is in its life. `removed` keeps out what an order keeps out; else a removed one has no row. */
export type BackendPhase = 'joining' | 'ramping' | 'in-service' | 'draining' | 'removed';

/** An order that keeps a backend out while its instance may be Running. */
export interface LeaveOrder {
  readonly cause: OrderCause | 'not-ready';
  /** What ordered it: the id of a system event; `null` = nothing with a name. */
  readonly ref: string | null;
  /** When it happened, by its event (of several about one `ref` the last), or when we took notice. */
  readonly sinceMs: number;
  /** Out by then; `null` = no hurry. */
  readonly deadlineAtMs: number | null;
  /** Ends by itself then; `null` = it does not. */
  readonly untilMs: number | null;
}

/** What takes orders back. */
export interface ReturnOrder {
  readonly cause: OrderCause;
  /** Only the order of this `ref`; `null` = all of the cause. */
  readonly ref: string | null;
  readonly atMs: number;
}

/** Why nothing is done although something is to do. */
export interface Held {
  /**
   * `min-in-service`, `max-disruption`, `unsure`: a guard; `quota`: a limit; `refusal`: the cloud said no; `contested`: another writer; `not-ready`: it does not serve;
   * `setting`: the configuration asks for what this load balancer cannot do; `drift`: a difference is only reported; `group`: the group cannot be worked on;
   * `moving`: its server is to serve on another port first, and that does not get on.
   */
  readonly by:
    | 'min-in-service'
    | 'max-disruption'
    | 'unsure'
    | 'quota'
    | 'refusal'
    | 'contested'
    | 'not-ready'
    | 'setting'
    | 'drift'
    | 'group'
    | 'moving';
  /** For people. */
  readonly reason: string;
}

/** What we decided about a backend: a memory of decisions, never evidence about the cloud. Instants are table time. */
export interface BackendRow extends BackendIdentity {
  readonly binding: string;
  readonly phase: BackendPhase;
  /** Why it drains or is out; `null` in the other phases. */
  readonly cause: DrainCause | null;
  /** Grows by one whenever the direction changes: a join, a drain, a rejoin. */
  readonly generation: number;
  /** Since when its next raise (the Add, or a step of the ramp) is due; the gathering time counts from here. */
  readonly dueSinceMs: number | null;
  /** When adding it was decided; `null` = it is not to be added: it is in the group, or not joining at all. */
  readonly decidedAtMs: number | null;
  /** Since when it has been in the group without being ready; the readiness limit counts from here. */
  readonly listedAtMs: number | null;
  /** Which share of the full weight it is to have: an index into the ramp's, one beyond the last is the full weight. */
  readonly rampStep: number;
  /** First recorded observation of that share's weight; `null` = not yet in force. */
  readonly rampSinceMs: number | null;
  /** First recorded observation of weight 0 in this drain; the drain time counts from here. */
  readonly weightZeroAtMs: number | null;
  /** Samples in a row with few enough connections. */
  readonly quietSamples: number;
  readonly sampledAtMs: number | null;
  /** The orders that stand, one for each cause and `ref`, the strongest first. */
  readonly orders: ReadonlyArray<LeaveOrder>;
  /** The last of each cause and `ref` that was taken back: an older one of its kind that comes late changes nothing. */
  readonly returns: ReadonlyArray<ReturnOrder>;
  /** What a person has asked for beyond the binding, until it ends; `null` = nothing. */
  readonly override: Override | null;
  /** Since when the health checks have said normal while an alarm keeps it out. */
  readonly healthySinceMs: number | null;
  /**
   * The weight that its binding gives it, as last known: it counts where that cannot be told, and for a port that the
   * binding has left. `null` = it was written before there was this column; see {@link lastFullWeight}.
   */
  readonly fullWeight: number | null;
  /** The weight last read back as ours; `null` = none since our last correction. */
  readonly confirmedWeight: number | null;
  /** Corrections of another writer since {@link correctionsSinceMs}. */
  readonly corrections: number;
  readonly correctionsSinceMs: number | null;
  /** A `Deleted` event has been seen for the instance. */
  readonly hasDeletedEvent: boolean;
  /** When the first honest answer without the instance was read; `null` = it was listed last time. */
  readonly absentSinceMs: number | null;
  readonly held: Held | null;
  /** Refusals of our calls in a row that may be this backend's fault: its next batch is smaller. */
  readonly refusals: number;
  /** No call for it before this instant; `null` = at once. */
  readonly notBeforeMs: number | null;
  /** Grows with every write of the row. 0 = not yet written. */
  readonly revision: number;
  /** The lane's fence at the last write. */
  readonly fence: number;
}

/** What a new row, or one that goes in another direction, begins with; whatever is left out begins with nothing. */
export type Beginning = Partial<
  Pick<
    BackendRow,
    'cause' | 'dueSinceMs' | 'decidedAtMs' | 'weightZeroAtMs' | 'orders' | 'returns' | 'override'
  >
>;

/** A row of a backend that had none. Written out like all rows here; see {@link withColumns}. */
export function newRow(
  { vServerGroupId, serverId, port, serverIp }: BackendIdentity,
  binding: string,
  phase: BackendPhase,
  begins: Beginning = {},
): BackendRow {
  return {
    vServerGroupId,
    serverId,
    port,
    serverIp,
    binding,
    phase,
    cause: begins.cause ?? null,
    generation: 1,
    dueSinceMs: begins.dueSinceMs ?? null,
    decidedAtMs: begins.decidedAtMs ?? null,
    listedAtMs: null,
    rampStep: 0,
    rampSinceMs: null,
    weightZeroAtMs: begins.weightZeroAtMs ?? null,
    quietSamples: 0,
    sampledAtMs: null,
    orders: begins.orders ?? [],
    returns: begins.returns ?? [],
    override: begins.override ?? null,
    healthySinceMs: null,
    fullWeight: null,
    confirmedWeight: null,
    corrections: 0,
    correctionsSinceMs: null,
    hasDeletedEvent: false,
    absentSinceMs: null,
    held: null,
    refusals: 0,
    notBeforeMs: null,
    revision: 0,
    fence: 0,
  };
}

/**
 * The record with some columns changed. Written out, because a spread with properties after it is slow in Node 20, and a
 * plan does this for every backend.
 */
export function withColumns(row: BackendRow, changes: Partial<BackendRow>): BackendRow {
  return {
    vServerGroupId: row.vServerGroupId,
    serverId: row.serverId,
    port: row.port,
    serverIp: row.serverIp,
    binding: changes.binding ?? row.binding,
    phase: changes.phase ?? row.phase,
    cause: kept(changes.cause, row.cause),
    generation: changes.generation ?? row.generation,
    dueSinceMs: kept(changes.dueSinceMs, row.dueSinceMs),
    decidedAtMs: kept(changes.decidedAtMs, row.decidedAtMs),
    listedAtMs: kept(changes.listedAtMs, row.listedAtMs),
    rampStep: changes.rampStep ?? row.rampStep,
    rampSinceMs: kept(changes.rampSinceMs, row.rampSinceMs),
    weightZeroAtMs: kept(changes.weightZeroAtMs, row.weightZeroAtMs),
    quietSamples: changes.quietSamples ?? row.quietSamples,
    sampledAtMs: kept(changes.sampledAtMs, row.sampledAtMs),
    orders: changes.orders ?? row.orders,
    returns: changes.returns ?? row.returns,
    override: kept(changes.override, row.override),
    healthySinceMs: kept(changes.healthySinceMs, row.healthySinceMs),
    fullWeight: kept(changes.fullWeight, row.fullWeight),
    confirmedWeight: kept(changes.confirmedWeight, row.confirmedWeight),
    corrections: changes.corrections ?? row.corrections,
    correctionsSinceMs: kept(changes.correctionsSinceMs, row.correctionsSinceMs),
    hasDeletedEvent: changes.hasDeletedEvent ?? row.hasDeletedEvent,
    absentSinceMs: kept(changes.absentSinceMs, row.absentSinceMs),
    held: kept(changes.held, row.held),
    refusals: changes.refusals ?? row.refusals,
    notBeforeMs: kept(changes.notBeforeMs, row.notBeforeMs),
    revision: changes.revision ?? row.revision,
    fence: changes.fence ?? row.fence,
  };
}

/** The weight that its binding gave a backend last, as far as its record tells; `null` = it does not. */
export function lastFullWeight({ fullWeight, confirmedWeight, override }: BackendRow): number | null {
  return fullWeight ?? (override === null ? confirmedWeight : null);
}

function kept<Value>(change: Value | undefined, value: Value): Value {
  return change === undefined ? value : change;
}

/**
 * The record as it goes in another direction: of the former phase nothing is left, what is known of the instance, of
 * orders and of another writer's doing stays. The next generation, unless the direction is the same.
 */
export function redirected(
  row: BackendRow,
  phase: BackendPhase,
  begins: Beginning = {},
  generation: number = row.generation + 1,
): BackendRow {
  return {
    vServerGroupId: row.vServerGroupId,
    serverId: row.serverId,
    port: row.port,
    serverIp: row.serverIp,
    binding: row.binding,
    phase,
    cause: begins.cause ?? null,
    generation,
    dueSinceMs: begins.dueSinceMs ?? null,
    decidedAtMs: begins.decidedAtMs ?? null,
    listedAtMs: null,
    rampStep: 0,
    rampSinceMs: null,
    weightZeroAtMs: begins.weightZeroAtMs ?? null,
    quietSamples: 0,
    sampledAtMs: null,
    orders: begins.orders ?? row.orders,
    returns: begins.returns ?? row.returns,
    override: kept(begins.override, row.override),
    healthySinceMs: null,
    fullWeight: row.fullWeight,
    confirmedWeight: null,
    corrections: row.corrections,
    correctionsSinceMs: row.correctionsSinceMs,
    hasDeletedEvent: row.hasDeletedEvent,
    absentSinceMs: row.absentSinceMs,
    held: null,
    refusals: 0,
    notBeforeMs: null,
    revision: row.revision,
    fence: row.fence,
  };
}
