import type { BrokenStep, LaneGraph } from './lane-graph.ts';
import { brokenBy, type LaneProperty } from './lane-properties.ts';
import type { Kind } from './lane-stage.ts';
import { LATE_CALL, type LaneState, LEASE, OWNER, PHASE, quietLane, SIGNAL } from './lane-state.ts';
import { possibleSteps } from './lane-surroundings.ts';

interface Taken {
  readonly next: LaneState;
  readonly line: string;
}

const LETTERS = ['A', 'B', 'C', 'D'];
const nameOf = (worker: number) => `worker ${LETTERS[worker] ?? worker}`;

/**
 * The way from the quiet lane along these states, one line for each step, and the state at its end. Played anew, so
 * that each worker keeps its name: in the graph, states do not tell them apart.
 */
export function traceAlong(
  graph: LaneGraph,
  path: ReadonlyArray<number>,
  avoided: number,
): { readonly lines: ReadonlyArray<string>; readonly state: LaneState } {
  let state = quietLane(graph.options.workers);
  const lines: Array<string> = [];
  for (const id of path) {
    const taken = stepTo(graph, state, (next, kind) => (kind & avoided) === 0 && graph.idOf(next) === id);
    lines.push(taken.line);
    state = taken.next;
  }
  return { lines, state };
}

/** The way to the step that breaks a property, that step included. */
export function traceToBroken(graph: LaneGraph, { from, property }: BrokenStep): ReadonlyArray<string> {
  const path: Array<number> = [];
  for (let id = from; id > 0; id = graph.parents.at(id)) path.unshift(id);
  const { lines, state } = traceAlong(graph, path, 0);
  const { line } = stepTo(graph, state, (next, _kind, broken) => brokenBy(next, broken) === property);
  return [...lines, line];
}

function stepTo(
  { options }: LaneGraph,
  state: LaneState,
  isWanted: (next: LaneState, kind: Kind, broken: LaneProperty | null) => boolean,
): Taken {
  const found: Array<Taken> = [];
  possibleSteps(
    {
      protocol: options.protocol,
      signals: options.signals,
      emit: (next, kind, worker, what, broken = null) => {
        if (found.length > 0 || !isWanted(next, kind, broken)) return;
        found.push({ next, line: worker < 0 ? what : `${nameOf(worker)} ${what}` });
      },
    },
    state,
  );
  const [taken] = found;
  if (taken === undefined) throw new Error('a step of the graph cannot be played again');
  return taken;
}

/** A state in a line. */
export function describeState(state: LaneState, signals: number): string {
  const parts = [
    state.isHandled ? 'handled = dirty' : 'dirty > handled',
    OWNERS[state.owner],
    ...Array.from({ length: signals }, (_, signal) => describeSignal(state, signal)),
    state.isApplied ? 'the load balancer is as recorded' : 'the load balancer is not as recorded',
    ...(state.lateCall === LATE_CALL.none ? [] : ['a call is still on its way']),
    ...(state.hasMessage ? ['a wake-up is on its way'] : []),
    ...state.workers.flatMap(({ phase, lease }, index) =>
      phase === PHASE.idle
        ? []
        : [`${nameOf(index)} is ${PHASES[phase]}${lease === LEASE.over ? ' after its lease' : ''}`],
    ),
  ];
  return parts.join('; ');
}

const OWNERS: Readonly<Record<LaneState['owner'], string>> = {
  [OWNER.nobody]: 'nobody owns the lane',
  [OWNER.worker]: 'a worker owns the lane',
  [OWNER.dead]: 'a dead worker owns the lane',
  [OWNER.deadAndOver]: 'a dead worker owns the lane and its lease is over',
};

const PHASES = Object.fromEntries(Object.entries(PHASE).map(([name, phase]) => [phase, name]));

function describeSignal(state: LaneState, signal: number): string {
  const stage = state.stage(signal);
  if (stage === SIGNAL.absent) return `signal ${signal + 1} has not come`;
  const isRecorded = ((state.recorded >> signal) & 1) === 1;
  return `signal ${signal + 1} is ${isRecorded ? 'recorded' : 'not recorded'}${stage === SIGNAL.begun ? ' and not accepted yet' : ''}`;
}
