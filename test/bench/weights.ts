import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WeightPanel, WeightSeries } from './chart/model.ts';
import { renderWeightChart } from './chart/weight-chart.ts';
import type { Line, Measure } from './measure.ts';
import { setVirtualStage, type VirtualStage } from './virtual/stage.ts';
import { WeightRecorder } from './virtual/weight-recorder.ts';

const FILE = 'weight-over-time.svg';
const GROUP = 'rsp-bench';
const LOAD_BALANCER = 'lb-bench';
const SECOND_MS = 1_000;
const LATENCY_MS = 20;
const RAMP = { percents: [10, 50], everySeconds: 60 };
const DRAIN_SECONDS = 60;
/** How long after they run the instances' applications answer. */
const SLOW_STARTS_SECONDS = [5, 35, 95];
/** Time for two instances to be in service, before anything is recorded. */
const BEFORE_MS = 600 * SECOND_MS;
const RAMP_PANEL_MS = 330 * SECOND_MS;
const DRAIN_PANEL_MS = 180 * SECOND_MS;

const CONFIGURATION = {
  version: 1,
  region: 'cn-hangzhou',
  bindings: [
    {
      name: 'web',
      loadBalancer: LOAD_BALANCER,
      vServerGroup: GROUP,
      selector: { tags: { role: 'web' } },
      ports: [{ port: 80 }],
      readiness: 'load-balancer',
      join: { weight: 1, ramp: { steps: RAMP.percents, every: `${RAMP.everySeconds}s` } },
      drain: { time: `${DRAIN_SECONDS}s` },
      guards: { minInService: 2 },
    },
  ],
  timing: { compare: '1m' },
};

/** How weights go up with a ramp and down with a drain, as a chart; the figures say how long both take. */
export const weights: Measure = {
  name: 'weights',
  title: 'Weight over time, for a ramp and for a drain',
  instead: 'nothing: the full weight at once, and gone at once',
  async run(bench) {
    const stage = await setVirtualStage({
      configuration: CONFIGURATION,
      latencyMs: LATENCY_MS,
      seed: 1,
      ecsTimings: { pendingMs: 2 * SECOND_MS, startingMs: 18 * SECOND_MS, stoppingMs: 90 * SECOND_MS },
    });
    try {
      stage.clouds.slb.seedListener({
        loadBalancerId: LOAD_BALANCER,
        listenerPort: 80,
        listenerProtocol: 'http',
        vServerGroupId: GROUP,
      });
      const recorder = new WeightRecorder(stage, GROUP);
      run(stage, 2);
      await recorder.pass(BEFORE_MS);
      bench.say('three instances start beside two that serve, and take their time');
      const names = start(stage);
      const ramp = await playRamp(stage, recorder, names);
      bench.say('two of the five leave');
      const drain = await playDrain(stage, recorder, names);
      const file = join(bench.outFolder, FILE);
      await writeFile(file, await renderWeightChart('Weight over time', [ramp, drain]));
      return {
        conditions: { time: 'virtual', latencyMs: LATENCY_MS, readiness: 'load-balancer', joinWeight: 1 },
        lines: [...ramp.series.flatMap(rampLine), ...drain.series.flatMap(drainLine)],
        files: [file],
      };
    } finally {
      await stage.close();
    }
  },
};

function run({ clouds }: VirtualStage, amount: number): ReadonlyArray<string> {
  return clouds.ecs.runInstances({ amount, tags: [{ key: 'role', value: 'web' }] });
}

/** Starts the instances that are recorded; their ids with the names that the chart gives them. */
function start(stage: VirtualStage): ReadonlyMap<string, string> {
  const ids = run(stage, SLOW_STARTS_SECONDS.length);
  for (const [index, instanceId] of ids.entries()) {
    const afterMs = (SLOW_STARTS_SECONDS[index] ?? 0) * SECOND_MS;
    stage.clouds.ecs.applications.set({ instanceId }, { kind: 'serves', afterMs });
  }
  return new Map(ids.map((id, index) => [id, `instance ${'ABC'[index]}`]));
}

