import { TransientError } from '../../shared/errors.ts';
import { emptyLane, type LaneRow } from '../../shared/lanes/model.ts';
import { changedLane } from '../../shared/lanes/plan.ts';
import type { LaneStore, WakeUps } from '../../shared/lanes/ports.ts';

/** The table of lanes and the queue of wake-ups in memory, as the model has them. */
export interface MemoryLanes {
  readonly lanes: LaneStore;
  readonly wakeUps: WakeUps;
  /** The wake-ups that were sent, oldest first. */
  readonly sent: ReadonlyArray<{ readonly laneId: string; readonly dueAtMs: number }>;
  row(laneId: string): LaneRow;
  put(row: LaneRow): void;
  /**
   * Makes the n-th call (from 1) of a kind fail: a lost reply takes effect first, a lost request does not; `refused`
   * never does and is certain not to have.
   */
  fail(kind: 'read' | 'change' | 'send', n: number, how: 'lose-reply' | 'lose-request' | 'refused'): void;
}

/** Empty at first. */
export function createMemoryLanes(): MemoryLanes {
  const rows = new Map<string, LaneRow>();
  const sent: Array<{ laneId: string; dueAtMs: number }> = [];
  const counts = { read: 0, change: 0, send: 0 };
  const failures = new Map<string, 'lose-reply' | 'lose-request' | 'refused'>();
  const row = (id: string) => rows.get(id) ?? emptyLane(id);
  const perform = async <T>(kind: keyof typeof counts, run: () => T): Promise<T> => {
    const failure = failures.get(`${kind} ${++counts[kind]}`);
    if (failure === undefined) return run();
    if (failure === 'refused') throw new TransientError(`${kind} was refused`, 'unavailable');
    if (failure === 'lose-reply') run();
    throw new TransientError(`${kind} did not answer`, 'unknown-outcome');
  };
  return {
    sent,
    row,
    put: (each) => void rows.set(each.laneId, each),
    fail: (kind, n, how) => void failures.set(`${kind} ${n}`, how),
    lanes: {
      read: (id) => perform('read', () => row(id)),
      list: async () => [...rows.values()],
      async signal(ids) {
        for (const id of ids) rows.set(id, { ...row(id), dirty: row(id).dirty + 1 });
      },
      change: (id, change) =>
        perform('change', () => {
          const after = changedLane(row(id), change);
          if (after === null) return 'conflict';
          rows.set(id, after);
          return 'changed';
        }),
    },
    wakeUps: {
      send: (laneId, dueAtMs) => perform('send', () => void sent.push({ laneId, dueAtMs })),
    },
  };
}
