import type { Clock, NewId } from '../clock.ts';
import type { HeldLane } from '../lanes/model.ts';
import { VERSION } from '../version.ts';
import type { AuditEntry } from './model.ts';

/** What one holder of a lane decides and does, until it is written. Entries say which code made them, under which fence. */
export class AuditNotes {
  readonly #deps: { readonly clock: Clock; readonly newId: NewId };
  readonly #fence: number;
  #entries: Array<AuditEntry> = [];

  constructor(deps: { readonly clock: Clock; readonly newId: NewId }, { fence }: Pick<HeldLane, 'fence'>) {
    this.#deps = deps;
    this.#fence = fence;
  }

  /** Those that are not written yet, in order. */
  get entries(): ReadonlyArray<AuditEntry> {
    return this.#entries;
  }

  note(
    subject: string,
    action: AuditEntry['action'],
    reason: string,
    requestIds: ReadonlyArray<string>,
    inputs: AuditEntry['inputs'],
  ): void {
    const { clock, newId } = this.#deps;
    const stamped = { ...inputs, fence: this.#fence, code: VERSION };
    this.#entries.push({
      subject,
      atMs: clock.nowMs(),
      id: newId(),
      action,
      reason,
      requestIds,
      inputs: stamped,
    });
  }

  /** They are written. */
  clear(): void {
    this.#entries = [];
  }
}
