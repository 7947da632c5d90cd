import { pairSubject } from '../audit/model.ts';
import { AuditNotes } from '../audit/notes.ts';
import type { Clock, NewId } from '../clock.ts';
import { ConflictError } from '../errors.ts';
import type { HeldLane } from '../lanes/model.ts';
import type { PairDecision } from './model.ts';
import type { PairStore } from './ports.ts';
import type { PairOrder, PairRow } from './record.ts';

/** What a journal needs. */
export interface PairJournalDeps {
  readonly pairRows: PairStore;
  readonly clock: Clock;
  readonly newId: NewId;
}

const CONFLICTS_MAX = 5;

/** The row of a pair as one holder of its lane knows and writes it, and the audit of what it decides and does. */
export class PairJournal {
  readonly #deps: PairJournalDeps;
  readonly #held: HeldLane;
  readonly #name: string;
  readonly #audit: AuditNotes;
  /** As it stands in the table; `null` = there is none. */
  #stored: PairRow | null = null;
  #row: PairRow | null = null;
  #orders: ReadonlyArray<PairOrder> = [];
  #conflicts = 0;

  constructor(deps: PairJournalDeps, held: HeldLane, name: string) {
    this.#deps = deps;
    this.#held = held;
    this.#name = name;
    this.#audit = new AuditNotes(deps, held);
  }

  /** The row as it is to be. */
  get row(): PairRow | null {
    return this.#row;
  }

  /** What people ask for and nobody has answered. */
  get orders(): ReadonlyArray<PairOrder> {
    return this.#orders;
  }

  /** Reads the row and the orders. Throws ConflictError when another worker has written it under a higher fence. */
  async read(): Promise<void> {
    const { row, orders } = await this.#deps.pairRows.read(this.#name);
    if (row !== null && row.fence > this.#held.fence) {
      throw new ConflictError('another worker has taken the pair over');
    }
    this.#stored = row;
    this.#row = row;
    this.#orders = orders;
  }

  /** Changes the row in memory; it is written with the next commit. */
  change(row: PairRow): void {
    this.#row = row;
  }

  /** Notes a decision, or what a call came to, for the audit; it is written with the next commit. */
  note({ action, reason, inputs }: PairDecision, requestIds: ReadonlyArray<string> = []): void {
    this.#audit.note(pairSubject(this.#name), action, reason, requestIds, inputs);
  }

  /**
   * Writes what has changed and what was noted. `false` = somebody else's change stands in the way: all has been read again.
   * Throws ConflictError once the lease is over, since who comes after may have gone on from what we would write.
   */
  async commit(): Promise<boolean> {
    const row = this.#row;
    const hasChanged = row !== null && row !== this.#stored;
    if (row === null || (!hasChanged && this.#audit.entries.length === 0)) return true;
    const { laneId, fence, leaseUntilMs } = this.#held;
    if (this.#deps.clock.nowMs() >= leaseUntilMs) throw new ConflictError('the lease has run out');
    const before = this.#stored;
    const revision = (before?.revision ?? 0) + 1;
    const stamped = { ...row, revision, fence };
    const isWritten = await this.#deps.pairRows.commit({
      laneId,
      row: stamped,
      expectedRevision: before?.revision ?? null,
      joined: row.memberIds.filter((id) => !(before?.memberIds ?? []).includes(id)),
      departed: (before?.memberIds ?? []).filter((id) => !row.memberIds.includes(id)),
      audit: this.#audit.entries,
    });
    this.#audit.clear();
    if (isWritten) {
      this.#stored = stamped;
      this.#row = stamped;
      return true;
    }
    if (++this.#conflicts > CONFLICTS_MAX) throw new ConflictError('the row kept changing under this pass');
    await this.read();
    return false;
  }

  /** Forgets the orders that the row has answered. */
  async removeOrders(orderIds: ReadonlyArray<string>): Promise<void> {
    if (orderIds.length > 0) await this.#deps.pairRows.removeOrders(this.#name, orderIds);
  }
}
