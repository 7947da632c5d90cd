import { describe, expect, it } from 'vitest';
import { RejectedError, TransientError } from '../../../../shared/errors.ts';
import { GroupInUseError } from '../../../../shared/pairs/errors.ts';
import type { PairStep } from '../../../../shared/pairs/model.ts';
import { afterAnswer, afterFailure } from '../../../../shared/pairs/saga/answers.ts';
import type { Saga } from '../../../../shared/pairs/saga/model.ts';
import { withInFlight } from '../../../../shared/pairs/saga/situation.ts';
import { turnOf } from '../../../../shared/pairs/saga/turn.ts';
import { anInstance, LB, NOW_MS } from '../../../support/builders.ts';
import {
  aGroup,
  aListener,
  aPair,
  aPairInput,
  aSaga,
  members,
  OLD_GROUP,
  type PairInputOverrides,
  SECONDARY,
  STANDBY,
} from '../../../support/pairs.ts';

const NEW_GROUP = 'rsp-bp1new';
const newGroup = (overrides: Parameters<typeof aGroup>[0] = {}) =>
  aGroup({
    groupId: NEW_GROUP,
    name: 'slb-autopilot/orders-db/1',
    members: members(SECONDARY, STANDBY),
    ...overrides,
  });
const turn = (saga: Saga, overrides: PairInputOverrides = {}) => turnOf(saga, aPairInput(overrides));
const both = [aGroup(), newGroup()];
const never = (): never => {
  throw new Error('a step was expected');
};
const inFlight = (kind: 'create' | 'point' | 'delete', agoMs: number) => ({
  kind,
  target: '',
  sentAtMs: NOW_MS - agoMs,
});

describe('creating the group', () => {
  it('sends one create under the name of the change, with tags', () => {
    const { step } = turn(aSaga());

    expect(step).toEqual({
      kind: 'create',
      loadBalancerId: LB,
      name: 'slb-autopilot/orders-db/1',
      members: members(SECONDARY, STANDBY),
      tags: [
        { key: 'slb-autopilot:pair', value: 'orders-db' },
        { key: 'slb-autopilot:change', value: '1' },
      ],
    });
  });

  it('takes the group that is there already, the used one of two', () => {
    const second = newGroup({ groupId: 'rsp-bp1second' });
    expect(turn(aSaga(), { groups: both }).saga).toMatchObject({ groupId: NEW_GROUP, phase: 'repoint' });
    expect(
      turn(aSaga(), { groups: [...both, second], listeners: [aListener({ groupId: second.groupId })] }).saga,
    ).toMatchObject({ groupId: second.groupId });
  });

  it('does not take one of its name with other members', () => {
    const forged = newGroup({ members: members('i-stranger', STANDBY) });

    expect(turn(aSaga(), { groups: [aGroup(), forged] }).step?.kind).toBe('create');
  });

  it('waits for a create whose reply was lost, then looks again, then sends another', () => {
    const early = turn(aSaga({ inFlight: inFlight('create', 12_000) }));
    expect([early.step, early.wake?.atMs]).toEqual([null, NOW_MS + 1_000]);
    expect(turn(aSaga({ inFlight: inFlight('create', 12_000) }), { groups: both }).saga.groupId).toBe(
      NEW_GROUP,
    );

    expect(turn(aSaga({ inFlight: inFlight('create', 13_000) })).step?.kind).toBe('create');
  });

  it('turns back when ECS has come to call the coming primary bad', () => {
    const { saga } = turn(aSaga(), {
      instances: new Map([[SECONDARY, anInstance(SECONDARY, { status: 'Stopped' })]]),
    });

    expect(saga).toMatchObject({
      phase: 'undo',
      failure: { message: expect.stringMatching(/ecs says Stopped/) },
    });
  });
});

