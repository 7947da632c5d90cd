import { describe, expect, it } from 'vitest';
import type { Signal } from '../../../shared/acceptance/model.ts';
import { RECYCLING } from '../../../shared/instances/model.ts';
import { DROPPED_ID, type PairPlan } from '../../../shared/pairs/model.ts';
import { planPair } from '../../../shared/pairs/plan.ts';
import { inputOf, recordedSituation } from '../../../shared/pairs/recorded-decision.ts';
import type { Testimony } from '../../../shared/pairs/testimony/model.ts';
import { anInstance, NOW_MS } from '../../support/builders.ts';
import {
  aGroup,
  aListener,
  aPair,
  aPairInput,
  aPairRow,
  aSaga,
  members,
  OLD_GROUP,
  type PairInputOverrides,
  PRIMARY,
  SECONDARY,
  STANDBY,
} from '../../support/pairs.ts';

const LONG_AGO_MS = NOW_MS - 60_000;

/** What has been said of the primary for a minute, heard five seconds ago. */
function said(bad: ReadonlyArray<'health' | 'ecs' | 'probe'>): Record<string, Testimony> {
  const of = (observer: 'health' | 'ecs' | 'probe') => ({
    finding: bad.includes(observer) ? ('bad' as const) : ('good' as const),
    text: 'as before',
    sinceMs: LONG_AGO_MS,
  });
  return {
    [PRIMARY]: { health: of('health'), ecs: of('ecs'), probe: of('probe'), heardAtMs: NOW_MS - 5_000 },
  };
}

const stopped = (id: string) => anInstance(id, { status: 'Stopped' });
const instances = (...list: ReadonlyArray<ReturnType<typeof anInstance>>) =>
  new Map([...aPairInput().instances.values(), ...list].map((instance) => [instance.instanceId, instance]));
const health = (serverId: string, status: 'normal' | 'abnormal') =>
  ({ listenerPort: 3306, protocol: 'tcp', serverId, port: 3306, status }) as const;
const noAnswer = { isReady: false, reason: 'no answer within 2s' };

/** A primary that was stopped a minute ago, as two observers have been saying since. */
const stoppedPrimary: PairInputOverrides = {
  row: aPairRow({ testimonies: said(['health', 'ecs']) }),
  instances: instances(stopped(PRIMARY)),
  health: [health(PRIMARY, 'abnormal')],
};
const plan = (overrides: PairInputOverrides): PairPlan => planPair(aPairInput(overrides));

describe('a pair in which all is well', () => {
  it('needs nothing: the row stays the same object, nothing is sent, asked or waited for', () => {
    const input = aPairInput();

    const { row, step, questions, nextLookMs, decisions } = planPair(input);

    expect(row).toBe(input.row);
    expect([step, questions, nextLookMs, decisions]).toEqual([null, [], null, []]);
  });

  it('is taken for its own at the first look', () => {
    const { row } = plan({ row: null });

    expect(row).toMatchObject({
      groupId: OLD_GROUP,
      homeId: PRIMARY,
      memberIds: [PRIMARY, SECONDARY],
      number: 0,
    });
  });
});

describe('an order to promote', () => {
  it('has whoever is to change places asked at once, and ECS in the same turn', () => {
    const order = {
      kind: 'promote',
      orderId: 'o-1',
      to: null,
      by: 'ops',
      reason: 'kernel update',
      orderedAtMs: NOW_MS,
      overridesCoolDown: false,
    } as const;

    const unasked = plan({ orders: [order], answers: new Map() });
    const blind = plan({ orders: [order], answers: new Map(), systemEvents: null });

    expect(unasked.questions.map(({ serverId }) => serverId)).toEqual([SECONDARY, PRIMARY]);
    expect([blind.questions, blind.needsSystemEvents]).toEqual([[], true]);
  });
});

