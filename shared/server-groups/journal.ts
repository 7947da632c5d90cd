import { type AuditAction, backendSubject } from '../audit/model.ts';
import { AuditNotes } from '../audit/notes.ts';
import type { Clock, NewId } from '../clock.ts';
import { ConflictError } from '../errors.ts';
import type { HeldLane } from '../lanes/model.ts';
import { type BackendRow, withColumns } from './backend/record.ts';
import { recordedSituation } from './backend/recorded-decision.ts';
import { backendId, type Decision, type RowChange, type Step } from './model.ts';
import type { BackendStore } from './ports.ts';

/** What a journal needs. */
export interface JournalDeps {
  readonly backends: BackendStore;
  readonly clock: Clock;
  readonly newId: NewId;
}

const CONFLICTS_MAX = 5;

/** The records of a lane as one holder knows and writes them, and the audit of what it decides and does. */
export class Journal {
  readonly #deps: JournalDeps;
  readonly #held: HeldLane;
  readonly #groupIds: ReadonlyArray<string>;
  readonly #audit: AuditNotes;
  #rows = new Map<string, BackendRow>();
  #readAtMs = -Infinity;
  #conflicts = 0;

  constructor(deps: JournalDeps, held: HeldLane, groupIds: ReadonlyArray<string>) {
    this.#deps = deps;
    this.#held = held;
    this.#groupIds = groupIds;
    this.#audit = new AuditNotes(deps, held);
  }

  /** All records, as of the last read and our own writes since. */
  get rows(): ReadonlyArray<BackendRow> {
    return [...this.#rows.values()];
  }

  /** How long ago the generations were read. */
  get ageMs(): number {
    return this.#deps.clock.nowMs() - this.#readAtMs;
  }

  /** The record of a step's backend; `null` = there is none. */
  rowOf(backend: Parameters<typeof backendId>[0]): BackendRow | null {
    return this.#rows.get(backendId(backend)) ?? null;
  }

  /** Takes records as somebody has just read them. */
  take(rows: ReadonlyArray<BackendRow>, readAtMs: number): void {
    this.#rows = new Map(rows.map((row) => [backendId(row), row]));
    this.#readAtMs = readAtMs;
  }

  /** Reads the records again. Throws ConflictError when another worker has written them under a higher fence. */
  async reread(): Promise<void> {
    const readAtMs = this.#deps.clock.nowMs();
    const rows = await this.#deps.backends.readGroups(this.#groupIds);
    if (rows.some(({ fence }) => fence > this.#held.fence)) {
      throw new ConflictError('another worker has taken the lane over');
    }
    this.take(rows, readAtMs);
  }

  /** Notes a decision for the audit; it is written with the next commit. */
  noteDecision({ subject, action, reason, inputs, situation }: Decision): void {
    const recorded = situation === null ? {} : recordedSituation(situation);
    this.#audit.note(subject, action, reason, [], { ...inputs, ...recorded });
  }

  /** Notes for each backend what a call came to. */
  noteStep(step: Step, action: AuditAction, refusal: string | null, requestIds: ReadonlyArray<string>): void {
    for (const backend of step.backends) {
      const reason = refusal ?? backend.reason;
      this.#audit.note(backendSubject(backendId(backend)), action, reason, requestIds, {
        weight: backend.weight,
      });
    }
  }

  /**
   * Writes changes and what was noted. `false` = another worker's change stands in the way; the records have been read
   * again. Throws ConflictError once the lease is over, since who comes after may have deleted what we would write.
   */
  async commit(changes: ReadonlyArray<RowChange>, departed: ReadonlyArray<string>): Promise<boolean> {
    if (changes.length === 0 && this.#audit.entries.length === 0) return true;
    const { laneId: loadBalancerId, fence, leaseUntilMs } = this.#held;
    if (this.#deps.clock.nowMs() >= leaseUntilMs) throw new ConflictError('the lease has run out');
    const stamped = changes.map(({ kind, row, expectedRevision }) => {
      const revision = (expectedRevision ?? 0) + 1;
      return { kind, row: withColumns(row, { revision, fence }), expectedRevision };
    });
    const batch = { loadBalancerId, fence, changes: stamped, departed, audit: this.#audit.entries };
    const { refused } = await this.#deps.backends.commit(batch);
    this.#audit.clear();
    for (const { kind, row } of stamped) {
      if (kind === 'put') this.#rows.set(backendId(row), row);
      else this.#rows.delete(backendId(row));
    }
    if (refused.length === 0) return true;
    if (++this.#conflicts > CONFLICTS_MAX) throw new ConflictError('records kept changing under this pass');
    await this.reread();
    return false;
  }
}
