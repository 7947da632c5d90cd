import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { arePrototypesAsBefore, judge } from './judge.ts';
import { type Mutant, mutantOf } from './mutant.ts';

/** A document that broke rules; its number makes it again. */
export interface Breach {
  readonly number: number;
  readonly damages: ReadonlyArray<string>;
  readonly broken: ReadonlyArray<string>;
}

/** What became of all documents. Its size does not depend on how many there were. */
export interface Tally {
  readonly outcomes: Map<string, number>;
  /** How many had each damage. */
  readonly damages: Map<string, number>;
  /** Kinds of changes that were admitted. */
  readonly admittedKinds: Set<string>;
  /** Documents that broke a rule. */
  breaches: number;
  /** The first of them. */
  readonly firstBreaches: Array<Breach>;
  /** Nanoseconds. */
  readonly times: RecordableHistogram;
}

const BREACHES_SHOWN = 10;

/** Nothing yet. */
export function emptyTally(): Tally {
  return {
    outcomes: new Map(),
    damages: new Map(),
    admittedKinds: new Set(),
    breaches: 0,
    firstBreaches: [],
    times: createHistogram(),
  };
}

/** Makes and judges the documents from `from` to below `to`, one after the other; `seen` is told each. */
export function fuzz(
  tally: Tally,
  seed: number,
  from: number,
  to: number,
  seen: (mutant: Mutant, number: number) => void = () => {},
): void {
  for (let number = from; number < to; number++) {
    const mutant = mutantOf(seed, number);
    const judgement = judge(mutant);
    count(tally.outcomes, judgement.outcome);
    for (const damage of new Set(mutant.damages)) count(tally.damages, damage);
    if (judgement.outcome === 'admitted') tally.admittedKinds.add(mutant.specimen.request.change.kind);
    tally.times.record(Math.max(1, Math.round(judgement.tookMs * 1e6)));
    const { broken } = judgement;
    if (broken.length > 0) breach(tally, { number, damages: mutant.damages, broken });
    seen(mutant, number);
  }
  if (!arePrototypesAsBefore())
    breach(tally, { number: to, damages: [], broken: ['prototypes stay as they were'] });
}

function breach(tally: Tally, found: Breach): void {
  tally.breaches += 1;
  if (tally.firstBreaches.length < BREACHES_SHOWN) tally.firstBreaches.push(found);
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
