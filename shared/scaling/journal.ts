import { instanceSubject } from '../audit/model.ts';
import { AuditNotes } from '../audit/notes.ts';
import type { Clock, NewId } from '../clock.ts';
import { ConflictError } from '../errors.ts';
import type { HeldLane } from '../lanes/model.ts';
import { type HookChange, type HookDecision, type HookRow, hookKey } from './model.ts';
import type { HookStore } from './ports.ts';

/** What a journal needs. */
export interface HookJournalDeps {
  readonly hooks: Pick<HookStore, 'commit'>;
  readonly clock: Clock;
  readonly newId: NewId;
}

const CONFLICTS_MAX = 5;

/** Writes what one holder of a scaling group's lane decides, with the reasons. */
export class HookJournal {
  readonly #deps: HookJournalDeps;
  readonly #held: HeldLane;
  /** What this pass has written, by hook. */
  readonly #revisions = new Map<string, number>();
  readonly #audit: AuditNotes;
  #conflicts = 0;

  constructor(deps: HookJournalDeps, held: HeldLane) {
    this.#deps = deps;
    this.#held = held;
    this.#audit = new AuditNotes(deps, held);
  }

  /** The row as it stands in the table, should this pass have written it. */
  asWritten(row: HookRow): HookRow {
    return { ...row, revision: this.#revisions.get(hookKey(row)) ?? row.revision };
  }

  /**
   * Notes a decision, or what a call came to, for the audit, so that it is found from each instance of the hook as well; it
   * is written with the next commit. A heartbeat changes nothing for the instances and is the hook's alone.
   */
  note(
    { subject, action, reason, inputs, instanceIds, recorded }: HookDecision,
    requestIds: ReadonlyArray<string> = [],
  ): void {
    const also = action === 'hook-heartbeat' ? [] : instanceIds.map(instanceSubject);
    this.#audit.note(subject, action, reason, requestIds, { ...inputs, ...recorded }, also);
  }

  /**
   * Writes changes and what was noted. `false` = somebody else's change stands in the way: read again. Throws ConflictError
   * once the lease is over, since who comes after may have deleted what we would write.
   */
  async commit(changes: ReadonlyArray<HookChange>): Promise<boolean> {
    if (changes.length === 0 && this.#audit.entries.length === 0) return true;
    const { fence, leaseUntilMs } = this.#held;
    if (this.#deps.clock.nowMs() >= leaseUntilMs) throw new ConflictError('the lease has run out');
    const stamped = changes.map(({ kind, row, expectedRevision }) => {
      const revision = (expectedRevision ?? 0) + 1;
      return { kind, row: { ...row, revision, fence }, expectedRevision };
    });
    const { refused } = await this.#deps.hooks.commit({
      fence,
      changes: stamped,
      audit: this.#audit.entries,
    });
    this.#audit.clear();
    for (const { row } of stamped) this.#revisions.set(hookKey(row), row.revision);
    if (refused.length === 0) return true;
    if (++this.#conflicts > CONFLICTS_MAX) throw new ConflictError('rows kept changing under this pass');
    return false;
  }
}
