import { chunksOf } from '../collections.ts';
import { BACKENDS_PER_CALL, type BackendRow, type Step, type StepBackend } from './model.ts';

/** A backend that is to be in a call, with its record. */
export interface Batchable {
  readonly row: BackendRow;
  readonly backend: StepBackend;
}

/** Calls that may be sent now, and when the other backends become due. */
export interface Batches {
  readonly steps: ReadonlyArray<Step>;
  /** `null` = none waits. */
  readonly wakeAtMs: number | null;
}

/** Once a call that held a backend was refused, its next batches are this small: the one at fault is found. */
const BATCH_AFTER_REFUSALS = [BACKENDS_PER_CALL, 5, 1] as const;

/**
 * Puts backends into as few calls as possible. Adds are gathered: full batches go at once, the rest when the oldest has
 * waited for `gatherMs`; everything else goes at once. Backends whose call was refused before wait for their time and go
 * in smaller batches, apart from the others, so that one never keeps the rest of its group from being worked on.
 */
export function batchBackends(
  kind: Step['kind'],
  vServerGroupId: string,
  backends: ReadonlyArray<Batchable>,
  gatherMs: number,
  nowMs: number,
): Batches {
  const steps: Array<Step> = [];
  const wakes: Array<number> = [];
  const due = backends.filter(({ row }) => {
    const isDue = row.notBeforeMs === null || row.notBeforeMs <= nowMs;
    if (!isDue && row.notBeforeMs !== null) wakes.push(row.notBeforeMs);
    return isDue;
  });
  const ordered = kind === 'add' ? due.sort(byReadiness) : due;
  BATCH_AFTER_REFUSALS.forEach((size, refusals) => {
    const isLast = refusals === BATCH_AFTER_REFUSALS.length - 1;
    const same = ordered.filter(({ row }) => (isLast ? row.refusals >= refusals : row.refusals === refusals));
    for (const batch of chunksOf(same, size)) {
      const gatheredAtMs = Math.min(...batch.map(({ row }) => row.readySinceMs ?? nowMs)) + gatherMs;
      const mayWait = kind === 'add' && batch.length < size && refusals === 0;
      if (mayWait && nowMs < gatheredAtMs) wakes.push(gatheredAtMs);
      else steps.push({ kind, vServerGroupId, backends: batch.map(({ backend }) => backend) });
    }
  });
  return { steps, wakeAtMs: wakes.length === 0 ? null : Math.min(...wakes) };
}

function byReadiness(a: Batchable, b: Batchable): number {
  const byTime = (a.row.readySinceMs ?? 0) - (b.row.readySinceMs ?? 0);
  if (byTime !== 0) return byTime;
  return a.row.serverId < b.row.serverId ? -1 : a.row.serverId > b.row.serverId ? 1 : a.row.port - b.row.port;
}
