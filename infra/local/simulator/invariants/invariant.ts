import type { Config } from '../../../../shared/config/load.ts';
import type { MemoryClouds } from '../../memory/clouds.ts';
import type { MemoryInvocation } from '../../memory/functions.ts';
import type { CallWatch, WorkerCall } from '../play/calls.ts';
import type { RowWritten } from '../play/observed-store.ts';
import type { AllKnowledge } from './knowledge.ts';
import type { BackendRecords, HookRecords, PairRecords } from './records.ts';

/** The invariants of the design, and `D` for defects: failures that no cloud is to blame for. */
export type InvariantName = 'D' | `I${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13}`;

/** A broken invariant. */
export interface Violation {
  readonly invariant: InvariantName;
  /** Ms after the day's beginning. */
  readonly atMs: number;
  /** One sentence. */
  readonly text: string;
}

/** What an invariant can look at: the world as it is, whatever the workers believe. */
export interface Scene {
  readonly config: Config;
  readonly clouds: MemoryClouds;
  /** What each worker has heard. Brought up to date before the watchers are told. */
  readonly knowledge: AllKnowledge;
  /** The rows of `backends`. Brought up to date before the watchers are told. */
  readonly records: BackendRecords;
  /** The rows of `hooks`. Brought up to date before the watchers are told. */
  readonly hooks: HookRecords;
  /** The rows of `promotions`. Brought up to date before the watchers are told. */
  readonly pairs: PairRecords;
  nowMs(): number;
}

/** A watcher of the day. It changes nothing, and is told of everything at once, in the order in which it happens. */
export interface Invariant extends Partial<CallWatch> {
  /** A row of `lanes`, `backends`, `done`, `inbox`, `members`, `budget`, `hooks` or `promotions`; `by` is the call that wrote it. */
  rowWritten?(change: RowWritten, by: WorkerCall | null): void;
  /** An invocation begins on the worker. */
  began?(worker: string, invocation: MemoryInvocation): void;
  /** It has ended; `isTaken`: without a failure, so that a stream's messages are gone from their queue now. */
  finished?(worker: string, invocation: MemoryInvocation, isTaken: boolean): void;
  said?(worker: string, level: 'info' | 'warn' | 'error', message: string, stack: string): void;
  /** Everything has come to rest, or the time for that is over. */
  rested?(): void;
}

/** Makes the watcher of one day; `violate` takes one clear sentence. */
export type MakeInvariant = (scene: Scene, violate: (text: string) => void) => Invariant;

/** Whether it is a firing of the minute timer of the tick: the sweep has a timer as well, and works nothing that is only due. */
export function isTick({ trigger, codeName }: MemoryInvocation): boolean {
  return trigger === 'timer' && codeName === 'tick';
}