describe('pointing the listeners', () => {
  const pair = aPair({
    listeners: [
      { protocol: 'tcp', port: 3306 },
      { protocol: 'udp', port: 53 },
    ],
  });
  const two = [
    aListener({ settings: { HealthCheckDomain: 'a.example' } }),
    aListener({ protocol: 'udp', port: 53 }),
  ];
  const begun = aSaga({ phase: 'repoint', groupId: NEW_GROUP }, two);

  it('sends each only what it must, the domain of its check too', () => {
    expect(turn(begun, { pair, groups: both, listeners: two }).step).toEqual({
      kind: 'point',
      loadBalancerId: LB,
      listener: { protocol: 'tcp', port: 3306 },
      groupId: NEW_GROUP,
      settings: { HealthCheckDomain: 'a.example' },
    });
  });

  it('goes on to the next while the last is presumed, and has all read once all are', () => {
    const next = turn(begun, { pair, groups: both, listeners: two, presumed: new Set(['tcp:3306']) });
    expect(next.step).toMatchObject({ listener: { protocol: 'udp', port: 53 }, settings: {} });

    const all = turn(begun, {
      pair,
      groups: both,
      listeners: two,
      presumed: new Set(['tcp:3306', 'udp:53']),
    });
    expect([all.step, all.mustRead]).toEqual([null, true]);
  });

  it('mends what the change has cost, once, and tells what stays different', () => {
    const before = { Scheduler: 'wrr', PersistenceTimeout: '300', Description: 'db' };
    const saga = aSaga({ phase: 'repoint', groupId: NEW_GROUP }, [aListener({ settings: before })]);
    const lost = aListener({
      groupId: NEW_GROUP,
      settings: { Scheduler: 'wrr', PersistenceTimeout: '0', Description: 'x' },
    });

    const mending = turn(saga, { groups: both, listeners: [lost] });
    expect(mending.step).toMatchObject({
      kind: 'point',
      groupId: NEW_GROUP,
      settings: { PersistenceTimeout: '300' },
    });
    const told = turn(mending.saga, { groups: both, listeners: [lost] });
    expect(told.saga.listeners).toMatchObject([
      { state: 'moved', remark: 'Description "db" → "x", PersistenceTimeout "300" → "0"' },
    ]);
  });

  it('mends what the change has cost again when the mending was refused for now, or was never sent', () => {
    const saga = aSaga({ phase: 'repoint', groupId: NEW_GROUP }, [
      aListener({ settings: { PersistenceTimeout: '300' } }),
    ]);
    const seen = {
      groups: both,
      listeners: [aListener({ groupId: NEW_GROUP, settings: { PersistenceTimeout: '0' } })],
    };
    const mending = turn(saga, seen);
    const step = mending.step ?? never();
    const mended = { kind: 'point', settings: { PersistenceTimeout: '300' } };
    expect(step).toMatchObject(mended);

    const busy = new TransientError('busy', 'busy', { api: 'Set', code: 'Busy', requestId: 'R' });
    const refused = afterFailure(withInFlight(mending.saga, step, NOW_MS), step, busy, () => 0.5, NOW_MS);
    expect(turn(refused, { ...seen, nowMs: NOW_MS + 60_000 }).step).toMatchObject(mended);

    expect(turn(withInFlight(mending.saga, step, NOW_MS), seen).step).toMatchObject(mended);

    const answered = afterAnswer(withInFlight(mending.saga, step, NOW_MS), step, null);
    expect(turn(answered, seen).saga.listeners).toMatchObject([{ state: 'moved' }]);
  });

  it('does not turn back because a mending was refused for good', () => {
    const saga = aSaga({ phase: 'repoint', groupId: NEW_GROUP }, [
      aListener({ settings: { PersistenceTimeout: '300' } }),
    ]);
    const seen = {
      groups: both,
      listeners: [aListener({ groupId: NEW_GROUP, settings: { PersistenceTimeout: '0' } })],
    };
    const mending = turn(saga, seen);
    const step = mending.step ?? never();
    const refusal = new RejectedError('no', { api: 'Set', code: 'InvalidParameter', requestId: 'R' });

    const refused = afterFailure(withInFlight(mending.saga, step, NOW_MS), step, refusal, () => 0.5, NOW_MS);

    const told = turn(refused, seen);
    expect([told.step, told.saga.phase]).toEqual([null, 'repoint']);
    expect(told.saga.listeners).toMatchObject([{ state: 'moved', remark: 'PersistenceTimeout "300" → "0"' }]);
    const tidying = turn({ ...told.saga, phase: 'tidy' }, seen);
    expect(tidying.step).toMatchObject({ kind: 'delete' });
  });

  it('does not call a listener gone that the configuration has only stopped to name', () => {
    const saga = aSaga({ phase: 'repoint', groupId: NEW_GROUP }, two);

    const { saga: after } = turn(saga, { pair: aPair({ listeners: [] }), groups: both, listeners: [] });

    expect(after.listeners[0]?.remark).toBe('tcp:3306 is no listener of the pair any more');
  });

  it('leaves alone what somebody else has moved or deleted', () => {
    const saga = aSaga({ phase: 'repoint', groupId: NEW_GROUP }, two);
    const elsewhere = turn(saga, {
      pair,
      groups: both,
      listeners: [aListener({ groupId: 'rsp-x' }), two[1] ?? aListener()],
    });
    expect(elsewhere.saga.listeners[0]).toMatchObject({
      state: 'left',
      remark: 'tcp:3306 was pointed at rsp-x by somebody else',
    });

    const gone = turn(elsewhere.saga, { pair, groups: both, listeners: [aListener({ groupId: 'rsp-x' })] });
    expect(gone.saga.listeners[1]).toMatchObject({ state: 'left', remark: 'udp:53 does not exist any more' });
    expect(
      turn(gone.saga, { pair, groups: both, listeners: [aListener({ groupId: 'rsp-x' })] }).saga.phase,
    ).toBe('undo');
  });
});

