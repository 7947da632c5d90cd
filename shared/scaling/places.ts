import type { Binding } from '../config/binding.ts';
import { rampWeights } from '../server-groups/backend/ramp.ts';
import type { BackendPhase, BackendRow, DrainCause, Held } from '../server-groups/backend/record.ts';
import { isMarked, type ObservedBackend } from '../server-groups/model.ts';

/** One (vServer group, port) where an instance is, or is to be, a backend, as far as hooks depend on it. Plain data. */
export interface Place {
  /** The load balancer. */
  readonly laneId: string;
  readonly vServerGroupId: string;
  readonly port: number;
  /** The binding selects the instance. */
  readonly isWanted: boolean;
  /** Of the binding; `null` = none names this place (any more). */
  readonly policy: PlacePolicy | null;
  /** What we decided about the backend; `null` = nothing, or it is over. */
  readonly record: PlaceRecord | null;
  /** What the group lists; `null` = it does not. */
  readonly backend: { readonly weight: number; readonly isOurs: boolean } | null;
}

/** What a binding says about its backends that hooks depend on. */
export interface PlacePolicy {
  /** The full weight on this port. */
  readonly weight: number;
  /** With no more than this it has not got any weight for being ready yet. */
  readonly unprovenWeight: number;
  readonly drainTimeMs: number;
  /** Few connections end the drain, so its end cannot be told. */
  readonly mayEndEarly: boolean;
  readonly readyWithinMs: number;
  /** Somebody else's backend may become ours. */
  readonly adopts: boolean;
}

/** What is recorded of a backend that hooks depend on. */
export interface PlaceRecord {
  readonly phase: BackendPhase;
  readonly cause: DrainCause | null;
  readonly held: Held | null;
  readonly weightZeroAtMs: number | null;
  /** The order of its scale-in, with its deadline; `null` = none stands. */
  readonly scaleIn: { readonly deadlineAtMs: number | null } | null;
}

/** What of a binding hooks depend on. `weight` = of the port. */
export function policyOf(binding: Binding, weight: number): PlacePolicy {
  const { drain, join, adopt } = binding;
  return {
    weight,
    unprovenWeight: unprovenWeight(binding, weight),
    drainTimeMs: drain.timeMs,
    mayEndEarly: drain.connections !== null,
    readyWithinMs: join.readyWithinMs,
    adopts: adopt,
  };
}

/**
 * What a backend may weigh without having got any weight for being ready: its record says ready before the write that
 * follows. Only where the first weight of the ramp is as low can the two not be told apart.
 */
function unprovenWeight(binding: Binding, weight: number): number {
  if (binding.readiness === 'running') return 0;
  return Math.min(binding.join.weight, (rampWeights(binding, weight)[0] ?? weight) - 1);
}

/** What of a record hooks depend on. */
export function recordOf({ phase, cause, held, weightZeroAtMs, orders }: BackendRow): PlaceRecord {
  const order = orders.find((each) => each.cause === 'scale-in');
  const scaleIn = order === undefined ? null : { deadlineAtMs: order.deadlineAtMs };
  return { phase, cause, held, weightZeroAtMs, scaleIn };
}

/** What of a listed backend hooks depend on. */
export function listedOf(backend: ObservedBackend): NonNullable<Place['backend']> {
  return { weight: backend.weight, isOurs: isMarked(backend) };
}

/** Whether the instance is still, or about to be, a backend of ours there. A stranger's is none of ours. */
export function isOccupied({ record, backend }: Place): boolean {
  if (record !== null && record.phase !== 'removed') return true;
  return backend?.isOurs === true;
}

/** Whether it serves there: it has proven ready and has its first weight. What somebody else has put there is theirs to prove. */
export function serves({ record, backend, policy }: Place): boolean {
  if (backend === null) return false;
  if (record === null) return !backend.isOurs && policy?.adopts !== true;
  const isReady = record.phase === 'ramping' || record.phase === 'in-service';
  return isReady && (backend.weight > (policy?.unprovenWeight ?? 0) || policy?.weight === 0);
}

/** Why it will not serve there by itself: it had its time; `null` = it may. */
export function failureOf({ record, vServerGroupId }: Place): string | null {
  const isNotReady = record?.held?.by === 'not-ready' || record?.cause === 'not-ready';
  return isNotReady ? `not ready in ${vServerGroupId} within its limit` : null;
}

/** The guards and settings that forbid a withdrawal until something changes; a pace only puts it off. */
const FORBIDS: ReadonlySet<string> = new Set(['min-in-service', 'unsure', 'setting']);

/** Why it may not be taken out there; `null` = it may, sooner or later. */
export function forbiddanceOf({ record }: Place): string | null {
  return record?.held != null && FORBIDS.has(record.held.by) ? record.held.reason : null;
}

/** When its drain there will have ended, as far as can be told; `null` = there is nothing to wait for. */
export function drainEndMs(place: Place, nowMs: number): number | null {
  if (!isOccupied(place)) return null;
  const { record, policy } = place;
  const sinceMs = record?.phase === 'draining' ? (record.weightZeroAtMs ?? nowMs) : nowMs;
  return sinceMs + (policy?.drainTimeMs ?? 0);
}
