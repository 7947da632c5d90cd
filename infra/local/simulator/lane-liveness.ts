import type { LaneGraph } from './lane-graph.ts';
import type { LaneProperty } from './lane-properties.ts';
import { KIND } from './lane-stage.ts';
import { isAtRest } from './lane-state.ts';

/** A state that does not come to rest as it must. */
export interface Unrest {
  readonly property: LaneProperty;
  /** What is wrong with the last state of {@link path}. */
  readonly reason: string;
  /** A shortest way to it from the start: the states after the start. */
  readonly path: ReadonlyArray<number>;
  /** Kinds of steps that the way does not take. */
  readonly avoided: number;
}

/** What was found out about how states come to rest. */
export interface Liveness {
  readonly restStates: number;
  /** The longest way to rest by ticks alone, over all states; `null` = some way never ends there. */
  readonly stepsByTicksMax: number | null;
  /** The same by messages alone. */
  readonly stepsByMessagesMax: number | null;
  /** The state nearest to the start for each property that does not hold. */
  readonly unrest: ReadonlyArray<Unrest>;
}

/** The steps of a graph, seen from where they lead to. */
interface Backward {
  readonly offsets: Int32Array;
  readonly sources: Int32Array;
  readonly kinds: Uint8Array;
}

/** The states that are reached without some kinds of steps. */
interface Part {
  readonly avoided: number;
  /** The nearest to the start first. */
  readonly order: ReadonlyArray<number>;
  /** The state from which each was found; {@link START} for the start, {@link OUTSIDE} for a state that is not in it. */
  readonly parents: Int32Array;
}

const START = -1;
const OUTSIDE = -2;

/** Judges a graph that is complete. */
export function judgeLiveness(graph: LaneGraph): Liveness {
  const { states, options } = graph;
  const isRest = new Uint8Array(states);
  for (let id = 0; id < states; id++) isRest[id] = isAtRest(graph.stateOf(id), options.signals) ? 1 : 0;
  const backward = backwardOf(graph);
  const whole = partWithout(graph, 0);
  const withoutGaps = partWithout(graph, KIND.gap);
  const lost = firstLost(backward, isRest, whole);
  const byTicks = waysToRest(graph, backward, isRest, KIND.progress | KIND.tick, whole);
  const byMessages = waysToRest(graph, backward, isRest, KIND.progress | KIND.message, withoutGaps);
  const found: ReadonlyArray<readonly [LaneProperty, Part, Stuck | null]> = [
    ['nothing-lost', whole, lost],
    ['rest-by-ticks', whole, byTicks.stuck],
    ['rest-by-messages', withoutGaps, byMessages.stuck],
  ];
  return {
    restStates: isRest.reduce((sum, is) => sum + is, 0),
    stepsByTicksMax: byTicks.stepsMax,
    stepsByMessagesMax: byMessages.stepsMax,
    unrest: found.flatMap(([property, part, stuck]) =>
      stuck === null
        ? []
        : [{ property, reason: stuck.reason, path: pathTo(part, stuck.state), avoided: part.avoided }],
    ),
  };
}

/** A state from which it does not go on as it must. */
interface Stuck {
  readonly state: number;
  readonly reason: string;
}

function partWithout({ states, offsets, targets, kinds }: LaneGraph, avoided: number): Part {
  const parents = new Int32Array(states).fill(OUTSIDE);
  parents[0] = START;
  const order = [0];
  for (const id of order) {
    for (let step = offsets.at(id); step < offsets.at(id + 1); step++) {
      const target = targets.at(step);
      if ((kinds.at(step) & avoided) !== 0 || parents[target] !== OUTSIDE) continue;
      parents[target] = id;
      order.push(target);
    }
  }
  return { avoided, order, parents };
}

function pathTo({ parents }: Part, state: number): ReadonlyArray<number> {
  const path: Array<number> = [];
  for (let id = state; parents[id] !== START; id = parents[id] ?? 0) path.unshift(id);
  return path;
}

