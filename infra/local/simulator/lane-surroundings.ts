import { leaveFollower } from './lane-canon.ts';
import { type Emit, KIND, type LaneStage } from './lane-stage.ts';
import { DEADLINE, LATE_CALL, type LaneState, LEASE, OWNER, PHASE, SIGNAL } from './lane-state.ts';
import { bury, workerSteps } from './lane-steps.ts';

/** Every step that anybody can take from here, faults included. */
export function possibleSteps(stage: LaneStage, state: LaneState): void {
  for (let signal = 0; signal < stage.signals; signal++) signalSteps(stage, state, signal);
  let hasIdle = false;
  state.workers.forEach(({ phase }, index) => {
    if (phase === PHASE.idle) {
      // One idle worker is like another.
      if (!hasIdle) workerSteps(stage, state, index);
      hasIdle = true;
      return;
    }
    workerSteps(stage, state, index);
    deathStep(stage, state, index);
    leaseSteps(stage, state, index);
  });
  timeSteps(stage.emit, state);
  lateCallSteps(stage.emit, state);
}

const NAMES = ['signal 1', 'signal 2', 'signal 3'];

/**
 * An acceptor: the inbox row, the count, the done-key; then it looks at the lane like anybody who got a message. Dying
 * before the done-key has the message delivered again.
 */
function signalSteps({ protocol, emit }: LaneStage, state: LaneState, signal: number): void {
  const stage = state.stage(signal);
  const name = NAMES[signal] ?? 'a signal';
  const isInboxFirst = protocol.order.signal === 'inbox-first';
  const inboxed = `${name} is put into the inbox`;
  const counted = `${name} is counted`;
  if (stage === SIGNAL.absent) {
    // Signals that have not come yet are alike.
    if (signal > 0 && state.stage(signal - 1) === SIGNAL.absent) return;
    const next = state.copy();
    next.setStage(signal, SIGNAL.begun);
    if (!isInboxFirst) count(next);
    emit(next, KIND.arrival, -1, isInboxFirst ? inboxed : counted);
    return;
  }
  if (stage !== SIGNAL.begun) return;
  const what = isInboxFirst ? counted : inboxed;
  const next = state.copy();
  if (isInboxFirst) count(next);
  const again = next.copy();
  next.setStage(signal, SIGNAL.accepted);
  const silent = next.copy();
  next.hasMessage = true;
  emit(next, KIND.progress, -1, what);
  emit(silent, KIND.gap, -1, `${what}, and its acceptor dies before it looks at the lane`);
  emit(again, KIND.fault, -1, `${what}, and its acceptor dies before the done-key`);
}

function count(next: LaneState): void {
  next.isHandled = false;
  next.workers.forEach(({ seesDirty }, index) => {
    if (seesDirty) next.edit(index).seesDirty = false;
  });
}

function deathStep({ emit }: LaneStage, state: LaneState, index: number): void {
  const { phase } = state.worker(index);
  const next = state.copy();
  // The message that sent it was not acknowledged, and the one for its lease's end is on its way.
  if (phase === PHASE.acquiring) next.hasMessage = true;
  bury(next, index);
  emit(next, KIND.fault, index, 'dies');
}

/** A worker sleeps, inside a call or between two: what is left of its lease shrinks. */
function leaseSteps({ protocol, emit }: LaneStage, state: LaneState, index: number): void {
  const { lease, phase, isOwner } = state.worker(index);
  if (lease === LEASE.over) return;
  if (lease === LEASE.fresh && phase < PHASE.calling) {
    const next = state.copy();
    next.edit(index).lease = LEASE.late;
    emit(next, KIND.fault, index, 'sleeps until its lease is too short for a call');
  }
  const next = state.copy();
  if (phase === PHASE.acquiring) leaveFollower(next, index, protocol);
  next.edit(index).lease = LEASE.over;
  if (isOwner) endLease(next);
  const where = phase === PHASE.calling ? 'sleeps in its call until its lease is over' : null;
  emit(next, KIND.fault, index, where ?? 'sleeps until its lease is over');
}

function endLease(next: LaneState): void {
  if (next.hasFollower) next.hasMessage = true;
  next.hasFollower = false;
}

/** Instants that come by themselves: the end of a dead worker's lease, the verification read. */
function timeSteps(emit: Emit, state: LaneState): void {
  if (state.owner === OWNER.dead) {
    const next = state.copy();
    next.owner = OWNER.deadAndOver;
    endLease(next);
    emit(next, KIND.progress, -1, 'the lease of the dead worker ends');
  }
  const isAwaited = (deadline: number) => deadline === DEADLINE.stored;
  const isAnyAwaited = isAwaited(state.deadline) || state.workers.some(({ deadline }) => isAwaited(deadline));
  // A call that was sent lands, if at all, before the verification read that was set for it.
  const isInFlight =
    state.lateCall !== LATE_CALL.none || state.workers.some(({ phase }) => phase === PHASE.calling);
  if (!isAnyAwaited || isInFlight) return;
  const next = state.copy();
  if (isAwaited(state.deadline)) {
    next.deadline = DEADLINE.past;
    if (!state.isReleased) next.hasMessage = true;
  }
  next.workers.forEach(({ deadline }, index) => {
    if (isAwaited(deadline)) next.edit(index).deadline = DEADLINE.past;
  });
  emit(next, KIND.progress, -1, 'the verification read falls due');
}

function lateCallSteps(emit: Emit, state: LaneState): void {
  if (state.lateCall === LATE_CALL.none) return;
  const landed = state.copy();
  landed.isApplied = state.lateCall === LATE_CALL.current;
  landed.lateCall = LATE_CALL.none;
  emit(landed, KIND.progress, -1, 'the call that nobody waits for lands');
  const lost = state.copy();
  lost.lateCall = LATE_CALL.none;
  emit(lost, KIND.progress, -1, 'the call that nobody waits for is lost');
}
