import type { LaneChange } from '../../../shared/lanes/model.ts';
import { leaveFollower } from './lane-canon.ts';
import { callSteps, observeSteps, openSteps, recordSteps } from './lane-pass.ts';
import type { LaneProtocol } from './lane-protocol.ts';
import {
  ageOf,
  deadlineMs,
  heldOf,
  NOW_MS,
  notesWith,
  rowOf,
  seenRowOf,
  storedDeadline,
  TIMING,
  takeRow,
  tokenOf,
} from './lane-rows.ts';
import { type Emit, KIND, type LaneStage } from './lane-stage.ts';
import { DEADLINE, type LaneState, LEASE, OWNER, PHASE } from './lane-state.ts';

/** Every step that this worker can take by itself, in the order of `shared/lanes/apply.ts` and of a pass. */
export function workerSteps(stage: LaneStage, state: LaneState, index: number): void {
  switch (state.worker(index).phase) {
    case PHASE.idle:
      lookSteps(stage, state, index);
      return;
    case PHASE.acquiring:
      acquireSteps(stage, state, index);
      return;
    case PHASE.unsure:
      resolveSteps(stage, state, index);
      return;
    case PHASE.opening:
      openSteps(stage, state, index);
      return;
    case PHASE.observing:
      observeSteps(stage, state, index);
      return;
    case PHASE.recording:
      recordSteps(stage, state, index);
      return;
    case PHASE.calling:
      callSteps(stage, state, index);
      return;
    case PHASE.finishing:
      finishSteps(stage, state, index);
      return;
    case PHASE.releasing:
      releaseSteps(stage, state, index);
  }
}

/** The tick looks at lanes that are due and not leased; a message makes a worker look whatever the lane is like. */
function lookSteps({ protocol, emit }: LaneStage, state: LaneState, index: number): void {
  const row = rowOf(state);
  if (protocol.isDue(row, NOW_MS) && !protocol.isLeased(row, NOW_MS)) {
    const next = state.copy();
    look(protocol, next, index);
    emit(next, KIND.tick, index, 'is sent by the tick and looks at the lane');
  }
  if (!state.hasMessage) return;
  const next = state.copy();
  next.hasMessage = false;
  look(protocol, next, index);
  emit(next, KIND.message, index, 'is sent by a message and looks at the lane');
}

function look(protocol: LaneProtocol, next: LaneState, index: number): void {
  const row = rowOf(next);
  const decided = protocol.lookAtLane(row, NOW_MS, tokenOf(index), TIMING.leaseMs);
  if (decided.kind !== 'acquire') return;
  const worker = next.edit(index);
  const { verifyAtMs } = decided.held.notes;
  worker.phase = PHASE.acquiring;
  worker.lease = LEASE.fresh;
  worker.seesDirty = decided.held.dirty === row.dirty;
  worker.deadline = decided.held.isTakeover ? DEADLINE.own : storedDeadline(verifyAtMs);
  worker.isMessaged = row.nextWakeUpMs === verifyAtMs;
}

/** The lease's wake-up has been sent; now the change arrives at the table. */
function acquireSteps({ protocol, emit }: LaneStage, state: LaneState, index: number): void {
  const seen = seenRowOf(state, state.worker(index));
  const decided = protocol.lookAtLane(seen, NOW_MS, tokenOf(index), TIMING.leaseMs);
  const row = decided.kind === 'acquire' ? protocol.changedLane(rowOf(state), decided.change) : null;
  const next = state.copy();
  if (decided.kind !== 'acquire' || row === null) {
    leaveFollower(next, index, protocol);
    next.dismiss(index);
    emit(next, KIND.progress, index, 'comes too late to take the lane');
    return;
  }
  disown(next);
  takeRow(next, row);
  const age = ageOf(decided.held, row);
  const worker = next.edit(index);
  worker.phase = PHASE.opening;
  worker.isOwner = true;
  worker.age = age;
  next.owner = OWNER.worker;
  next.hasFollower = worker.lease !== LEASE.over;
  const broken = age === 0 ? null : 'own-fence';

  const unsure = next.copy();
  unsure.edit(index).phase = PHASE.unsure;
  const silent = protocol.order.wakeUp === 'after-acquire' ? next.copy() : null;
  emit(next, KIND.progress, index, 'takes the lane', broken);
  emit(unsure, KIND.fault, index, 'takes the lane, and the reply is lost', broken);
  if (silent === null) return;
  silent.hasFollower = false;
  bury(silent, index);
  emit(
    silent,
    KIND.fault,
    index,
    'takes the lane and dies before it has sent the wake-up for its end',
    broken,
  );
}

