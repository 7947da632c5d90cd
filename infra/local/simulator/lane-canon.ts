import type { LaneProtocol } from './lane-protocol.ts';
import {
  deadlineMs,
  heldOf,
  NOW_MS,
  notesWith,
  recordStamps,
  rowOf,
  seenRowOf,
  TIMING,
} from './lane-rows.ts';
import { DEADLINE, LaneState, LaneWorker, LEASE, OWNER, PHASE } from './lane-state.ts';

/** How much is taken out of states that nothing can tell apart. */
export interface Reduction {
  /** Off, only the distances between fences are taken out, without which there would be no end of states. */
  readonly isOn: boolean;
  /** See {@link isOvertakingFinal}. */
  readonly isOvertakingFinal: boolean;
}

/** Takes out of a state what nothing can tell any more, so that states which differ in nothing else are one. */
export function settle(state: LaneState, protocol: LaneProtocol, reduction: Reduction): void {
  if (reduction.isOn) reduce(state, protocol, reduction.isOvertakingFinal);
  rankFences(state);
}

function reduce(state: LaneState, protocol: LaneProtocol, isFinal: boolean): void {
  for (let index = 0; index < state.workers.length; index++) settleWorker(state, index, protocol, isFinal);
  // While the lane is owned and due, its deadlines are read by nobody: it stays due until the holder writes them anew,
  // and whoever takes over verifies after its own lease.
  const isDue = !state.isHandled || state.isReleased || state.deadline === DEADLINE.past;
  if (state.owner !== OWNER.nobody && isDue) {
    state.isReleased = true;
    state.deadline = DEADLINE.none;
  }
}

/**
 * Whether a worker that was overtaken after its lease can change the lane no more, by the protocol's own functions: each
 * of its changes compares the fence, which only grows, and no call may be sent after the lease.
 */
export function isOvertakingFinal(protocol: LaneProtocol): boolean {
  const state = new LaneState();
  const worker = new LaneWorker();
  worker.phase = PHASE.finishing;
  worker.age = 1;
  state.workers.push(worker);
  const held = heldOf(worker, 0);
  const look = protocol.lookAtLane(seenRowOf(state, worker), NOW_MS, 'another', TIMING.leaseMs);
  const changes = [
    protocol.finishChange(held, null, notesWith(null)),
    protocol.releaseChange(held, NOW_MS, notesWith(deadlineMs(DEADLINE.none))),
    ...(look.kind === 'acquire' ? [look.change] : []),
  ];
  return (
    changes.every((change) => change.expect.fence !== undefined) &&
    changes.every((change) => protocol.changedLane(rowOf(state), change) === null) &&
    !protocol.maySend(held, NOW_MS, TIMING)
  );
}

function settleWorker(state: LaneState, index: number, protocol: LaneProtocol, isFinal: boolean): void {
  const worker = state.worker(index);
  const { phase, signals } = worker;
  // One from the dictionary was settled before: what others do can only have overtaken it or recorded its signals.
  if (worker.index >= 0 && worker.age === 0 && (signals & state.recorded) === 0) return;
  if (phase === PHASE.idle) return;
  const isHolder = phase !== PHASE.acquiring && worker.lease !== LEASE.over;
  if (worker.age > 0 && !isHolder && isFinal) {
    settleOvertaken(state, index, protocol);
    return;
  }
  const own = worker.index < 0 ? worker : state.edit(index);
  // What is in the records by now is no news to whoever has read it in the inbox.
  const hasSignals = phase === PHASE.observing || phase === PHASE.recording;
  own.signals = hasSignals ? signals & ~state.recorded : 0;
  if (phase !== PHASE.recording && phase !== PHASE.calling) own.isCurrent = false;
  if (phase === PHASE.releasing) own.seesDirty = false;
  if (own.deadline !== DEADLINE.stored || phase === PHASE.releasing) own.isMessaged = false;
  // Nothing more is sent in this pass, and in the next one the lease can get late again.
  if (phase >= PHASE.calling && own.lease === LEASE.late) own.lease = LEASE.fresh;
}

/** It can still land what is on its way; of everything else it can only find that it is too late. */
function settleOvertaken(state: LaneState, index: number, protocol: LaneProtocol): void {
  const { phase, age, signals, isCurrent } = state.worker(index);
  if (!canStillAct(state, index, protocol)) {
    if (phase === PHASE.acquiring) leaveFollower(state, index, protocol);
    state.dismiss(index);
    return;
  }
  const own = new LaneWorker();
  own.phase = phase;
  own.age = phase === PHASE.calling ? 1 : age;
  own.signals = phase === PHASE.calling ? 0 : signals & ~state.recorded;
  own.isCurrent = isCurrent;
  state.workers[index] = own;
}

function canStillAct(state: LaneState, index: number, protocol: LaneProtocol): boolean {
  const worker = state.worker(index);
  switch (worker.phase) {
    case PHASE.calling:
      return true;
    case PHASE.recording:
      return isAccepted(state, index, protocol) || protocol.mayRecord(heldOf(worker, index), NOW_MS);
    case PHASE.opening:
    case PHASE.observing:
      return protocol.mayRecord(heldOf(worker, index), NOW_MS);
    default:
      return false;
  }
}

/** A worker that wanted the lane has sent a wake-up for its lease's end: it comes whatever became of the attempt. */
export function leaveFollower(state: LaneState, index: number, { order }: LaneProtocol): void {
  const isStillToCome = state.worker(index).lease !== LEASE.over;
  if (isStillToCome && order.wakeUp === 'before-acquire') state.hasMessage = true;
}

/** Whether the table takes this worker's record as things stand. */
export function isAccepted(state: LaneState, index: number, { acceptsRecord }: LaneProtocol): boolean {
  const { stored, fence, expectedRevision } = recordStamps(state, state.worker(index));
  return acceptsRecord(stored, fence, expectedRevision);
}

/** Only the order of fences matters, so they are numbered without gaps. */
function rankFences(state: LaneState): void {
  let used = 1 | (1 << state.recordAge);
  for (const { phase, age } of state.workers) if (phase !== PHASE.idle) used |= 1 << age;
  if ((used & (used + 1)) === 0) return;
  const rank = (age: number) => bitCount(used & ((1 << age) - 1));
  state.recordAge = rank(state.recordAge);
  state.workers.forEach(({ phase, age }, index) => {
    if (phase !== PHASE.idle && rank(age) !== age) state.edit(index).age = rank(age);
  });
}

function bitCount(bits: number): number {
  let count = 0;
  for (let left = bits; left !== 0; left &= left - 1) count++;
  return count;
}
