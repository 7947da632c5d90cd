import type { Signal } from '../acceptance/model.ts';
import type { AuditAction } from '../audit/model.ts';
import type { Binding } from '../config/binding.ts';
import type { Timing } from '../config/timing.ts';
import type { InstanceObservation } from '../instances/model.ts';
import type { LaneNotes } from '../lanes/model.ts';

/** What makes a backend one: an instance's port, and the address when it is one of several on a network interface. */
export interface BackendIdentity {
  readonly vServerGroupId: string;
  /** `i-…` */
  readonly serverId: string;
  readonly port: number;
  /** Only for network interfaces (`eni-…`) and container instances; `null` for ECS. */
  readonly serverIp: string | null;
}

/** A backend as SLB describes it. */
export interface ObservedBackend extends BackendIdentity {
  /** 0–100; 0 receives no new requests. */
  readonly weight: number;
  /** `''` when there is none; ours begins with {@link MARK_PREFIX}. */
  readonly description: string;
}

/** A vServer group as SLB describes it. */
export interface ObservedGroup {
  readonly vServerGroupId: string;
  readonly loadBalancerId: string;
  readonly backends: ReadonlyArray<ObservedBackend>;
  readonly readAtMs: number;
}

/** Why a backend leaves. `stopped`: the instance stops, is stopped or restarts; `released`: it is gone. */
export type DrainCause = 'stopped' | 'released' | 'unselected';

/** Where a backend is in its life. An absent or removed one has no row. */
export type BackendPhase = 'joining' | 'in-service' | 'draining';

/** What we decided about a backend: a memory of decisions, never evidence about the cloud. Instants are table time. */
export interface BackendRow extends BackendIdentity {
  readonly binding: string;
  readonly phase: BackendPhase;
  /** Why it drains; `null` in the other phases. */
  readonly cause: DrainCause | null;
  /** Grows by one whenever the direction changes: a join, a drain, a rejoin. */
  readonly generation: number;
  /** When it was first found ready to join; the gathering time counts from here. `null` outside of joining. */
  readonly readySinceMs: number | null;
  /** First recorded observation of weight 0 in this drain; the drain time counts from here. */
  readonly weightZeroAtMs: number | null;
  /** A `Deleted` event has been seen for the instance. */
  readonly hasDeletedEvent: boolean;
  /** First honest answer without the instance; `null` = it was listed last time. */
  readonly absentSinceMs: number | null;
  /** Why nothing is done although something is to do; `null` = not held. */
  readonly held: string | null;
  /** Refusals of our calls in a row that may be this backend's fault: its next batch is smaller. */
  readonly refusals: number;
  /** No call for it before this instant; `null` = at once. */
  readonly notBeforeMs: number | null;
  /** Grows with every write of the row. 0 = not yet written. */
  readonly revision: number;
  /** The lane's fence at the last write. */
  readonly fence: number;
}

/**
 * The record with some columns changed. Written out, because a spread with properties after it is slow in Node 20, and a
 * plan does this for every backend.
 */
export function withColumns(row: BackendRow, changes: Partial<BackendRow>): BackendRow {
  const { cause, readySinceMs, weightZeroAtMs, absentSinceMs, held, notBeforeMs } = changes;
  return {
    vServerGroupId: row.vServerGroupId,
    serverId: row.serverId,
    port: row.port,
    serverIp: row.serverIp,
    binding: changes.binding ?? row.binding,
    phase: changes.phase ?? row.phase,
    cause: cause === undefined ? row.cause : cause,
    generation: changes.generation ?? row.generation,
    readySinceMs: readySinceMs === undefined ? row.readySinceMs : readySinceMs,
    weightZeroAtMs: weightZeroAtMs === undefined ? row.weightZeroAtMs : weightZeroAtMs,
    hasDeletedEvent: changes.hasDeletedEvent ?? row.hasDeletedEvent,
    absentSinceMs: absentSinceMs === undefined ? row.absentSinceMs : absentSinceMs,
    held: held === undefined ? row.held : held,
    refusals: changes.refusals ?? row.refusals,
    notBeforeMs: notBeforeMs === undefined ? row.notBeforeMs : notBeforeMs,
    revision: changes.revision ?? row.revision,
    fence: changes.fence ?? row.fence,
  };
}

