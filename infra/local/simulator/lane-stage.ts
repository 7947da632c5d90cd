import type { LaneProperty } from './lane-properties.ts';
import type { LaneProtocol } from './lane-protocol.ts';
import type { LaneState } from './lane-state.ts';

/** What kind of thing a step is: a bit each, so that an analysis can choose which it follows. */
export const KIND = {
  /** What goes on by itself: a living worker's next step, an instant that comes, a message that is delivered again. */
  progress: 1,
  /** A look by the minute tick. */
  tick: 2,
  /** A look by a wake-up, or by the worker that has accepted a signal. */
  message: 4,
  /** Something that need not happen: a death, a lost reply, a failed call, a lease that ends under a living worker. */
  fault: 8,
  /** The one kind of death that leaves the lane to the tick: between what a row says and the message that goes with it. */
  gap: 16,
  /** A signal comes in. */
  arrival: 32,
} as const;

/** One of {@link KIND}. */
export type Kind = (typeof KIND)[keyof typeof KIND];

/** Takes a step: the state after it, who took it (-1 = nobody in particular), and the property that it breaks. */
export type Emit = (
  next: LaneState,
  kind: Kind,
  worker: number,
  what: string,
  broken?: LaneProperty | null,
) => void;

/** What the steps are taken with. */
export interface LaneStage {
  readonly protocol: LaneProtocol;
  /** How many signals there are. */
  readonly signals: number;
  readonly emit: Emit;
}
