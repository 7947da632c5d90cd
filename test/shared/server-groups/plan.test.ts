import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LaneInput, LanePlan, Step } from '../../../shared/server-groups/model.ts';
import { planLane } from '../../../shared/server-groups/plan.ts';
import type { BackendRow } from '../../../shared/server-groups/record.ts';
import {
  aBackend,
  aBinding,
  aGroup,
  anInput,
  anInstance,
  aRow,
  aSignal,
  GROUP,
  instancesSeen,
  LB,
  NOW_MS,
  TIMING,
} from '../../support/builders.ts';

const ids = (count: number, from = 1) =>
  Array.from({ length: count }, (_, index) => `i-web${String(index + from).padStart(4, '0')}`);
const rowsOf = (plan: LanePlan) =>
  plan.changes.map(({ kind, row }) => `${kind} ${row.serverId} ${row.phase}`);
const callsOf = (plan: LanePlan) =>
  plan.steps.map(
    ({ kind, backends }) => `${kind} ${backends.map(({ serverId, weight }) => `${serverId}=${weight}`)}`,
  );

describe('joining', () => {
  it('records a Running, selected instance before anything is added, and waits for others to join with', () => {
    const plan = planLane(
      anInput({ instances: instancesSeen([anInstance('i-1')]), signals: [aSignal('i-1', 'Running')] }),
    );

    expect(rowsOf(plan)).toEqual(['put i-1 joining']);
    expect(plan.steps).toEqual([]);
    expect(plan.nextLookMs).toBe(NOW_MS + 2_000);
    expect(plan.settledKeys).toEqual(['event-i-1-Running']);
  });

  it('adds with the binding port, weight and mark once the gathering time has passed', () => {
    const row = aRow('i-1', { phase: 'joining', dueSinceMs: NOW_MS - 2_000 });
    const plan = planLane(anInput({ instances: instancesSeen([anInstance('i-1')]), rows: [row] }));

    expect(plan.changes).toEqual([]);
    expect(plan.steps).toMatchObject([
      {
        kind: 'add',
        vServerGroupId: GROUP,
        backends: [{ serverId: 'i-1', port: 8080, weight: 100, description: 'slb-autopilot/web' }],
      },
    ]);
  });

  it('sends a full batch of 20 at once and keeps the remainder for the gathering time', () => {
    const servers = ids(22);
    const rows = servers.map((id) => aRow(id, { phase: 'joining', dueSinceMs: NOW_MS - 500 }));
    const plan = planLane(anInput({ instances: instancesSeen(servers.map((id) => anInstance(id))), rows }));

    expect(plan.steps.map(({ backends }) => backends.length)).toEqual([20]);
    expect(plan.nextLookMs).toBe(NOW_MS + 1_500);
  });

  it('joins an instance to every port and every binding that selects it', () => {
    const admin = 'rsp-bp1admin00001';
    const plan = planLane(
      anInput({
        bindings: [
          aBinding({
            ports: [
              { port: 8080, weight: 100 },
              { port: 8443, weight: 50 },
            ],
          }),
          aBinding({ name: 'admin', vServerGroupId: admin, ports: [{ port: 9100, weight: 10 }] }),
        ],
        groups: new Map([
          [GROUP, aGroup([])],
          [admin, aGroup([], { vServerGroupId: admin })],
        ]),
        instances: instancesSeen([anInstance('i-1')]),
        signals: [aSignal('i-1', 'Running')],
        timing: { ...TIMING, gatherMs: 0, settleMs: 3_000 },
      }),
    );

    expect(
      plan.steps.flatMap((step) => step.backends.map((b) => `${b.vServerGroupId} ${b.port} ${b.weight}`)),
    ).toEqual([`${GROUP} 8080 100`, `${GROUP} 8443 50`, `${admin} 9100 10`]);
  });

  it('does not join an instance that no binding selects', () => {
    const other = anInstance('i-1', { tags: { role: 'db' } });
    const plan = planLane(
      anInput({ instances: instancesSeen([other]), signals: [aSignal('i-1', 'Running')] }),
    );

    expect(plan).toMatchObject({ changes: [], steps: [], settledKeys: ['event-i-1-Running'] });
  });

  it('leaves a backend that somebody else added as it is, and adopts it only where the binding says so', () => {
    const stranger = aBackend('i-1', { description: '', weight: 37 });
    const input = {
      group: aGroup([stranger]),
      instances: instancesSeen([anInstance('i-1')]),
      signals: [aSignal('i-1', 'Running')],
    };

    expect(planLane(anInput(input))).toMatchObject({ changes: [], steps: [] });
    expect(callsOf(planLane(anInput({ ...input, bindings: [aBinding({ adopt: true })] })))).toEqual([
      'set-weight i-1=100',
    ]);
  });

  it('forgets a join whose instance stopped before it was added', () => {
    const row = aRow('i-1', { phase: 'joining', dueSinceMs: NOW_MS });
    const plan = planLane(
      anInput({ instances: instancesSeen([anInstance('i-1', { status: 'Stopping' })]), rows: [row] }),
    );

    expect(rowsOf(plan)).toEqual(['delete i-1 joining']);
    expect(plan.departed).toEqual(['i-1']);
    expect(plan.steps).toEqual([]);
  });

  it('is put off, and says so, while an event claims that the instance is about to leave', () => {
    const plan = planLane(
      anInput({
        instances: instancesSeen([anInstance('i-1')]),
        rows: [aRow('i-1', { phase: 'joining', dueSinceMs: NOW_MS })],
        signals: [aSignal('i-1', 'Stopped')],
      }),
    );

    expect(plan.steps).toEqual([]);
    expect(plan.decisions.map(({ reason }) => reason)).toEqual([
      'does not join: an event says that the instance is about to leave',
    ]);
  });

  it('is not put off by an event that a later Running event has overtaken', () => {
    const plan = planLane(
      anInput({
        instances: instancesSeen([anInstance('i-1')]),
        signals: [
          aSignal('i-1', 'Stopped', { eventAtMs: NOW_MS - 9_000 }),
          aSignal('i-1', 'Running', { eventAtMs: NOW_MS - 4_000 }),
        ],
        timing: { ...TIMING, gatherMs: 0, settleMs: 3_000 },
      }),
    );

    expect(callsOf(plan)).toEqual(['add i-1=100']);
  });

  it('sends what was refused apart from the others and in smaller batches', () => {
    const servers = ids(8);
    const rows = servers.map((id, index) =>
      aRow(id, { phase: 'joining', dueSinceMs: NOW_MS - 5_000, refusals: index < 6 ? 1 : 0 }),
    );
    const plan = planLane(anInput({ instances: instancesSeen(servers.map((id) => anInstance(id))), rows }));

    expect(plan.steps.map(({ backends }) => backends.length)).toEqual([2, 5, 1]);
  });
});