/** After a lost reply the row says who owns the lane. */
function resolveSteps({ emit }: LaneStage, state: LaneState, index: number): void {
  const next = state.copy();
  if (state.worker(index).isOwner) next.edit(index).phase = PHASE.opening;
  else next.dismiss(index);
  emit(next, KIND.progress, index, 'reads whether it has taken the lane');
}

function finishSteps({ protocol, emit }: LaneStage, state: LaneState, index: number): void {
  const worker = state.worker(index);
  const nextLookMs = deadlineMs(worker.deadline);
  const change = protocol.finishChange(heldOf(worker, index), nextLookMs, notesWith(nextLookMs));
  const next = givenUp(protocol, state, index, change);
  if (next === null) {
    refuseFinish(emit, state, index);
    return;
  }
  const isOnItsWay = worker.deadline === DEADLINE.stored && worker.isMessaged;
  const mustSend = nextLookMs !== null && !isOnItsWay;
  const silent = mustSend ? next.copy() : null;
  // The message for a later instant is on its way as long as that instant stands in the row.
  if (mustSend && nextLookMs <= NOW_MS) next.hasMessage = true;
  emit(next, KIND.progress, index, 'finishes');
  if (silent !== null) emit(silent, KIND.gap, index, 'finishes and dies before it has sent the wake-up');
}

/** Reads the row: overtaken, or a signal came in and there is another round, if there is time. */
function refuseFinish(emit: Emit, state: LaneState, index: number): void {
  const { age, isOwner } = state.worker(index);
  const next = state.copy();
  if (age !== 0 || !isOwner) {
    next.dismiss(index);
    emit(next, KIND.progress, index, 'may not finish: it has lost the lane');
    return;
  }
  const worker = next.edit(index);
  worker.phase = PHASE.opening;
  worker.seesDirty = true;
  const late = next.copy();
  emit(next, KIND.progress, index, 'may not finish: a signal came in, so it goes round again');
  late.edit(index).phase = PHASE.releasing;
  emit(late, KIND.fault, index, 'may not finish: a signal came in, and its time is over');
}

function releaseSteps({ protocol, emit }: LaneStage, state: LaneState, index: number): void {
  const worker = state.worker(index);
  const notes = notesWith(deadlineMs(worker.deadline));
  const next = givenUp(protocol, state, index, protocol.releaseChange(heldOf(worker, index), NOW_MS, notes));
  if (next === null) {
    const lost = state.copy();
    lost.dismiss(index);
    emit(lost, KIND.progress, index, 'may not give the lane up: it has lost it');
    return;
  }
  const silent = next.copy();
  next.hasMessage = true;
  emit(next, KIND.progress, index, 'gives the lane up with work left');
  emit(silent, KIND.gap, index, 'gives the lane up with work left and dies before it has sent the wake-up');
}

/** The state once the lane has been given up by this change; `null` = the change was refused. */
function givenUp(
  protocol: LaneProtocol,
  state: LaneState,
  index: number,
  change: LaneChange,
): LaneState | null {
  const row = protocol.changedLane(rowOf(state), change);
  if (row === null) return null;
  const next = state.copy();
  disown(next);
  next.owner = OWNER.nobody;
  next.hasFollower = false;
  takeRow(next, row);
  next.dismiss(index);
  return next;
}

/** Nobody's token stands in the row any more, for the moment. */
function disown(next: LaneState): void {
  if (next.owner !== OWNER.worker) return;
  const owner = next.workers.findIndex(({ isOwner }) => isOwner);
  if (owner >= 0) next.edit(owner).isOwner = false;
}

/** The worker is no more; what it owned stays owned until the lease's end. */
export function bury(next: LaneState, index: number): void {
  const { isOwner, lease } = next.worker(index);
  if (isOwner) next.owner = lease === LEASE.over ? OWNER.deadAndOver : OWNER.dead;
  next.dismiss(index);
}
