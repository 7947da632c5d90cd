import { describe, expect, it } from 'vitest';
import { planLane } from '../../../../shared/server-groups/plan.ts';
import {
  aBackend,
  aBinding,
  aGroup,
  aLoadBalancer,
  anInput,
  anInstance,
  aRow,
  aSignal,
  GROUP,
  instancesSeen,
  NOW_MS,
  TIMING,
} from '../../../support/builders.ts';
import { callsOf, ids, rowsOf } from '../plan-views.ts';
import { aJoin, refuses } from '../played-lanes.ts';

describe('a join that must not happen', () => {
  it('is none for an instance that no binding selects', () => {
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
      timing: { ...TIMING, gatherMs: 0 },
    };

    expect(planLane(anInput(input))).toMatchObject({ changes: [], steps: [] });
    expect(callsOf(planLane(anInput({ ...input, bindings: [aBinding({ adopt: true })] })))).toEqual([
      'set-weight i-1=100',
    ]);
  });

  it.each([
    ['its load balancer is in', { loadBalancer: aLoadBalancer({ vpcId: 'vpc-b' }) }],
    [
      'the servers of its public load balancer are in',
      {
        group: aGroup([aBackend('i-2')]),
        instances: instancesSeen([anInstance('i-1'), anInstance('i-2', { vpcId: 'vpc-b' })]),
        rows: [aRow('i-1', { phase: 'joining', dueSinceMs: NOW_MS, decidedAtMs: NOW_MS }), aRow('i-2')],
      },
    ],
  ])('is held before any call for an instance of another VPC than %s', (_, more) => {
    const input = {
      group: aGroup([]),
      instances: instancesSeen([anInstance('i-1')]),
      rows: [aRow('i-1', { phase: 'joining', dueSinceMs: NOW_MS, decidedAtMs: NOW_MS })],
      timing: { ...TIMING, gatherMs: 0 },
    };
    const { steps, changes } = planLane(anInput({ ...input, ...more }));

    expect(steps).toEqual([]);
    const reason = 'it is in vpc-bp1orders, and the load balancer takes servers in vpc-b only';
    expect(changes.map(({ row }) => row.held)).toEqual([{ by: 'setting', reason }]);
    // Without a word about the VPC it joins.
    expect(callsOf(planLane(anInput(input)))).toEqual(['add i-1=100']);
  });

  it('is forgotten when its instance stopped before it was added', () => {
    const row = aRow('i-1', { phase: 'joining', dueSinceMs: NOW_MS, decidedAtMs: NOW_MS });
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
        rows: [aRow('i-1', { phase: 'joining', dueSinceMs: NOW_MS, decidedAtMs: NOW_MS })],
        signals: [aSignal('i-1', 'Stopped')],
      }),
    );

    expect(plan.steps).toEqual([]);
    expect(plan.decisions.map(({ reason }) => reason)).toEqual([
      'does not join: an event says that the instance is about to leave',
    ]);
  });

  it('ends without a call when somebody adds it by hand, under a Description of their own, meanwhile', () => {
    const lane = aJoin();
    lane.look();
    lane.withBackends(aBackend('i-1', { weight: 5, description: 'by hand' })).advance(60_000);

    expect(lane.sent).toEqual([]);
    expect(lane.row('i-1')).toBeUndefined();
  });
});

describe('an Add', () => {
  it('is recorded before it is sent, and waits for others to share its call', () => {
    const plan = planLane(
      anInput({ instances: instancesSeen([anInstance('i-1')]), signals: [aSignal('i-1', 'Running')] }),
    );

    expect(rowsOf(plan)).toEqual(['put i-1 joining']);
    expect(plan.steps).toEqual([]);
    expect(plan.nextLookMs).toBe(NOW_MS + 2_000);
    expect(plan.settledKeys).toEqual(['event-i-1-Running']);
  });

  it('has the port, weight and mark of the binding', () => {
    const row = aRow('i-1', { phase: 'joining', dueSinceMs: NOW_MS - 2_000, decidedAtMs: NOW_MS });
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

  it('is at full weight, asking nobody, where Running is enough', () => {
    const lane = aJoin({ readiness: 'running', join: { weight: 0 } });
    lane.look();
    lane.advance(60_000);

    expect(lane.sent).toEqual(['2s add i-1=100']);
    expect(lane.asked).toEqual([]);
    expect(lane.row('i-1')).toMatchObject({ phase: 'in-service', confirmedWeight: 100 });
  });

  it('needs no proof on a port of weight 0, which serves nobody', () => {
    const lane = aJoin({ readiness: 'probe', ports: [{ port: 8080, weight: 0 }] });
    lane.onProbe = refuses;
    lane.look();
    lane.advance(10_000);

    expect(lane.sent).toContain('2s add i-1=0');
    expect(lane.asked).toEqual([]);
  });
});

describe('a raise to full weight', () => {
  it('does not wait for the other writes to its group to settle, or a storm of joins would keep it down', () => {
    const lane = aJoin({ readiness: 'load-balancer' }).withHealth('normal', 'i-1');
    lane.look();
    lane.advance(2_500);
    lane.withInstances(anInstance('i-2')).becomes('i-2', 'Running').look();
    lane.advance(3_000);

    expect(lane.sent).toEqual(['2s add i-1=1', '4.5s add i-2=1', '4.5s set-weight i-1=100']);
  });
});

describe('a group that is short of minInService', () => {
  it('gets the whole weight at once where nothing is left to prove, ramp or not', () => {
    const lane = aJoin({
      guards: { minInService: 2 },
      join: { rampPercents: [10], rampEveryMs: 60_000 },
    });
    lane.look();
    lane.advance(2_000);

    expect(lane.sent).toEqual(['2s add i-1=100']);
  });

  it('still waits for proof', () => {
    const lane = aJoin({ guards: { minInService: 2 }, readiness: 'probe' });
    lane.onProbe = refuses;
    lane.look();
    lane.advance(60_000);

    expect(lane.sent).toEqual(['2s add i-1=1']);
  });

  it('is not short as long as a stranger’s backend fills the place', () => {
    const lane = aJoin({ guards: { minInService: 2 }, join: { rampPercents: [10], rampEveryMs: 60_000 } })
      .withInstances(anInstance('i-9', { tags: {} }))
      .withBackends(aBackend('i-9', { description: 'by hand' }));
    lane.look();
    lane.advance(2_000);

    expect(lane.sent).toEqual(['2s add i-1=10']);
  });
});

describe('gathering', () => {
  it('sends a full batch of 20 at once and keeps the remainder for the gathering time', () => {
    const servers = ids(22);
    const rows = servers.map((id) =>
      aRow(id, { phase: 'joining', dueSinceMs: NOW_MS - 500, decidedAtMs: NOW_MS }),
    );
    const plan = planLane(anInput({ instances: instancesSeen(servers.map((id) => anInstance(id))), rows }));

    expect(plan.steps.map(({ backends }) => backends.length)).toEqual([20]);
    expect(plan.nextLookMs).toBe(NOW_MS + 1_500);
  });
});