describe('tidying up', () => {
  const moved = aSaga({
    phase: 'tidy',
    groupId: NEW_GROUP,
    listeners: aSaga().listeners.map((listener) => ({ ...listener, state: 'moved' as const })),
  });
  const listeners = [aListener({ groupId: NEW_GROUP })];

  it('deletes the old group, then whatever else bears a name of ours, then has ended', () => {
    const stray = newGroup({ groupId: 'rsp-bp1stray' });
    expect(turn(moved, { groups: [...both, stray], listeners }).step).toEqual({
      kind: 'delete',
      groupId: OLD_GROUP,
    });
    expect(turn(moved, { groups: [newGroup(), stray], listeners }).step).toEqual({
      kind: 'delete',
      groupId: 'rsp-bp1stray',
    });
    expect(turn(moved, { groups: [newGroup()], listeners }).saga).toMatchObject({
      phase: 'ended',
      outcome: 'done',
      endedAtMs: NOW_MS,
    });
  });

  it('mends again, three times in all, what a call has cost that landed when nobody waited for it any more', () => {
    const before = [aListener({ settings: { PersistenceTimeout: '300' } })];
    const [pointed = never()] = aSaga({}, before).listeners;
    const mendedOnce = { ...moved, listeners: [{ ...pointed, state: 'moved' as const, mends: 1 }] };
    const lost = {
      groups: both,
      listeners: [aListener({ groupId: NEW_GROUP, settings: { PersistenceTimeout: '0' } })],
    };
    const mended = { kind: 'point', groupId: NEW_GROUP, settings: { PersistenceTimeout: '300' } };

    const second = turn(mendedOnce, lost);
    expect(second.step).toMatchObject(mended);
    const presumed = turn(second.saga, { ...lost, presumed: new Set(['tcp:3306']) });
    expect([presumed.step, presumed.mustRead]).toEqual([null, true]);
    const third = turn(second.saga, lost);
    expect(third.step).toMatchObject(mended);
    expect(turn(third.saga, lost).step).toMatchObject({ kind: 'delete' });
  });

  it('mends nothing of a listener that somebody has pointed elsewhere meanwhile', () => {
    const [pointed = never()] = aSaga({}, [aListener({ settings: { PersistenceTimeout: '300' } })]).listeners;
    const saga = { ...moved, listeners: [{ ...pointed, state: 'moved' as const }] };
    const elsewhere = [aListener({ groupId: 'rsp-x', settings: { PersistenceTimeout: '0' } })];

    expect(turn(saga, { groups: both, listeners: elsewhere }).step?.kind).toBe('delete');
  });

  it('leaves a group that somebody else’s listener uses', () => {
    const otherUsers = new Map([[OLD_GROUP, [{ protocol: 'udp', port: 53 } as const]]]);

    const { saga, remark } = turn(moved, { groups: both, listeners, otherUsers });

    expect([saga.outcome, remark]).toEqual(['done', `${OLD_GROUP} is used by udp:53 and stays`]);
  });

  it('has ended, with what was refused, when the old group may not be deleted', () => {
    const step: PairStep = { kind: 'delete', groupId: OLD_GROUP };
    const origin = { api: 'Delete', code: 'Forbidden.RAM', requestId: 'R' };
    const refused = afterFailure(moved, step, new RejectedError('no', origin), () => 0.5, NOW_MS);

    expect(turn(refused, { groups: both, listeners }).saga).toMatchObject({
      phase: 'ended',
      outcome: 'done',
      failure: { code: 'Forbidden.RAM' },
    });
  });

  it('waits for a write that may still land before it deletes anything', () => {
    const { step, wake } = turn(
      { ...moved, inFlight: inFlight('point', 1_000) },
      { groups: both, listeners },
    );

    expect([step, wake?.atMs]).toEqual([null, NOW_MS + 12_000]);
  });
});