async function playRamp(
  stage: VirtualStage,
  recorder: WeightRecorder,
  names: ReadonlyMap<string, string>,
): Promise<WeightPanel> {
  const fromMs = stage.clock.nowMs();
  await recorder.pass(RAMP_PANEL_MS);
  const marks = [...names].flatMap(([instanceId, name], index) => {
    const runningAtMs = stage.clouds.ecs.find(instanceId)?.startedAtMs ?? fromMs;
    const afterSeconds = SLOW_STARTS_SECONDS[index] ?? 0;
    return [{ atMs: runningAtMs + afterSeconds * SECOND_MS, text: `the application of ${name} answers` }];
  });
  return {
    title: 'Ramp',
    note: `Joins at weight 1, then ${RAMP.percents.join(' % and ')} % for ${RAMP.everySeconds} s each, once the health check says normal.`,
    fromMs,
    toMs: fromMs + RAMP_PANEL_MS,
    series: recorder.series(names),
    levels: [
      { weight: 1, text: 'join weight 1' },
      ...RAMP.percents.map((percent) => ({ weight: percent, text: `${percent} %` })),
      { weight: 100, text: 'full weight' },
    ],
    marks: [{ atMs: fromMs, text: 'three instances are started' }, ...marks],
  };
}

async function playDrain(
  stage: VirtualStage,
  recorder: WeightRecorder,
  names: ReadonlyMap<string, string>,
): Promise<WeightPanel> {
  const { clock, clouds } = stage;
  const [[stopped, stoppedName] = ['', ''], [reclaimed, reclaimedName] = ['', '']] = [...names];
  const fromMs = clock.nowMs();
  await recorder.pass(15 * SECOND_MS);
  const stoppedAtMs = clock.nowMs();
  clouds.ecs.stopInstance({ instanceId: stopped });
  await recorder.pass(30 * SECOND_MS);
  const lockedAtMs = clock.nowMs();
  clouds.ecs.setLocks(reclaimed, ['Recycling']);
  await recorder.pass(fromMs + DRAIN_PANEL_MS - clock.nowMs());
  return {
    title: 'Drain',
    note: `Weight 0 at once, ${DRAIN_SECONDS} s of waiting from its first observation, then removed.`,
    fromMs,
    toMs: fromMs + DRAIN_PANEL_MS,
    series: recorder.series(names),
    levels: [
      { weight: 0, text: 'no new requests' },
      { weight: 100, text: 'full weight' },
    ],
    marks: [
      { atMs: stoppedAtMs, text: `${stoppedName} is stopped: an event tells of it` },
      { atMs: lockedAtMs, text: `${reclaimedName} is to be reclaimed: the next comparison sees its lock` },
    ],
  };
}

/** From the first step of the ramp to the full weight. */
function rampLine({ name, steps }: WeightSeries): ReadonlyArray<Line> {
  const first = steps.find(({ weight }) => weight === RAMP.percents[0]);
  const full = steps.find(({ weight }) => weight === 100);
  if (first === undefined || full === undefined) throw new Error(`${name} did not reach its full weight`);
  const least = RAMP.percents.length * RAMP.everySeconds;
  const note = `the ramp's own time is ${least} s`;
  return [line(`${name}: from ${RAMP.percents[0]} % to full weight`, full.atMs - first.atMs, note)];
}

/** From weight 0 to the removal; nothing for a backend that stayed. */
function drainLine({ name, steps }: WeightSeries): ReadonlyArray<Line> {
  const zero = steps.find(({ weight }) => weight === 0);
  const removed = steps.findLast(({ weight }) => weight === null);
  if (zero === undefined || removed === undefined || removed.atMs < zero.atMs) return [];
  const note = `the drain's own time is ${DRAIN_SECONDS} s`;
  return [line(`${name}: from weight 0 to its removal`, removed.atMs - zero.atMs, note)];
}

function line(name: string, ms: number, note: string): Line {
  return { name, size: null, figure: ms / SECOND_MS, unit: 's', bound: null, instead: null, note };
}
