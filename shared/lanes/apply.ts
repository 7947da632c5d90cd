import { backoffMs } from '../backoff.ts';
import type { Clock, NewId, Random } from '../clock.ts';
import { changeSurely } from '../conditional-change.ts';
import { describeError, RejectedError, TransientError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { LaneOutcome } from '../outcome.ts';
import type { HeldLane, LaneChange, LaneNotes, LaneRow, LeaseTiming } from './model.ts';
import { finishChange, lookAtLane, releaseChange } from './plan.ts';
import type { LaneStore, WakeUps } from './ports.ts';

/** What working a lane needs. */
export interface LaneDeps {
  readonly lanes: LaneStore;
  readonly wakeUps: WakeUps;
  /** Table time. */
  readonly clock: Clock;
  /** This worker's own clock, for its own time limits; never compared with another worker's. */
  readonly ownClock: Clock;
  readonly random: Random;
  readonly newId: NewId;
  readonly logger: Logger;
  readonly timing: LeaseTiming;
}

/** What a pass over a held lane came to. */
export interface PassResult {
  /** Writes that were sent to the load balancer. */
  readonly writes: number;
  /** The earliest deadline it leaves; `null` = none. */
  readonly nextLookMs: number | null;
  /** Why it waits, for the log; `null` when it does not. */
  readonly waitingFor: string | null;
  /** It stopped because its time was over, not because it was done. */
  readonly isOutOfTime: boolean;
  /** What ended it before it was done; `null` = nothing did. */
  readonly failure: { readonly error: unknown } | null;
  /** For the next pass, also after a failure: what was sent matters to whoever comes next. */
  readonly notes: LaneNotes;
}

/** One pass: observe, plan, record, apply. Does not throw for what the clouds do. */
export type RunPass = (held: HeldLane, deadlineMs: number) => Promise<PassResult>;

/** Rounds of one holder before it hands over, however fast signals come in. */
const ROUNDS_MAX = 20;
const RETRY_BASE_MS = 2_000;
const RETRY_MAX_MS = 60_000;
/** The row is written often. */
const FAILURE_LENGTH_MAX = 300;

/**
 * Looks at a lane and, if something is due and nobody holds it, works it until nothing is due or `deadlineMs` has
 * come. Never throws for what happens inside the lane: the outcome says it.
 */
export async function workLane(
  deps: LaneDeps,
  laneId: string,
  run: RunPass,
  deadlineMs: number,
): Promise<LaneOutcome> {
  try {
    const row = await deps.lanes.read(laneId);
    const look = lookAtLane(row, deps.clock.nowMs(), deps.newId(), deps.timing.leaseMs);
    if (look.kind === 'idle') return { kind: 'unchanged', nextLookMs: look.untilMs };
    if (look.kind === 'held')
      return { kind: 'waiting', untilMs: look.untilMs, reason: 'another worker holds the lane' };
    // Before the lease exists: a holder that dies is then always followed at its end, even when nothing else points
    // at this lane. If the lease goes to somebody else, the message costs them one read.
    await deps.wakeUps.send(laneId, look.held.leaseUntilMs);
    if (!(await acquire(deps, look.held, look.change))) {
      return { kind: 'waiting', untilMs: deps.clock.nowMs(), reason: 'another worker took the lane first' };
    }
    return await workHeldLane(deps, look.held, row.nextWakeUpMs, run, deadlineMs);
  } catch (error) {
    return failedOutcome(deps, laneId, error, null);
  }
}

async function workHeldLane(
  deps: LaneDeps,
  acquired: HeldLane,
  storedWakeUpMs: number | null,
  run: RunPass,
  deadlineMs: number,
): Promise<LaneOutcome> {
  let held = acquired;
  let writes = 0;
  for (let round = 1; ; round++) {
    const pass = await runToItsEnd(deps, held, run, deadlineMs);
    writes += pass.writes;
    held = { ...held, notes: pass.notes };
    if (pass.failure !== null) return await giveUp(deps, held, pass.failure.error);
    if (pass.isOutOfTime || round >= ROUNDS_MAX) return await handOver(deps, held);

    const finished = await conclude(deps, held, finishChange(held, pass.nextLookMs, pass.notes));
    if (finished) {
      // For a deadline that is stored already a message is on its way, unless it came while we held the lane.
      const isOnItsWay = pass.nextLookMs === storedWakeUpMs && (storedWakeUpMs ?? 0) > deps.clock.nowMs();
      if (pass.nextLookMs !== null && !isOnItsWay) await deps.wakeUps.send(held.laneId, pass.nextLookMs);
      return outcomeOf(writes, pass);
    }
    const row = await deps.lanes.read(held.laneId);
    if (row.fence !== held.fence || row.owner !== held.owner) return { kind: 'lost' };
    if (deps.ownClock.nowMs() >= deadlineMs) return await handOver(deps, held);
    held = { ...held, dirty: row.dirty, isTakeover: false };
  }
}

/** A pass that breaks tells nothing of what it sent, so its groups are to be read once more when all has landed. */
async function runToItsEnd(
  { timing }: LaneDeps,
  held: HeldLane,
  run: RunPass,
  deadlineMs: number,
): Promise<PassResult> {
  try {
    return await run(held, deadlineMs);
  } catch (error) {
    const verifyAtMs = held.leaseUntilMs + timing.callTimeoutMs;
    const notes = { ...held.notes, verifyAtMs };
    return { writes: 0, nextLookMs: null, waitingFor: null, isOutOfTime: false, failure: { error }, notes };
  }
}

function outcomeOf(writes: number, pass: PassResult): LaneOutcome {
  if (writes > 0) return { kind: 'applied', writes, nextLookMs: pass.nextLookMs };
  if (pass.nextLookMs !== null && pass.waitingFor !== null) {
    return { kind: 'waiting', untilMs: pass.nextLookMs, reason: pass.waitingFor };
  }
  return { kind: 'unchanged', nextLookMs: pass.nextLookMs };
}

/** Takes the lane; a reply that was lost is resolved by reading who owns it now. */
async function acquire(deps: LaneDeps, held: HeldLane, change: LaneChange): Promise<boolean> {
  return await changeLane(deps, held.laneId, change, (row) => row.owner === held.owner);
}

/** Gives the lane up; `false` when the change was refused. */
async function conclude(deps: LaneDeps, held: HeldLane, change: LaneChange): Promise<boolean> {
  // When the reply was lost and the row is no longer ours, then either our change or a later holder's stands.
  return await changeLane(deps, held.laneId, change, (row) => row.owner !== held.owner);
}

async function changeLane(
  { lanes }: LaneDeps,
  laneId: string,
  change: LaneChange,
  stands: (row: LaneRow) => boolean,
): Promise<boolean> {
  return await changeSurely(
    () => lanes.change(laneId, change),
    async () => stands(await lanes.read(laneId)),
  );
}

async function handOver(deps: LaneDeps, held: HeldLane): Promise<LaneOutcome> {
  const nowMs = deps.clock.nowMs();
  if (!(await conclude(deps, held, releaseChange(held, nowMs, held.notes)))) return { kind: 'lost' };
  await deps.wakeUps.send(held.laneId, nowMs);
  return { kind: 'handed-over' };
}

/** Ends a pass that failed: the signals stay unhandled, and somebody comes back after a while. */
async function giveUp(deps: LaneDeps, held: HeldLane, error: unknown): Promise<LaneOutcome> {
  const failures = held.notes.failures + 1;
  const waitMs =
    (error instanceof TransientError ? error.retryAfterMs : null) ??
    backoffMs(failures, deps.random, RETRY_BASE_MS, RETRY_MAX_MS);
  const retryAtMs = deps.clock.nowMs() + waitMs;
  try {
    const failure = describeError(error).slice(0, FAILURE_LENGTH_MAX);
    await conclude(deps, held, releaseChange(held, retryAtMs, { ...held.notes, failures, failure }));
    await deps.wakeUps.send(held.laneId, retryAtMs);
  } catch (releaseError) {
    // Whoever follows at the lease's end goes on; why the pass failed must not be lost over it.
    const { laneId, leaseUntilMs } = held;
    deps.logger.warn({ laneId, leaseUntilMs }, `lane not released: ${describeError(releaseError)}`);
    return failedOutcome(deps, laneId, error, leaseUntilMs);
  }
  return failedOutcome(deps, held.laneId, error, retryAtMs);
}

function failedOutcome(
  deps: LaneDeps,
  laneId: string,
  error: unknown,
  retryAtMs: number | null,
): LaneOutcome {
  const message = describeError(error);
  const fields = { laneId, retryAtMs, stack: error instanceof Error ? error.stack : undefined };
  if (error instanceof TransientError)
    deps.logger.warn({ laneId, retryAtMs }, `lane not finished: ${message}`);
  else if (error instanceof RejectedError)
    deps.logger.error({ laneId, retryAtMs }, `lane refused: ${message}`);
  else deps.logger.error(fields, `lane failed: ${message}`);
  return { kind: 'failed', message, retryAtMs };
}