describe('undoing', () => {
  const failed = aSaga({
    phase: 'undo',
    groupId: NEW_GROUP,
    failure: { message: 'refused', api: 'Set', code: 'X', requestId: 'R' },
  });

  it('points back what has moved, deletes the new group, and has ended with what was refused', () => {
    const back = turn(turn(failed, { groups: both, listeners: [aListener({ groupId: NEW_GROUP })] }).saga, {
      groups: both,
      listeners: [aListener({ groupId: NEW_GROUP })],
    });
    expect(back.step).toMatchObject({ kind: 'point', groupId: OLD_GROUP });
    expect(turn(back.saga, { groups: both }).step).toEqual({ kind: 'delete', groupId: NEW_GROUP });
    expect(turn(back.saga).saga).toMatchObject({
      phase: 'ended',
      outcome: 'undone',
      failure: { requestId: 'R' },
    });
  });

  it('that never moved anything was given up', () => {
    expect(turn({ ...failed, groupId: null }).saga).toMatchObject({ phase: 'ended', outcome: 'given-up' });
  });

  it('leaves a listener where it is when there is no way back', () => {
    const seen = { groups: [newGroup()], listeners: [aListener({ groupId: NEW_GROUP })] };

    const { saga, step, remark } = turn(turn(failed, seen).saga, seen);

    expect([step, saga.outcome]).toEqual([null, 'undone']);
    expect(remark).toMatch(/rsp-bp1old does not exist any more, so tcp:3306 stays/);
  });
});

describe('after a call', () => {
  const create: PairStep = {
    kind: 'create',
    loadBalancerId: LB,
    name: 'n',
    members: members('i-a', 'i-b'),
    tags: [],
  };
  const point: PairStep = {
    kind: 'point',
    loadBalancerId: LB,
    listener: { protocol: 'tcp', port: 3306 },
    groupId: NEW_GROUP,
    settings: {},
  };
  const remove: PairStep = { kind: 'delete', groupId: OLD_GROUP };
  const origin = { api: 'Api', code: 'Code', requestId: 'Request' };
  const failed = (saga: Saga, step: PairStep, error: RejectedError | TransientError) =>
    afterFailure(saga, step, error, () => 0.5, NOW_MS);
  const sent = aSaga({ inFlight: inFlight('create', 0) });

  it('that was answered the group is known and the listeners are next', () => {
    expect(afterAnswer(sent, create, NEW_GROUP)).toMatchObject({
      groupId: NEW_GROUP,
      phase: 'repoint',
      inFlight: null,
    });
  });

  it('that nobody knows the outcome of, it stays in flight', () => {
    const error = new TransientError('lost', 'unknown-outcome', origin);

    expect(failed(sent, create, error)).toMatchObject({
      inFlight: sent.inFlight,
      phase: 'create',
      refusals: 1,
    });
  });

  it.each<[string, PairStep, RejectedError | TransientError]>([
    ['busy', point, new TransientError('busy', 'busy', origin)],
    ['a group that counts as in use', remove, new GroupInUseError('in use', origin)],
    ['a server that SLB does not see running yet', create, new TransientError('no', 'not-yet', origin)],
  ])('that was refused for now (%s), it is tried again later', (_why, step, error) => {
    const later = failed(aSaga({ phase: 'repoint', inFlight: inFlight('point', 0) }), step, error);

    expect(later).toMatchObject({ inFlight: null, refusals: 1, phase: 'repoint' });
    expect(later.notBeforeMs).toBeGreaterThan(NOW_MS);
  });

  it('that was refused for good, it turns back, and keeps code and request id', () => {
    const turned = failed(aSaga({ phase: 'repoint' }), point, new RejectedError('no', origin));

    expect(turned).toMatchObject({
      phase: 'undo',
      failure: { message: 'no', api: 'Api', code: 'Code', requestId: 'Request' },
    });
  });

  it('that SLB goes on not to see a server for, it turns back in the end', () => {
    const turned = failed(aSaga({ refusals: 5 }), create, new TransientError('no', 'not-yet', origin));

    expect(turned.phase).toBe('undo');
  });
});
