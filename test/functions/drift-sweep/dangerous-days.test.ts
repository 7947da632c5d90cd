import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handleDriftSweep } from '../../../functions/drift-sweep/handler.ts';
import { passUntil } from '../../../infra/local/memory/passage.ts';
import { createMemoryWorker, type MemoryWorkerOptions } from '../../../infra/local/memory/worker.ts';
import { seededRandom } from '../../../infra/local/world/random.ts';
import type { RpcClient } from '../../../shared/adapters/alibaba/rpc-client.ts';
import { TransientError } from '../../../shared/errors.ts';
import type { SweepReport } from '../../../shared/sweep/model.ts';
import { passUntilHolds, publishWithin, startSilently } from '../../bench/virtual/fleet.ts';
import { setVirtualStage, type VirtualStage } from '../../bench/virtual/stage.ts';
import { GROUP, LB } from '../../support/builders.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const TAGS = { role: 'web' };
/** More than one page of a listing by tags. */
const INSTANCES = 120;
const CONFIGURATION = {
  version: 1,
  region: 'cn-hangzhou',
  bindings: [
    {
      name: 'web',
      loadBalancer: LB,
      vServerGroup: GROUP,
      selector: { tags: TAGS },
      ports: [{ port: 8080 }],
      drain: { time: '30s' },
    },
  ],
};

let stage: VirtualStage;
let ids: ReadonlyArray<string>;
beforeEach(async () => {
  stage = await setVirtualStage({
    configuration: CONFIGURATION,
    switches: { slbGroupProcessingMs: 0 },
    latencyMs: 20,
    seed: 3,
  });
  ids = await startSilently(stage, [{ count: INSTANCES, tags: TAGS }]);
  await publishWithin(stage, ids, 'Running', 1_000, seededRandom(3));
  await passUntilHolds(stage, 20 * MINUTE_MS, () => inRotation() === INSTANCES);
  await stage.pass(MINUTE_MS);
});
afterEach(() => stage.close());

const inRotation = () =>
  (stage.clouds.slb.group(GROUP)?.backends ?? []).filter(({ weight }) => weight > 0).length;
type Altered = Pick<MemoryWorkerOptions, 'alter' | 'own'>;
type Answer = (api: string, parameters: Readonly<Record<string, unknown>>) => unknown;

/** ECS answers so; what `answer` returns `undefined` for, as it is. */
const withEcs = (answer: Answer): Altered => ({
  alter: (transports) => {
    const ecs: RpcClient = {
      async call(api, kind, parameters, schema) {
        const made = answer(api, parameters);
        return made === undefined
          ? await transports.ecs.call(api, kind, parameters, schema)
          : schema.parse(made);
      },
    };
    return { ...transports, ecs };
  },
});
const isListing = (api: string, parameters: Readonly<Record<string, unknown>>) =>
  api === 'DescribeInstances' && parameters.Tag !== undefined;

let sweeps = 0;
/** A worker for which something is amiss sweeps, three times; the fleet lives on meanwhile. Its last report. */
async function sweepsWith(altered: Altered): Promise<SweepReport> {
  let report: SweepReport | null = null;
  for (let time = 0; time < 3; time++) {
    const name = `blind-${++sweeps}`;
    const worker = createMemoryWorker(stage.clouds, { config: stage.config, name, ...altered });
    const { compareMs } = stage.config.timing;
    const triggeredAtMs = Math.floor(stage.clock.nowMs() / compareMs) * compareMs;
    await passUntil(stage.clock, handleDriftSweep(worker, [{ kind: 'tick', triggeredAtMs }]));
    report = await lastReport();
    await stage.pass(2 * MINUTE_MS);
  }
  return report ?? (await lastReport());
}

async function lastReport(): Promise<SweepReport> {
  const [last] = await stage.person().audit.latest('sweep:cn-hangzhou', 1);
  if (last === undefined) throw new Error('nobody has reported anything');
  return last.inputs as unknown as SweepReport;
}