describe('draining', () => {
  it('takes the weight of a stopping instance at once, though it is the last in the group', () => {
    const plan = planLane(
      anInput({
        group: aGroup([aBackend('i-1')]),
        rows: [aRow('i-1')],
        instances: instancesSeen([anInstance('i-1', { status: 'Stopping' })]),
        signals: [aSignal('i-1', 'Stopping')],
      }),
    );

    expect(rowsOf(plan)).toEqual(['put i-1 draining']);
    expect(plan.changes[0]?.row).toMatchObject({ cause: 'stopped', generation: 2, weightZeroAtMs: null });
    expect(callsOf(plan)).toEqual(['set-weight i-1=0']);
  });

  it('counts the drain time from the first observation of weight 0 and removes at its end, not before', () => {
    const stopped = instancesSeen([anInstance('i-1', { status: 'Stopped' }), anInstance('i-2')]);
    const group = aGroup([aBackend('i-1', { weight: 0 }), aBackend('i-2')]);
    const draining = aRow('i-1', { phase: 'draining', cause: 'stopped', generation: 2 });
    const others = { group, instances: stopped };

    const first = planLane(anInput({ ...others, rows: [draining, aRow('i-2')] }));
    expect(first.changes[0]?.row.weightZeroAtMs).toBe(NOW_MS);
    expect(first).toMatchObject({ steps: [], nextLookMs: NOW_MS + 30_000 });

    const zeroed = { ...draining, weightZeroAtMs: NOW_MS - 29_999 };
    expect(planLane(anInput({ ...others, rows: [zeroed, aRow('i-2')] })).steps).toEqual([]);
    const due = { ...draining, weightZeroAtMs: NOW_MS - 30_000 };
    expect(callsOf(planLane(anInput({ ...others, rows: [due, aRow('i-2')] })))).toEqual(['remove i-1=0']);
  });

  it('begins the drain anew when somebody gave the backend weight again', () => {
    const plan = planLane(
      anInput({
        group: aGroup([aBackend('i-1'), aBackend('i-2')]),
        rows: [
          aRow('i-1', { phase: 'draining', cause: 'stopped', weightZeroAtMs: NOW_MS - 60_000 }),
          aRow('i-2'),
        ],
        instances: instancesSeen([anInstance('i-1', { status: 'Stopped' }), anInstance('i-2')]),
      }),
    );

    expect(plan.changes[0]?.row.weightZeroAtMs).toBeNull();
    expect(callsOf(plan)).toEqual(['set-weight i-1=0']);
  });

  it('gives the weight back when the instance is Running again', () => {
    const plan = planLane(
      anInput({
        group: aGroup([aBackend('i-1', { weight: 0 })]),
        rows: [
          aRow('i-1', { phase: 'draining', cause: 'stopped', generation: 2, weightZeroAtMs: NOW_MS - 1_000 }),
        ],
        instances: instancesSeen([anInstance('i-1')]),
        signals: [aSignal('i-1', 'Running')],
      }),
    );

    expect(plan.changes[0]?.row).toMatchObject({ phase: 'in-service', generation: 3, cause: null });
    expect(callsOf(plan)).toEqual(['set-weight i-1=100']);
  });

  it('forgets a backend once the group does not list it', () => {
    const plan = planLane(
      anInput({
        rows: [aRow('i-1', { phase: 'draining', cause: 'stopped', weightZeroAtMs: NOW_MS - 60_000 })],
        instances: instancesSeen([anInstance('i-1', { status: 'Stopped' })]),
      }),
    );

    expect(rowsOf(plan)).toEqual(['delete i-1 draining']);
    expect(plan.departed).toEqual(['i-1']);
  });

  it('keeps an instance in the index while another group of the lane has a record of it', () => {
    const admin = 'rsp-bp1admin00001';
    const plan = planLane(
      anInput({
        bindings: [aBinding(), aBinding({ name: 'admin', vServerGroupId: admin })],
        groups: new Map([
          [GROUP, aGroup([])],
          [admin, aGroup([aBackend('i-1', { vServerGroupId: admin, weight: 0 })], { vServerGroupId: admin })],
        ]),
        rows: [
          aRow('i-1', { phase: 'draining', cause: 'stopped', weightZeroAtMs: NOW_MS }),
          aRow('i-1', { vServerGroupId: admin, phase: 'draining', cause: 'stopped', weightZeroAtMs: NOW_MS }),
        ],
        instances: instancesSeen([anInstance('i-1', { status: 'Stopped' })]),
      }),
    );

    expect(plan.departed).toEqual([]);
  });
});

