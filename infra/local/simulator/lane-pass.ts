import { isAccepted } from './lane-canon.ts';
import type { LaneProperty } from './lane-properties.ts';
import type { LaneProtocol } from './lane-protocol.ts';
import { heldOf, NOW_MS, TIMING } from './lane-rows.ts';
import { type Emit, KIND, type LaneStage } from './lane-stage.ts';
import { DEADLINE, LATE_CALL, type LaneState, LEASE, PHASE, SIGNAL } from './lane-state.ts';

/** The inbox, as its holder reads it: signals that have come so far. */
export function openSteps({ protocol, signals, emit }: LaneStage, state: LaneState, index: number): void {
  const next = state.copy();
  const worker = next.edit(index);
  worker.phase = PHASE.observing;
  worker.signals = 0;
  // With the count first, the second of an acceptor's two writes is the inbox.
  const inInbox = protocol.order.signal === 'inbox-first' ? SIGNAL.begun : SIGNAL.accepted;
  for (let signal = 0; signal < signals; signal++) {
    if (state.stage(signal) >= inInbox) worker.signals |= 1 << signal;
  }
  emit(next, KIND.progress, index, 'reads the inbox');
  emitFailure(emit, state, index, 'cannot read the inbox');
}

/** What is known of the lane's backends: what stands in the records, and whether the load balancer is like that. */
export function observeSteps({ protocol, emit }: LaneStage, state: LaneState, index: number): void {
  const next = state.copy();
  const worker = next.edit(index);
  if (protocol.order.dirty === 'after-inbox') worker.seesDirty = true;
  if (worker.deadline === DEADLINE.past) worker.deadline = DEADLINE.none;
  const late = next.copy();
  late.edit(index).phase = PHASE.releasing;
  const isNew = (worker.signals & ~state.recorded) !== 0;
  const broken = goOn(protocol, next, index, isNew, !state.isApplied);
  emit(next, KIND.progress, index, 'reads the records and the load balancer', broken);
  emit(late, KIND.fault, index, 'reads the records and the load balancer, and its time is over');
  emitFailure(emit, state, index, 'cannot read the records or the load balancer');
}

/** Decides what comes next: a record, a call, or the end of the pass. Returns the property that this breaks. */
function goOn(
  protocol: LaneProtocol,
  next: LaneState,
  index: number,
  mustRecord: boolean,
  mustWrite: boolean,
): LaneProperty | null {
  const worker = next.edit(index);
  const held = heldOf(worker, index);
  if (mustRecord) {
    worker.isCurrent = true;
    worker.phase = protocol.mayRecord(held, NOW_MS) ? PHASE.recording : PHASE.releasing;
    return null;
  }
  if (!mustWrite) {
    worker.phase = PHASE.finishing;
    return null;
  }
  if (!protocol.maySend(held, NOW_MS, TIMING)) {
    worker.phase = PHASE.releasing;
    return null;
  }
  worker.phase = PHASE.calling;
  worker.isCurrent = true;
  worker.deadline = DEADLINE.own;
  return worker.lease === LEASE.fresh ? null : 'send-under-lease';
}

/** The record arrives: taken if it is the next revision and no higher fence has written, else read again. */
export function recordSteps({ protocol, emit }: LaneStage, state: LaneState, index: number): void {
  const { age, signals } = state.worker(index);
  const next = state.copy();
  emitFailure(emit, state, index, 'cannot write its record');
  if (isAccepted(state, index, protocol)) {
    const broken = age > state.recordAge ? 'record-order' : null;
    next.recorded |= signals;
    next.recordAge = age;
    next.isApplied = false;
    if (next.lateCall === LATE_CALL.current) next.lateCall = LATE_CALL.stale;
    makeOthersStale(next, index);
    const unheard = next.copy();
    unheard.edit(index).phase = PHASE.releasing;
    const brokenBySending = goOn(protocol, next, index, false, true);
    emit(next, KIND.progress, index, 'has recorded the signals that it read', broken ?? brokenBySending);
    emit(unheard, KIND.fault, index, 'has recorded the signals that it read, and the reply is lost', broken);
  } else if (age > state.recordAge) {
    next.edit(index).phase = PHASE.releasing;
    emit(next, KIND.progress, index, 'is refused its record: another worker has taken the lane over');
  } else {
    const broken = goOn(protocol, next, index, (signals & ~state.recorded) !== 0, true);
    emit(next, KIND.progress, index, 'is refused its record, and reads the records again', broken);
  }
}

function makeOthersStale(next: LaneState, index: number): void {
  next.workers.forEach(({ isCurrent }, other) => {
    if (other !== index && isCurrent) next.edit(other).isCurrent = false;
  });
}

/** The call arrives, or does not, or will once nobody waits for it any more. What it did goes into the audit. */
export function callSteps({ emit }: LaneStage, state: LaneState, index: number): void {
  const { isCurrent, lease } = state.worker(index);
  const landed = state.copy();
  landed.edit(index).phase = lease === LEASE.over ? PHASE.releasing : PHASE.finishing;
  const failed = landed.copy();
  const late = state.lateCall === LATE_CALL.none ? landed.copy() : null;
  landed.isApplied = isCurrent;
  emit(landed, KIND.progress, index, 'has changed the load balancer');
  emit(failed, KIND.fault, index, 'sees its call fail');
  if (late === null) return;
  late.lateCall = isCurrent ? LATE_CALL.current : LATE_CALL.stale;
  emit(late, KIND.fault, index, 'gives up waiting for a call that is still on its way');
}

function emitFailure(emit: Emit, state: LaneState, index: number, what: string): void {
  const next = state.copy();
  next.edit(index).phase = PHASE.releasing;
  emit(next, KIND.fault, index, what);
}
