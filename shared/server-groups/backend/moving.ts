import { HELD_LOOK_MS } from '../model.ts';
import { fullWeight, type Override } from './override.ts';
import { type BackendRow, type LeaveOrder, type ReturnOrder, withColumns } from './record.ts';
import { decided, type Situation, type Transition, unchanged } from './situation.ts';

/** A backend on a port that its binding has left: its server is to serve on the ports that it names now. */
export interface LeftPort {
  /** Those ports, for people: `:8081`. */
  readonly to: string;
  /** What its server does not serve there for, yet; `null` = it does. */
  readonly waitsFor: string | null;
  /** That does not pass by itself, as far as can be told. */
  readonly isHeld: boolean;
}

/** What was asked of a server on a port that its binding has left. It counts where the server has no record yet. */
export interface Heritage {
  readonly orders: ReadonlyArray<LeaveOrder>;
  readonly returns: ReadonlyArray<ReturnOrder>;
  readonly override: Override | null;
}

/**
 * Whether it has to stay until its server serves elsewhere. Who is at weight 0 already, or has not come in yet, serves
 * nobody and goes; who was to leave and still has all its weight serves on.
 */
export function hasToStay({ left, weight, backend }: Situation, row: BackendRow | null): boolean {
  if (left === undefined || left.waitsFor === null || row === null) return false;
  if (row.phase === 'in-service' || row.phase === 'ramping') return true;
  const isWhole =
    backend !== null && backend.weight > 0 && backend.weight >= fullWeight({ weight }, row.override);
  return row.phase === 'draining' && row.weightZeroAtMs === null && isWhole;
}

/** Says once that a move does not get on, and takes it back when it does. `result` is what the other rules have come to. */
export function whileMoving({ left, nowMs }: Situation, row: BackendRow, result: Transition): Transition {
  const isServing = row.phase === 'in-service' || row.phase === 'ramping';
  const isAtRest = result.row === row && result.action.kind === 'none';
  if (left === undefined || !isServing || !isAtRest) return result;
  const isSaid = row.held?.by === 'moving';
  if (left.waitsFor === null || !left.isHeld) {
    return isSaid ? unchanged(withColumns(row, { held: null })) : result;
  }
  const reason = `stays until its server serves on ${left.to}: ${left.waitsFor}`;
  if (row.held === null || (isSaid && row.held.reason !== reason)) {
    return decided(withColumns(row, { held: { by: 'moving', reason } }), 'held', reason);
  }
  const again = { atMs: nowMs + HELD_LOOK_MS, reason: `a server to serve on ${left.to}` };
  return result.wake !== null && result.wake.atMs <= again.atMs ? result : { ...result, wake: again };
}