describe('an instance that ECS does not list', () => {
  it('is gone with a Deleted event, and drained', () => {
    const plan = planLane(
      anInput({
        group: aGroup([aBackend('i-1'), aBackend('i-2')]),
        rows: [aRow('i-1'), aRow('i-2')],
        instances: instancesSeen([anInstance('i-2')], ['i-1']),
        signals: [aSignal('i-1', 'Deleted')],
      }),
    );

    expect(plan.changes[0]?.row).toMatchObject({
      phase: 'draining',
      cause: 'released',
      hasDeletedEvent: true,
    });
    expect(callsOf(plan)).toEqual(['set-weight i-1=0']);
    expect(plan.settledKeys).toEqual(['event-i-1-Deleted']);
  });

  it('is not proven gone by one answer: nothing is taken out, and it is looked for again a minute later', () => {
    const plan = planLane(
      anInput({
        group: aGroup([aBackend('i-1'), aBackend('i-2')]),
        rows: [aRow('i-1'), aRow('i-2')],
        instances: instancesSeen([anInstance('i-2')], ['i-1']),
      }),
    );

    expect(plan.steps).toEqual([]);
    expect(plan.changes[0]?.row).toMatchObject({ phase: 'in-service', absentSinceMs: NOW_MS });
    expect(plan.nextLookMs).toBe(NOW_MS + 60_000);
  });

  it('is gone after two answers a minute apart', () => {
    const plan = planLane(
      anInput({
        group: aGroup([aBackend('i-1'), aBackend('i-2')]),
        rows: [aRow('i-1', { absentSinceMs: NOW_MS - 60_000 }), aRow('i-2')],
        instances: instancesSeen([anInstance('i-2')], ['i-1']),
      }),
    );

    expect(callsOf(plan)).toEqual(['set-weight i-1=0']);
  });

  it('is no stranger of ours: an unrecorded, unmarked backend of an unknown server stays', () => {
    const plan = planLane(
      anInput({
        group: aGroup([aBackend('i-9', { description: 'by hand' })]),
        instances: instancesSeen([], ['i-9']),
      }),
    );

    expect(plan).toMatchObject({ changes: [], steps: [], nextLookMs: null });
  });
});

