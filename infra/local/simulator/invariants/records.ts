import type { RowWritten } from '../play/observed-store.ts';
import { type BackendRecord, readBackend } from '../play/tables.ts';

/** The rows of the table `backends` as they stand, with the instant at which their direction last changed. */
export class BackendRecords {
  readonly #rows = new Map<string, { record: BackendRecord; turnedAtMs: number; turnedBy: string | null }>();

  /** To be told of every change of the table. */
  take({ table, before, after }: RowWritten, nowMs: number, worker: string | null): void {
    if (table !== 'backends') return;
    if (after === null) {
      const gone = before === null ? null : readBackend(before);
      if (gone !== null) this.#rows.delete(idOf(gone.vServerGroupId, `${gone.serverId}:${gone.port}`));
      return;
    }
    const record = readBackend(after);
    const id = idOf(record.vServerGroupId, `${record.serverId}:${record.port}`);
    const known = this.#rows.get(id);
    const isSameWay =
      known !== undefined &&
      known.record.generation === record.generation &&
      isLeaving(known.record) === isLeaving(record);
    this.#rows.set(id, isSameWay ? { ...known, record } : { record, turnedAtMs: nowMs, turnedBy: worker });
  }

  /** `key` is `i-…:8080`. */
  find(
    vServerGroupId: string,
    key: string,
  ): {
    readonly record: BackendRecord;
    readonly turnedAtMs: number;
    readonly turnedBy: string | null;
  } | null {
    return this.#rows.get(idOf(vServerGroupId, key)) ?? null;
  }
}

/** Whether the backend is on its way out, or is kept out. */
export function isLeaving({ phase }: BackendRecord): boolean {
  return phase === 'draining' || phase === 'removed';
}

function idOf(vServerGroupId: string, key: string): string {
  return `${vServerGroupId} ${key}`;
}
