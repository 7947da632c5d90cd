import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { chunksOf } from '../../shared/collections.ts';
import type { Binding } from '../../shared/config/binding.ts';
import { writeWakeUp } from '../../shared/events/wake-up.ts';
import { BACKENDS_PER_CALL } from '../../shared/server-groups/model.ts';
import { aBinding, LB } from '../support/builders.ts';
import { type Stage, setStage, until } from '../support/stage.ts';
import { EVENTS_PER_BATCH, statePayload } from './events.ts';
import { type ServingFunction, serveFunction } from './function-process.ts';
import type { Bench, Line, Measure } from './measure.ts';
import { serveNaive } from './naive/serve.ts';
import { median } from './statistics.ts';

const BOUND_MS = 2;
const ROUNDS_MAX = 5;
/** A drain needs one; a few more are a group that was busy. */
const WAKE_UPS_MAX = 20;
/** As many as one call takes: a group takes one write a second, and nobody wants to wait for the next. */
const EVENTS_PER_GROUP = BACKENDS_PER_CALL;
const BINDINGS: ReadonlyArray<Binding> = Array.from(
  { length: EVENTS_PER_BATCH / EVENTS_PER_GROUP },
  (_, group) =>
    aBinding({
      name: `group-${group}`,
      vServerGroupId: `rsp-bench${group}`,
      selector: { kind: 'tags', tags: { group: String(group) } },
      drain: { timeMs: 0 },
    }),
);

/** CPU time of the built function in a process of its own: SDKs, signatures, parsing, planning, everything. */
export const eventCpu: Measure = {
  name: 'event-cpu',
  title: 'CPU time per event, in batches of 100',
  instead: 'the naive function',
  async run(bench) {
    const rounds = Math.min(ROUNDS_MAX, bench.runs);
    bench.say(`${rounds} rounds of ${EVENTS_PER_BATCH} that join, are repeated, drain`);
    const ours = await measure(rounds, (stage) => serveOurs(bench, stage));
    bench.say('the same with the naive function');
    const naive = await measure(rounds, async (stage) => ({
      events: await serveNaive(bench, stage),
      wakeUps: null,
    }));
    const line = (name: string, kind: keyof Costs, bound: number | null, note = ''): Line => ({
      name,
      size: EVENTS_PER_BATCH,
      figure: ours[kind],
      unit: 'ms',
      bound,
      instead: naive[kind],
      note,
    });
    return {
      conditions: { rounds, groups: BINDINGS.length, gatherMs: 0, drainTimeMs: 0, slbRateLimits: 'off' },
      lines: [
        line('joins, with the lane work', 'join', BOUND_MS),
        line('drains, with the lane work', 'drain', BOUND_MS),
        line('finished duplicates', 'duplicate', BOUND_MS),
        line('instances that nobody selects', 'unselected', BOUND_MS, 'naive: it does not look at tags'),
        line('the first batch of a new process', 'first', null, 'joins, with loading the SDKs'),
      ],
    };
  },
};

interface Costs {
  readonly first: number;
  readonly join: number;
  readonly drain: number;
  readonly duplicate: number;
  readonly unselected: number;
}

/** The functions that share the work, each in a process of its own. */
interface Served {
  readonly events: ServingFunction;
  /** `null` = nothing is ever left for a wake-up. */
  readonly wakeUps: ServingFunction | null;
}

