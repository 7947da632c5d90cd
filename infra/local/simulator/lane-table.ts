import { LaneState, type LaneWorker } from './lane-state.ts';

/** Words in the name of a state: everything but the workers, and two workers in each of the others. */
const WORDS = 3;

/**
 * Numbers states in the order in which they come. Two that differ only in which worker is which have one number. Made
 * for millions: a state is three words in an array, found by open addressing.
 */
export class StateTable {
  /** Every worker that was ever seen, once; a state names its workers by their places here. */
  readonly #workers: Array<LaneWorker> = [];
  readonly #indexes = new Map<number, number>();
  #names = new Int32Array(1_024 * WORDS);
  /** The number of a state plus one; 0 = free. Never more than half full. */
  #slots = new Int32Array(4_096);
  #length = 0;
  /** The name that is looked for. */
  readonly #name = new Int32Array(WORDS);

  /** How many states have a number. */
  get length(): number {
    return this.#length;
  }

  /** The number of a settled state; -1 = it has none. */
  find(state: LaneState): number {
    this.#nameState(state);
    return (this.#slots[this.#slot()] ?? 0) - 1;
  }

  /** The number of a settled state, a new one if it had none. */
  findOrAdd(state: LaneState): number {
    this.#nameState(state);
    const slot = this.#slot();
    const found = (this.#slots[slot] ?? 0) - 1;
    if (found >= 0) return found;
    const id = this.#length++;
    if (this.#length * WORDS > this.#names.length) {
      const larger = new Int32Array(this.#names.length * 2);
      larger.set(this.#names);
      this.#names = larger;
    }
    this.#names.set(this.#name, id * WORDS);
    this.#slots[slot] = id + 1;
    if (this.#length * 2 > this.#slots.length) this.#spread();
    return id;
  }

  /** The state of that number, with `workers` workers. */
  stateOf(id: number, workers: number): LaneState {
    if (id < 0 || id >= this.#length) throw new RangeError(`there is no state ${id}`);
    const at = id * WORDS;
    const state = unpacked(this.#names[at] ?? 0);
    for (let worker = 0; worker < workers; worker++) {
      const pair = this.#names[at + 1 + (worker >> 1)] ?? 0;
      const known = this.#workers[(worker & 1) === 0 ? pair & 0xffff : pair >>> 16];
      if (known === undefined) throw new RangeError('the name of a state names no worker');
      state.workers.push(known);
    }
    return state;
  }

  /** Where the name stands, or would. */
  #slot(): number {
    const [first = 0, second = 0, third = 0] = this.#name;
    const mask = this.#slots.length - 1;
    for (let slot = hashOf(first, second, third) & mask; ; slot = (slot + 1) & mask) {
      const id = (this.#slots[slot] ?? 0) - 1;
      if (id < 0) return slot;
      const at = id * WORDS;
      const names = this.#names;
      if (names[at] === first && names[at + 1] === second && names[at + 2] === third) return slot;
    }
  }

  #spread(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    const names = this.#names;
    for (let id = 0; id < this.#length; id++) {
      const at = id * WORDS;
      let slot = hashOf(names[at] ?? 0, names[at + 1] ?? 0, names[at + 2] ?? 0) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.#slots = slots;
  }

  #nameState(state: LaneState): void {
    const places = [0, 0, 0, 0];
    for (let worker = 0; worker < state.workers.length; worker++) {
      const place = this.#placeOf(state, worker);
      // Sorted in, since it does not matter which worker is which.
      let at = worker;
      for (; at > 0 && (places[at - 1] ?? 0) > place; at--) places[at] = places[at - 1] ?? 0;
      places[at] = place;
    }
    const [first = 0, second = 0, third = 0, fourth = 0] = places;
    this.#name[0] = packed(state);
    this.#name[1] = first | (second << 16);
    this.#name[2] = third | (fourth << 16);
  }

  /** The worker's place in the dictionary; the state takes over the worker that stands there. */
  #placeOf(state: LaneState, at: number): number {
    const worker = state.worker(at);
    if (worker.index >= 0) return worker.index;
    const code = packedWorker(worker);
    const index = this.#indexes.get(code);
    const known = index === undefined ? undefined : this.#workers[index];
    if (known !== undefined) {
      state.workers[at] = known;
      return known.index;
    }
    worker.index = this.#workers.length;
    this.#workers.push(worker);
    this.#indexes.set(code, worker.index);
    return worker.index;
  }
}

function hashOf(first: number, second: number, third: number): number {
  let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b) ^ Math.imul(third, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

const bit = (flag: boolean): number => (flag ? 1 : 0);

function packedWorker(worker: LaneWorker): number {
  let code: number = worker.phase;
  code = (code << 4) | worker.age;
  code = (code << 1) | bit(worker.isOwner);
  code = (code << 2) | worker.lease;
  code = (code << 1) | bit(worker.seesDirty);
  code = (code << 2) | worker.deadline;
  code = (code << 1) | bit(worker.isMessaged);
  code = (code << 3) | worker.signals;
  return (code << 1) | bit(worker.isCurrent);
}

function packed(state: LaneState): number {
  let code: number = state.stages;
  code = (code << 3) | state.recorded;
  code = (code << 1) | bit(state.isHandled);
  code = (code << 1) | bit(state.isApplied);
  code = (code << 1) | bit(state.hasMessage);
  code = (code << 2) | state.lateCall;
  code = (code << 2) | state.owner;
  code = (code << 1) | bit(state.hasFollower);
  code = (code << 1) | bit(state.isReleased);
  code = (code << 2) | state.deadline;
  return (code << 4) | state.recordAge;
}

function unpacked(code: number): LaneState {
  const state = new LaneState();
  state.recordAge = code & 15;
  state.deadline = ((code >> 4) & 3) as LaneState['deadline'];
  state.isReleased = ((code >> 6) & 1) === 1;
  state.hasFollower = ((code >> 7) & 1) === 1;
  state.owner = ((code >> 8) & 3) as LaneState['owner'];
  state.lateCall = ((code >> 10) & 3) as LaneState['lateCall'];
  state.hasMessage = ((code >> 12) & 1) === 1;
  state.isApplied = ((code >> 13) & 1) === 1;
  state.isHandled = ((code >> 14) & 1) === 1;
  state.recorded = (code >> 15) & 7;
  state.stages = code >> 18;
  return state;
}