describe('guards', () => {
  const unselected = (id: string) => anInstance(id, { tags: { role: 'retired' } });

  it('never empties a group in service by draining Running instances', () => {
    const plan = planLane(
      anInput({
        group: aGroup([aBackend('i-1'), aBackend('i-2')]),
        rows: [aRow('i-1'), aRow('i-2')],
        instances: instancesSeen([unselected('i-1'), unselected('i-2')]),
      }),
    );

    expect(callsOf(plan)).toEqual(['set-weight i-1=0']);
    expect(plan.changes.find(({ row }) => row.serverId === 'i-2')?.row.held).toMatch(/minInService/);
    expect(plan.decisions.filter(({ action }) => action === 'held')).toHaveLength(1);
  });

  it('keeps minInService able to serve', () => {
    const servers = ids(10);
    const plan = planLane(
      anInput({
        bindings: [aBinding({ guards: { minInService: 5 } })],
        group: aGroup(servers.map((id) => aBackend(id))),
        rows: servers.map((id) => aRow(id)),
        instances: instancesSeen(servers.map((id, index) => (index < 9 ? unselected(id) : anInstance(id)))),
      }),
    );

    expect(plan.steps.flatMap(({ backends }) => backends)).toHaveLength(5);
  });

  it('takes its reason off the record once it does not hold the backend any more', () => {
    const held = 'minInService: at least 1 must stay able to serve';
    const plan = planLane(
      anInput({
        group: aGroup([aBackend('i-1', { weight: 0 })]),
        instances: instancesSeen([unselected('i-1')]),
        rows: [aRow('i-1', { phase: 'draining', cause: 'unselected', held })],
      }),
    );

    expect(plan.changes[0]?.row.held).toBeNull();
  });

  it('lets an instance that is proven not Running go, however little capacity is left', () => {
    const plan = planLane(
      anInput({
        bindings: [aBinding({ guards: { minInService: 5 } })],
        group: aGroup([aBackend('i-1'), aBackend('i-2')]),
        rows: [aRow('i-1'), aRow('i-2')],
        instances: instancesSeen([anInstance('i-1', { status: 'Stopped' }), anInstance('i-2')]),
      }),
    );

    expect(callsOf(plan)).toEqual(['set-weight i-1=0']);
  });

  it('holds a group that does not exist or belongs to another load balancer, and works the others', () => {
    const other = 'rsp-bp1other00001';
    const plan = planLane(
      anInput({
        bindings: [aBinding(), aBinding({ name: 'other', vServerGroupId: other })],
        groups: new Map([
          [GROUP, null],
          [other, aGroup([], { vServerGroupId: other })],
        ]),
        instances: instancesSeen([anInstance('i-1')]),
        signals: [aSignal('i-1', 'Running')],
        timing: { ...TIMING, gatherMs: 0, settleMs: 0 },
      }),
    );
    expect(plan.steps.map(({ vServerGroupId }) => vServerGroupId)).toEqual([other]);

    const moved = planLane(
      anInput({
        group: aGroup([], { loadBalancerId: 'lb-somebody' }),
        signals: [aSignal('i-1', 'Running')],
        instances: instancesSeen([anInstance('i-1')]),
      }),
    );
    expect(moved.steps).toEqual([]);
  });
});

