import type { Signal } from '../acceptance/model.ts';
import type { AuditAction } from '../audit/model.ts';
import type { Binding } from '../config/binding.ts';
import type { Limits } from '../config/limits.ts';
import type { Assumptions } from '../config/load.ts';
import type { Timing } from '../config/timing.ts';
import type { ConnectionSample } from '../connections/ports.ts';
import type { InstanceObservation } from '../instances/model.ts';
import type { LaneNotes } from '../lanes/model.ts';
import type { BackendHealth, ObservedLoadBalancer } from '../load-balancers/model.ts';
import type { MetricName } from '../metrics.ts';
import type { Probe, ProbeResult } from '../readiness/model.ts';
import type { BackendRow } from './backend/record.ts';
import type { Situation } from './backend/situation.ts';

/** What makes a backend one: an instance's port, and the address when it is one of several on a network interface. */
export interface BackendIdentity {
  readonly vServerGroupId: string;
  /** `i-…`, `eni-…` or `eci-…`; the vendor's `Type` is in it, see `typeOfServer`. */
  readonly serverId: string;
  readonly port: number;
  /** Which address of a network interface, or of a container instance; `null` for ECS. */
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

/** The name of the binding whose mark is on it; `null` = it has none of ours. */
export function markedBinding(backend: ObservedBackend): string | null {
  return isMarked(backend) ? backend.description.slice(MARK_PREFIX.length) : null;
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

/** The vendor's operation for each kind of step; limits and budgets go by it. */
export const OPERATIONS = {
  add: 'AddVServerGroupBackendServers',
  'set-weight': 'SetVServerGroupAttribute',
  remove: 'RemoveVServerGroupBackendServers',
} as const;

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
  readonly loadBalancer: ObservedLoadBalancer;
  /** `null` = not read: most plans need not know. */
  readonly health: ReadonlyArray<BackendHealth> | null;
  /** By id; `null` = the group does not exist. */
  readonly groups: ReadonlyMap<string, ObservedGroup | null>;
  readonly instances: InstanceObservation;
  /** When the first read of all this began. */
  readonly readAtMs: number;
  /** What earlier plans of the same pass asked. */
  readonly answers: Answers;
  readonly rows: ReadonlyArray<BackendRow>;
  readonly signals: ReadonlyArray<Signal>;
  readonly notes: LaneNotes;
  readonly timing: PlanTiming;
  readonly limits: PlanLimits;
  readonly assume: Assumptions;
  readonly nowMs: number;
}

/** The waits that a plan knows. */
export type PlanTiming = Pick<Timing, 'gatherMs' | 'settleMs' | 'contestMs'>;

/** The limits that a plan knows. */
export type PlanLimits = Pick<Limits, 'backendsPerLoadBalancer'>;

/** What only servers and monitors can tell, by `backendId`, each with its time. */
export interface Answers {
  readonly probes: ReadonlyMap<string, ProbeResult & { readonly atMs: number }>;
  readonly connections: ReadonlyMap<string, CountedConnections>;
}

/** What a monitor has said of an instance's connections at `atMs`. */
export interface CountedConnections {
  /** `null` = there is none. */
  readonly sample: ConnectionSample | null;
  readonly atMs: number;
}

/** What a plan needs to know before it can go on with a backend; asked once, then the plan is made again. */
export type Enquiry =
  | {
      readonly kind: 'probe';
      readonly backend: BackendIdentity;
      /** Where it is asked: the address of the backend. */
      readonly privateIp: string;
      readonly probe: Probe;
    }
  | { readonly kind: 'connections'; readonly backend: BackendIdentity };

/** A decision, before it has an id and a time. */
export interface Decision {
  readonly subject: string;
  readonly action: AuditAction;
  readonly reason: string;
  readonly inputs: Readonly<Record<string, string | number | boolean | null>>;
  /** What a rule about a single backend decided from; `null` = no such rule did. */
  readonly situation: Situation | null;
}

/** What is to be recorded and done, in this order: changes, then steps, then forgetting the settled signals. */
export interface LanePlan {
  /** Nothing is decided before the health checks are read: plan again with what they say. All else is empty then. */
  readonly needsHealth: boolean;
  readonly changes: ReadonlyArray<RowChange>;
  /** Instances that keep no row in this lane. */
  readonly departed: ReadonlyArray<string>;
  readonly steps: ReadonlyArray<Step>;
  /** Not empty: ask first, then plan again; the steps may go ahead meanwhile. */
  readonly enquiries: ReadonlyArray<Enquiry>;
  readonly decisions: ReadonlyArray<Decision>;
  readonly settledKeys: ReadonlyArray<string>;
  /** The earliest instant at which something else is to do; `null` = none. */
  readonly nextLookMs: number | null;
  readonly waitingFor: string | null;
  /** What needs somebody's eyes, by metric and group. */
  readonly counts: ReadonlyArray<PlanCount>;
}

/** Something to be counted. */
export interface PlanCount {
  readonly metric: MetricName;
  readonly vServerGroupId: string;
  readonly value: number;
}

/** What is held (a group that cannot be worked on, a withdrawal that a guard forbids) is looked at again after this. */
export const HELD_LOOK_MS = 60_000;
