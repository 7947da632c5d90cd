import type { Travel } from '../../memory/carrier.ts';

/** A call of a worker on its way, as far as it has come. */
export interface WorkerCall {
  /** The worker's name. */
  readonly worker: string;
  readonly travel: Travel;
  readonly sentAtMs: number;
  /** When it took effect or was refused; `null` = not yet. */
  landedAtMs: number | null;
  /** What the cloud made of it; `null` = it has not landed. */
  outcome: CallOutcome | null;
}

/** What a cloud answers, whether anybody hears it or not. */
export type CallOutcome =
  | { readonly isOk: true; readonly body: unknown }
  | { readonly isOk: false; readonly error: unknown };

/** Who watches the calls of all workers. Called at once, in the order in which it happens. */
export interface CallWatch {
  /** The worker has decided: what it knew when it did is what it has heard until now. */
  sent(call: WorkerCall): void;
  landed(call: WorkerCall): void;
  /** The worker hears an answer and goes on: the call's outcome, or a lost connection instead of it. */
  heard(call: WorkerCall, answer: CallOutcome): void;
}
