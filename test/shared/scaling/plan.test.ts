import { describe, expect, it } from 'vitest';
import { hookDecidedAgain } from '../../../shared/scaling/hook/recorded-decision.ts';
import type { ScalingPlan } from '../../../shared/scaling/model.ts';
import { planScaling } from '../../../shared/scaling/plan.ts';
import { aHookRow, LB, NOW_MS } from '../../support/builders.ts';
import { aHook, anAction, aPlace, aRecord, aScalingInput, LEFT } from './scaling-input.ts';

const MINUTE_MS = 60_000;
const actionsOf = ({ decisions }: ScalingPlan) => decisions.map(({ action }) => action);
const ordersOf = ({ orders }: ScalingPlan) =>
  orders.map(({ laneId, signal }) => `${laneId} ${signal.instanceId} ${signal.news.kind}`);

describe('taking a hook up', () => {
  it('tells the lanes in the same plan, with the last safe moment as deadline', () => {
    const plan = planScaling(aScalingInput({ row: null }));

    expect(actionsOf(plan)).toEqual(['hook-adopted', 'hook-ordered']);
    expect(plan.orders).toMatchObject([
      {
        laneId: LB,
        signal: {
          instanceId: 'i-web0001',
          news: { kind: 'leave', cause: 'scale-in', deadlineAtMs: NOW_MS + 358 * MINUTE_MS },
        },
      },
    ]);
    expect(plan.changes).toMatchObject([
      { kind: 'put', expectedRevision: null, row: { phase: 'waiting', orderedAtMs: NOW_MS } },
    ]);
  });

  it('takes the place of a message that did not say the token', () => {
    const row = { token: '', phase: 'noticed', transition: null, instanceIds: [] } as const;
    const plan = planScaling(aScalingInput({ row }));

    expect(plan.changes).toMatchObject([
      { kind: 'delete', row: { token: '' } },
      { kind: 'put', expectedRevision: null, row: { token: aHookRow().token, instanceIds: ['i-web0001'] } },
    ]);
  });

  it('forgets a message without the token about a hook that is known', () => {
    const known = aHookRow({ orderedAtMs: NOW_MS });
    const again = aHookRow({ token: '', phase: 'noticed', instanceIds: [] });
    const plan = planScaling(aScalingInput({ rows: [known, again] }));

    expect(plan.changes).toMatchObject([{ kind: 'delete', row: { token: '' } }]);
    expect(plan.counts).toEqual([]);
  });

  it('leaves hooks alone that notify somebody else, unless a message names them', () => {
    const hooks = [aHook({ notificationArn: 'acs:mns:cn-hangzhou:1:queue/theirs' })];

    expect(planScaling(aScalingInput({ row: null, hooks }))).toMatchObject({ changes: [], orders: [] });
    const named = planScaling(aScalingInput({ row: { phase: 'noticed' }, hooks }));
    expect(actionsOf(named)[0]).toBe('hook-adopted');
  });

  it('counts on no time that it cannot know of: an activity of unknown beginning gets a heartbeat at once', () => {
    const lanes = planScaling(aScalingInput({ row: null, activities: [] }));
    const [change] = lanes.changes;

    expect(change?.row.deadlineMs).toBe(NOW_MS);
  });

  it('looks for what a message says after 5, 15 and 60 s, then gives it up and counts it', () => {
    const looks = [0, 5_000, 15_000, 60_000].map((passedMs) => {
      const input = aScalingInput({ row: { phase: 'noticed' }, actions: [], nowMs: NOW_MS + passedMs });
      const plan = planScaling(input);
      return plan.nextLookMs === null ? plan.counts[0] : plan.nextLookMs - NOW_MS;
    });

    expect(looks).toEqual([5_000, 15_000, 60_000, 'hooks-given-up']);
  });
});

