import type { RowWritten } from '../play/observed-store.ts';
import { type BackendRecord, type HookRecord, readBackend, readHook } from '../play/tables.ts';

/** The rows of the table `backends` as they stand. */
export class BackendRecords {
  readonly #rows = new Map<string, BackendRecord>();

  /** To be told of every change of the table. */
  take({ table, before, after }: RowWritten): void {
    const row = after ?? before;
    if (table !== 'backends' || row === null) return;
    const record = readBackend(row);
    const id = idOf(record.vServerGroupId, `${record.serverId}:${record.port}`);
    if (after === null) this.#rows.delete(id);
    else this.#rows.set(id, record);
  }

  /** `key` is `i-…:8080`; `null` = it has none. */
  find(vServerGroupId: string, key: string): BackendRecord | null {
    return this.#rows.get(idOf(vServerGroupId, key)) ?? null;
  }
}

/** The rows of the table `hooks` as they stand. */
export class HookRecords {
  readonly #rows = new Map<string, HookRecord>();

  /** To be told of every change of the table. */
  take({ table, before, after }: RowWritten): void {
    const row = after ?? before;
    if (table !== 'hooks' || row === null) return;
    const record = readHook(row);
    const id = idOf(record.lifecycleHookId, record.token);
    if (after === null) this.#rows.delete(id);
    else this.#rows.set(id, record);
  }

  /** `null` = it has none. */
  find(lifecycleHookId: string, token: string): HookRecord | null {
    return this.#rows.get(idOf(lifecycleHookId, token)) ?? null;
  }
}

/** Whether the backend is on its way out, or is kept out. */
export function isLeaving({ phase }: BackendRecord): boolean {
  return phase === 'draining' || phase === 'removed';
}

function idOf(vServerGroupId: string, key: string): string {
  return `${vServerGroupId} ${key}`;
}
