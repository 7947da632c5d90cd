import { handleDriftSweep } from '../../../functions/drift-sweep/handler.ts';
import { TABLES } from '../../../shared/adapters/tablestore/tables.ts';
import type { Bench, Line } from '../measure.ts';
import { counted } from '../virtual/counted.ts';
import { startSilently } from '../virtual/fleet.ts';
import { putInService } from '../virtual/in-service.ts';
import { setVirtualStage, type VirtualStage } from '../virtual/stage.ts';
import { isSlbWrite } from '../virtual/write-counter.ts';
import { leastReads, readsOf } from './reads.ts';

const SEED = 21;
const LATENCY_MS = 20;
const WEB = 150;
const API = 250;
const SCALED = 120;
const STANDBYS = 2;
/** The load balancer with the most has the web, the api and the scaling group. */
const QUOTA = WEB + API + SCALED;
const PAIRS = { 'orders-1': 'lb-a', 'orders-2': 'lb-a', 'orders-3': 'lb-b' } as const;
const FIRST_PORT = 3_306;
const SCALING_GROUP = 'asg-bench';
/** Long enough that the pairs are known and nothing is left to be looked at again. */
const SETTLED_MS = 4 * 60_000;

/** What the fleet is, for the reader. */
export const IN_PLACE_CONDITIONS = {
  'in place': '2 load balancers, 5 groups, 3 pairs',
  instances: WEB + API + SCALED,
} as const;

/** A sweep in place over two load balancers where nothing is to do: what it reads, beside the least, and what it writes. */
export async function measureInPlace(bench: Bench): Promise<ReadonlyArray<Line>> {
  const stage = await setVirtualStage({
    configuration: configuration(),
    switches: { slbBackendQuota: QUOTA },
    latencyMs: LATENCY_MS,
    seed: SEED,
    hasGroups: false,
  });
  try {
    bench.say('a fleet with groups, scaling groups and pairs is set up');
    await setUp(stage);
    bench.say('it is swept in place');
    const { compareMs } = stage.config.timing;
    const triggeredAtMs = Math.ceil(stage.clock.nowMs() / compareMs) * compareMs;
    const { calls, rows } = await counted(stage, async (worker) => {
      const { sweep } = await handleDriftSweep(worker, [{ kind: 'tick', triggeredAtMs }]);
      const isWhole =
        sweep?.kind === 'in-place' &&
        sweep.comparison.compared.length === 2 &&
        sweep.pairs.compared.length === Object.keys(PAIRS).length;
      if (!isWhole || sweep.counts.found > 0) throw new Error(`not clean: ${JSON.stringify(sweep)}`);
    });
    const least = leastReads({
      loadBalancers: [
        { groups: 3, pairs: 2, instances: WEB + API + SCALED, ofScalingGroups: SCALED },
        { groups: 2, pairs: 1, instances: WEB + SCALED, ofScalingGroups: SCALED },
      ],
      byTags: [WEB, API, STANDBYS],
      byScalingGroup: [SCALED],
    });
    const reads = readsOf(calls);
    const line = { size: WEB + API + SCALED, instead: null, note: '' } as const;
    const written = (table: keyof typeof TABLES, bound: number): Line => {
      const { name } = TABLES[table];
      const figure = rows.get(name) ?? 0;
      return { ...line, name: `in place: rows written in ${name}`, figure, unit: 'rows', bound };
    };
    const writes = calls.filter(isSlbWrite).length;
    return [
      { ...line, name: 'in place: SLB writes', figure: writes, unit: 'calls', bound: 0 },
      written('lanes', 0),
      written('backends', 0),
      written('audit', 1),
      ...[...new Set([...least.keys(), ...reads.keys()])].map((what): Line => {
        const [figure, bound] = [reads.get(what) ?? 0, least.get(what) ?? 0];
        return { ...line, name: `in place: ${what}`, figure, unit: 'calls', bound };
      }),
    ];
  } finally {
    await stage.close();
  }
}

async function setUp(stage: VirtualStage): Promise<void> {
  const { slb, ess } = stage.clouds;
  ess.seedScalingGroup({ scalingGroupId: SCALING_GROUP, minSize: 0, maxSize: SCALED, instanceTags: [] });
  const ids = await startSilently(stage, [
    { count: WEB, tags: { role: 'web' } },
    { count: API, tags: { role: 'api' } },
    { count: SCALED, tags: {} },
    { count: STANDBYS, tags: { role: 'standby' } },
    { count: 2 * Object.keys(PAIRS).length, tags: { role: 'db' } },
  ]);
  const web = ids.slice(0, WEB);
  const api = ids.slice(WEB, WEB + API);
  const scaled = ids.slice(WEB + API, WEB + API + SCALED);
  const members = ids.slice(WEB + API + SCALED + STANDBYS);
  ess.attachInstances({ scalingGroupId: SCALING_GROUP, instanceIds: scaled });
  const selected: Readonly<Record<string, ReadonlyArray<string>>> = { web, api, scaled };
  for (const binding of stage.config.bindings) {
    await putInService(stage, binding, selected[binding.name.split('-')[0] ?? ''] ?? []);
  }
  Object.entries(PAIRS).forEach(([name, loadBalancerId], index) => {
    const [master = '', slave = ''] = members.slice(2 * index);
    const masterSlaveServerGroupId = `rsp-${name}`;
    const port = FIRST_PORT + index;
    slb.seedMasterSlaveServerGroup({
      masterSlaveServerGroupId,
      loadBalancerId,
      name,
      backends: [
        { serverId: master, port, serverType: 'Master' },
        { serverId: slave, port, serverType: 'Slave' },
      ],
    });
    slb.seedListener({
      loadBalancerId,
      listenerProtocol: 'tcp',
      listenerPort: port,
      masterSlaveServerGroupId,
    });
  });
  await stage.pass(SETTLED_MS);
}

function configuration(): object {
  const tags = (role: string) => ({ tags: { role } });
  const binding = (name: string, loadBalancer: string, selector: object) => ({
    name,
    loadBalancer,
    vServerGroup: `rsp-${name}`,
    selector,
    ports: [{ port: 8_080 }],
  });
  return {
    version: 1,
    region: 'cn-hangzhou',
    bindings: [
      binding('web-a', 'lb-a', tags('web')),
      binding('web-b', 'lb-b', tags('web')),
      binding('api-a', 'lb-a', tags('api')),
      binding('scaled-a', 'lb-a', { scalingGroup: SCALING_GROUP }),
      binding('scaled-b', 'lb-b', { scalingGroup: SCALING_GROUP }),
    ],
    pairs: Object.entries(PAIRS).map(([name, loadBalancer], index) => ({
      name,
      loadBalancer,
      listeners: [`tcp:${FIRST_PORT + index}`],
      standby: tags('standby'),
    })),
    limits: { backendsPerLoadBalancer: QUOTA },
  };
}
