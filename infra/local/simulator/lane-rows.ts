import { type HeldLane, type LaneRow, NO_NOTES } from '../../../shared/lanes/model.ts';
import {
  DEADLINE,
  type Deadline,
  type LaneState,
  type LaneWorker,
  LEASE,
  type Lease,
  OWNER,
  PHASE,
} from './lane-state.ts';

/** Now, in every row that the model shows to the functions of production: other instants move, it stands still. */
export const NOW_MS = Date.UTC(2026, 3, 9);

/** The timing of the model; which it is does not matter, only what comes before what. */
export const TIMING = { leaseMs: 45_000, callTimeoutMs: 10_000 };

const ID = 'lb-model';
const FENCE = 100;
const DIRTY = 100;
const PAST_MS = NOW_MS - 5;
const STORED_MS = NOW_MS + 200_000;
const OWN_MS = NOW_MS + 300_000;
/** The end of a lease of which nothing else is known than that it is not the one that stands. */
const OTHER_LEASE_MS = NOW_MS - 500_000;

/** The token of a worker's present attempt. */
export function tokenOf(worker: number): string {
  return `attempt-of-${worker}`;
}

/** No two leases end at the same instant, so the fence is part of it. */
function leaseUntilMs(lease: Lease, fence: number): number {
  if (lease === LEASE.fresh) return NOW_MS + 40_000 + fence;
  return lease === LEASE.late ? NOW_MS + 10_000 + fence : NOW_MS - 10_000 + fence;
}

/** The instant of a deadline; `null` = none. */
export function deadlineMs(deadline: Deadline): number | null {
  if (deadline === DEADLINE.none) return null;
  if (deadline === DEADLINE.past) return PAST_MS;
  return deadline === DEADLINE.stored ? STORED_MS : OWN_MS;
}

/** What an instant in a row means as a deadline. */
export function storedDeadline(atMs: number | null): Deadline {
  if (atMs === null) return DEADLINE.none;
  return atMs <= NOW_MS ? DEADLINE.past : DEADLINE.stored;
}

/** The lane's row as the table would show it now. */
export function rowOf(state: LaneState): LaneRow {
  const verifyAtMs = deadlineMs(state.deadline);
  const owner = state.workers.findIndex(({ isOwner }) => isOwner);
  return {
    laneId: ID,
    owner: state.owner === OWNER.nobody ? null : owner < 0 ? 'attempt-of-the-dead' : tokenOf(owner),
    leaseUntilMs: state.owner === OWNER.nobody ? 0 : leaseUntilMs(ownersLease(state), FENCE),
    fence: FENCE,
    dirty: DIRTY,
    handled: state.isHandled ? DIRTY : DIRTY - 1,
    nextWakeUpMs: state.isReleased ? PAST_MS : verifyAtMs,
    notes: notesWith(verifyAtMs),
  };
}

function ownersLease({ owner, workers }: LaneState): Lease {
  if (owner === OWNER.dead) return LEASE.fresh;
  if (owner === OWNER.deadAndOver) return LEASE.over;
  return workers.find(({ isOwner }) => isOwner)?.lease ?? LEASE.over;
}

/** What a worker takes with it from the row that it has acquired, or would. */
export function heldOf(worker: LaneWorker, index: number): HeldLane {
  const fence = FENCE - worker.age;
  return {
    laneId: ID,
    owner: tokenOf(index),
    fence,
    leaseUntilMs: leaseUntilMs(worker.lease, fence),
    dirty: worker.seesDirty ? DIRTY : DIRTY - 1,
    isTakeover: false,
    notes: notesWith(deadlineMs(worker.deadline)),
  };
}

/**
 * The row that an acquiring worker has looked at, as far as its change is made from it. A takeover is known by its
 * deadline: whoever takes over has to verify after its own lease.
 */
export function seenRowOf(state: LaneState, { age, deadline }: LaneWorker): LaneRow {
  const isTakeover = deadline === DEADLINE.own;
  const stands = rowOf(state);
  const isStanding = age === 0 && stands.owner !== null;
  return {
    ...stands,
    owner: isTakeover ? 'attempt-before' : null,
    leaseUntilMs: !isTakeover ? 0 : isStanding ? stands.leaseUntilMs : OTHER_LEASE_MS,
    fence: FENCE - age,
    dirty: DIRTY,
    handled: DIRTY - 1,
  };
}

/** Notes that ask for a verification read at this instant; nothing else of them matters here. */
export function notesWith(verifyAtMs: number | null): LaneRow['notes'] {
  return verifyAtMs === null ? NO_NOTES : { ...NO_NOTES, verifyAtMs };
}

/** Takes over what a change has made of the row, apart from who owns it. */
export function takeRow(state: LaneState, row: LaneRow): void {
  state.isHandled = row.handled >= row.dirty;
  state.deadline = storedDeadline(row.notes.verifyAtMs);
  state.isReleased = row.nextWakeUpMs !== null && row.nextWakeUpMs !== row.notes.verifyAtMs;
  const raisedBy = row.fence - FENCE;
  if (raisedBy === 0) return;
  state.recordAge += raisedBy;
  state.workers.forEach(({ phase }, index) => {
    if (phase !== PHASE.idle) state.edit(index).age += raisedBy;
  });
}

/** How far the fence that a worker believes to hold is behind the row's. */
export function ageOf(held: HeldLane, row: LaneRow): number {
  return row.fence - held.fence;
}

/** The stamps of the record as it stands and as a worker would write it. */
export function recordStamps(state: LaneState, { age, isCurrent }: LaneWorker) {
  return {
    stored: { fence: FENCE - state.recordAge, revision: 1 },
    fence: FENCE - age,
    expectedRevision: isCurrent ? 1 : 0,
  };
}