describe('a hook on the way out', () => {
  const ordered = { orderedAtMs: NOW_MS };
  const draining = (weightZeroAtMs: number) =>
    aPlace({
      record: aRecord({
        phase: 'draining',
        cause: 'scale-in',
        weightZeroAtMs,
        scaleIn: { deadlineAtMs: null },
      }),
      backend: { weight: 0, isOurs: true },
    });

  it('is not answered while a lane has not read what it was told, though no group lists the instance', () => {
    const key = `hook/${aHookRow().lifecycleHookId}/${aHookRow().token}/leave/i-web0001/0`;
    const unhandled = new Set([`${LB} ${key}`]);
    const plan = planScaling(aScalingInput({ row: ordered, places: [aPlace(LEFT)], unhandled }));

    expect(plan.calls).toEqual([]);
    expect(plan.waitingFor).toBe('the lanes to take notice');
  });

  it('is answered when the instance is out everywhere, and the answer is written down in the same plan', () => {
    const plan = planScaling(aScalingInput({ row: ordered, places: [aPlace(LEFT)] }));

    expect(plan.calls).toMatchObject([{ kind: 'complete', answer: { result: 'CONTINUE' } }]);
    expect(plan.changes).toMatchObject([{ kind: 'put', row: { answer: { result: 'CONTINUE' } } }]);
    expect(plan.calls[0]?.kind === 'complete' && plan.calls[0].answer.clientToken).toMatch(/^[0-9a-f]{64}$/);
  });

  it('does not wait for a backend that somebody else has put there', () => {
    const theirs = aPlace({ record: null, backend: { weight: 50, isOurs: false } });

    expect(planScaling(aScalingInput({ row: ordered, places: [theirs] })).calls).toMatchObject([
      { answer: { result: 'CONTINUE' } },
    ]);
  });

  it('waits for one with our mark, record or not', () => {
    const marked = aPlace({ record: null });

    expect(planScaling(aScalingInput({ row: ordered, places: [marked] })).calls).toEqual([]);
  });

  it('looks a second after the end of the drain that it can foretell', () => {
    const plan = planScaling(
      aScalingInput({ row: ordered, places: [draining(NOW_MS)], nowMs: NOW_MS + 5_000 }),
    );

    expect(plan.nextLookMs).toBe(NOW_MS + 31_000);
  });

  it('tells a lane again, in another signal, that has not heard after a minute', () => {
    const nowMs = NOW_MS + MINUTE_MS;
    const plan = planScaling(aScalingInput({ row: ordered, nowMs }));

    expect(ordersOf(plan)).toEqual([`${LB} i-web0001 leave`]);
    expect(plan.orders[0]?.signal.key).toMatch(/\/leave\/i-web0001\/1$/);
  });

  it('waits for a pace, and is held by what a guard forbids', () => {
    const held = (by: 'max-disruption' | 'min-in-service') =>
      aPlace({ record: aRecord({ held: { by, reason: by }, scaleIn: { deadlineAtMs: null } }) });

    expect(actionsOf(planScaling(aScalingInput({ row: ordered, places: [held('max-disruption')] })))).toEqual(
      [],
    );
    const forbidden = planScaling(aScalingInput({ row: ordered, places: [held('min-in-service')] }));
    expect(actionsOf(forbidden)).toEqual(['hook-held']);
    expect(forbidden.counts).toEqual(['hooks-held']);
  });

  it('is kept waiting while its answer is refused, and asked again later', () => {
    const answer = { result: 'ROLLBACK', reason: 'x', clientToken: 't', decidedAtMs: NOW_MS } as const;
    const refused = { ...ordered, answer, refusals: 3, notBeforeMs: NOW_MS + 490_000 };

    const early = planScaling(aScalingInput({ row: refused, nowMs: NOW_MS + 481_000 }));
    expect(early.calls).toMatchObject([{ kind: 'heartbeat', seconds: 600 }]);
    const later = planScaling(aScalingInput({ row: refused, nowMs: NOW_MS + 490_000 }));
    expect(later.calls).toMatchObject([{ kind: 'complete', answer }]);
  });

  it.each([
    ['Timeout', 'hook-timed-out', 'hooks-timed-out'],
    ['Completed', 'hook-ended-elsewhere', 'hooks-ended-elsewhere'],
  ] as const)('that came to %s without us is said loudly and followed up', (status, action, count) => {
    const plan = planScaling(aScalingInput({ row: ordered, actions: [anAction({ status })] }));

    expect(actionsOf(plan)).toEqual([action]);
    expect(plan.counts).toEqual([count]);
    expect(plan.changes).toMatchObject([{ kind: 'put', row: { phase: 'ending', endedAtMs: NOW_MS } }]);
  });

  it('whose reply was lost is known by what ESS shows', () => {
    const answer = { result: 'CONTINUE', reason: 'x', clientToken: 't', decidedAtMs: NOW_MS } as const;
    const actions = [anAction({ status: 'Completed', result: 'CONTINUE' })];
    const plan = planScaling(aScalingInput({ row: { ...ordered, answer }, actions }));

    expect(actionsOf(plan)).toEqual(['hook-answered']);
    expect(plan.counts).toEqual([]);
  });
});

