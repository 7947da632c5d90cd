import { type AuditAction, backendSubject } from '../audit/model.ts';
import type { Binding } from '../config/binding.ts';
import {
  type BackendIdentity,
  type BackendRow,
  backendId,
  type Decision,
  type LaneInput,
  type LanePlan,
  type ObservedBackend,
  type RowChange,
  type Step,
  withColumns,
} from './model.ts';
import type { Action, Transition } from './transition.ts';

/** A backend that a rule may apply to, with all that is known of it. */
export interface Candidate {
  /** As {@link backendKey}. */
  readonly key: string;
  readonly identity: BackendIdentity;
  readonly row: BackendRow | null;
  readonly backend: ObservedBackend | null;
  readonly binding: Binding | null;
  readonly weight: number;
}

/** A backend after the rules: the row it is to have and what is to be done. */
export interface Turned {
  readonly candidate: Candidate;
  readonly row: BackendRow;
  readonly action: Action;
  /** Why; `''` = decided earlier. */
  readonly reason: string;
}

/** A plan in the making. */
export class Draft {
  readonly input: LaneInput;
  readonly steps: Array<Step> = [];
  readonly decisions: Array<Decision> = [];
  readonly settledKeys: Array<string> = [];
  readonly #changes: Array<RowChange> = [];
  #nextLookMs: number | null = null;
  #waitingFor: string | null = null;

  constructor(input: LaneInput) {
    this.input = input;
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
      this.#changes.push({
        kind: 'put',
        row: withColumns(after, { revision: (before?.revision ?? 0) + 1 }),
        expectedRevision,
      });
    } else if (before !== null) {
      this.#changes.push({ kind: 'delete', row: before, expectedRevision });
    }
  }

  decide(
    candidate: Candidate,
    before: BackendRow | null,
    after: BackendRow | null,
    { action, reason }: NonNullable<Transition['decision']>,
  ): void {
    this.note(candidate.identity, action, reason, {
      from: before?.phase ?? null,
      to: after?.phase ?? null,
      cause: after?.cause ?? null,
      generation: after?.generation ?? before?.generation ?? null,
      observedWeight: candidate.backend?.weight ?? null,
      instance: this.input.instances.present.get(candidate.identity.serverId)?.status ?? 'absent',
    });
  }

  note(identity: BackendIdentity, action: AuditAction, reason: string, inputs: Decision['inputs']): void {
    this.decisions.push({ subject: backendSubject(backendId(identity)), action, reason, inputs });
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
      changes: this.#changes,
      departed: [...new Set(departed)],
      steps: this.steps,
      decisions: this.decisions,
      settledKeys: this.settledKeys,
      nextLookMs: this.#nextLookMs,
      waitingFor: this.#waitingFor,
    };
  }
}
