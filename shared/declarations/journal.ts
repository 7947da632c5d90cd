import { declarationSubject } from '../audit/model.ts';
import { AuditNotes } from '../audit/notes.ts';
import type { Clock, NewId } from '../clock.ts';
import { ConflictError } from '../errors.ts';
import type { HeldLane } from '../lanes/model.ts';
import type { DeclarationStore } from './ports.ts';
import type { DeclarationRow } from './record.ts';

/** What a journal needs. */
export interface DeclarationJournalDeps {
  readonly declarations: DeclarationStore;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** The row of a declared group as one holder of the lane knows and writes it, and the audit of what it decides and does. */
export class DeclarationJournal {
  readonly #deps: DeclarationJournalDeps;
  readonly #held: HeldLane;
  readonly #audit: AuditNotes;
  #stored: DeclarationRow;
  #row: DeclarationRow;

  /** `row` as it stands in the table. Throws ConflictError when another worker has written it under a higher fence. */
  constructor(deps: DeclarationJournalDeps, held: HeldLane, row: DeclarationRow) {
    if (row.fence > held.fence) throw new ConflictError('another worker has taken the lane over');
    this.#deps = deps;
    this.#held = held;
    this.#audit = new AuditNotes(deps, held);
    this.#stored = row;
    this.#row = row;
  }

  /** The row as it is to be. */
  get row(): DeclarationRow {
    return this.#row;
  }

  /** Changes the row in memory; it is written with the next commit. */
  change(row: DeclarationRow): void {
    const { held } = row;
    const before = this.#row.held;
    this.#row = row;
    const isSame = held?.by === before?.by && held?.reason === before?.reason;
    if (held !== null && !isSame) this.note('group-held', held.reason, { by: held.by });
  }

  /** Notes something for the audit; it is written with the next commit. */
  note(
    action:
      | 'group-decided'
      | 'group-held'
      | 'group-called'
      | 'group-call-refused'
      | 'group-remark'
      | 'group-order-answered',
    reason: string,
    inputs: Readonly<Record<string, unknown>>,
    requestIds: ReadonlyArray<string> = [],
  ): void {
    this.#audit.note(declarationSubject(this.#row.binding), action, reason, requestIds, inputs);
  }

  /**
   * Writes what has changed and what was noted. Throws ConflictError when somebody else has changed the row, or once the
   * lease is over.
   */
  async commit(): Promise<void> {
    const isChanged = JSON.stringify(this.#row) !== JSON.stringify(this.#stored);
    if (!isChanged && this.#audit.entries.length === 0) return;
    const { fence, leaseUntilMs } = this.#held;
    if (this.#deps.clock.nowMs() >= leaseUntilMs) throw new ConflictError('the lease has run out');
    const { revision } = this.#stored;
    const row = { ...this.#row, revision: revision + 1, fence };
    const isWritten = await this.#deps.declarations.commit({
      row,
      expectedRevision: revision === 0 ? null : revision,
      audit: this.#audit.entries,
    });
    if (!isWritten) throw new ConflictError('another worker has changed the record of a declared group');
    this.#audit.clear();
    this.#stored = row;
    this.#row = row;
  }
}