function backwardOf(graph: LaneGraph): Backward {
  const { states, targets, kinds, offsets } = graph;
  const starts = new Int32Array(states + 1);
  for (let step = 0; step < targets.length; step++) add(starts, targets.at(step) + 1, 1);
  for (let id = 0; id < states; id++) add(starts, id + 1, starts[id] ?? 0);
  const free = starts.slice();
  const sources = new Int32Array(targets.length);
  const sourceKinds = new Uint8Array(targets.length);
  for (let id = 0; id < states; id++) {
    for (let step = offsets.at(id); step < offsets.at(id + 1); step++) {
      const place = free[targets.at(step)] ?? 0;
      sources[place] = id;
      sourceKinds[place] = kinds.at(step);
      add(free, targets.at(step), 1);
    }
  }
  return { offsets: starts, sources, kinds: sourceKinds };
}

function add(numbers: Int32Array, index: number, more: number): void {
  numbers[index] = (numbers[index] ?? 0) + more;
}

/** The first state from which nothing but faults, or nothing at all, leads on to rest; `null` = there is none. */
function firstLost(backward: Backward, isRest: Uint8Array, whole: Part): Stuck | null {
  const mask = KIND.progress | KIND.tick | KIND.message;
  const isSaved = isRest.slice();
  const queue = whole.order.filter((id) => isRest[id] === 1);
  for (const id of queue) {
    for (let at = backward.offsets[id] ?? 0; at < (backward.offsets[id + 1] ?? 0); at++) {
      const source = backward.sources[at] ?? 0;
      if (((backward.kinds[at] ?? 0) & mask) === 0 || isSaved[source] === 1) continue;
      isSaved[source] = 1;
      queue.push(source);
    }
  }
  const state = whole.order.find((id) => isSaved[id] === 0);
  return state === undefined ? null : { state, reason: 'no way leads to rest from here' };
}

/**
 * Follows the steps of these kinds to their ends. That no way goes in circles and every end is at rest is more than
 * fairness asks: whatever is done next, and in whatever order, leads there.
 */
function waysToRest(
  graph: LaneGraph,
  backward: Backward,
  isRest: Uint8Array,
  mask: number,
  { order, parents }: Part,
): { stepsMax: number | null; stuck: Stuck | null } {
  const open = openSteps(graph, mask);
  const longest = new Int32Array(graph.states);
  const ends = order.filter((id) => open[id] === 0);
  const dead = ends.find((id) => isRest[id] === 0);
  if (dead !== undefined)
    return { stepsMax: null, stuck: { state: dead, reason: 'nothing goes on from here' } };
  let stepsMax = 0;
  for (const id of ends) {
    const steps = longest[id] ?? 0;
    stepsMax = Math.max(stepsMax, steps);
    for (let at = backward.offsets[id] ?? 0; at < (backward.offsets[id + 1] ?? 0); at++) {
      const source = backward.sources[at] ?? 0;
      if (((backward.kinds[at] ?? 0) & mask) === 0 || parents[source] === OUTSIDE) continue;
      longest[source] = Math.max(longest[source] ?? 0, steps + 1);
      add(open, source, -1);
      if (open[source] === 0) ends.push(source);
    }
  }
  const circling = order.find((id) => open[id] !== 0);
  if (circling === undefined) return { stepsMax, stuck: null };
  return { stepsMax: null, stuck: { state: circling, reason: 'from here it can go round in circles' } };
}

/** How many steps of these kinds each state has. */
function openSteps({ states, offsets, kinds }: LaneGraph, mask: number): Int32Array {
  const open = new Int32Array(states);
  for (let id = 0; id < states; id++) {
    for (let step = offsets.at(id); step < offsets.at(id + 1); step++) {
      if ((kinds.at(step) & mask) !== 0) add(open, id, 1);
    }
  }
  return open;
}