describe('a group that cannot be worked on', () => {
  it('does not make a join forgotten whose signal is: it begins when the group is back', () => {
    const seen = { instances: instancesSeen([anInstance('i-1')]) };
    const missing = planLane(anInput({ ...seen, group: null, signals: [aSignal('i-1', 'Running')] }));
    const rows = missing.changes.map(({ row }) => row);

    expect(missing).toMatchObject({
      steps: [],
      settledKeys: ['event-i-1-Running'],
      nextLookMs: NOW_MS + 60_000,
    });
    expect(rows).toMatchObject([{ phase: 'joining', held: 'the vServer group does not exist' }]);
    expect(callsOf(planLane(anInput({ ...seen, rows, nowMs: NOW_MS + 60_000 })))).toEqual(['add i-1=100']);
  });
});

describe('what is not ours to judge', () => {
  it('stays: a marked network interface, about which ECS was not asked', () => {
    const group = aGroup([aBackend('eni-1', { serverIp: '10.0.0.1' })]);

    expect(planLane(anInput({ group }))).toMatchObject({ changes: [], steps: [] });
  });

  it('stays: what somebody added with a Description of their own while our join was waiting', () => {
    const plan = planLane(
      anInput({
        group: aGroup([aBackend('i-1', { weight: 5, description: 'by hand' })]),
        instances: instancesSeen([anInstance('i-1')]),
        rows: [aRow('i-1', { phase: 'joining', dueSinceMs: NOW_MS, notBeforeMs: NOW_MS + 50_000 })],
      }),
    );

    expect(plan.steps).toEqual([]);
    expect(rowsOf(plan)).toEqual(['delete i-1 joining']);
  });
});

describe('a backend that differs from its record', () => {
  it('is corrected: weight and mark', () => {
    const plan = planLane(
      anInput({
        group: aGroup([aBackend('i-1', { weight: 40 }), aBackend('i-2', { description: '' })]),
        rows: [aRow('i-1'), aRow('i-2')],
        instances: instancesSeen([anInstance('i-1'), anInstance('i-2')]),
      }),
    );

    expect(callsOf(plan)).toEqual(['set-weight i-1=100,i-2=100']);
  });

  it('is left alone while our own last write may still be landing', () => {
    const plan = planLane(
      anInput({
        group: aGroup([aBackend('i-1', { weight: 40 })]),
        rows: [aRow('i-1')],
        instances: instancesSeen([anInstance('i-1')]),
        notes: { verifyAtMs: null, writtenAtMs: { [GROUP]: NOW_MS - 1_000 }, writableAtMs: {}, failures: 0 },
      }),
    );

    expect(plan).toMatchObject({ steps: [], changes: [], nextLookMs: NOW_MS + 2_000 });
  });

  it('joins again when it vanished from the group', () => {
    const plan = planLane(
      anInput({
        rows: [aRow('i-1')],
        instances: instancesSeen([anInstance('i-1')]),
        timing: { ...TIMING, gatherMs: 0, settleMs: 3_000 },
      }),
    );

    expect(plan.changes[0]?.row).toMatchObject({ phase: 'joining', generation: 2 });
    expect(callsOf(plan)).toEqual(['add i-1=100']);
  });

  it('is found again by our mark when the record was lost', () => {
    const plan = planLane(
      anInput({ group: aGroup([aBackend('i-1')]), instances: instancesSeen([anInstance('i-1')]) }),
    );

    expect(rowsOf(plan)).toEqual(['put i-1 in-service']);
    expect(plan.steps).toEqual([]);
  });
});