describe('what follows the end of a wait', () => {
  const ending = { phase: 'ending', endedAtMs: NOW_MS, orderedAtMs: null } as const;
  const later = NOW_MS + 10_000;

  it('is not believed before it has settled', () => {
    const plan = planScaling(
      aScalingInput({ row: ending, states: { 'i-web0001': 'InService' }, nowMs: NOW_MS + 1_000 }),
    );

    expect(plan.orders).toEqual([]);
  });

  it('instances that are in service again come back', () => {
    const plan = planScaling(
      aScalingInput({ row: ending, states: { 'i-web0001': 'InService' }, nowMs: later }),
    );

    expect(ordersOf(plan)).toEqual([`${LB} i-web0001 return`]);
    expect(plan.changes).toMatchObject([{ kind: 'delete' }]);
  });

  it('instances that go before their drain has ended are taken out at once', () => {
    const plan = planScaling(
      aScalingInput({ row: ending, states: { 'i-web0001': 'Removing' }, nowMs: later }),
    );

    expect(plan.orders).toMatchObject([{ signal: { news: { kind: 'leave', deadlineAtMs: later } } }]);
  });

  it('is over when they have left the scaling group', () => {
    const plan = planScaling(
      aScalingInput({ row: ending, places: [aPlace(LEFT)], states: {}, nowMs: later }),
    );

    expect(actionsOf(plan)).toEqual(['hook-closed']);
    expect(plan.changes).toMatchObject([{ kind: 'delete' }]);
  });
});

describe('a hook on the way in', () => {
  const row = { transition: 'SCALE_OUT' } as const;
  const hooks = [aHook({ transition: 'SCALE_OUT' })];
  const states = { 'i-web0001': 'Pending:Wait' };
  const joining = aPlace({ record: aRecord({ phase: 'joining' }), backend: { weight: 1, isOurs: true } });

  it.each([
    ['joining', joining, []],
    [
      'ramping',
      aPlace({ record: aRecord({ phase: 'ramping' }), backend: { weight: 10, isOurs: true } }),
      ['CONTINUE'],
    ],
    ['in service', aPlace(), ['CONTINUE']],
    ['somebody else’s', aPlace({ record: null, backend: { weight: 5, isOurs: false } }), ['CONTINUE']],
    ['not wanted by any binding', aPlace({ isWanted: false, record: null, backend: null }), ['CONTINUE']],
  ] as const)('of an instance that is %s', (_, place, results) => {
    const plan = planScaling(aScalingInput({ row, hooks, states, places: [place] }));

    expect(plan.calls.map((call) => call.kind === 'complete' && call.answer.result)).toEqual(results);
  });

  it('waits for every place, and for the last of them', () => {
    const other = { ...joining, laneId: 'lb-other', vServerGroupId: 'rsp-other' };

    expect(planScaling(aScalingInput({ row, hooks, states, places: [aPlace(), other] })).calls).toEqual([]);
  });

  it('has the lanes look that do not know of the instance', () => {
    const plan = planScaling(
      aScalingInput({ row, hooks, states, places: [aPlace({ record: null, backend: null })] }),
    );

    expect(ordersOf(plan)).toEqual([`${LB} i-web0001 state`]);
  });

  it('is not answered before its deadline when nothing comes of it, and as configured then', () => {
    const places = [aPlace({ record: null, backend: null })];
    const at = (nowMs: number) =>
      planScaling(
        aScalingInput({
          row: { ...row, orderedAtMs: nowMs, deadlineMs: NOW_MS + 3_600_000 },
          hooks,
          states,
          places,
          nowMs,
        }),
      );

    expect(at(NOW_MS + 6 * MINUTE_MS - 1).calls).toEqual([]);
    expect(at(NOW_MS + 6 * MINUTE_MS)).toMatchObject({
      calls: [{ answer: { result: 'ABANDON' } }],
      counts: ['hooks-not-ready'],
    });
  });
});

describe('every decision', () => {
  it('can be made again from what the audit keeps of it, as JSON', () => {
    const inputs = [
      aScalingInput(),
      aScalingInput({ row: { orderedAtMs: NOW_MS }, places: [aPlace(LEFT)] }),
      aScalingInput({ row: { orderedAtMs: NOW_MS }, actions: [anAction({ status: 'Timeout' })] }),
      aScalingInput({
        row: { phase: 'ending', endedAtMs: NOW_MS },
        states: {},
        places: [aPlace(LEFT)],
        nowMs: NOW_MS + 9_000,
      }),
    ];
    const decisions = inputs.flatMap((input) => planScaling(input).decisions);

    expect(decisions).toHaveLength(4);
    for (const { recorded, action, reason } of decisions) {
      if (recorded === null) throw new Error(`${action} keeps nothing`);
      expect(hookDecidedAgain(JSON.parse(JSON.stringify(recorded)))).toEqual({ action, reason });
    }
  });
});
