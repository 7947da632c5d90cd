import type { RowWritten } from '../play/observed-store.ts';
import {
  type BackendRecord,
  type HookRecord,
  type PairOrderRecord,
  type PairRecord,
  readBackend,
  readHook,
  readPair,
  readPairOrder,
} from '../play/tables.ts';

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

/** The rows of the table `promotions` as they stand: what is recorded of pairs, and every order that was ever there. */
export class PairRecords {
  /** Changes of pairs that came to their end as they were meant to. */
  changesDone = 0;
  readonly #rows = new Map<string, PairRecord>();
  readonly #orders = new Map<string, PairOrderRecord>();

  /** To be told of every change of the table. */
  take({ table, before, after }: RowWritten): void {
    if (table !== 'promotions' || after === null) return;
    const order = readPairOrder(after);
    if (order !== null) this.#orders.set(order.orderId, order);
    const record = readPair(after);
    if (record === null) return;
    this.#rows.set(record.name, record);
    const was = before === null ? null : (readPair(before)?.saga ?? null);
    const isNews = was?.number !== record.saga?.number || was?.phase !== record.saga?.phase;
    if (isNews && record.saga?.phase === 'ended' && record.saga.outcome === 'done') this.changesDone++;
  }

  /** `null` = nothing is recorded of it. */
  find(name: string): PairRecord | null {
    return this.#rows.get(name) ?? null;
  }

  /** `null` = nobody ever gave it. */
  findOrder(orderId: string): PairOrderRecord | null {
    return this.#orders.get(orderId) ?? null;
  }
}

/** Whether the backend is on its way out, or is kept out. */
export function isLeaving({ phase }: BackendRecord): boolean {
  return phase === 'draining' || phase === 'removed';
}

function idOf(vServerGroupId: string, key: string): string {
  return `${vServerGroupId} ${key}`;
}