describe('a signal', () => {
  it.each([
    ['Running', 'Starting', 5_000],
    ['Stopping', 'Running', 5_000],
    ['Deleted', 'Stopped', 5_000],
  ] as const)('that says %s while ECS shows %s waits and is looked at again', (state, status, afterMs) => {
    const plan = planLane(
      anInput({
        instances: instancesSeen([anInstance('i-1', { status })]),
        signals: [aSignal('i-1', state)],
      }),
    );

    expect(plan.settledKeys).toEqual([]);
    expect(plan.nextLookMs).toBe(NOW_MS + afterMs);
  });

  it('is looked at after 5, 15 and 60 seconds and then left to the full comparison with a reason', () => {
    const early = (ageMs: number) =>
      planLane(
        anInput({
          instances: instancesSeen([anInstance('i-1', { status: 'Starting' })]),
          signals: [aSignal('i-1', 'Running', { acceptedAtMs: NOW_MS - ageMs })],
        }),
      );

    expect([0, 5_000, 15_000].map((ageMs) => (early(ageMs).nextLookMs ?? 0) - NOW_MS + ageMs)).toEqual([
      5_000, 15_000, 60_000,
    ]);
    expect(early(60_000)).toMatchObject({
      settledKeys: ['event-i-1-Running'],
      decisions: [{ action: 'signal-given-up' }],
    });
  });
});

