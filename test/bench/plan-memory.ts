import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Bench, Line, Measure } from './measure.ts';
import type { HeapUse } from './plan-memory-process.ts';
import { SITUATIONS } from './situations.ts';

const SCRIPT = fileURLToPath(new URL('./plan-memory-process.ts', import.meta.url));
const SIZE = 20_000;
const QUICK_SIZE = 200;
/** A quarter of the memory that the functions are deployed with. */
const BOUND_MB = 128;

/** Heap that the input of a plan and the plan itself take, each situation in a process of its own. */
export const planMemory: Measure = {
  name: 'memory',
  title: 'Memory of a plan: its input and its result on the heap, at their largest',
  instead: 'nothing: whoever reads the groups holds them',
  async run(bench) {
    const size = bench.isQuick ? QUICK_SIZE : SIZE;
    const lines: Array<Line> = [];
    for (const name of Object.keys(SITUATIONS)) lines.push(await lineOf(bench, name, size));
    return { conditions: { groups: 1, functionMemoryMb: 512 }, lines };
  },
};

async function lineOf(bench: Bench, name: string, size: number): Promise<Line> {
  bench.say(`${name}, ${size} backends`);
  const child = fork(SCRIPT, [name, String(size)], { execArgv: ['--expose-gc', '--import', 'tsx'] });
  const [message] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('the measured process ended without an answer'))),
  ]);
  const { inputBytes, keptBytes, peakBytes } = message as HeapUse;
  const mb = (bytes: number) => bytes / 1_000_000;
  return {
    name,
    size,
    figure: mb(peakBytes),
    unit: 'MB',
    bound: BOUND_MB,
    instead: null,
    note: `input ${mb(inputBytes).toFixed(1)} MB, with the plan ${mb(keptBytes).toFixed(1)} MB once collected`,
  };
}
