import { backoffMs } from '../../backoff.ts';
import type { Random } from '../../clock.ts';
import { ConflictError, type Refusal, TransientError } from '../../errors.ts';
import { GroupInUseError, MissingListenerError, MissingPairGroupError } from '../errors.ts';
import type { PairStep } from '../model.ts';
import { MENDS_MAX, mendedListener } from './mend.ts';
import type { Saga, SagaFailure } from './model.ts';
import { withListener } from './situation.ts';

const BUSY_BASE_MS = 1_000;
const BUSY_MAX_MS = 15_000;
/** A pair that cannot be put back is tried again for as long as it takes, but not often. */
const STUCK_MAX_MS = 60_000;
/** SLB may learn later than ECS that a server runs, or than we that a listener is gone; after so many tries it is not that. */
const TRIES_MAX = 6;

/** The saga after its call was answered. `groupId` = of the group that was made. */
export function afterAnswer(saga: Saga, step: PairStep, groupId: string | null): Saga {
  const settled: Saga = { ...saga, inFlight: null, refusals: 0, notBeforeMs: null };
  if (step.kind !== 'create' || groupId === null) return settled;
  return { ...settled, groupId, phase: saga.phase === 'create' ? 'repoint' : saga.phase };
}

/**
 * The saga after its call failed. Everything is to be read before it goes on: what an unanswered call did shows then, and
 * whether what was refused had been done already.
 */
export function afterFailure(
  saga: Saga,
  step: PairStep,
  error: Refusal,
  random: Random,
  nowMs: number,
): Saga {
  const refusals = saga.refusals + 1;
  const retryAfterMs = error instanceof TransientError ? error.retryAfterMs : null;
  const longestMs = saga.phase === 'undo' ? STUCK_MAX_MS : BUSY_MAX_MS;
  const waitMs = retryAfterMs ?? backoffMs(refusals, random, BUSY_BASE_MS, longestMs);
  const notBeforeMs = Math.ceil(nowMs + waitMs);
  // Nobody knows what it did: it stays in flight, and is judged by what is seen.
  if (error instanceof TransientError && error.reason === 'unknown-outcome')
    return { ...saga, refusals, notBeforeMs };
  const later: Saga = { ...unmended(saga, step), inFlight: null, refusals, notBeforeMs };
  if (isPatient(step, error, refusals) || saga.phase === 'undo') return later;
  if (step.kind === 'delete') {
    // Gone already, or nobody may delete it: it is not tried for ever.
    return error instanceof MissingPairGroupError
      ? later
      : { ...later, failure: saga.failure ?? failureOf(error) };
  }
  // The listener is where it is to be, and traffic with it: what differs is told, and no reason to turn back.
  const mended = mendedListener(saga, step);
  if (mended !== null) return withListener({ ...later, notBeforeMs: null }, { ...mended, mends: MENDS_MAX });
  return { ...later, phase: 'undo', failure: failureOf(error), refusals: 0, notBeforeMs: null };
}

/** The saga with what a call was to mend that was refused, or not sent at all, still to be mended. */
export function unmended(saga: Saga, step: PairStep): Saga {
  const mended = mendedListener(saga, step);
  return mended === null ? saga : withListener(saga, { ...mended, mends: mended.mends - 1 });
}

/** Whether it may yet go through, or the reading that follows tells what has become of it. */
function isPatient(step: PairStep, error: Refusal, refusals: number): boolean {
  if (error instanceof GroupInUseError) return true;
  const hasTries = refusals < TRIES_MAX;
  if (error instanceof MissingListenerError || error instanceof ConflictError) return hasTries;
  if (!(error instanceof TransientError)) return false;
  if (error.reason === 'unrecognised') return hasTries;
  return step.kind !== 'create' || error.reason !== 'not-yet' || hasTries;
}

function failureOf(error: Refusal): SagaFailure {
  const { api, code, requestId } = error.origin;
  return { message: error.message, api, code, requestId };
}
