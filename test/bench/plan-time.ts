import { planLane } from '../../shared/server-groups/plan.ts';
import type { Bench, Line, Measure } from './measure.ts';
import { naivePlan } from './naive/plan.ts';
import { SITUATIONS, type Situation } from './situations.ts';
import { median } from './statistics.ts';

const SIZES = [1_000, 10_000, 100_000];
const QUICK_SIZES = [20, 200];
/** Holds for this many backends; fewer must take less. */
const BOUND = { backends: 10_000, ms: 50 };
/** 1 = it grows as the number of backends does, 10 = quadratic. More than 1 is the memory: it no longer fits the caches. */
const GROWTH_BOUND = 3;
/** A plan is made in a process that is warm: small sizes need more runs for that. */
const WARM_UP_MS = 500;
const WARM_UP_RUNS_MIN = 3;
/** A size that takes long is run less often, but at least three times. */
const BUDGET_MS = 3_000;
const RUNS_MIN = 3;
/** The naive plan is quadratic: at the next size nobody would wait for it. */
const NAIVE_SIZE_MAX = 10_000;

/** Time of the pure plan of one load balancer with one group, and how it grows with the number of backends. */
export const planTime: Measure = {
  name: 'plan',
  title: 'Time to plan one load balancer',
  instead: 'lists searched for each backend, without our rules and guards',
  async run(bench) {
    const sizes = bench.isQuick ? QUICK_SIZES : SIZES;
    const lines = Object.entries(SITUATIONS).flatMap(([name, situation]) =>
      linesOf(bench, name, situation, sizes),
    );
    return {
      conditions: {
        runs: bench.runs,
        warmUpMs: WARM_UP_MS,
        groups: 1,
        slbBackendQuota: 'twice the size',
      },
      lines,
    };
  },
};

function linesOf(
  bench: Bench,
  name: string,
  situation: Situation,
  sizes: ReadonlyArray<number>,
): ReadonlyArray<Line> {
  const times: Array<Line> = [];
  const growths: Array<Line> = [];
  for (const size of sizes) {
    bench.say(`${name}, ${size} backends`);
    const input = situation(size);
    const figure = timeOf(bench.runs, () => void planLane(input));
    const before = times.at(-1);
    times.push({
      name,
      size,
      figure,
      unit: 'ms',
      bound: size <= BOUND.backends ? BOUND.ms : null,
      // Once: nobody needs its decimals.
      instead: size <= NAIVE_SIZE_MAX ? timeOnce(() => void naivePlan(input)) : null,
      note: '',
    });
    if (before !== undefined) growths.push(growthLine(name, before, { size, figure }));
  }
  return [...times, ...growths];
}

function growthLine(name: string, before: Line, now: { size: number; figure: number }): Line {
  const from = before.size ?? 1;
  const sizeRatio = now.size / from;
  const timeRatio = now.figure / before.figure;
  return {
    name: `${name}: growth from ${from} to ${now.size}, 1 = linear`,
    size: now.size,
    figure: timeRatio / sizeRatio,
    unit: '×',
    bound: GROWTH_BOUND,
    instead: null,
    note: `×${timeRatio.toFixed(1)} time for ×${sizeRatio} backends`,
  };
}

function timeOf(runs: number, run: () => void): number {
  const warmAtMs = performance.now() + WARM_UP_MS;
  for (let turn = 0; turn < WARM_UP_RUNS_MIN || performance.now() < warmAtMs; turn++) run();
  const times: Array<number> = [];
  const untilMs = performance.now() + BUDGET_MS;
  while (times.length < runs && (times.length < RUNS_MIN || performance.now() < untilMs)) {
    times.push(timeOnce(run));
  }
  return median(times);
}

/**
 * Time that the run took by itself: by the clock, or, where other programs wanted the processor too, what this process
 * had of it.
 */
function timeOnce(run: () => void): number {
  const cpuBefore = process.cpuUsage();
  const startedAtMs = performance.now();
  run();
  const wallMs = performance.now() - startedAtMs;
  const { user, system } = process.cpuUsage(cpuBefore);
  return Math.min(wallMs, (user + system) / 1_000);
}
