import { DEFAULT_TARGET } from '../../infra/deploy/build.ts';
import { loadConfig } from '../../shared/config/load.ts';
import { writeReconcile } from '../../shared/events/reconcile.ts';
import { writeWakeUp } from '../../shared/events/wake-up.ts';
import { type Stage, setStage, until } from '../support/stage.ts';
import { statePayload } from './events.ts';
import { type FunctionPlace, handleOnce, timeBareNode, timeInitialize } from './function-process.ts';
import type { Bench, Line, Measure } from './measure.ts';
import { naiveVariables } from './naive/serve.ts';
import { median } from './statistics.ts';

/** Above a process of bare Node that does nothing. */
const INITIALIZE_BOUND_MS = 60;
const FIRST_REQUEST_BOUND_MS = 150;
const NAIVE = 'naive';
/** Since 1970, in 2026, whole weeks: a sweep is due then with every interval that divides a week. */
const SWEEP_MINUTES = 7 * 24 * 60 * 2_940;

/** Those that look at a load balancer when an instance has changed. */
const TAKE_EVENTS = new Set([NAIVE, 'instance-events', 'change-requests']);

/** Whole processes of the built functions, from their start, beside bare Node and a bundle with every SDK in it. */
export const startUp: Measure = {
  name: 'start-up',
  title: 'Start-up of each function, from the start of its process',
  instead: 'the naive function: every SDK in one file, loaded at once',
  async run(bench) {
    const { bindings } = loadConfig(DEFAULT_TARGET.configFile);
    const stage = await setStage({ bindings, clouds: { switches: { slbRateLimits: 'off' } } });
    try {
      const { bare, functions } = await takeTimes(bench, stage);
      const naive = functions.get(NAIVE) ?? noTimes();
      functions.delete(NAIVE);
      return {
        conditions: { runs: bench.runs, order: 'interleaved', configuration: 'autopilot.yaml' },
        lines: [
          bareLine(median(bare)),
          ...[...functions].flatMap(([name, times]) => linesOf(name, times, naive, median(bare))),
        ],
      };
    } finally {
      await stage.close();
    }
  },
};

/** The times of one function, in ms from the start of a process. */
interface Times {
  readonly initialized: Array<number>;
  /** Its first request to each product that it called. */
  readonly first: Record<'ots' | 'ecs' | 'slb', Array<number>>;
}

function noTimes(): Times {
  return { initialized: [], first: { ots: [], ecs: [], slb: [] } };
}

async function takeTimes(
  bench: Bench,
  stage: Stage,
): Promise<{ bare: Array<number>; functions: Map<string, Times> }> {
  const folders = new Map([...(await bench.builds.functions()), [NAIVE, await bench.builds.naive()]]);
  bench.say('once unmeasured');
  await takeTurn(stage, folders);
  const bare: Array<number> = [];
  const functions = new Map([...folders.keys()].map((name) => [name, noTimes()]));
  for (let run = 1; run <= bench.runs; run++) {
    bench.say(`run ${run} of ${bench.runs}`);
    bare.push(await timeBareNode());
    await takeTurn(stage, folders, functions);
  }
  return { bare, functions };
}

/** Each function once after the other, so that a slow moment of the computer is nobody's own. */
async function takeTurn(
  stage: Stage,
  folders: ReadonlyMap<string, string>,
  into?: ReadonlyMap<string, Times>,
): Promise<void> {
  for (const [name, folder] of folders) {
    const variables = name === NAIVE ? naiveVariables(stage) : {};
    const place: FunctionPlace = { folder, settings: stage.settings, variables };
    const initialized = await timeInitialize(place);
    const first = await firstRequests(stage, place, await payloadFor(stage, name));
    const times = into?.get(name);
    if (times === undefined) continue;
    times.initialized.push(initialized);
    for (const product of ['ots', 'ecs', 'slb'] as const) {
      const atMs = first[product];
      if (atMs !== null) times.first[product].push(atMs);
    }
  }
}

/** When the function's first request reached each cloud; `null` = it made none. */
async function firstRequests(
  stage: Stage,
  place: FunctionPlace,
  payload: Buffer,
): Promise<Record<'ots' | 'ecs' | 'slb', number | null>> {
  const { clock, gate } = stage.clouds.foundation;
  const before = gate.records.length;
  const startedAtMs = clock.nowMs();
  await handleOnce(place, payload);
  const made = gate.records.slice(before);
  const firstOf = (wanted: string) => {
    const times = made.filter(({ product }) => product === wanted).map((record) => record.startedAtMs);
    return times.length === 0 ? null : Math.min(...times) - startedAtMs;
  };
  const first = { ots: firstOf('ots'), ecs: firstOf('ecs'), slb: firstOf('slb') };
  if (first.slb === null) throw new Error(`${place.folder} made no SLB request`);
  return first;
}

