import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Binding } from '../../shared/config/binding.ts';
import { type Stage, setStage, until } from '../support/stage.ts';
import { EVENTS_PER_BATCH, statePayload } from './events.ts';
import { type ServingFunction, serveFunction } from './function-process.ts';
import type { Bench, Measure, Row } from './measure.ts';
import { serveNaive } from './naive/serve.ts';
import { median } from './statistics.ts';

const BOUND_MS = 2;
const ROUNDS_MAX = 10;

/** CPU time of the built function in a process of its own: SDKs, signatures, parsing, planning, everything. */
export const eventCpu: Measure = {
  name: 'event-cpu',
  title: 'CPU time per event, in batches of 100',
  naive: 'the naive function',
  async run(bench) {
    const rounds = Math.min(ROUNDS_MAX, bench.runs);
    bench.say(`${rounds} rounds of ${EVENTS_PER_BATCH} that join, are repeated, drain`);
    const ours = await measure(rounds, (stage) => serveOurs(bench, stage));
    bench.say('the same with the naive function');
    const naive = await measure(rounds, (stage) => serveNaive(bench, stage));
    const row = (what: string, kind: keyof Costs, bound: number | null, note = ''): Row => ({
      what,
      size: EVENTS_PER_BATCH,
      measured: ours[kind],
      unit: 'ms',
      bound,
      naive: naive[kind],
      note,
    });
    return {
      conditions: { rounds, gatherMs: 0, drainTimeMs: 0, slbRateLimits: 'off' },
      rows: [
        row('joins, with the lane work', 'join', BOUND_MS),
        row('drains, with the lane work', 'drain', BOUND_MS),
        row('finished duplicates', 'duplicate', BOUND_MS),
        row('instances that nobody selects', 'unselected', BOUND_MS, 'naive: it does not look at tags'),
        row('the first batch of a new process', 'first', null, 'joins, with loading the SDKs'),
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

async function measure(rounds: number, serve: (stage: Stage) => Promise<ServingFunction>): Promise<Costs> {
  const stage = await setStage({ clouds: { switches: { slbRateLimits: 'off' } } });
  const served = await serve(stage);
  const perEvent = async (payload: Buffer) => (await served.handle(payload)) / EVENTS_PER_BATCH;
  try {
    const costs = { join: [0], drain: [0], duplicate: [0], unselected: [0] };
    for (let round = 0; round <= rounds; round++) {
      const others = statePayload(await stage.running(EVENTS_PER_BATCH, { role: 'other' }), 'Running');
      const ids = await stage.running(EVENTS_PER_BATCH);
      const joins = statePayload(ids, 'Running');
      costs.join[round] = await perEvent(joins);
      requireBackends(stage, EVENTS_PER_BATCH);
      costs.duplicate[round] = await perEvent(joins);
      for (const instanceId of ids) stage.clouds.ecs.stopInstance({ instanceId, forceStop: true });
      await until(() => ids.every((id) => stage.clouds.ecs.find(id)?.status === 'Stopped'));
      costs.drain[round] = await perEvent(statePayload(ids, 'Stopped'));
      requireBackends(stage, 0);
      costs.unselected[round] = await perEvent(others);
      clearGroup(stage);
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
    await served.end();
    await stage.close();
  }
}

function requireBackends(stage: Stage, count: number): void {
  const found = stage.group().length;
  if (found !== count)
    throw new Error(`the function left ${found} backends in the group instead of ${count}`);
}

/** The naive function adds what nobody selects; nothing may be left of it for the next round. */
function clearGroup({ clouds, bindings }: Stage): void {
  for (const { vServerGroupId } of bindings) {
    for (const { serverId, port } of clouds.slb.group(vServerGroupId)?.backends ?? []) {
      clouds.slb.vServerGroups.remove({ vServerGroupId, backendServers: [{ serverId, port }] });
    }
  }
}

async function serveOurs(bench: Bench, stage: Stage): Promise<ServingFunction> {
  const folder = (await bench.builds.functions()).get('instance-events');
  if (folder === undefined) throw new Error('there is no function instance-events');
  const configPath = join(dirname(folder), 'event-cpu.yaml');
  await writeFile(configPath, configText(stage.settings.regionId, stage.bindings));
  return await serveFunction({
    folder,
    settings: stage.settings,
    variables: { AUTOPILOT_CONFIG: configPath },
  });
}

/** The stage's bindings as a configuration file. JSON is YAML. */
function configText(region: string, bindings: ReadonlyArray<Binding>): string {
  return JSON.stringify({
    version: 1,
    region,
    bindings: bindings.map(({ name, loadBalancerId, vServerGroupId, selector, ports, drainTimeMs }) => ({
      name,
      loadBalancer: loadBalancerId,
      vServerGroup: vServerGroupId,
      selector:
        selector.kind === 'tags' ? { tags: selector.tags } : { scalingGroup: selector.scalingGroupId },
      ports,
      drain: { time: `${drainTimeMs}ms` },
    })),
    timing: { gather: '0s' },
  });
}
