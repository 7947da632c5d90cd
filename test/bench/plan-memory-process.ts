import { planLane } from '../../shared/server-groups/plan.ts';
import { SITUATIONS } from './situations.ts';

/** What a plan took, in bytes above the heap of a process that has loaded the same code. */
export interface HeapUse {
  readonly inputBytes: number;
  /** Input and plan, when only what is in use is left. */
  readonly keptBytes: number;
  /** Right after planning, with everything that it threw away and nobody has collected yet. */
  readonly peakBytes: number;
}

const [name = '', size = ''] = process.argv.slice(2);
const situation = SITUATIONS[name];
if (situation === undefined) throw new Error(`no situation ${name}`);

/** Bytes in use; the garbage of before is gone. */
function collected(): number {
  if (globalThis.gc === undefined) throw new Error('start it with --expose-gc');
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

// Once on a small scale, so that code and its caches are not counted.
planLane(situation(100));
const before = collected();
const input = situation(Number(size));
const withInput = collected();
const plan = planLane(input);
const peak = process.memoryUsage().heapUsed;
const withPlan = collected();
const use: HeapUse = {
  inputBytes: withInput - before,
  keptBytes: withPlan - before,
  peakBytes: peak - before,
};
// Said after they were measured, so that neither could be collected too early.
process.send?.(use, () => process.exit(Object.keys(plan).length + input.signals.length >= 0 ? 0 : 1));
