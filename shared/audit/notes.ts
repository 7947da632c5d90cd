import type { Clock, NewId } from '../clock.ts';
import type { HeldLane } from '../lanes/model.ts';
import { VERSION } from '../version.ts';
import type { AuditEntry } from './model.ts';

/** Enough for all that one holder of a lane notes. */
const ORDER_DIGITS = 6;

/** What one holder of a lane decides and does, until it is written. Entries say which code made them, under which fence. */
export class AuditNotes {
  readonly #deps: { readonly clock: Clock; readonly newId: NewId };
  readonly #fence: number;
  #noted = 0;
  #entries: Array<AuditEntry> = [];

  constructor(deps: { readonly clock: Clock; readonly newId: NewId }, { fence }: Pick<HeldLane, 'fence'>) {
    this.#deps = deps;
    this.#fence = fence;
  }

  /** Those that are not written yet, in order. */
  get entries(): ReadonlyArray<AuditEntry> {
    return this.#entries;
  }

  /** Notes it for `subject`, and again for each of `also`: there with no more inputs than the subject that has them. */
  note(
    subject: string,
    action: AuditEntry['action'],
    reason: string,
    requestIds: ReadonlyArray<string>,
    inputs: AuditEntry['inputs'],
    also: ReadonlyArray<string> = [],
  ): void {
    const { clock, newId } = this.#deps;
    const stamp = { fence: this.#fence, code: VERSION };
    // Many are noted within a millisecond, and readers have nothing else to put them in order by.
    const order = String(this.#noted++).padStart(ORDER_DIGITS, '0');
    const entry = { atMs: clock.nowMs(), id: `${order}-${newId()}`, action, reason, requestIds };
    this.#entries.push({ ...entry, subject, inputs: { ...inputs, ...stamp } });
    for (const other of also) {
      this.#entries.push({ ...entry, subject: other, inputs: { notedFor: subject, ...stamp } });
    }
  }

  /** They are written. */
  clear(): void {
    this.#entries = [];
  }
}