describe('a bad primary', () => {
  it('is followed by the secondary, with the first fit standby beside it', () => {
    const { row, goesOn } = plan(stoppedPrimary);

    expect(row.saga).toMatchObject({
      number: 1,
      kind: 'promotion',
      phase: 'create',
      groupName: 'slb-autopilot/orders-db/1',
      to: members(SECONDARY, STANDBY),
    });
    expect(goesOn).toBe(true);
  });

  it.each<[string, PairInputOverrides]>([
    [
      'one observer alone',
      { row: aPairRow({ testimonies: said(['health']) }), health: [health(PRIMARY, 'abnormal')] },
    ],
    [
      'two of whom one has only begun',
      { ...stoppedPrimary, row: aPairRow({ testimonies: said(['health']) }) },
    ],
    [
      'two that were last heard minutes ago',
      {
        ...stoppedPrimary,
        row: aPairRow({
          testimonies: {
            [PRIMARY]: { ...(said(['health', 'ecs'])[PRIMARY] as Testimony), heardAtMs: NOW_MS - 180_000 },
          },
        }),
      },
    ],
    [
      'nobody, though everybody did before',
      { row: aPairRow({ testimonies: said(['health', 'ecs', 'probe']) }) },
    ],
  ])('is left alone on the word of %s', (_who, overrides) => {
    expect(plan(overrides).row.saga).toBeNull();
  });

  it('that SLB has dropped from the group after its release is followed, too: ECS does not list it either', () => {
    const group = aGroup({ members: members(DROPPED_ID, SECONDARY) });
    const testimonies = { [DROPPED_ID]: said(['health', 'ecs'])[PRIMARY] as Testimony };
    const { row } = plan({ groups: [group], row: aPairRow({ testimonies }) });

    expect(row.saga).toMatchObject({ kind: 'promotion', to: members(SECONDARY, STANDBY) });
    expect(row.memberIds).not.toContain(DROPPED_ID);
  });

  it('is counted as one-sided when one observer has said so for long enough', () => {
    const { counts, row, nextLookMs } = plan({
      row: aPairRow({ testimonies: said(['health']) }),
      health: [health(PRIMARY, 'abnormal')],
    });

    expect(counts).toEqual(['pairs-one-sided']);
    expect(row.held).toMatch(/nobody else says so/);
    expect(nextLookMs).toBe(NOW_MS + 5_000);
  });

  it('is asked itself as long as its answer may count', () => {
    const row = aPairRow({ testimonies: said(['health']) });

    const { questions, row: after } = plan({ ...stoppedPrimary, row, answers: new Map() });

    expect(questions).toEqual([{ serverId: PRIMARY, privateIp: '192.168.0.10', port: 3306 }]);
    expect(after.saga).toBeNull();
  });

  it('is not asked once two others have called it bad for long enough: the coming members are, both at once', () => {
    const { questions } = plan({ ...stoppedPrimary, answers: new Map() });

    expect(questions.map(({ serverId }) => serverId)).toEqual([SECONDARY, STANDBY]);
  });

  it.each<[string, PairInputOverrides]>([
    ['does not run', { instances: instances(stopped(PRIMARY), stopped(SECONDARY)) }],
    [
      'is being reclaimed',
      { instances: instances(stopped(PRIMARY), anInstance(SECONDARY, { lockReasons: [RECYCLING] })) },
    ],
    [
      'has an open system event',
      {
        systemEvents: new Map([
          [PRIMARY, []],
          [
            SECONDARY,
            [
              {
                eventId: 'e-1',
                eventType: 'SystemMaintenance.Reboot',
                status: 'Scheduled',
                notBeforeMs: null,
              },
            ],
          ],
          [STANDBY, []],
        ]),
      },
    ],
    ['does not answer', { answers: new Map([...aPairInput().answers, [`${SECONDARY}:3306`, noAnswer]]) }],
    ['is called abnormal', { health: [health(PRIMARY, 'abnormal'), health(SECONDARY, 'abnormal')] }],
  ])('stays, with CLB’s own failover in charge, when the secondary %s', (_what, seen) => {
    const { row, counts } = plan({ ...stoppedPrimary, ...seen });

    expect(row.saga).toBeNull();
    expect(row.held).toMatch(/^degraded, CLB's own failover is in charge.*the secondary cannot take over/);
    expect(counts).toEqual(['pairs-degraded']);
  });

  it('becomes the secondary when it runs and the pool has nobody', () => {
    const failing = {
      row: aPairRow({ testimonies: said(['health', 'probe']) }),
      health: [health(PRIMARY, 'abnormal')],
      answers: new Map([...aPairInput().answers, [`${PRIMARY}:3306`, noAnswer]]),
      standbyIds: [],
    };

    expect(plan(failing).row.saga?.to).toEqual(members(SECONDARY, PRIMARY));
    expect(plan({ ...failing, pair: aPair({ degraded: 'wait' }) }).row.held).toMatch(/waiting for a standby/);
  });

  it.each<[string, PairInputOverrides]>([
    ['another pair has taken', { takenIds: new Set([STANDBY]) }],
    ['does not run', { instances: instances(stopped(PRIMARY), stopped(STANDBY)) }],
  ])('is waited for while the only standby is one that %s', (_what, seen) => {
    expect(plan({ ...stoppedPrimary, ...seen }).row.held).toMatch(/waiting for a standby/);
  });

  it('stays for as long as a pause or a cool-down lasts, and the row says until when', () => {
    const pause = { untilMs: NOW_MS + 60_000, by: 'ops', reason: 'migration' };
    const saga = aSaga({ phase: 'ended', outcome: 'done', endedAtMs: NOW_MS - 60_000 });
    const paused = plan({
      ...stoppedPrimary,
      row: aPairRow({ testimonies: said(['health', 'ecs']), pause }),
    });
    const cooling = plan({
      ...stoppedPrimary,
      row: aPairRow({ testimonies: said(['health', 'ecs']), number: 1, saga }),
    });

    expect(paused.row.held).toMatch(
      /^paused by ops \(migration\) until 2026-04-09T04:19:26Z; due: promotion/,
    );
    expect(cooling.row.held).toMatch(/^cooling down until 2026-04-09T04:27:26Z; due: promotion/);
    expect([paused.row.number, cooling.row.number]).toEqual([0, 1]);
  });

  it('is none of our business where promoteOn does not name what makes it bad', () => {
    const { row } = plan({ ...stoppedPrimary, pair: aPair({ promoteOn: new Set(['unhealthy']) }) });

    expect(row.held).toMatch(/promoteOn does not name stop/);
  });
});

describe('a notice', () => {
  const signal: Signal = {
    key: 'spot',
    instanceId: PRIMARY,
    news: {
      kind: 'leave',
      cause: 'spot-reclaim',
      ref: null,
      fromMs: null,
      deadlineAtMs: null,
      untilMs: null,
    },
    eventAtMs: NOW_MS,
    acceptedAtMs: NOW_MS,
  };
  const reclaimed = instances(anInstance(PRIMARY, { lockReasons: [RECYCLING] }));

  it('that ECS confirms leads to a promotion at once', () => {
    const { row, settledKeys } = plan({ signals: [signal], instances: reclaimed });

    expect(row.saga?.reason).toMatch(/is leaving: being reclaimed/);
    expect(settledKeys).toEqual(['spot']);
  });

  it('that ECS does not confirm is kept and told of, and nothing is done', () => {
    const { row, counts } = plan({ signals: [signal] });

    expect(row.saga).toBeNull();
    expect(row.notices).toHaveLength(1);
    expect(counts).toEqual(['pairs-one-sided']);
  });

  it('that is taken back is forgotten', () => {
    const back: Signal = {
      ...signal,
      key: 'back',
      acceptedAtMs: NOW_MS + 1,
      news: { kind: 'return', cause: 'spot-reclaim', ref: null },
    };

    expect(plan({ signals: [signal, back] }).row.notices).toEqual([]);
  });

  it('of the secondary keeps it from taking over', () => {
    const about = { ...signal, instanceId: SECONDARY };

    expect(plan({ ...stoppedPrimary, signals: [about] }).row.held).toMatch(/has a notice of spot-reclaim/);
  });
});

describe('an event that is ahead of what ECS shows', () => {
  it('is kept until it is looked at again after 5, 15 and 60 s, and then left to the ticks', () => {
    const signal = (agoMs: number): Signal => ({
      key: 'stop',
      instanceId: PRIMARY,
      news: { kind: 'state', state: 'Stopping' },
      eventAtMs: null,
      acceptedAtMs: NOW_MS - agoMs,
    });
    const looks = [0, 5_000, 15_000, 60_000].map((agoMs) => plan({ signals: [signal(agoMs)] }));

    expect(looks.map(({ settledKeys }) => settledKeys)).toEqual([[], [], [], ['stop']]);
    expect(looks.map(({ nextLookMs }) => nextLookMs)).toEqual([
      NOW_MS + 5_000,
      NOW_MS + 10_000,
      NOW_MS + 45_000,
      null,
    ]);
  });
});

describe('listeners that disagree', () => {
  const other = aGroup({ groupId: 'rsp-other', name: 'other' });
  const two = aPair({
    listeners: [
      { protocol: 'tcp', port: 3306 },
      { protocol: 'tcp', port: 3307 },
    ],
  });

  it('are told of; the one that uses the pair’s group goes on being kept', () => {
    const { row, counts } = plan({
      pair: two,
      groups: [aGroup(), other],
      listeners: [aListener(), aListener({ port: 3307, groupId: 'rsp-other' })],
    });

    expect(row.held).toBe('tcp:3307 uses rsp-other: left alone');
    expect(counts).toEqual(['pairs-held']);
  });

  it('from the beginning are nobody’s to decide about', () => {
    const { row } = plan({
      pair: two,
      row: null,
      groups: [aGroup(), other],
      listeners: [aListener(), aListener({ port: 3307, groupId: 'rsp-other' })],
    });

    expect(row).toMatchObject({
      groupId: null,
      held: expect.stringMatching(/use different groups: rsp-bp1old, rsp-other/),
    });
  });

  it('of another group that all use have been moved by people, whose group is the pair’s from then on', () => {
    const moved = aGroup({ groupId: 'rsp-other', members: members(SECONDARY, PRIMARY) });
    const { row } = plan({ groups: [aGroup(), moved], listeners: [aListener({ groupId: 'rsp-other' })] });

    expect(row).toMatchObject({ groupId: 'rsp-other', homeId: SECONDARY });
  });
});

describe('a recorded decision', () => {
  it('comes out the same when it is made again from what the audit keeps', () => {
    const input = aPairInput(stoppedPrimary);

    const again = planPair(inputOf(JSON.parse(JSON.stringify(recordedSituation(input)))));

    expect(again.row.saga).toEqual(planPair(input).row.saga);
  });
});

describe('a standby that SLB does not take', () => {
  const refused = {
    message: 'there are network conflicts',
    api: 'CreateMasterSlaveServerGroup',
    code: 'NetworkConflict',
    requestId: 'R',
  };

  it('is not tried again for an hour after its change was given up', () => {
    const saga = aSaga({ phase: 'undo', failure: refused });
    const { row } = plan({ row: aPairRow({ number: 1, saga }) });
    expect(row.unsuitable).toEqual([
      { serverId: STANDBY, reason: refused.message, untilMs: NOW_MS + 3_600_000 },
    ]);

    const again = plan({
      ...stoppedPrimary,
      row: { ...row, saga: null, testimonies: said(['health', 'ecs']) },
    });
    expect(again.row.held).toMatch(
      /waiting for a standby: i-bp1standby was refused: there are network conflicts/,
    );
  });

  it('is not even tried when ECS shows it in another VPC', () => {
    const { row } = plan({
      ...stoppedPrimary,
      instances: instances(stopped(PRIMARY), anInstance(STANDBY, { vpcId: 'vpc-other' })),
    });

    expect(row.held).toMatch(/i-bp1standby is in vpc-other, and the pair is not/);
  });
});

describe('a change that was given up', () => {
  it('is followed by the next after a minute, since nobody has noticed it', () => {
    const saga = (endedAtMs: number) => aSaga({ phase: 'ended', outcome: 'given-up', endedAtMs });
    const rowWhenEnded = (agoMs: number) =>
      plan({
        ...stoppedPrimary,
        row: aPairRow({ number: 1, saga: saga(NOW_MS - agoMs), testimonies: said(['health', 'ecs']) }),
      }).row;

    expect(rowWhenEnded(59_000).held).toMatch(/^cooling down until/);
    expect(rowWhenEnded(60_000).number).toBe(2);
  });

  it('is what one comes to that was decided long ago and has moved nothing', () => {
    const row = aPairRow({ number: 1, saga: aSaga({ startedAtMs: NOW_MS - 16 * 60_000 }) });

    expect(plan({ row }).row.saga).toMatchObject({
      outcome: 'given-up',
      failure: { message: expect.stringMatching(/decided long ago/) },
    });
  });
});

describe('an order', () => {
  it('that has waited for more than an hour is refused', () => {
    const order = {
      kind: 'promote',
      orderId: 'o-1',
      to: null,
      by: 'ops',
      reason: 'r',
      orderedAtMs: NOW_MS - 3_600_001,
      overridesCoolDown: false,
    } as const;

    const { row } = plan({ orders: [order] });

    expect(row.answers).toMatchObject([{ outcome: 'refused', reason: 'it was given more than an hour ago' }]);
  });
});

describe('a leftover that could not be deleted', () => {
  it('is tried again when its time has come, and not before', () => {
    const left = aGroup({ groupId: 'rsp-left', name: 'slb-autopilot/orders-db/1' });
    const next = (leftoversNotBeforeMs: number | null) =>
      plan({ groups: [aGroup(), left], row: aPairRow({ number: 1, leftoversNotBeforeMs }) });

    expect(next(NOW_MS + 1)).toMatchObject({ step: null, nextLookMs: NOW_MS + 1 });
    expect(next(NOW_MS).step).toEqual({ kind: 'delete', groupId: 'rsp-left' });
  });
});

describe('what is left over', () => {
  it('goes while the pair waits for a standby, too', () => {
    const left = aGroup({ groupId: 'rsp-left', name: 'slb-autopilot/orders-db/1' });

    const { row, step } = plan({
      ...stoppedPrimary,
      groups: [aGroup(), left],
      row: aPairRow({ number: 1, testimonies: said(['health', 'ecs']) }),
      standbyIds: [],
    });

    expect(row.held).toMatch(/waiting for a standby/);
    expect(step).toEqual({ kind: 'delete', groupId: 'rsp-left' });
  });
});
