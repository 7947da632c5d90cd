import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSelected } from '../../../shared/instances/selection.ts';
import { decidedAgain, recordedSituation } from '../../../shared/server-groups/backend/recorded-decision.ts';
import {
  backendId,
  type LaneInput,
  type ObservedBackend,
  type Step,
} from '../../../shared/server-groups/model.ts';
import { planLane } from '../../../shared/server-groups/plan.ts';
import type { PlayedLane } from './played-lane.ts';
import { type Draw, draws, laneOf, play } from './random-lanes.ts';

const HOUR_MS = 3_600_000;
const RUNS = { numRuns: 300 };
const PLAYS = { numRuns: 150 };

const backendsOf = (input: LaneInput, groupId: string) => input.groups.get(groupId)?.backends ?? [];
const bindingOf = (input: LaneInput, { vServerGroupId, port }: { vServerGroupId: string; port: number }) =>
  input.bindings.find(
    (binding) =>
      binding.vServerGroupId === vServerGroupId && binding.ports.some((each) => each.port === port),
  );

/** Who can serve: weight above 0, Running, and not abnormal unless all are. */
function servingOf(
  input: LaneInput,
  backends: ReadonlyArray<ObservedBackend>,
): ReadonlyArray<ObservedBackend> {
  const listener = input.loadBalancer.listeners[0];
  const sick = new Set(
    (input.health ?? [])
      .filter(({ status, protocol }) => status === 'abnormal' && protocol === listener?.protocol)
      .map(({ serverId }) => serverId),
  );
  const able = backends.filter(
    ({ weight, serverId }) => weight > 0 && input.instances.present.get(serverId)?.status === 'Running',
  );
  // A listener without a check has nothing to say about anybody's health.
  const hasListener = (id: string) => listener?.isHealthChecked === true && listener.vServerGroupId === id;
  const healthy = able.filter(
    ({ serverId, vServerGroupId }) => !(hasListener(vServerGroupId) && sick.has(serverId)),
  );
  return healthy.length > 0 ? healthy : able;
}

function after(backends: ReadonlyArray<ObservedBackend>, step: Step): ReadonlyArray<ObservedBackend> {
  const touched = new Map(step.backends.map((backend) => [backendId(backend), backend]));
  const others = backends.filter((backend) => !touched.has(backendId(backend)));
  return step.kind === 'remove' ? others : [...others, ...touched.values()];
}

describe('a plan of any lane', () => {
  const planned = (property: (input: LaneInput, draw: Draw) => void) =>
    fc.assert(
      fc.property(draws, (draw) => {
        const lane = laneOf(draw);
        property(lane.input(), draw);
        // And once more in the middle of its life.
        play(lane, { ...draw, happenings: draw.happenings.slice(0, 3) });
        property(lane.input(), draw);
      }),
      RUNS,
    );

  it('lowers the capacity of no group below its floor, call by call', () => {
    planned((input) => {
      for (const { vServerGroupId, guards } of input.bindings) {
        const atFirst = backendsOf(input, vServerGroupId);
        const wereServing = new Set(servingOf(input, atFirst).map(backendId));
        const floor = Math.min(wereServing.size, Math.max(1, guards.minInService));
        let backends = atFirst;
        for (const step of planLane(input).steps) {
          if (step.vServerGroupId !== vServerGroupId) continue;
          backends = after(backends, step);
          const stillServing = backends.filter((each) => each.weight > 0 && wereServing.has(backendId(each)));
          expect(stillServing.length).toBeGreaterThanOrEqual(floor);
        }
      }
    });
  });

  it('names nobody who is neither marked nor recorded nor to be adopted, and adds nobody who is there', () => {
    planned((input) => {
      const listed = new Map(
        [...input.groups.values()]
          .flatMap((group) => group?.backends ?? [])
          .map((each) => [backendId(each), each]),
      );
      const recorded = new Set(
        input.rows.filter(({ phase }) => phase !== 'removed').map((row) => backendId(row)),
      );
      for (const { kind, backends } of planLane(input).steps) {
        for (const named of backends) {
          const there = listed.get(backendId(named));
          if (kind === 'add') expect(there).toBeUndefined();
          else {
            const instance = input.instances.present.get(named.serverId);
            const binding = bindingOf(input, named);
            const isAdopted =
              binding?.adopt === true && instance !== undefined && isSelected(instance, binding);
            const isMarked = there?.description.startsWith('slb-autopilot/') === true;
            expect([isMarked, recorded.has(backendId(named)), isAdopted]).toContain(true);
          }
          expect(named.description).toMatch(/^slb-autopilot\/[a-z]+$/);
        }
      }
    });
  });

  it('has 1 to 20 backends in a call, and none of them twice in calls of one operation', () => {
    planned((input) => {
      const { steps } = planLane(input);
      expect(steps.every(({ backends }) => backends.length >= 1 && backends.length <= 20)).toBe(true);
      for (const kind of ['add', 'set-weight', 'remove']) {
        const named = steps
          .filter((step) => step.kind === kind)
          .flatMap(({ backends }) => backends.map(backendId));
        expect(new Set(named).size).toBe(named.length);
      }
    });
  });

  it('never adds beyond the quota', () => {
    planned((input) => {
      const added = planLane(input)
        .steps.filter(({ kind }) => kind === 'add')
        .flatMap(({ backends }) => backends).length;
      const room = input.limits.backendsPerLoadBalancer - input.loadBalancer.backendCount;
      expect(added).toBeLessThanOrEqual(Math.max(0, room));
    });
  });

  it('is the same for the same input, in whatever order it was read', () => {
    planned((input) => {
      const plan = planLane(input);
      expect(planLane(input)).toEqual(plan);
      const backwards: LaneInput = {
        ...input,
        rows: [...input.rows].reverse(),
        signals: [...input.signals].reverse(),
        health: [...(input.health ?? [])].reverse(),
        groups: new Map(
          [...input.groups].map(([id, group]) => [
            id,
            group === null ? null : { ...group, backends: [...group.backends].reverse() },
          ]),
        ),
        instances: {
          asked: new Set([...input.instances.asked].reverse()),
          present: new Map([...input.instances.present].reverse()),
        },
      };
      expect(planLane(backwards).steps).toEqual(plan.steps);
      expect(planLane(backwards).changes).toEqual(plan.changes);
    });
  });

  it('asks what the health checks say before it decides anything that they could change', () => {
    const decided = (input: LaneInput) => {
      const { changes, departed, steps, enquiries, settledKeys, nextLookMs, decisions } = planLane(input);
      const said = decisions.map(({ subject, action, reason }) => `${subject} ${action} ${reason}`);
      return { changes, departed, steps, enquiries, settledKeys, nextLookMs, said };
    };
    const statuses = ['normal', 'abnormal', 'unavailable'] as const;
    let guessed = 0;
    let asked = 0;
    planned((input) => {
      const unread = { ...input, health: null };
      if (planLane(unread).needsHealth) {
        asked++;
        return;
      }
      guessed++;
      for (const status of statuses) {
        const health = (input.health ?? []).map((each) => ({ ...each, status }));
        expect(decided({ ...input, health })).toEqual(decided(unread));
      }
      expect(decided(input)).toEqual(decided(unread));
    });
    expect(Math.min(guessed, asked)).toBeGreaterThan(20);
  });

  it('has no decision of a rule that cannot be made again from its audit entry', () => {
    planned((input) => {
      for (const { situation, action, reason } of planLane(input).decisions) {
        if (situation === null) continue;
        const record = JSON.parse(JSON.stringify(recordedSituation(situation)));
        expect(decidedAgain(record, input.bindings)).toEqual({ action, reason });
      }
    });
  });

  it('looks again whenever it leaves something for later, and never at once', () => {
    planned((input) => {
      const { nextLookMs, steps, enquiries } = planLane(input);
      if (nextLookMs !== null && steps.length === 0 && enquiries.length === 0) {
        expect(nextLookMs).toBeGreaterThan(input.nowMs);
      }
    });
  });
});

