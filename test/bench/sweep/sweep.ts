import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { DEFAULT_API_BUDGET } from '../../../shared/api-budget/model.ts';
import type { Bench, Line, Measure } from '../measure.ts';
import { measureAtScale } from './at-scale.ts';
import { LATENCIES, QUOTA } from './fleet.ts';
import { IN_PLACE_CONDITIONS, measureInPlace } from './in-place.ts';
import type { HeapGrowth } from './memory-process.ts';

const SCRIPT = fileURLToPath(new URL('./memory-process.ts', import.meta.url));
/** 128 MiB, a quarter of the memory that the functions are deployed with. */
const MEMORY_BOUND_MB = 134.217_728;

/** What a sweep over a healthy fleet costs, and how that grows with the fleet; virtual time. */
export const sweep: Measure = {
  name: 'sweep',
  title: 'A sweep over a healthy fleet: its reads beside the least possible, its time and its memory',
  instead: 'there is no such thing',
  async run(bench) {
    const lines = [
      ...(await measureInPlace(bench)),
      ...(await measureAtScale(bench)),
      await memoryLine(bench),
    ];
    return {
      conditions: {
        time: 'virtual',
        ...IN_PLACE_CONDITIONS,
        slbBackendQuota: QUOTA,
        'limits.backendsPerLoadBalancer': QUOTA,
        'limits.callsPerMinute': DEFAULT_API_BUDGET.limitPerMinute,
        slbRateLimits: 'on',
        latencyMs: `slb, ecs, ess ${LATENCIES.slb}, ots ${LATENCIES.ots}`,
        faults: 'none',
        functionMemoryMb: 512,
      },
      lines,
    };
  },
};

async function memoryLine(bench: Bench): Promise<Line> {
  bench.say(`one load balancer with ${QUOTA} backends, in a process of its own`);
  const child = fork(SCRIPT, [], { execArgv: ['--expose-gc', '--import', 'tsx'] });
  const [message] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('the measured process ended without an answer'))),
  ]);
  const { peakBytes, keptBytes } = message as HeapGrowth;
  const mb = (bytes: number) => bytes / 1_000_000;
  return {
    name: 'one load balancer: heap of a worker, at its largest',
    size: QUOTA,
    figure: mb(peakBytes),
    unit: 'MB',
    bound: MEMORY_BOUND_MB,
    instead: null,
    note: `the answers that the clouds make are among it; ${mb(keptBytes).toFixed(1)} MB once collected`,
  };
}
