import { isOvertakingFinal, type Reduction, settle } from './lane-canon.ts';
import { brokenBy, type LaneProperty } from './lane-properties.ts';
import type { LaneProtocol } from './lane-protocol.ts';
import type { LaneStage } from './lane-stage.ts';
import { type LaneState, quietLane } from './lane-state.ts';
import { possibleSteps } from './lane-surroundings.ts';
import { StateTable } from './lane-table.ts';

/** A list of whole numbers that grows without a copy for every entry. */
export class NumberList {
  #numbers: Int32Array;
  #length = 0;

  constructor(capacity = 1_024) {
    this.#numbers = new Int32Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  push(number: number): void {
    if (this.#length === this.#numbers.length) {
      const larger = new Int32Array(this.#numbers.length * 2);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.#length++] = number;
  }

  /** The entry; 0 outside of the list. */
  at(index: number): number {
    return this.#numbers[index] ?? 0;
  }
}

/** What a graph is explored with. */
export interface GraphOptions {
  readonly workers: number;
  readonly signals: number;
  readonly protocol: LaneProtocol;
  readonly statesMax: number;
  readonly isReduced: boolean;
}

/** The first step found that breaks a property: it leads from the state to nowhere in the graph. */
export interface BrokenStep {
  readonly from: number;
  readonly property: LaneProperty;
}

/**
 * All states that can be reached from the quiet lane, breadth first, and the steps between them. States are numbered in
 * the order in which they were found, so that a lower number is never further away from the start.
 */
export class LaneGraph {
  readonly options: GraphOptions;
  /** Of each step, the state that it leads to, sorted by the state that it starts from. */
  readonly targets = new NumberList();
  readonly kinds = new NumberList();
  /** Where the steps of each state begin in {@link targets}; one more at the end. */
  readonly offsets = new NumberList();
  /** The state from which each was found first; -1 for the start. */
  readonly parents = new NumberList();
  readonly depths = new NumberList();
  /** How often each thing happens, over all states. */
  readonly events = new Map<string, number>();
  /** `null` = every step keeps what must hold at every step. */
  broken: BrokenStep | null = null;
  readonly #table = new StateTable();
  readonly #reduction: Reduction;

  constructor(options: GraphOptions) {
    this.options = options;
    this.#reduction = {
      isOn: options.isReduced,
      isOvertakingFinal: isOvertakingFinal(options.protocol),
    };
  }

  get states(): number {
    return this.#table.length;
  }

  /** Whether nothing is left to explore. */
  get isComplete(): boolean {
    return this.broken === null && this.offsets.length === this.states + 1;
  }

  /** Explores until everything is found, a step breaks a property, or there are too many states. */
  explore(): void {
    this.#number(quietLane(this.options.workers), -1);
    let current = 0;
    const stage: LaneStage = {
      protocol: this.options.protocol,
      signals: this.options.signals,
      emit: (next, kind, _worker, what, broken = null) => {
        if (this.broken !== null) return;
        const property = brokenBy(next, broken);
        if (property !== null) {
          this.broken = { from: current, property };
          return;
        }
        settle(next, this.options.protocol, this.#reduction);
        const target = this.#number(next, current);
        if (target === current) return;
        this.targets.push(target);
        this.kinds.push(kind);
        this.events.set(what, (this.events.get(what) ?? 0) + 1);
      },
    };
    for (; current < this.states && this.states <= this.options.statesMax; current++) {
      this.offsets.push(this.targets.length);
      possibleSteps(stage, this.stateOf(current));
      if (this.broken !== null) return;
    }
    if (current === this.states) this.offsets.push(this.targets.length);
  }

  /** The state of that number. Its workers have the order of the graph, not that of a trace. */
  stateOf(id: number): LaneState {
    return this.#table.stateOf(id, this.options.workers);
  }

  /** The number of a state; -1 = it was not found. Settles it. */
  idOf(state: LaneState): number {
    settle(state, this.options.protocol, this.#reduction);
    return this.#table.find(state);
  }

  #number(state: LaneState, parent: number): number {
    const known = this.#table.length;
    const id = this.#table.findOrAdd(state);
    if (id < known) return id;
    this.parents.push(parent);
    this.depths.push(parent < 0 ? 0 : this.depths.at(parent) + 1);
    return id;
  }
}
