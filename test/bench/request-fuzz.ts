import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { FUZZ_POLICY, specimenOf } from '../support/request-fuzz/corpus.ts';
import type { Mutant } from '../support/request-fuzz/mutant.ts';
import { emptyTally, fuzz, type Tally } from '../support/request-fuzz/run.ts';
import type { Line, Measure } from './measure.ts';
import { naiveAdmit } from './naive/request.ts';

const DOCUMENTS = 1_000_000;
const QUICK_DOCUMENTS = 50_000;
const SEED = 20_261_127;
const PARTS = 10;
const BOUND_MS = 1;
/** What a collection leaves differs by a little from one to the next. */
const HEAP_BOUND_MB = 10;
/** The naive way takes as long as ours: it gets only some of the documents, from the beginning to the end. */
const NAIVE_EVERY = 10;

/** A million damaged change requests, read and decided about, each beside the rules that hold whatever comes. */
export const requestFuzz: Measure = {
  name: 'request-fuzz',
  title: 'Damaged change requests: none is admitted but what was signed',
  instead: `JSON.parse and verify, unguarded, for every ${NAIVE_EVERY}th`,
  run(bench) {
    const documents = bench.isQuick ? QUICK_DOCUMENTS : DOCUMENTS;
    const part = documents / PARTS;
    const collect = collector();
    const tally = emptyTally();
    const naive = emptyNaive();
    const heapMb: Array<number> = [];
    for (let from = 0; from < documents; from += part) {
      const { breaches } = tally;
      bench.say(
        `${from.toLocaleString('en')} of ${documents.toLocaleString('en')}, ${breaches} broke a rule`,
      );
      fuzz(tally, SEED, from, from + part, (mutant, number) => {
        if (number % NAIVE_EVERY === 0) tryNaively(naive, mutant);
      });
      collect();
      heapMb.push(process.memoryUsage().heapUsed / 1_000_000);
    }
    return Promise.resolve({
      conditions: { seed: SEED, documents },
      lines: [
        ...timeLines(documents, tally, naive),
        ruleLine(documents, tally, naive),
        heapLine(documents, heapMb),
        ...outcomeLines(documents, tally),
      ],
    });
  },
};

/** What the naive way made of its documents. */
interface Naive {
  thrown: number;
  /** Admitted, and nobody had signed just that. */
  wrong: number;
  readonly times: RecordableHistogram;
}

function emptyNaive(): Naive {
  return { thrown: 0, wrong: 0, times: createHistogram() };
}

const PUBLIC_KEYS: ReadonlyMap<string, string> = new Map(
  FUZZ_POLICY.requests.requesters.flatMap(({ keys }) =>
    keys.map(({ id, publicKey }) => [id, publicKey] as const),
  ),
);

function tryNaively(naive: Naive, { document }: Mutant): void {
  if (document === null) return;
  const startedAtMs = performance.now();
  let isAdmitted = false;
  try {
    isAdmitted = naiveAdmit(document, PUBLIC_KEYS);
  } catch {
    naive.thrown += 1;
  }
  naive.times.record(Math.max(1, Math.round((performance.now() - startedAtMs) * 1e6)));
  if (isAdmitted && specimenOf(JSON.parse(document)) === undefined) naive.wrong += 1;
}

function timeLines(size: number, { times }: Tally, naive: Naive): ReadonlyArray<Line> {
  const line = (name: string, of: (histogram: RecordableHistogram) => number, note: string): Line => ({
    name: `read and decided, ${name}`,
    size,
    figure: of(times) / 1e6,
    unit: 'ms',
    bound: BOUND_MS,
    instead: of(naive.times) / 1e6,
    note,
  });
  return [
    line('median', (histogram) => histogram.percentile(50), ''),
    line('mean', ({ mean }) => mean, `slowest ${(times.max / 1e6).toFixed(0)} ms`),
  ];
}

function outcomeLines(size: number, { outcomes }: Tally): ReadonlyArray<Line> {
  return [...outcomes]
    .sort(([, a], [, b]) => b - a)
    .map(([name, figure]) => ({
      name,
      size,
      figure,
      unit: 'documents',
      bound: null,
      instead: null,
      note: '',
    }));
}

function ruleLine(
  size: number,
  { breaches, firstBreaches: [first] }: Tally,
  { times, thrown, wrong }: Naive,
): Line {
  const naive = `naively, of ${times.count.toLocaleString('en')}: ${thrown.toLocaleString('en')} threw, ${wrong.toLocaleString('en')} admitted that nobody signed`;
  return {
    name: 'broke a rule',
    size,
    figure: breaches,
    unit: 'documents',
    bound: 0,
    instead: null,
    note: first === undefined ? naive : `number ${first.number}: ${first.broken.join('; ')}`,
  };
}

function heapLine(size: number, heapMb: ReadonlyArray<number>): Line {
  const first = heapMb.at(0) ?? 0;
  return {
    name: 'heap left behind',
    size,
    figure: Math.max(0, (heapMb.at(-1) ?? 0) - first),
    unit: 'MB',
    bound: HEAP_BOUND_MB,
    instead: null,
    note: `since the first tenth, when it was ${first.toFixed(0)} MB`,
  };
}

/** Collects garbage now. Node hides how. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
