import type { LaneInput } from '../../shared/server-groups/model.ts';
import { planLane } from '../../shared/server-groups/plan.ts';
import { aBackend, aGroup, anInput, anInstance, aRow, aSignal, instancesSeen, TIMING } from '../support/builders.ts';
import type { Bench, Measure, Row } from './measure.ts';
import { naivePlan } from './naive/plan.ts';
import { median } from './statistics.ts';

/** Holds for this many backends; fewer must take less. */
const BOUND = { backends: 10_000, ms: 50 };
const WARM_UP_RUNS = 3;

type Situation = (serverIds: ReadonlyArray<string>) => LaneInput;

const SITUATIONS: Readonly<Record<string, Situation>> = {
  'nothing to do': (ids) =>
    anInput({
      group: aGroup(ids.map((id) => aBackend(id))),
      rows: ids.map((id) => aRow(id)),
      instances: instancesSeen(ids.map((id) => anInstance(id))),
    }),
  'all join': (ids) =>
    anInput({
      instances: instancesSeen(ids.map((id) => anInstance(id))),
      signals: ids.map((id) => aSignal(id, 'Running')),
      timing: { ...TIMING, gatherMs: 0 },
    }),
  'all drain': (ids) =>
    anInput({
      group: aGroup(ids.map((id) => aBackend(id))),
      rows: ids.map((id) => aRow(id)),
      instances: instancesSeen(ids.map((id) => anInstance(id, { status: 'Stopping' }))),
      signals: ids.map((id) => aSignal(id, 'Stopping')),
    }),
};

/** Time of the pure plan of one load balancer with one group, and how it grows with the number of backends. */
export const planTime: Measure = {
  name: 'plan',
  title: 'Time to plan one load balancer',
  naive: 'lists searched for each backend, without our rules and guards',
  async run(bench) {
    const rows = Object.entries(SITUATIONS).flatMap(([name, situation]) => rowsOf(bench, name, situation));
    return { conditions: { runs: bench.runs, warmUpRuns: WARM_UP_RUNS, groups: 1 }, rows };
  },
};

function rowsOf(bench: Bench, name: string, situation: Situation): ReadonlyArray<Row> {
  const rows: Array<Row> = [];
  for (const size of bench.sizes) {
    bench.say(`${name}, ${size} backends`);
    const input = situation(serverIds(size));
    const measured = timeOf(bench.runs, () => void planLane(input));
    const before = rows.at(-1);
    const growth = before === undefined ? null : measured / before.measured;
    const factor = size / (before?.size ?? size);
    rows.push({
      what: name,
      size,
      measured,
      unit: 'ms',
      bound: size <= BOUND.backends ? BOUND.ms : null,
      // Once: it is quadratic, and nobody needs its decimals.
      naive: timeOnce(() => void naivePlan(input)),
      note: growth === null ? '' : `×${growth.toFixed(1)} for ×${factor} backends`,
    });
  }
  return rows;
}

function timeOf(runs: number, run: () => void): number {
  for (let turn = 0; turn < WARM_UP_RUNS; turn++) run();
  return median(Array.from({ length: runs }, () => timeOnce(run)));
}

function timeOnce(run: () => void): number {
  const startedAtMs = performance.now();
  run();
  return performance.now() - startedAtMs;
}

function serverIds(count: number): ReadonlyArray<string> {
  return Array.from({ length: count }, (_, index) => `i-bench${String(index).padStart(6, '0')}`);
}
