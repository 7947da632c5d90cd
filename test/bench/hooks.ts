import type { Bench, Line, Measure } from './measure.ts';
import { setScalingStage } from './virtual/scaling-stage.ts';

const INSTANCES = 100;
const QUICK_INSTANCES = 10;
const MARGIN_SECONDS = 120;
const SECOND_MS = 1_000;

/** Drains that a hook waits for, from shorter than its timeout to the longest that is sensible. */
const CASES: ReadonlyArray<{
  readonly drain: string;
  readonly drainSeconds: number;
  readonly timeoutSeconds: number;
}> = [
  { drain: '30s', drainSeconds: 30, timeoutSeconds: 600 },
  { drain: '5m', drainSeconds: 300, timeoutSeconds: 180 },
  { drain: '30m', drainSeconds: 1_800, timeoutSeconds: 600 },
  { drain: '330m', drainSeconds: 19_800, timeoutSeconds: 1_800 },
];
const QUICK_CASES = CASES.slice(0, 2);

/** What one activity of many instances costs at Auto Scaling, in virtual time. */
export const hooks: Measure = {
  name: 'hooks',
  title: 'Calls to Auto Scaling for one activity',
  instead: 'an answer for each instance, and a heartbeat at half of the timeout',
  async run(bench) {
    const size = bench.isQuick ? QUICK_INSTANCES : INSTANCES;
    const lines: Array<Line> = [];
    for (const each of bench.isQuick ? QUICK_CASES : CASES) lines.push(...(await measure(bench, size, each)));
    return { conditions: { time: 'virtual', instances: size, hooks: 1, faults: 'none' }, lines };
  },
};

async function measure(
  bench: Bench,
  size: number,
  { drain, drainSeconds, timeoutSeconds }: (typeof CASES)[number],
): Promise<ReadonlyArray<Line>> {
  bench.say(
    `${size} of ${size + 1} instances leave, drained for ${drain} under a timeout of ${timeoutSeconds} s`,
  );
  const stage = await setScalingStage({ size: size + 1, drainTime: drain, timeoutSeconds });
  try {
    const { gate } = stage.clouds.foundation;
    const counts = new Map<string, number>();
    gate.onRecord(({ product, action }) => {
      if (product === 'ess') counts.set(action, (counts.get(action) ?? 0) + 1);
    });
    stage.scale(-size);
    await stage.settle((drainSeconds + 600) * SECOND_MS);
    const callsOf = (action: string) => counts.get(action) ?? 0;
    const [end = 'none'] = stage.ends();
    const about = `${drain} under ${timeoutSeconds} s`;
    const reads = [...counts]
      .filter(([action]) => action.startsWith('Describe'))
      .reduce((sum, [, n]) => sum + n, 0);
    return [
      {
        name: `answers: drain of ${about}`,
        size,
        figure: callsOf('CompleteLifecycleAction'),
        unit: 'calls',
        bound: 1,
        instead: size,
        note: `${end}; ${reads} reads of Auto Scaling`,
      },
      {
        name: `heartbeats: drain of ${about}`,
        size,
        figure: callsOf('RecordLifecycleActionHeartbeat'),
        unit: 'calls',
        bound: Math.ceil((drainSeconds + MARGIN_SECONDS) / (timeoutSeconds - MARGIN_SECONDS)) - 1,
        instead: Math.ceil(drainSeconds / (timeoutSeconds / 2)) - 1,
        note: 'bound: ⌈(drain + 2 min) ÷ (timeout − 2 min)⌉ − 1',
      },
    ];
  } finally {
    await stage.close();
  }
}
