import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makePlan } from '../../../../infra/operator/plan/make.ts';
import { canonicalPlanOf, changesOf } from '../../../../shared/comparison/sections/model.ts';
import { isSweepDue } from '../../../../shared/sweep/plan.ts';
import { startSilently, stopSilently } from '../../../bench/virtual/fleet.ts';
import { setVirtualStage, type VirtualStage } from '../../../bench/virtual/stage.ts';
import { isSlbWrite } from '../../../bench/virtual/write-counter.ts';
import { GROUP, LB } from '../../../support/builders.ts';

// Goal: the plan that people see is what the functions then do. Method: a settled group is disturbed without an event; the
// plan is made; the virtual world lives past the next full comparison; then the first write about each backend is compared
// with the plan, in both directions.

const MINUTE_MS = 60_000;
const TAGS = { role: 'web' };
const DISTURBANCES = ['none', 'weight', 'mark', 'removed', 'untagged', 'stopped'] as const;
type Disturbance = (typeof DISTURBANCES)[number];

const configurationOf = (policy: 'correct' | 'report', maxDisruption: number) => ({
  version: 1,
  region: 'cn-hangzhou',
  bindings: [
    {
      name: 'web',
      loadBalancer: LB,
      vServerGroup: GROUP,
      selector: { tags: TAGS },
      ports: [{ port: 8080 }, { port: 8081, weight: 40 }],
      join: { ramp: { steps: [25, 50], every: '10s' } },
      drain: { time: '10s' },
      guards: { minInService: 1, maxDisruption },
      drift: { policy },
    },
  ],
});

const disturb: Record<Disturbance, (stage: VirtualStage, id: string) => unknown> = {
  none: () => {},
  weight: ({ clouds }, serverId) => setAs(clouds, serverId, 7, 'slb-autopilot/web'),
  mark: ({ clouds }, serverId) => setAs(clouds, serverId, 100, 'mine'),
  removed: ({ clouds }, serverId) =>
    clouds.slb.vServerGroups.remove({ vServerGroupId: GROUP, backendServers: [{ serverId, port: 8080 }] }),
  untagged: ({ clouds }, id) => clouds.ecs.untagResources({ resourceIds: [id], tagKeys: ['role'] }),
  stopped: (stage, id) => stopSilently(stage, [id]),
};

function setAs({ slb }: VirtualStage['clouds'], serverId: string, weight: number, description: string): void {
  const backendServers = [{ serverId, port: 8080, weight, description }];
  slb.vServerGroups.set({ vServerGroupId: GROUP, backendServers });
}

/** The first write about each backend from now on, as `i-…:8080 SetVServerGroupAttribute 100`. */
function firstWrites({ clouds }: VirtualStage): ReadonlyMap<string, string> {
  const first = new Map<string, string>();
  clouds.foundation.gate.onRecord((record) => {
    if (!isSlbWrite(record) || !record.applied) return;
    const { backendServers } = record.parameters as {
      backendServers: ReadonlyArray<{ serverId: string; port: number; weight?: number }>;
    };
    for (const { serverId, port, weight } of backendServers) {
      const subject = `${GROUP}/${serverId}:${port}`;
      const isRemoval = record.action === 'RemoveVServerGroupBackendServers';
      if (!first.has(subject)) first.set(subject, `${record.action} ${isRemoval ? '' : weight}`);
    }
  });
  return first;
}

const APIS = {
  add: 'AddVServerGroupBackendServers',
  'set-weight': 'SetVServerGroupAttribute',
  drain: 'SetVServerGroupAttribute',
  remove: 'RemoveVServerGroupBackendServers',
} as const;

/** Lets time pass until a comparison is over, so that there are minutes until the next. */
async function afterComparison(stage: VirtualStage): Promise<void> {
  const { compareMs } = stage.config.timing;
  while (!isSweepDue(stage.clock.nowMs(), compareMs)) await stage.pass(MINUTE_MS);
  await stage.pass(MINUTE_MS);
}

async function play(
  disturbances: ReadonlyArray<Disturbance>,
  newcomers: number,
  policy: 'correct' | 'report',
  maxDisruption: number,
) {
  const configuration = configurationOf(policy, maxDisruption);
  const switches = { slbGroupProcessingMs: 0 };
  const stage = await setVirtualStage({ configuration, switches, latencyMs: 20, seed: 1 });
  try {
    // Events bring these in whatever the policy is.
    const ids = stage.clouds.ecs.runInstances({
      amount: disturbances.length,
      tags: Object.entries(TAGS).map(([key, value]) => ({ key, value })),
    });
    await stage.pass(2 * MINUTE_MS);
    await afterComparison(stage);
    for (const [index, id] of ids.entries()) await disturb[disturbances[index] ?? 'none'](stage, id);
    if (newcomers > 0) await startSilently(stage, [{ count: newcomers, tags: TAGS }]);
    const wish = { bindings: stage.config.bindings, pairs: [] };
    const plan = await makePlan(stage.person(), wish);
    const writes = firstWrites(stage);
    await stage.pass(6 * MINUTE_MS);
    const after = await makePlan(stage.person(), wish);
    return { plan, writes, after };
  } finally {
    await stage.close();
  }
}

describe('a plan', () => {
  it('is what the next full comparison sends, call for call, and is empty or held afterwards', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...DISTURBANCES), { minLength: 2, maxLength: 6 }),
        fc.integer({ min: 0, max: 3 }),
        fc.constantFrom('correct' as const, 'report' as const),
        fc.constantFrom(20, 100),
        async (disturbances, newcomers, policy, maxDisruption) => {
          const { plan, writes, after } = await play(disturbances, newcomers, policy, maxDisruption);

          const { steps, held } = canonicalPlanOf(plan);
          const planned = steps.map(({ subject, action, to }) => [
            subject,
            `${APIS[action as keyof typeof APIS]} ${to.replace('weight ', '')}`,
          ]);
          const heldBefore = new Set(held.map(({ subject }) => subject));
          const sent = [...writes].filter(([subject]) => !heldBefore.has(subject));
          expect(sent.sort()).toEqual(planned.sort());
          expect(changesOf(after)).toEqual([]);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('names what is done about each difference, with the weights before and after', async () => {
    const all = ['weight', 'mark', 'removed', 'untagged', 'stopped', 'none'] as const;
    const { plan } = await play(all, 1, 'correct', 100);

    const found = changesOf(plan).map(({ subject, action, from, to }) =>
      [subject.slice(-4), action, from, to].join(' '),
    );
    expect(found.sort()).toEqual(
      [
        '8080 set-weight weight 7 weight 100',
        '8080 set-weight weight 100 weight 100',
        // Whoever was taken out begins its ramp again.
        '8080 add  weight 25',
        // The instance that has lost its tag, and the one that has stopped.
        ...Array(2).fill('8080 drain weight 100 weight 0'),
        ...Array(2).fill('8081 drain weight 40 weight 0'),
        // The newcomer.
        '8080 add  weight 25',
        '8081 add  weight 10',
      ].sort(),
    );
  });

  it('of a binding that only reports is its holds, and nothing is sent', async () => {
    const { plan, writes } = await play(['weight', 'removed', 'untagged', 'none'], 1, 'report', 100);

    expect(changesOf(plan)).toEqual([]);
    // One of each of the first two, both ports of the other two.
    expect(canonicalPlanOf(plan).held.map(({ by }) => by)).toEqual(Array(6).fill('drift'));
    expect([...writes]).toEqual([]);
  });
});
