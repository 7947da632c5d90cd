import type { Binding } from '../config/binding.ts';
import type { BackendRow } from '../server-groups/backend/record.ts';
import { isMarked, type ObservedBackend } from '../server-groups/model.ts';

/** One (vServer group, port) where an instance is, or is to be, a backend. */
export interface Place {
  /** The load balancer. */
  readonly laneId: string;
  readonly vServerGroupId: string;
  readonly port: number;
  /** `null` = no binding names this place (any more). */
  readonly binding: Binding | null;
  /** The binding selects the instance. */
  readonly isWanted: boolean;
  /** The binding's full weight for this port. */
  readonly weight: number;
  readonly row: BackendRow | null;
  /** What the group lists; `null` = it does not. */
  readonly backend: ObservedBackend | null;
}

/** Whether the instance is still, or about to be, a backend of ours there. A stranger's is none of ours. */
export function isOccupied({ row, backend }: Place): boolean {
  if (row !== null && row.phase !== 'removed') return true;
  return backend !== null && isMarked(backend);
}

/** Whether it serves there: it has proven ready and has its first weight. What somebody else has put there is theirs to prove. */
export function serves({ row, backend, weight, binding }: Place): boolean {
  if (backend === null) return false;
  if (row === null) return !isMarked(backend) && binding?.adopt !== true;
  const isReady = row.phase === 'ramping' || row.phase === 'in-service';
  return isReady && (backend.weight > 0 || weight === 0);
}

/** Why it will not serve there by itself: it had its time; `null` = it may. */
export function failureOf({ row, vServerGroupId }: Place): string | null {
  const isNotReady = row?.held?.by === 'not-ready' || row?.cause === 'not-ready';
  return isNotReady ? `not ready in ${vServerGroupId} within its limit` : null;
}

/** The guards and settings that forbid a withdrawal until something changes; a pace only puts it off. */
const FORBIDS: ReadonlySet<string> = new Set(['min-in-service', 'unsure', 'setting']);

/** Why it may not be taken out there; `null` = it may, sooner or later. */
export function forbiddanceOf({ row }: Place): string | null {
  return row?.held != null && FORBIDS.has(row.held.by) ? row.held.reason : null;
}

/** When its drain there will have ended, as far as can be told; `null` = there is nothing to wait for. */
export function drainEndMs(place: Place, nowMs: number): number | null {
  if (!isOccupied(place)) return null;
  const { row, binding } = place;
  const timeMs = binding?.drain.timeMs ?? 0;
  return (row?.phase === 'draining' ? (row.weightZeroAtMs ?? nowMs) : nowMs) + timeMs;
}
