import { chunksOf } from '../collections.ts';
import type { BackendRow } from './backend/record.ts';
import { BACKENDS_PER_CALL, type Step, type StepBackend } from './model.ts';

/** A backend that is to be in a call, with its record. */
export interface Batchable {
  readonly row: BackendRow;
  readonly backend: StepBackend;
  /** It may wait for others to share its call with; a drain never does. */
  readonly mayGather: boolean;
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
 * Puts backends into as few calls as possible. Joins and raises are gathered: full batches go at once, the rest when the
 * oldest has waited for `gatherMs`, or along with a drain that has room; drains and removals go at once. Backends whose
 * call was refused before wait for their time and go in smaller batches, apart from the others, so that one never keeps
 * the rest of its group from being worked on.
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
  const ordered = [
    ...due.filter(({ mayGather }) => !mayGather),
    ...due.filter(({ mayGather }) => mayGather).sort(byDueTime),
  ];
  BATCH_AFTER_REFUSALS.forEach((size, refusals) => {
    const isLast = refusals === BATCH_AFTER_REFUSALS.length - 1;
    const same = ordered.filter(({ row }) => (isLast ? row.refusals >= refusals : row.refusals === refusals));
    for (const batch of chunksOf(same, size)) {
      const gatheredAtMs = Math.min(...batch.map(({ row }) => row.dueSinceMs ?? -Infinity)) + gatherMs;
      const mayWait = batch.length < size && refusals === 0 && batch.every(({ mayGather }) => mayGather);
      if (mayWait && nowMs < gatheredAtMs) wakes.push(gatheredAtMs);
      else steps.push({ kind, vServerGroupId, backends: batch.map(({ backend }) => backend) });
    }
  });
  return { steps, wakeAtMs: wakes.length === 0 ? null : Math.min(...wakes) };
}

function byDueTime(a: Batchable, b: Batchable): number {
  const byTime = (a.row.dueSinceMs ?? 0) - (b.row.dueSinceMs ?? 0);
  if (byTime !== 0) return byTime;
  return a.row.serverId < b.row.serverId
    ? -1
    : a.row.serverId > b.row.serverId
      ? 1
      : a.row.port - b.row.port || ((a.row.serverIp ?? '') < (b.row.serverIp ?? '') ? -1 : 1);
}
