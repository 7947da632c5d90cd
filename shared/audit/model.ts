/** One thing that was decided or done, and why. Written once, never changed. */
export interface AuditEntry {
  /**
   * `backend:<group>/<server>:<port>`, `lane:<load balancer>`, `hook:<hook>/<token>`, `instance:<id>`, `pair:<name>`,
   * `request:<id>`, `group:<binding>` or `sweep:<region>`; a subject's entries are read as one range.
   */
  readonly subject: string;
  readonly atMs: number;
  /** Of the entries that one holder of a lane notes in the same millisecond, a later one has the greater id. */
  readonly id: string;
  /** What, as a stable word. */
  readonly action: AuditAction;
  /** Why, one sentence for people. */
  readonly reason: string;
  /** The clouds' request ids of the calls that did it; empty for a decision. */
  readonly requestIds: ReadonlyArray<string>;
  /** What it was decided from, with the versions of code and policy: plain JSON, from which it can be decided again. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What an audit entry says happened. */
export type AuditAction =
  | 'join-decided'
  | 'joined'
  | 'not-ready'
  | 'kept-out'
  | 'ramp-started'
  | 'ramp-step'
  | 'ramp-skipped'
  | 'connections-sampled'
  | 'drift-found'
  | 'join-cancelled'
  | 'added'
  | 'in-service'
  | 'weight-set'
  | 'drain-decided'
  | 'drain-started'
  | 'removed'
  | 'departed'
  | 'rejoin-decided'
  | 'adopted'
  | 'held'
  | 'call-refused'
  | 'signal-given-up'
  | 'override-begun'
  | 'override-ended'
  | 'request-received'
  | 'request-refused'
  | 'request-planned'
  | 'request-approved'
  | 'request-begun'
  | 'request-ended'
  | 'hook-adopted'
  | 'hook-ordered'
  | 'hook-held'
  | 'hook-resumed'
  | 'hook-heartbeat'
  | 'hook-decided'
  | 'hook-answered'
  | 'hook-timed-out'
  | 'hook-ended-elsewhere'
  | 'hook-closed'
  | 'hook-given-up'
  | 'native-attachment'
  | 'pair-adopted'
  | 'pair-held'
  | 'pair-change-begun'
  | 'pair-called'
  | 'pair-call-refused'
  | 'pair-remark'
  | 'pair-change-ended'
  | 'pair-order-answered'
  | 'group-decided'
  | 'group-held'
  | 'group-called'
  | 'group-call-refused'
  | 'group-remark'
  | 'group-order-answered'
  | 'sweep-reported';

/** The audit subject of a backend; `id` as in `backendId`. */
export function backendSubject(id: string): string {
  return `backend:${id}`;
}

/** The audit subject of a lane. */
export function laneSubject(loadBalancerId: string): string {
  return `lane:${loadBalancerId}`;
}

/** The audit subject of a change request. */
export function requestSubject(requestId: string): string {
  return `request:${requestId}`;
}

/** What the audit subjects of all backends of a group begin with. */
export function backendSubjectsOf(vServerGroupId: string): string {
  return `backend:${vServerGroupId}/`;
}

/** The audit subject of an instance: what is decided about it beside its backends, such as about the hook that waits for it. */
export function instanceSubject(instanceId: string): string {
  return `instance:${instanceId}`;
}

/** The audit subject of a region's sweeps. */
export function sweepSubject(regionId: string): string {
  return `sweep:${regionId}`;
}

/** The audit subject of the declared group of a binding. */
export function declarationSubject(bindingName: string): string {
  return `group:${bindingName}`;
}

/** The audit subject of a pair. */
export function pairSubject(name: string): string {
  return `pair:${name}`;
}

/** The audit subject of a lifecycle hook that waits; `key` as in `hookKey`. */
export function hookSubject(key: string): string {
  return `hook:${key}`;
}