/** One message that makes the function look at a load balancer. */
async function payloadFor(stage: Stage, name: string): Promise<Buffer> {
  const { loadBalancerId, selector } = firstBinding(stage);
  if (name === 'tick') {
    await stage.worker().lanes.signal([loadBalancerId]);
    return Buffer.from(writeWakeUp(loadBalancerId, stage.clouds.foundation.clock.nowMs()));
  }
  const triggeredAtMs = SWEEP_MINUTES * 60_000;
  if (name === 'reconcile-load-balancer') return Buffer.from(writeReconcile(loadBalancerId, triggeredAtMs));
  if (name === 'drift-sweep') {
    return Buffer.from(
      JSON.stringify({
        triggerTime: new Date(triggeredAtMs).toISOString(),
        triggerName: 'sweep',
        payload: '',
      }),
    );
  }
  if (name === 'scaling-hooks') return await hookPayload(stage);
  if (!TAKE_EVENTS.has(name)) throw new Error(`which message does ${name} take?`);
  return statePayload(await stage.running(1, selector.kind === 'tags' ? selector.tags : {}), 'Running');
}

/** The message of a hook on the way out, of an instance that belongs into a group. */
async function hookPayload(stage: Stage): Promise<Buffer> {
  const { ess, foundation } = stage.clouds;
  const { selector } = firstBinding(stage);
  const scalingGroupId = `asg-bench${ess.groups().length}`;
  const lifecycleHookId = `ash-bench${ess.groups().length}`;
  ess.seedScalingGroup({ scalingGroupId, minSize: 0, maxSize: 10 });
  ess.seedLifecycleHook({ scalingGroupId, lifecycleHookId, lifecycleTransition: 'SCALE_IN' });
  const instanceIds = await stage.running(1, selector.kind === 'tags' ? selector.tags : {});
  ess.attachInstances({ scalingGroupId, instanceIds });
  const scalingActivityId = ess.removeInstances({ scalingGroupId, instanceIds });
  const isWaiting = () =>
    ess.lifecycleActions().some((action) => action.scalingActivityId === scalingActivityId);
  await until(isWaiting);
  const token = ess.lifecycleActions().find((action) => action.scalingActivityId === scalingActivityId);
  const lifecycleActionToken = token?.lifecycleActionToken ?? '';
  const content = { lifecycleHookId, lifecycleActionToken, scalingGroupId, scalingActivityId, instanceIds };
  return Buffer.from(JSON.stringify({ regionId: foundation.region, content }));
}

/** Whose load balancer is looked at, and by whose selector an instance gets its tags. */
function firstBinding({ bindings }: Stage): Stage['bindings'][number] {
  const [binding] = bindings;
  if (binding === undefined) throw new Error('the configuration has no binding');
  return binding;
}

function bareLine(bareMs: number): Line {
  const name = 'bare: node -e 0';
  return { name, size: null, figure: bareMs, unit: 'ms', bound: null, instead: null, note: '' };
}

function linesOf(name: string, times: Times, naive: Times, bareMs: number): ReadonlyArray<Line> {
  const line = (what: string, figure: number, aboveBareMs: number, instead: number, note: string): Line => ({
    name: `${name}: ${what}`,
    size: null,
    figure,
    unit: 'ms',
    bound: bareMs + aboveBareMs,
    instead,
    note: `bare + ${(figure - bareMs).toFixed(0)} ms${note}`,
  });
  const { ots, ecs, slb } = times.first;
  const others = [
    ots.length === 0 ? '' : `, first table request at ${median(ots).toFixed(0)} ms`,
    ecs.length === 0 ? '' : `, first ECS request at ${median(ecs).toFixed(0)} ms`,
  ].join('');
  return [
    line(
      'load and initialize',
      median(times.initialized),
      INITIALIZE_BOUND_MS,
      median(naive.initialized),
      '',
    ),
    line('first SLB request', median(slb), FIRST_REQUEST_BOUND_MS, median(naive.first.slb), others),
  ];
}
