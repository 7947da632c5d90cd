import { LaneGraph } from './lane-graph.ts';
import { judgeLiveness } from './lane-liveness.ts';
import { type LaneProperty, PROPERTIES } from './lane-properties.ts';
import { type LaneProtocol, PROTOCOL } from './lane-protocol.ts';
import { describeState, traceAlong, traceToBroken } from './lane-trace.ts';

/** What to explore. */
export interface LaneOptions {
  /** 1–4. */
  readonly workers: number;
  /** 1–3. */
  readonly signals: number;
  readonly protocol: LaneProtocol;
  /** The exploration stops beyond this many states and is then incomplete. */
  readonly statesMax: number;
  /** States are one that nothing can tell apart. Without it there are many times as many, and the verdict is the same. */
  readonly isReduced: boolean;
}

/** A property that does not hold. */
export interface LaneViolation {
  readonly property: LaneProperty;
  /** The property in words. */
  readonly promise: string;
  /** A shortest way there, one line for each step, and what is wrong at its end. */
  readonly trace: ReadonlyArray<string>;
}

/** What an exploration has found. */
export interface LaneExploration {
  readonly workers: number;
  readonly signals: number;
  /** States that differ in more than in which worker is which. */
  readonly states: number;
  readonly transitions: number;
  /** Steps from the quiet lane to the state that is furthest away. */
  readonly depth: number;
  /** Everything that can be reached was; only then the properties about rest have been judged. */
  readonly isComplete: boolean;
  readonly restStates: number;
  /** The longest way to rest, from any state, with ticks and without messages; `null` = not judged or no such bound. */
  readonly stepsByTicksMax: number | null;
  /** The same with messages and without ticks, where no worker died between a row and its message. */
  readonly stepsByMessagesMax: number | null;
  /** How often each step is taken, over all states. */
  readonly events: Readonly<Record<string, number>>;
  /** The first step that breaks a property; without one, the properties about rest that do not hold. */
  readonly violations: ReadonlyArray<LaneViolation>;
}

/** Enough workers for one to hold the lane, one to be late with it and one to come next; two signals can race. */
export const LANE_OPTIONS: LaneOptions = {
  workers: 3,
  signals: 2,
  protocol: PROTOCOL,
  statesMax: 3_000_000,
  isReduced: true,
};

/**
 * Explores the protocol of a lane exhaustively, breadth first, on the transition functions that production uses, with
 * any number of deaths, lease ends, late and failed calls, lost replies, ticks and wake-ups. Throws RangeError for
 * options outside of their bounds.
 */
export function exploreLane(options: Partial<LaneOptions> = {}): LaneExploration {
  const chosen = { ...LANE_OPTIONS, ...options };
  requireWithin('workers', chosen.workers, 4);
  requireWithin('signals', chosen.signals, 3);
  const graph = new LaneGraph(chosen);
  graph.explore();
  const { states, broken, isComplete } = graph;
  const liveness = isComplete ? judgeLiveness(graph) : null;
  const violations: Array<LaneViolation> = [];
  if (broken !== null) violations.push(violated(broken.property, traceToBroken(graph, broken)));
  for (const { property, path, avoided, reason } of liveness?.unrest ?? []) {
    const { lines, state } = traceAlong(graph, path, avoided);
    violations.push(violated(property, [...lines, `${reason}: ${describeState(state, chosen.signals)}`]));
  }
  return {
    workers: chosen.workers,
    signals: chosen.signals,
    states,
    transitions: graph.targets.length,
    depth: graph.depths.at(states - 1),
    isComplete,
    restStates: liveness?.restStates ?? 0,
    stepsByTicksMax: liveness?.stepsByTicksMax ?? null,
    stepsByMessagesMax: liveness?.stepsByMessagesMax ?? null,
    events: Object.fromEntries(graph.events),
    violations,
  };
}

function violated(property: LaneProperty, trace: ReadonlyArray<string>): LaneViolation {
  return { property, promise: PROPERTIES[property], trace };
}

function requireWithin(name: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw new RangeError(`${name} must be a whole number from 1 to ${max}, not ${value}`);
  }
}

/** Whether a property is judged step by step; the others need the whole graph. */
function isOfSteps(property: string): boolean {
  return !/^(?:nothing-lost|rest-)/.test(property);
}

/** An exploration for people: figures, what holds, and the shortest way to whatever does not. Ends with a newline. */
export function describeExploration(exploration: LaneExploration): string {
  const { workers, signals, states, transitions, depth, isComplete, violations } = exploration;
  const count = (number: number) => number.toLocaleString('en-US');
  const lines = [
    `The lane's protocol with ${workers} workers and ${signals} signals; any number of deaths, lease ends, late calls,`,
    'lost replies, ticks and wake-ups.',
    `${count(states)} states, ${count(transitions)} steps between them, ${depth} steps deep; ${
      isComplete ? 'everything that can be reached' : 'not everything was explored'
    }.`,
  ];
  for (const { property, promise, trace } of violations) {
    lines.push('', `BROKEN ${property}: ${promise}`);
    lines.push(...trace.map((line, index) => `  ${String(index + 1).padStart(2)}  ${line}`));
  }
  if (violations.length > 0) return `${lines.join('\n')}\n`;
  const promises = Object.entries(PROPERTIES).filter(([property]) => isComplete || isOfSteps(property));
  for (const [property, promise] of promises) lines.push(`holds  ${property.padEnd(16)}  ${promise}`);
  if (isComplete) {
    lines.push(
      `Rest is at most ${exploration.stepsByTicksMax} steps away by ticks alone, ${exploration.stepsByMessagesMax} by wake-ups alone.`,
    );
  }
  return `${lines.join('\n')}\n`;
}