/** Begins the `Description` of every backend that we put into a group. */
export const MARK_PREFIX = 'slb-autopilot/';

/** The `Description` that marks a backend as ours: 1–80 of letters, digits, `-`, `/`, `.`, `_`. */
export function markOf(bindingName: string): string {
  return `${MARK_PREFIX}${bindingName}`;
}

/** Whether the mark of any of our bindings is on it. */
export function isMarked(backend: ObservedBackend): boolean {
  return backend.description.startsWith(MARK_PREFIX);
}

/** A backend's key inside its group, the same for rows and observations. */
export function backendKey(backend: Pick<BackendIdentity, 'serverId' | 'port' | 'serverIp'>): string {
  return backend.serverIp === null
    ? `${backend.serverId}:${backend.port}`
    : `${backend.serverId}@${backend.serverIp}:${backend.port}`;
}

/** A backend's key over all groups. */
export function backendId(backend: BackendIdentity): string {
  return `${backend.vServerGroupId}/${backendKey(backend)}`;
}

/** Backends that one SLB call takes, by the documents. */
export const BACKENDS_PER_CALL = 20;

/** One call to SLB, planned. */
export interface Step {
  readonly kind: 'add' | 'set-weight' | 'remove';
  readonly vServerGroupId: string;
  /** At most {@link BACKENDS_PER_CALL}. */
  readonly backends: ReadonlyArray<StepBackend>;
}

/** One backend of a step, with what it is to become and why. */
export interface StepBackend extends BackendIdentity {
  /** For `remove` it is the weight at which it was planned, 0. */
  readonly weight: number;
  readonly description: string;
  readonly reason: string;
}

/** A change of one row, as decided from the row of `expectedRevision`; `null` = there was none. */
export interface RowChange {
  readonly kind: 'put' | 'delete';
  readonly row: BackendRow;
  readonly expectedRevision: number | null;
}

/** Everything a plan is made from. All of it is data: the same input gives the same plan. */
export interface LaneInput {
  readonly loadBalancerId: string;
  readonly bindings: ReadonlyArray<Binding>;
  /** By id; `null` = the group does not exist. */
  readonly groups: ReadonlyMap<string, ObservedGroup | null>;
  readonly instances: InstanceObservation;
  readonly rows: ReadonlyArray<BackendRow>;
  readonly signals: ReadonlyArray<Signal>;
  readonly notes: LaneNotes;
  readonly timing: PlanTiming;
  readonly nowMs: number;
}

/** The waits that a plan knows. */
export type PlanTiming = Pick<Timing, 'gatherMs' | 'settleMs'>;

/** A decision, before it has an id and a time. */
export interface Decision {
  readonly subject: string;
  readonly action: AuditAction;
  readonly reason: string;
  readonly inputs: Readonly<Record<string, string | number | boolean | null>>;
}

/** What is to be recorded and done, in this order: changes, then steps, then forgetting the settled signals. */
export interface LanePlan {
  readonly changes: ReadonlyArray<RowChange>;
  /** Instances that keep no row in this lane. */
  readonly departed: ReadonlyArray<string>;
  readonly steps: ReadonlyArray<Step>;
  readonly decisions: ReadonlyArray<Decision>;
  readonly settledKeys: ReadonlyArray<string>;
  /** The earliest instant at which something else is to do; `null` = none. */
  readonly nextLookMs: number | null;
  readonly waitingFor: string | null;
}

/** What is held (a group that cannot be worked on, a withdrawal that a guard forbids) is looked at again after this. */
export const HELD_LOOK_MS = 60_000;
