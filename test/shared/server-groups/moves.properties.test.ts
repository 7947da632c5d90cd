import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InstanceStatus } from '../../../shared/instances/model.ts';
import { backendId, type Step } from '../../../shared/server-groups/model.ts';
import { planLane } from '../../../shared/server-groups/plan.ts';
import { LIMITS } from '../../support/builders.ts';
import { aMove, listed, moveTo, recorded, saysOf, serving } from './moving-lane.ts';
import { ids } from './plan-views.ts';
import type { PlayedLane } from './played-lane.ts';

// The goal: whatever happens in the middle of a move, no call of ours takes the last port of a server that serves, unless
// something else than the move wants it out; and no call takes the servers that serve below the guard.

const HOUR_MS = 3_600_000;
const RUNS = { numRuns: 60 };

const happenings = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 60_000 }),
    server: fc.nat({ max: 24 }),
    port: fc.constantFrom(8080, 8081, 9090),
    what: fc.oneof(
      fc
        .constantFrom<InstanceStatus>('Running', 'Running', 'Stopping', 'Stopped')
        .map((status) => ({ kind: 'becomes', status }) as const),
      fc.constant({ kind: 'leaves' } as const),
      fc.constant({ kind: 'returns' } as const),
      fc
        .constantFrom('normal', 'abnormal', 'unavailable')
        .map((status) => ({ kind: 'health', status }) as const),
      fc.boolean().map((isReady) => ({ kind: 'answers', isReady }) as const),
      fc.integer({ min: 0, max: 100 }).map((weight) => ({ kind: 'override', weight }) as const),
      fc
        .constantFrom<ReadonlyArray<number>>([8080], [8081], [8081, 9090], [8080, 9090])
        .map((ports) => ({ kind: 'moves', ports }) as const),
      fc.constant({ kind: 'is compared' } as const),
      fc.constant({ kind: 'is meddled with' } as const),
    ),
  }),
  { maxLength: 14 },
);

const draws = fc.record({
  servers: fc.integer({ min: 1, max: 25 }),
  to: fc.constantFrom<ReadonlyArray<number>>([8081], [8081], [8081, 9090], [8080, 9090]),
  readiness: fc.constantFrom('running', 'load-balancer', 'probe', 'both'),
  whenNotReady: fc.constantFrom('stay', 'remove'),
  joinWeight: fc.constantFrom<0 | 1>(0, 1),
  rampPercents: fc.constantFrom([], [10, 50]),
  minInService: fc.integer({ min: 1, max: 25 }),
  maxDisruptionPercent: fc.constantFrom(10, 50, 100),
  spare: fc.constantFrom(0, 3, 100),
  happenings,
} as const);

type Draw = typeof draws extends fc.Arbitrary<infer Value> ? Value : never;

/** Plays a move with all that happens; `afterCall` sees the lane as each call has left it, and who served before. */
function playMove(
  draw: Draw,
  afterCall: (lane: PlayedLane, step: Step, before: ReadonlySet<string>) => void,
): PlayedLane {
  const {
    servers,
    to,
    readiness,
    whenNotReady,
    joinWeight,
    rampPercents,
    minInService,
    maxDisruptionPercent,
  } = draw;
  const lane = aMove(servers, to, {
    readiness,
    // Health checks prove nothing at weight 0: the configuration refuses it.
    join: {
      weight: readiness === 'running' || readiness === 'probe' ? joinWeight : 1,
      whenNotReady,
      rampPercents,
      readyWithinMs: 60_000,
    },
    guards: { minInService, maxDisruptionPercent },
  });
  lane.overrides = { limits: { ...LIMITS, backendsPerLoadBalancer: servers + draw.spare } };
  const silent = new Set<string>();
  lane.onProbe = ({ backend: { serverId, port } }) =>
    silent.has(`${serverId}:${port}`)
      ? { isReady: false, reason: 'no answer' }
      : { isReady: true, reason: null };
  for (const id of ids(servers))
    for (const port of [8080, 8081, 9090]) saysOf(lane, 'normal', `${id}:${port}`);
  let before = serving(lane);
  const refresh = () => {
    before = serving(lane);
  };
  lane.afterCall = (step) => {
    afterCall(lane, step, before);
    refresh();
  };
  lane.beforePlan = refresh;
  lane.compare();
  for (const { afterMs, server, port, what } of draw.happenings) {
    lane.advance(afterMs);
    const id = ids(servers)[server % servers] ?? '';
    const key = `${id}:${port}`;
    switch (what.kind) {
      case 'becomes':
        lane.becomes(id, what.status);
        break;
      case 'leaves':
        lane.order(id, 'change-request', { untilMs: lane.nowMs + 120_000 });
        break;
      case 'returns':
        lane.takeBack(id, 'change-request');
        break;
      case 'health':
        saysOf(lane, what.status, key);
        break;
      case 'answers':
        if (what.isReady) silent.delete(key);
        else silent.add(key);
        break;
      case 'override':
        lane.override(id, 90_000, { weight: { is: what.weight } });
        break;
      case 'moves':
        moveTo(lane, ...what.ports);
        break;
      case 'is compared':
        lane.compare();
        break;
      case 'is meddled with': {
        const backend = listed(lane, key);
        if (backend !== undefined) lane.list.set(backendId(backend), { ...backend, weight: server });
      }
    }
    lane.look();
  }
  return lane;
}

