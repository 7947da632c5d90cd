import type { MetricName } from '../metrics.ts';
import type { PairDecision, PairPlan, PairQuestion, PairStep } from './model.ts';
import type { PairRow } from './record.ts';

/** A plan while it is being made. */
export class PairDraft {
  readonly #before: PairRow;
  #row: PairRow;
  #step: PairStep | null = null;
  #mustRead = false;
  #goesOn = false;
  #needsSystemEvents = false;
  #wake: { readonly atMs: number; readonly reason: string } | null = null;
  readonly #questions: Array<PairQuestion> = [];
  readonly #decisions: Array<PairDecision> = [];
  readonly #counts: Array<MetricName> = [];
  readonly #settledOrderIds: Array<string> = [];

  constructor(row: PairRow) {
    this.#before = row;
    this.#row = row;
  }

  get row(): PairRow {
    return this.#row;
  }

  /** Changes the row; what is as it was stays the same object, so that nothing is written for it. */
  set(change: Partial<PairRow>): void {
    const keys = Object.keys(change) as ReadonlyArray<keyof PairRow>;
    if (keys.some((key) => !isSame(this.#row[key], change[key]))) this.#row = { ...this.#row, ...change };
  }

  send(step: PairStep): void {
    this.#step = step;
  }

  ask(questions: ReadonlyArray<PairQuestion>, needsSystemEvents: boolean): void {
    this.#questions.push(...questions);
    this.#needsSystemEvents ||= needsSystemEvents;
  }

  readAnew(): void {
    this.#mustRead = true;
  }

  /** What was decided leads to more at once. */
  goOn(): void {
    this.#goesOn = true;
  }

  wait(atMs: number, reason: string): void {
    if (this.#wake === null || atMs < this.#wake.atMs) this.#wake = { atMs, reason };
  }

  decide(action: PairDecision['action'], reason: string, inputs: PairDecision['inputs']): void {
    this.#decisions.push({ action, reason, inputs });
  }

  count(name: MetricName): void {
    this.#counts.push(name);
  }

  settleOrder(orderId: string): void {
    this.#settledOrderIds.push(orderId);
  }

  plan(settledKeys: ReadonlyArray<string>): PairPlan {
    return {
      row: isSame(this.#before, this.#row) ? this.#before : this.#row,
      step: this.#step,
      questions: this.#questions,
      mustRead: this.#mustRead,
      needsSystemEvents: this.#needsSystemEvents,
      goesOn: this.#goesOn,
      decisions: this.#decisions,
      counts: this.#counts,
      settledKeys,
      settledOrderIds: this.#settledOrderIds,
      nextLookMs: this.#wake?.atMs ?? null,
      waitingFor: this.#wake?.reason ?? null,
    };
  }
}

/** Rows are plain data, and small. */
function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
