/**
 * What a worker does next. Reads and the decisions made from them are one step; a conditional change, a record and a call
 * are on their way from the moment they are decided on, and arrive in a step of their own.
 */
export const PHASE = {
  idle: 0,
  /** Has looked, found the lane free and due, and has sent the wake-up for its lease's end. */
  acquiring: 1,
  /** Its acquire took effect, but the reply was lost. */
  unsure: 2,
  /** About to read the inbox. */
  opening: 3,
  /** About to read the records and the load balancer. */
  observing: 4,
  /** Its record is on its way to the table. */
  recording: 5,
  /** Its call is on its way to the load balancer. */
  calling: 6,
  finishing: 7,
  /** Giving the lane up with work left. */
  releasing: 8,
} as const;

/** One of {@link PHASE}. */
export type Phase = (typeof PHASE)[keyof typeof PHASE];

/** What is left of a lease: enough to send a call, not enough for that, nothing. */
export const LEASE = { over: 0, late: 1, fresh: 2 } as const;

/** One of {@link LEASE}. */
export type Lease = (typeof LEASE)[keyof typeof LEASE];

/** When the verification read is due: not at all, by now, when the row says it, a call's time after one's own lease. */
export const DEADLINE = { none: 0, past: 1, stored: 2, own: 3 } as const;

/** One of {@link DEADLINE}. */
export type Deadline = (typeof DEADLINE)[keyof typeof DEADLINE];

/** Whose token stands in the lane's row: nobody's, a worker's, that of one who died with time left or without. */
export const OWNER = { nobody: 0, worker: 1, dead: 2, deadAndOver: 3 } as const;

/** One of {@link OWNER}. */
export type Owner = (typeof OWNER)[keyof typeof OWNER];

/** How far a signal has come: nowhere, one of the acceptor's two writes, both and the done-key. */
export const SIGNAL = { absent: 0, begun: 1, accepted: 2 } as const;

/** One of {@link SIGNAL}. */
export type SignalStage = (typeof SIGNAL)[keyof typeof SIGNAL];

/** A call that its sender no longer waits for: none, with the content of the records, with an older one. */
export const LATE_CALL = { none: 0, current: 1, stale: 2 } as const;

/** One of {@link LATE_CALL}. */
export type LateCall = (typeof LATE_CALL)[keyof typeof LATE_CALL];

/** One worker, and what it believes. */
export class LaneWorker {
  phase: Phase = PHASE.idle;
  /** How far its fence is behind the lane's; the order of fences counts, not the distance. 0 = the lane's. */
  age = 0;
  /** The lane's row names this very attempt. */
  isOwner = false;
  lease: Lease = LEASE.over;
  /** `dirty` has not moved on since it was read. */
  seesDirty = false;
  deadline: Deadline = DEADLINE.none;
  /** For a stored deadline: the row's wake-up was the same instant, so its message is on its way. */
  isMessaged = false;
  /** The signals that it has read and that were not in the records: a bit each. */
  signals = 0;
  /** What it sends is as new as the records: the revision that it has read, or the content of its call. */
  isCurrent = false;
  /** Its place in a dictionary of workers; -1 = not looked up. */
  index = -1;

  copy(): LaneWorker {
    const copy = new LaneWorker();
    copy.phase = this.phase;
    copy.age = this.age;
    copy.isOwner = this.isOwner;
    copy.lease = this.lease;
    copy.seesDirty = this.seesDirty;
    copy.deadline = this.deadline;
    copy.isMessaged = this.isMessaged;
    copy.signals = this.signals;
    copy.isCurrent = this.isCurrent;
    return copy;
  }
}

/** The lane and everybody around it at one instant. Workers are shared between states: change one by `edit` only. */
export class LaneState {
  workers: Array<LaneWorker> = [];
  /** `handled = dirty`. */
  isHandled = true;
  owner: Owner = OWNER.nobody;
  /** A wake-up for the end of the lease is on its way. */
  hasFollower = false;
  /** The row's wake-up is "at once", because a holder gave up with work left. */
  isReleased = false;
  /** The verification read in the row's notes; also the row's wake-up unless released. Never {@link DEADLINE}`.own`. */
  deadline: Deadline = DEADLINE.none;
  /** Signals of which the effect stands in the records: a bit each. */
  recorded = 0;
  /** How far the fence of the last record is behind the lane's. */
  recordAge = 0;
  /** The load balancer is as the records say. */
  isApplied = true;
  lateCall: LateCall = LATE_CALL.none;
  /** Two bits for each signal. */
  stages = 0;
  /** At least one message, or an acceptor, is about to look at the lane. */
  hasMessage = false;

  copy(): LaneState {
    const copy = new LaneState();
    copy.workers = this.workers.slice();
    copy.isHandled = this.isHandled;
    copy.owner = this.owner;
    copy.hasFollower = this.hasFollower;
    copy.isReleased = this.isReleased;
    copy.deadline = this.deadline;
    copy.recorded = this.recorded;
    copy.recordAge = this.recordAge;
    copy.isApplied = this.isApplied;
    copy.lateCall = this.lateCall;
    copy.stages = this.stages;
    copy.hasMessage = this.hasMessage;
    return copy;
  }

  /** The worker, as this state's own to change. */
  edit(index: number): LaneWorker {
    const own = this.worker(index).copy();
    this.workers[index] = own;
    return own;
  }

  worker(index: number): LaneWorker {
    const worker = this.workers[index];
    if (worker === undefined) throw new RangeError(`there is no worker ${index}`);
    return worker;
  }

  /** The worker becomes idle and forgets everything. */
  dismiss(index: number): void {
    this.workers[index] = new LaneWorker();
  }

  stage(signal: number): SignalStage {
    return ((this.stages >> (2 * signal)) & 3) as SignalStage;
  }

  setStage(signal: number, stage: SignalStage): void {
    this.stages = (this.stages & ~(3 << (2 * signal))) | (stage << (2 * signal));
  }
}

/** The lane that nothing has happened to, with so many idle workers. */
export function quietLane(workers: number): LaneState {
  const state = new LaneState();
  for (let index = 0; index < workers; index++) state.workers.push(new LaneWorker());
  return state;
}

/** Whether everything that was accepted is done and nobody has anything left to do. */
export function isAtRest(state: LaneState, signals: number): boolean {
  for (let signal = 0; signal < signals; signal++) {
    const stage = state.stage(signal);
    if (stage === SIGNAL.begun) return false;
    if (stage === SIGNAL.accepted && ((state.recorded >> signal) & 1) === 0) return false;
  }
  return (
    state.isHandled &&
    state.isApplied &&
    !state.isReleased &&
    state.owner === OWNER.nobody &&
    state.deadline === DEADLINE.none &&
    state.lateCall === LATE_CALL.none &&
    state.workers.every(({ phase }) => phase === PHASE.idle)
  );
}
