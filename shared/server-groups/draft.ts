import { type AuditAction, backendSubject } from '../audit/model.ts';
import type { Binding } from '../config/binding.ts';
import type { MetricName } from '../metrics.ts';
import type { LiftedGuard } from './backend/news.ts';
import type { BackendRow } from './backend/record.ts';
import type { Action, Situation, Transition } from './backend/situation.ts';
import {
  type BackendIdentity,
  backendId,
  type Decision,
  type Enquiry,
  type LaneInput,
  type LanePlan,
  type ObservedBackend,
  type PlanCount,
  type RowChange,
  type Step,
} from './model.ts';

/** A backend that a rule may apply to, with all that is known of it. */
export interface Candidate {
  /** As {@link backendKey}. */
  readonly key: string;
  readonly identity: BackendIdentity;
  readonly row: BackendRow | null;
  readonly backend: ObservedBackend | null;
  readonly binding: Binding | null;
  /** The binding does not name the port any more. */
  readonly hasLeft: boolean;
  /** Its full weight by the binding. */
  readonly weight: number;
  /** What it has that weight by, such as `by instance type ecs.g7.large`; `null` = as all the others. */
  readonly weightBy: string | null;
}

/** A backend after the rules: the row it is to have and what is to be done. */
export interface Turned {
  readonly candidate: Candidate;
  readonly row: BackendRow;
  readonly action: Action;
  /** Why; `''` = decided earlier. */
  readonly reason: string;
  /** Guards that people have lifted for it. */
  readonly lifted: ReadonlyArray<LiftedGuard>;
}

/** Why it is in the call. What comes in, or is raised, says as well why it is to have another weight than the others. */
export function reasonOf({ candidate, row, action, reason }: Turned): string {
  const { binding, weight, weightBy } = candidate;
  const isOfBinding = binding !== null && row.override === null && row.phase !== 'draining';
  if (action.kind === 'remove' || !isOfBinding) return reason === '' ? (row.cause ?? row.phase) : reason;
  const by = weightBy === null ? '' : `weight ${weight} ${weightBy}`;
  if (reason !== '') return by === '' ? reason : `${reason}; ${by}`;
  if (row.phase !== 'in-service') return by === '' ? row.phase : `${row.phase}; ${by}`;
  return `${binding.name} gives it ${by === '' ? `weight ${weight}` : by}`;
}

/** A plan in the making. */
export class Draft {
  readonly input: LaneInput;
  readonly steps: Array<Step> = [];
  readonly decisions: Array<Decision> = [];
  readonly settledKeys: Array<string> = [];
  readonly enquiries: Array<Enquiry> = [];
  /** Something was decided that what the health checks say could change. */
  needsHealth = false;
  /** Places left under the load balancer's backend quota. */
  quotaLeft: number;
  readonly #counts = new Map<string, PlanCount>();
  readonly #changes: Array<RowChange> = [];
  #nextLookMs: number | null = null;
  #waitingFor: string | null = null;

  constructor(input: LaneInput) {
    this.input = input;
    this.quotaLeft = input.limits.backendsPerLoadBalancer - input.loadBalancer.backendCount;
  }

  wait(untilMs: number, reason: string): void {
    if (this.#nextLookMs !== null && this.#nextLookMs <= untilMs) return;
    this.#nextLookMs = untilMs;
    this.#waitingFor = reason;
  }

  /** Drafts the change from one row to another; the same object means no change. */
  change(before: BackendRow | null, after: BackendRow | null): void {
    if (before === after) return;
    const expectedRevision = before?.revision ?? null;
    if (after !== null) {
      this.#changes.push({ kind: 'put', row: after, expectedRevision });
    } else if (before !== null) {
      this.#changes.push({ kind: 'delete', row: before, expectedRevision });
    }
  }

  decide(
    situation: Situation,
    after: BackendRow | null,
    { action, reason }: NonNullable<Transition['decision']>,
  ): void {
    const { identity, row, backend, instance } = situation;
    const inputs = {
      from: row?.phase ?? null,
      to: after?.phase ?? null,
      cause: after?.cause ?? null,
      generation: after?.generation ?? row?.generation ?? null,
      observedWeight: backend?.weight ?? null,
      instance: instance?.status ?? 'absent',
    };
    this.decisions.push({ subject: subjectOf(identity), action, reason, inputs, situation });
  }

  note(identity: BackendIdentity, action: AuditAction, reason: string, inputs: Decision['inputs']): void {
    this.decisions.push({ subject: subjectOf(identity), action, reason, inputs, situation: null });
  }

  /** Adds one to what somebody should look at in a group. */
  count(metric: MetricName, vServerGroupId: string): void {
    const key = `${metric} ${vServerGroupId}`;
    const value = (this.#counts.get(key)?.value ?? 0) + 1;
    this.#counts.set(key, { metric, vServerGroupId, value });
  }

  finish(): LanePlan {
    const deleted = this.#changes.filter(({ kind }) => kind === 'delete').map(({ row }) => row);
    const gone = new Set(deleted.map(backendId));
    const staying = new Set(
      this.input.rows.filter((row) => !gone.has(backendId(row))).map(({ serverId }) => serverId),
    );
    for (const { kind, row } of this.#changes) if (kind === 'put') staying.add(row.serverId);
    const departed = deleted.map(({ serverId }) => serverId).filter((serverId) => !staying.has(serverId));
    return {
      needsHealth: false,
      changes: this.#changes,
      departed: [...new Set(departed)],
      steps: this.steps,
      enquiries: this.enquiries,
      decisions: this.decisions,
      settledKeys: this.settledKeys,
      nextLookMs: this.#nextLookMs,
      waitingFor: this.#waitingFor,
      counts: [...this.#counts.values()],
    };
  }
}

function subjectOf(identity: BackendIdentity): string {
  return backendSubject(backendId(identity));
}
