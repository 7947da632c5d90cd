import type { AuditAction } from '../../audit/model.ts';
import type { Binding } from '../../config/binding.ts';
import type { Assumptions } from '../../config/load.ts';
import type { Instance } from '../../instances/model.ts';
import type { BackendHealth } from '../../load-balancers/model.ts';
import type { ProbeResult } from '../../readiness/model.ts';
import type { WeightZero } from '../listeners.ts';
import type { BackendIdentity, CountedConnections, ObservedBackend } from '../model.ts';
import type { Heritage, LeftPort } from './moving.ts';
import type { InstanceNews } from './news.ts';
import type { BackendRow } from './record.ts';

/** Everything that is known about one backend at one instant. Plain data: what was decided from it can be decided again. */
export interface Situation {
  readonly identity: BackendIdentity;
  /** `null` = no binding wants this port in this group (any more). */
  readonly binding: Binding | null;
  /** The binding's full weight for this instance on this port. */
  readonly weight: number;
  readonly row: BackendRow | null;
  readonly backend: ObservedBackend | null;
  /** `null` = absent from an honest answer. */
  readonly instance: Instance | null;
  readonly news: InstanceNews;
  /** What health checks say; `null` = nothing. */
  readonly health: BackendHealth['status'] | null;
  /** The newest answer of each kind in this pass; `null` = not asked. */
  readonly probe: (ProbeResult & { readonly atMs: number }) | null;
  readonly connections: CountedConnections | null;
  readonly group: GroupSituation;
  /** Left out = the binding names its port. */
  readonly left?: LeftPort;
  /** What counts for it while it has no record; left out = nothing. */
  readonly heritage?: Heritage;
  readonly nowMs: number;
}

/** What a group's backends have in common. */
export interface GroupSituation {
  readonly weightZero: WeightZero;
  /** A listener under which weights do not count; `null` = none. */
  readonly roundRobin: string | null;
  /** A health check looks at the group. */
  readonly isHealthChecked: boolean;
  /** Fewer backends than `minInService` are in service and able to serve: capacity beats comfort. */
  readonly isShort: boolean;
  /** A difference before this instant may be our own last write still landing. */
  readonly settledAtMs: number;
  /** When the oldest answer about instances was asked for. */
  readonly readAtMs: number;
  readonly contestMs: number;
  /** How long a raise waits for others to share its call with. */
  readonly gatherMs: number;
  readonly healthAtWeightZero: Assumptions['healthAtWeightZero'];
  /** The load balancer is of shared performance, and takes neither network interfaces nor container instances. */
  readonly isEcsOnly: boolean;
  /** The VPC that servers must be in; `null` = any, as far as can be told. */
  readonly vpcId: string | null;
}

/** What is to be done to the backend in the cloud. */
export type Action =
  | { readonly kind: 'none' }
  | { readonly kind: 'join'; readonly weight: number }
  | { readonly kind: 'set-weight'; readonly weight: number }
  | { readonly kind: 'remove' };

/** Something only a server, or a monitor, can answer before the plan goes on. */
export type Question = 'probe' | 'connections';

/** What a situation leads to. Rules are applied again to a row that changed, so only the last action counts. */
export interface Transition {
  /** The row as it is to be; `null` = none. The very same object when nothing changes. */
  readonly row: BackendRow | null;
  readonly action: Action;
  /** Look again then, for this; `null` = nothing to wait for. */
  readonly wake: Wake | null;
  readonly question: Question | null;
  /** For the audit; `null` = nothing was decided. */
  readonly decision: { readonly action: AuditAction; readonly reason: string } | null;
}

/** A deadline of one backend. */
export interface Wake {
  readonly atMs: number;
  readonly reason: string;
}

const NOTHING: Action = { kind: 'none' };

/** Nothing to do now; look again at `atMs`, if given. */
export function unchanged(row: BackendRow | null, atMs: number | null = null, reason = ''): Transition {
  const wake = atMs === null ? null : { atMs, reason };
  return { row, action: NOTHING, wake, question: null, decision: null };
}

/** The row changes, for a reason. */
export function decided(row: BackendRow | null, action: AuditAction, reason: string): Transition {
  return { row, action: NOTHING, wake: null, question: null, decision: { action, reason } };
}

/** Something is to be done in the cloud. */
export function acting(row: BackendRow, action: Action): Transition {
  return { row, action, wake: null, question: null, decision: null };
}

/** The plan cannot go on without an answer. */
export function asking(row: BackendRow, question: Question): Transition {
  return { row, action: NOTHING, wake: null, question, decision: null };
}