describe('the life of any lane', () => {
  const played = (property: (lane: PlayedLane, draw: Draw) => void) =>
    fc.assert(
      fc.property(draws, (draw) => {
        const lane = laneOf(draw);
        play(lane, draw);
        property(lane, draw);
      }),
      PLAYS,
    );

  it('comes to rest: by its own looks alone, with nothing left to do', () => {
    played((lane) => {
      lane.advance(3 * HOUR_MS);
      const calls = lane.sent.length;
      const rows = new Map(lane.rows);
      lane.advance(HOUR_MS).look();

      expect(lane.sent.slice(calls)).toEqual([]);
      expect(new Map(lane.rows)).toEqual(rows);
    });
  });

  it('rests where everybody is as he should be, or is held or kept out for a reason on record', () => {
    played((lane) => {
      lane.advance(3 * HOUR_MS);
      const input = lane.input();
      for (const row of lane.rows.values()) {
        const backend = lane.list.get(backendId(row));
        const instance = lane.instances.get(row.serverId);
        const binding = bindingOf(input, row);
        const mayServe =
          instance?.status === 'Running' && binding !== undefined && isSelected(instance, binding);
        // Whoever is kept out may be in by somebody else's hand, which is theirs to undo.
        if (row.phase === 'removed' && backend?.description.startsWith('slb-autopilot/') !== true) continue;
        if (row.held !== null) expect(row.held.reason).not.toBe('');
        else if (row.orders.length > 0) expect([undefined, 0]).toContain(backend?.weight);
        else if (mayServe && backend !== undefined) {
          const isPaused = row.phase === 'ramping' && lane.health.get(row.serverId)?.status === 'abnormal';
          expect(isPaused || backend.weight === 100).toBe(true);
        } else expect(mayServe).toBe(false);
      }
      const strays = [...lane.list.values()].filter(
        (backend) => backend.description.startsWith('slb-autopilot/') && !lane.rows.has(backendId(backend)),
      );
      expect(strays).toEqual([]);
    });
  });

  it('never lets a weight fall within one generation, on its way into service', () => {
    played((lane) => {
      lane.advance(HOUR_MS);
      const highest = new Map<string, number>();
      for (const { kind, id, weight, generation } of lane.writes) {
        // Out of the group its record is forgotten, and whoever comes back begins a new life with its first generation.
        if (kind === 'remove') {
          for (const key of [...highest.keys()]) if (key.startsWith(`${id} `)) highest.delete(key);
          continue;
        }
        const key = `${id} ${generation}`;
        expect(weight).toBeGreaterThanOrEqual(highest.get(key) ?? 0);
        highest.set(key, weight);
      }
    });
  });

  it('touches nobody else’s backend in all its time', () => {
    played((lane, draw) => {
      if (draw.policies.adopt) return;
      lane.advance(HOUR_MS);
      const theirs = draw.servers.filter(
        ({ description, weight, phase }) =>
          description === 'theirs' && weight !== null && (phase === null || phase === 'removed'),
      );
      const touched = new Set(lane.writes.map(({ id }) => id));
      for (const { id } of theirs) {
        const serverId = `i-web${String(id).padStart(4, '0')}`;
        expect(touched.has(`rsp-bp1web000001/${serverId}:8080`)).toBe(false);
      }
    });
  });
});