async function measure(rounds: number, serve: (stage: Stage) => Promise<Served>): Promise<Costs> {
  const stage = await setStage({ bindings: BINDINGS, clouds: { switches: { slbRateLimits: 'off' } } });
  const served = await serve(stage);
  try {
    const costs = { join: [0], drain: [0], duplicate: [0], unselected: [0] };
    for (let round = 0; round <= rounds; round++) {
      const others = await stage.running(EVENTS_PER_BATCH, { role: 'other' });
      const ids: Array<string> = [];
      for (const { selector } of BINDINGS) {
        ids.push(...(await stage.running(EVENTS_PER_GROUP, selector.kind === 'tags' ? selector.tags : {})));
      }
      costs.join[round] = await work(stage, served, ids, 'Running', EVENTS_PER_BATCH);
      costs.duplicate[round] = await work(stage, served, ids, 'Running', EVENTS_PER_BATCH);
      for (const instanceId of ids) stage.clouds.ecs.stopInstance({ instanceId, forceStop: true });
      await until(() => ids.every((id) => stage.clouds.ecs.find(id)?.status === 'Stopped'));
      costs.drain[round] = await work(stage, served, ids, 'Stopped', 0);
      costs.unselected[round] = await work(stage, served, others, 'Running', null);
      clearGroups(stage);
    }
    const warm = (values: ReadonlyArray<number>) => median(values.slice(1));
    return {
      first: costs.join[0] ?? 0,
      join: warm(costs.join),
      drain: warm(costs.drain),
      duplicate: warm(costs.duplicate),
      unselected: warm(costs.unselected),
    };
  } finally {
    await served.events.end();
    await served.wakeUps?.end();
    await stage.close();
  }
}

/**
 * CPU time for each of the events, with every wake-up that follows until the groups hold `backends` in all (`null` =
 * whatever they hold).
 */
async function work(
  stage: Stage,
  { events, wakeUps }: Served,
  ids: ReadonlyArray<string>,
  state: string,
  backends: number | null,
): Promise<number> {
  const isInPlace = () => backends === null || backendsOf(stage).length === backends;
  let cpuMs = await events.handle(statePayload(ids, state));
  for (let wakes = 0; !isInPlace(); wakes++) {
    if (wakeUps === null || wakes >= WAKE_UPS_MAX) {
      throw new Error(`${backendsOf(stage).length} backends are in the groups instead of ${backends}`);
    }
    await until(() => Number(stage.rows('lanes')[0]?.nextWakeUpMs ?? 0) <= Date.now());
    cpuMs += await wakeUps.handle(Buffer.from(writeWakeUp(LB, Date.now())));
  }
  return cpuMs / ids.length;
}

function backendsOf({ clouds, bindings }: Stage) {
  return bindings.flatMap(({ vServerGroupId }) => clouds.slb.group(vServerGroupId)?.backends ?? []);
}

/** The naive function adds what nobody selects; nothing may be left of it for the next round. */
function clearGroups({ clouds, bindings }: Stage): void {
  for (const { vServerGroupId } of bindings) {
    const backends = clouds.slb.group(vServerGroupId)?.backends ?? [];
    for (const backendServers of chunksOf(backends, BACKENDS_PER_CALL)) {
      clouds.slb.vServerGroups.remove({
        vServerGroupId,
        backendServers: backendServers.map(({ serverId, port }) => ({ serverId, port })),
      });
    }
  }
}

async function serveOurs(bench: Bench, stage: Stage): Promise<Served> {
  const functions = await bench.builds.functions();
  const serve = async (name: string) => {
    const folder = functions.get(name);
    if (folder === undefined) throw new Error(`there is no function ${name}`);
    const configPath = join(dirname(folder), 'event-cpu.yaml');
    await writeFile(configPath, configText(stage.settings.regionId, stage.bindings));
    return await serveFunction({
      folder,
      settings: stage.settings,
      variables: { AUTOPILOT_CONFIG: configPath },
    });
  };
  return { events: await serve('instance-events'), wakeUps: await serve('tick') };
}

/** The stage's bindings as a configuration file. JSON is YAML. */
function configText(region: string, bindings: ReadonlyArray<Binding>): string {
  return JSON.stringify({
    version: 1,
    region,
    bindings: bindings.map(
      ({ name, loadBalancerId, vServerGroupId, selector, ports, drain: { timeMs: drainTimeMs } }) => ({
        name,
        loadBalancer: loadBalancerId,
        vServerGroup: vServerGroupId,
        selector:
          selector.kind === 'tags' ? { tags: selector.tags } : { scalingGroup: selector.scalingGroupId },
        ports,
        drain: { time: `${drainTimeMs}ms` },
      }),
    ),
    timing: { gather: '0s' },
  });
}