describe('properties', () => {
  const statuses = fc.constantFrom(
    'Pending',
    'Starting',
    'Running',
    'Stopping',
    'Stopped',
    'absent' as const,
  );
  const backends = fc.uniqueArray(
    fc.record({
      id: fc.integer({ min: 1, max: 40 }),
      status: statuses,
      isSelected: fc.boolean(),
      weight: fc.option(fc.constantFrom(0, 40, 100), { nil: null }),
      isOurs: fc.boolean(),
      phase: fc.constantFrom('joining', 'in-service', 'draining', null),
      event: fc.constantFrom('Running', 'Stopping', 'Stopped', 'Deleted', null),
    }),
    { selector: ({ id }) => id, maxLength: 40 },
  );
  const worlds = fc.record({ backends, minInService: fc.integer({ min: 1, max: 10 }) });

  type World = typeof worlds extends fc.Arbitrary<infer W> ? W : never;
  const idOf = (id: number) => `i-web${String(id).padStart(4, '0')}`;
  const inputOf = ({ backends: drawn, minInService }: World): LaneInput => {
    const listed = drawn.filter(({ weight }) => weight !== null);
    const present = drawn.filter(({ status }) => status !== 'absent');
    return anInput({
      bindings: [aBinding({ guards: { minInService } })],
      group: aGroup(
        listed.map(({ id, weight, isOurs }) =>
          aBackend(idOf(id), { weight: weight ?? 0, description: isOurs ? 'slb-autopilot/web' : 'theirs' }),
        ),
      ),
      rows: drawn
        .filter(({ phase, isOurs }) => phase !== null && isOurs)
        .map(
          ({ id, phase }): BackendRow =>
            aRow(idOf(id), {
              phase: phase ?? 'joining',
              cause: phase === 'draining' ? 'stopped' : null,
              dueSinceMs: phase === 'joining' ? NOW_MS - 5_000 : null,
            }),
        ),
      instances: instancesSeen(
        present.map(({ id, status, isSelected }) =>
          anInstance(idOf(id), { status: status as 'Running', tags: { role: isSelected ? 'web' : 'db' } }),
        ),
        drawn.filter(({ status }) => status === 'absent').map(({ id }) => idOf(id)),
      ),
      signals: drawn
        .filter(({ event }) => event !== null)
        .map(({ id, event }) => aSignal(idOf(id), event ?? 'Running')),
    });
  };
  /** What the cloud and the table hold after the plan was carried out. */
  const carriedOut = (input: LaneInput, plan: LanePlan): LaneInput => {
    const rows = new Map(input.rows.map((row) => [row.serverId, row]));
    for (const { kind, row } of plan.changes) {
      if (kind === 'put') rows.set(row.serverId, row);
      else rows.delete(row.serverId);
    }
    const group = new Map(
      (input.groups.get(GROUP)?.backends ?? []).map((backend) => [backend.serverId, backend]),
    );
    for (const step of plan.steps) applyStep(group, step);
    const settled = new Set(plan.settledKeys);
    return {
      ...input,
      rows: [...rows.values()],
      groups: new Map([[GROUP, aGroup([...group.values()])]]),
      signals: input.signals.filter(({ key }) => !settled.has(key)),
    };
  };
  const applyStep = (group: Map<string, ReturnType<typeof aBackend>>, { kind, backends: touched }: Step) => {
    for (const { serverId, weight, description } of touched) {
      if (kind === 'remove') group.delete(serverId);
      else group.set(serverId, aBackend(serverId, { weight, description }));
    }
  };
  const later = (input: LaneInput, ms: number): LaneInput => ({ ...input, nowMs: input.nowMs + ms });

  it('comes to rest: carried out again and again it ends with nothing to do', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        let input = inputOf(world);
        for (let round = 0; round < 12; round++) input = later(carriedOut(input, planLane(input)), 61_000);
        const rest = planLane(input);
        expect(rest.steps.filter((step) => step.backends.length > 0)).toEqual([]);
        expect(rest.changes).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('never names a backend that is not ours', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const input = inputOf(world);
        const theirs = new Set(
          world.backends.filter(({ isOurs, weight }) => !isOurs && weight !== null).map(({ id }) => idOf(id)),
        );
        const touched = planLane(input).steps.flatMap(({ backends: named }) =>
          named.map(({ serverId }) => serverId),
        );
        expect(touched.filter((serverId) => theirs.has(serverId))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('never lowers the effective capacity below the guard by its own doing', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const input = inputOf(world);
        const running = new Set(
          world.backends.filter(({ status }) => status === 'Running').map(({ id }) => idOf(id)),
        );
        const capacity = (from: LaneInput) =>
          (from.groups.get(GROUP)?.backends ?? []).filter(
            ({ serverId, weight }) => weight > 0 && running.has(serverId),
          ).length;
        const before = capacity(input);
        const withdrawals = {
          ...planLane(input),
          steps: planLane(input).steps.filter(({ kind }) => kind !== 'add'),
        };
        const raised = withdrawals.steps
          .flatMap(({ backends: named }) => named)
          .filter(({ weight }) => weight > 0).length;
        const after = capacity(carriedOut(input, withdrawals));
        if (after - raised < before)
          expect(after).toBeGreaterThanOrEqual(Math.min(before, world.minInService));
      }),
      { numRuns: 300 },
    );
  });

  it('gives the same plan for the same input, and no call with more than 20 backends', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const plan = planLane(inputOf(world));
        expect(planLane(inputOf(world))).toEqual(plan);
        expect(plan.steps.every(({ backends: named }) => named.length >= 1 && named.length <= 20)).toBe(true);
        expect(LB).toBe(inputOf(world).loadBalancerId);
      }),
      { numRuns: 100 },
    );
  });
});