/** The same with one port for each server, before and after. */
function withOnePort(draw: Draw): Draw {
  const [first = 8081] = draw.to;
  const happened = draw.happenings.map((each) =>
    each.what.kind === 'moves' ? { ...each, what: { ...each.what, ports: each.what.ports.slice(-1) } } : each,
  );
  return { ...draw, to: [first], happenings: happened };
}

describe('a move, whatever happens in the middle of it', () => {
  it('takes no server that serves out of service', () => {
    let moved = 0;
    fc.assert(
      fc.property(draws, (draw) => {
        const lane = playMove(draw, (played, { kind, backends }, before) => {
          const after = serving(played);
          for (const { serverId, port, weight } of backends) {
            if (kind === 'add' || weight > 0) continue;
            if (recorded(played, `${serverId}:${port}`)?.cause !== 'moved') continue;
            moved++;
            expect([before.has(serverId), after.has(serverId)]).not.toEqual([true, false]);
          }
        });
        lane.compare().advance(HOUR_MS);
      }),
      RUNS,
    );
    expect(moved).toBeGreaterThan(150);
  });

  // Guards count backends: only with one port each these are the servers.
  it('takes the servers that serve below no guard', () => {
    fc.assert(
      fc.property(draws, (draw) => {
        playMove(withOnePort(draw), (played, { kind, backends }, before) => {
          const leavers = backends.filter(({ weight }) => kind === 'set-weight' && weight === 0);
          if (leavers.length === 0) return;
          const after = serving(played);
          const lost = [...before].filter((id) => !after.has(id));
          const floor = Math.max(1, draw.minInService);
          if (lost.length > 0) expect(after.size).toBeGreaterThanOrEqual(Math.min(before.size, floor));
        });
      }),
      RUNS,
    );
  });

  it('comes to an end: everybody who may serve does, on the ports that are named', () => {
    fc.assert(
      fc.property(draws, (draw) => {
        const lane = playMove({ ...draw, spare: 100, minInService: 1 }, () => undefined);
        // What has happened is over, and the last word on the ports stands.
        lane.onProbe = () => ({ isReady: true, reason: null });
        lane.health.clear();
        const ports = lane.bindings.flatMap((binding) => binding.ports.map(({ port }) => port));
        for (const id of ids(draw.servers)) {
          for (const port of [8080, 8081, 9090]) saysOf(lane, 'normal', `${id}:${port}`);
          lane.becomes(id, 'Stopped').becomes(id, 'Running').takeBack(id, 'change-request');
        }
        for (let round = 0; round < 3; round++) lane.compare().advance(HOUR_MS);

        const wanted = ids(draw.servers).flatMap((id) => ports.map((port) => `${id}:${port}=100`));
        const found = [...lane.list.values()].map(
          ({ serverId, port, weight }) => `${serverId}:${port}=${weight}`,
        );
        expect(found.sort()).toEqual([...wanted].sort());
      }),
      { numRuns: 30 },
    );
  });

  it('asks what the health checks say before it decides anything that they could change', () => {
    const decided = (lane: PlayedLane, health: 'as it is' | 'unread' | 'normal' | 'abnormal') => {
      const input = lane.input();
      const said = (input.health ?? []).map((each) =>
        health === 'normal' || health === 'abnormal' ? { ...each, status: health } : each,
      );
      const { needsHealth, changes, steps, settledKeys, nextLookMs } = planLane({
        ...input,
        health: health === 'unread' ? null : said,
      });
      return { needsHealth, decided: { changes, steps, settledKeys, nextLookMs } };
    };
    let guessed = 0;
    fc.assert(
      fc.property(draws, (draw) => {
        const lane = playMove(draw, () => undefined);
        const unread = decided(lane, 'unread');
        if (unread.needsHealth) return;
        guessed++;
        for (const health of ['as it is', 'normal', 'abnormal'] as const) {
          expect(decided(lane, health).decided).toEqual(unread.decided);
        }
      }),
      RUNS,
    );
    expect(guessed).toBeGreaterThan(5);
  });
});
