import { chunksOf } from '../collections.ts';
import { BACKENDS_PER_CALL, type BackendRow, type Step, type StepBackend } from './model.ts';

/** A backend that is ready to be added, with its row. */
export interface Joiner {
  readonly row: BackendRow;
  readonly backend: StepBackend;
}

/** Adds that may be sent now, and when the others become due. */
export interface JoinBatches {
  readonly steps: ReadonlyArray<Step>;
  /** `null` = none waits. */
  readonly wakeAtMs: number | null;
}

/** Once a call that held a backend was refused, its next batches are this small: the one at fault is found. */
const BATCH_AFTER_REFUSALS = [BACKENDS_PER_CALL, 5, 1] as const;

/**
 * Gathers joins into as few Adds as possible: full batches go at once, the rest when the oldest has waited for
 * `gatherMs`. Backends whose call was refused before go in smaller batches, apart from the others.
 */
export function batchJoins(
  vServerGroupId: string,
  joiners: ReadonlyArray<Joiner>,
  gatherMs: number,
  nowMs: number,
): JoinBatches {
  const steps: Array<Step> = [];
  const wakes: Array<number> = [];
  const due = joiners.filter(({ row }) => {
    const isDue = row.notBeforeMs === null || row.notBeforeMs <= nowMs;
    if (!isDue && row.notBeforeMs !== null) wakes.push(row.notBeforeMs);
    return isDue;
  });
  BATCH_AFTER_REFUSALS.forEach((size, refusals) => {
    const isLast = refusals === BATCH_AFTER_REFUSALS.length - 1;
    const same = due.filter(({ row }) => (isLast ? row.refusals >= refusals : row.refusals === refusals));
    for (const batch of chunksOf(same.sort(byReadiness), size)) {
      const gatheredAtMs = Math.min(...batch.map(({ row }) => row.readySinceMs ?? nowMs)) + gatherMs;
      if (batch.length < size && refusals === 0 && nowMs < gatheredAtMs) wakes.push(gatheredAtMs);
      else steps.push({ kind: 'add', vServerGroupId, backends: batch.map(({ backend }) => backend) });
    }
  });
  return { steps, wakeAtMs: wakes.length === 0 ? null : Math.min(...wakes) };
}

/** Cuts weight changes or removals into calls. */
export function batchSteps(
  kind: 'set-weight' | 'remove',
  vServerGroupId: string,
  backends: ReadonlyArray<StepBackend>,
): ReadonlyArray<Step> {
  return chunksOf(backends, BACKENDS_PER_CALL).map((batch) => ({ kind, vServerGroupId, backends: batch }));
}

function byReadiness(a: Joiner, b: Joiner): number {
  const byTime = (a.row.readySinceMs ?? 0) - (b.row.readySinceMs ?? 0);
  if (byTime !== 0) return byTime;
  return a.row.serverId < b.row.serverId ? -1 : a.row.serverId > b.row.serverId ? 1 : a.row.port - b.row.port;
}