describe('no server leaves rotation on a day', () => {
  it('on which ECS answers with nothing', async () => {
    const nothing = {
      RequestId: 'r',
      Instances: { Instance: [] },
      TotalCount: 0,
      PageNumber: 1,
      PageSize: 100,
    };

    await sweepsWith(withEcs((api) => (api === 'DescribeInstances' ? nothing : undefined)));

    expect(inRotation()).toBe(INSTANCES);
  });

  it('on which ECS answers the first page of a listing and then fails, and the report says so', async () => {
    let pages = 0;
    const failing = withEcs((api, parameters) => {
      if (!isListing(api, parameters)) return undefined;
      pages++;
      if (pages % 2 === 1) return undefined;
      throw new TransientError('ECS is not there', 'unavailable');
    });

    const report = await sweepsWith(failing);

    expect(pages).toBeGreaterThan(1);
    expect(report.failed).toEqual({ [LB]: 'ECS is not there' });
    expect(inRotation()).toBe(INSTANCES);
  });

  it('on which a typo in a tag unselects nearly all of a fleet', async () => {
    stage.clouds.ecs.untagResources({ resourceIds: ids.slice(0, 0.95 * INSTANCES), tagKeys: ['role'] });

    await stage.pass(20 * MINUTE_MS);

    expect(inRotation()).toBe(INSTANCES);
    const { sections } = await lastReport();
    const held = sections.flatMap(({ lines }) => lines.filter(({ kind }) => kind === 'held'));
    expect(new Set(held.map((line) => line.kind === 'held' && line.by))).toEqual(new Set(['unsure']));
  });

  it('on which a listing by tags has reached the most that ECS lists, and the report says so', async () => {
    const cut = { RequestId: 'r', Instances: { Instance: [] }, TotalCount: 1_200 };
    const first = withEcs((api, parameters) => (isListing(api, parameters) ? cut : undefined));

    await sweepsWith(first);

    expect(inRotation()).toBe(INSTANCES);
  });

  it('on which the endpoints of the region are down, and the report says so', async () => {
    const down = (): never => {
      throw new TransientError('no such host', 'unavailable');
    };
    const dead: RpcClient = { call: async () => down() };

    const report = await sweepsWith({ alter: (transports) => ({ ...transports, slb: dead, ecs: dead }) });

    expect(report.failed).toEqual({ [LB]: 'no such host' });
    expect(report.counts).toMatchObject({ failed: 1, corrected: 0 });
    expect(inRotation()).toBe(INSTANCES);
  });

  it('on which the clock of a worker is an hour off, one way and the other', async () => {
    for (const byMs of [HOUR_MS, -HOUR_MS]) {
      const ownClock = { nowMs: () => stage.clock.nowMs() + byMs };

      const report = await sweepsWith({ own: { ownClock } });

      expect(report).toMatchObject({ failed: {}, counts: { found: 0 } });
      expect(inRotation()).toBe(INSTANCES);
    }
  });
});

describe('another writer that flips a weight every 20 s', () => {
  it('is corrected three times, then left and reported, and the weight comes back when it stops', async () => {
    const [serverId = ''] = ids;
    const description = 'slb-autopilot/web';
    const weightOf = () =>
      stage.clouds.slb.group(GROUP)?.backends.find((backend) => backend.serverId === serverId)?.weight;
    let ours = 0;
    stage.clouds.foundation.gate.onRecord(({ action, principal, applied }) => {
      if (action === 'SetVServerGroupAttribute' && principal.kind === 'role-session' && applied) ours++;
    });

    for (let flips = 0; flips < 24; flips++) {
      stage.clouds.slb.vServerGroups.set({
        vServerGroupId: GROUP,
        backendServers: [{ serverId, port: 8080, weight: 7, description }],
      });
      // Whatever tells the lane to look: here a request for nothing, as a tick would.
      await stage.person().lanes.signal([LB]);
      await stage.pass(20_000);
    }

    expect(ours).toBe(3);
    const { sections } = await lastReport();
    expect(sections.flatMap(({ lines }) => lines)).toContainEqual(
      expect.objectContaining({ kind: 'held', by: 'contested', subject: `${GROUP}/${serverId}:8080` }),
    );
    await stage.pass(15 * MINUTE_MS);
    expect(weightOf()).toBe(100);
  });
});
