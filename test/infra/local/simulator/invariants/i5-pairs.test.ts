import { describe, expect, it } from 'vitest';
import { CloudError, ConnectionLost } from '../../../../../infra/local/world/errors.ts';
import type { PairStep } from '../../../../../shared/pairs/model.ts';
import type { InFlight, Saga } from '../../../../../shared/pairs/saga/model.ts';
import { LB, NOW_MS } from '../../../../support/builders.ts';
import {
  aMember,
  aPair,
  members,
  OLD_GROUP,
  PRIMARY,
  SECONDARY,
  STANDBY,
} from '../../../../support/pairs.ts';
import { NEW_GROUP, NEW_NAME, PairHistory } from './pair-history.ts';

const BAD_PRIMARY = { health: { [PRIMARY]: 'abnormal' }, statuses: { [PRIMARY]: 'Stopped' } };
const COOL_DOWN_MS = aPair().coolDownMs;
const ended = (overrides: Partial<Saga> = {}): Partial<Saga> => ({
  phase: 'ended',
  outcome: 'done',
  groupId: NEW_GROUP,
  endedAtMs: NOW_MS,
  ...overrides,
});

/** A change of the pair that has just begun rightly. */
function begun(): PairHistory {
  const history = new PairHistory();
  history.sees(BAD_PRIMARY);
  history.writesSaga();
  return history;
}

/** One whose listeners use the new group, and whose end nobody has written yet. */
function moved(): PairHistory {
  const history = begun();
  history.makesGroup(NEW_GROUP, NEW_NAME, SECONDARY, STANDBY);
  for (const port of [3306, 3307]) {
    const target = `tcp:${port} ${NEW_GROUP}`;
    history.sees(BAD_PRIMARY);
    history.writesSaga({ groupId: NEW_GROUP, phase: 'repoint', inFlight: flying('point', target) });
    history.movesIt(port, NEW_GROUP);
  }
  history.sees({ uses: { 3306: NEW_GROUP, 3307: NEW_GROUP } });
  return history;
}

function flying(kind: InFlight['kind'], target: string): InFlight {
  return { kind, target, sentAtMs: NOW_MS };
}

describe('the beginning of a change breaks I5', () => {
  it('while another one is under way', () => {
    const history = begun();
    history.sees(BAD_PRIMARY);
    history.writesSaga({ number: 2 });
    expect(history.broken('I5')).toEqual([
      'events-1 begins promotion 2 of orders-db while promotion 1 is under way (create)',
    ]);
  });

  it('within the cool-down of the one before, which counts from its end', () => {
    const history = moved();
    history.writesSaga(ended());
    history.passes(COOL_DOWN_MS - 30_000);
    history.sees(BAD_PRIMARY);
    history.writesSaga({ number: 2 });
    expect(history.broken('I5')).toEqual([
      'events-1 begins promotion 2 of orders-db 30 s before the cool-down of the change before it is over',
    ]);
  });

  it('within it on the order of a person who has not said that they know', () => {
    const history = moved();
    history.writesSaga(ended());
    history.orders(anOrder(false));
    history.writesSaga({ number: 2, orderId: 'order-1' });
    expect(history.broken('I5')).toHaveLength(1);
  });

  it.each([
    ['health', { health: { [PRIMARY]: 'abnormal' } }],
    ['ecs', { statuses: { [PRIMARY]: 'Stopped' } }],
  ])('by itself, when nobody but %s calls the primary bad', (observer, sights) => {
    const history = new PairHistory();
    history.sees(sights);
    history.writesSaga();
    expect(history.broken('I5')).toEqual([
      `events-1 begins promotion 1 of orders-db, while nobody but ${observer} calls its primary ${PRIMARY} bad`,
    ]);
  });

  it('when ECS does not list the primary, and showed that it runs less than a minute ago', () => {
    const history = new PairHistory();
    history.sees();
    history.passes(59_000);
    history.sees({ statuses: { [PRIMARY]: 'absent' } });
    history.writesSaga();
    expect(history.broken('I5')).toHaveLength(1);
  });

  it('when two have called it bad for too long ago to matter', () => {
    const history = new PairHistory();
    history.sees(BAD_PRIMARY);
    history.passes(25_000);
    history.sees();
    history.writesSaga();
    expect(history.broken('I5')).toHaveLength(1);
  });

  it.each([
    ['health', { health: { ...BAD_PRIMARY.health, [SECONDARY]: 'abnormal' } }],
    ['ecs', { statuses: { ...BAD_PRIMARY.statuses, [SECONDARY]: 'absent' } }],
  ])('in favour of a server that %s calls bad', (observer, sights) => {
    const history = new PairHistory();
    history.sees({ ...BAD_PRIMARY, ...sights });
    history.writesSaga();
    expect(history.broken('I5')).toEqual([
      `events-1 begins promotion 1 of orders-db in favour of ${SECONDARY}, which ${observer} calls bad`,
    ]);
  });

  it('in favour of a server that does not answer us', () => {
    const history = new PairHistory();
    history.sees(BAD_PRIMARY);
    history.probes(SECONDARY, null);
    history.writesSaga();
    expect(history.broken('I5')).toEqual([
      `events-1 begins promotion 1 of orders-db in favour of ${SECONDARY}, which probe calls bad`,
    ]);
  });
});

describe('the beginning of a change does not break it', () => {
  it('when two observers call the primary bad', () => {
    expect(begun().broken('I5')).toEqual([]);
  });

  it('when the health check and our own question agree, though ECS still shows it Running', () => {
    const history = new PairHistory();
    history.sees({ health: { [PRIMARY]: 'abnormal' } });
    history.probes(PRIMARY, false);
    history.writesSaga();
    expect(history.broken('I5')).toEqual([]);
  });

  it('when ECS does not list the primary, and has not shown that it runs for a minute', () => {
    const history = new PairHistory();
    history.sees();
    history.passes(60_000);
    history.sees({ statuses: { [PRIMARY]: 'absent' } });
    history.writesSaga();
    expect(history.broken('I5')).toEqual([]);
  });

  it('when ECS takes the primary away, as a notice has said', () => {
    const history = new PairHistory();
    history.sees({ statuses: { [PRIMARY]: 'Stopping' } });
    history.writesRow({
      notices: [{ serverId: PRIMARY, cause: 'spot-reclaim', ref: null, fromMs: NOW_MS, noticedAtMs: NOW_MS }],
    });
    history.writesSaga();
    expect(history.broken('I5')).toEqual([]);
  });

  it('when SLB has dropped a primary that was released', () => {
    const history = new PairHistory();
    history.sees({ isPrimaryDropped: true });
    history.writesSaga();
    expect(history.broken('I5')).toEqual([]);
  });

  it('once the cool-down is over, nor before on the order of a person who knows of it', () => {
    for (const [waitMs, orderId] of [
      [COOL_DOWN_MS, null],
      [0, 'order-1'],
    ] as const) {
      const history = moved();
      history.writesSaga(ended());
      history.orders(anOrder(true));
      history.passes(waitMs);
      history.sees(BAD_PRIMARY);
      history.writesSaga({ number: 2, orderId });
      expect(history.broken('I5')).toEqual([]);
    }
  });

  it('when another look of the same moment finds the coming primary well: nobody knows which one counts', () => {
    const history = new PairHistory();
    history.sees({ ...BAD_PRIMARY, health: { ...BAD_PRIMARY.health, [SECONDARY]: 'abnormal' } });
    history.sees(BAD_PRIMARY);
    history.writesSaga();
    expect(history.broken('I5')).toEqual([]);
  });
});

describe('the end of a change', () => {
  it('breaks I5 when one of the listeners was left behind', () => {
    const history = moved();
    history.writesSaga({
      groupId: NEW_GROUP,
      phase: 'tidy',
      inFlight: flying('point', `tcp:3307 ${OLD_GROUP}`),
    });
    history.movesIt(3307, OLD_GROUP);
    history.passes(1_000);
    history.sees({ uses: { 3306: NEW_GROUP } });
    history.writesSaga(ended());
    expect(history.broken('I5')).toContain(
      `events-1 ends promotion 1 of orders-db as done on ${NEW_GROUP}, and tcp:3307 uses ${OLD_GROUP}`,
    );
  });

  it('does not when somebody else has moved it', () => {
    const history = moved();
    history.moves(3307, OLD_GROUP);
    history.passes(1_000);
    history.sees({ uses: { 3306: NEW_GROUP } });
    history.writesSaga(ended());
    expect(history.broken('I5')).toEqual([]);
  });

  it('does not when all use the new group', () => {
    const history = moved();
    history.writesSaga(ended());
    expect(history.broken('I5')).toEqual([]);
  });

  it('breaks I5 when it has cost a listener a setting', () => {
    const history = moved();
    const before = { HealthCheckDomain: 'db.example', PersistenceTimeout: '300' };
    const listeners = [
      { protocol: 'tcp', port: 3306, before, vServerGroupId: null, state: 'moved', mends: 1, remark: null },
    ] as const;
    history.writesSaga(ended({ listeners }));
    expect(history.broken('I5')).toEqual([
      'events-1 ends promotion 1 of orders-db, which has cost tcp:3306 its HealthCheckDomain of db.example, tcp:3306 its PersistenceTimeout of 300',
    ]);
  });

  it('does not when a call nobody waited for has cost it that since the worker looked', () => {
    const history = moved();
    history.passes(2_000);
    history.writesSaga({
      groupId: NEW_GROUP,
      phase: 'tidy',
      inFlight: flying('point', `tcp:3306 ${NEW_GROUP}`),
    });
    history.movesIt(3306, NEW_GROUP);
    const before = { HealthCheckDomain: 'db.example' };
    const listeners = [
      { protocol: 'tcp', port: 3306, before, vServerGroupId: null, state: 'moved', mends: 1, remark: null },
    ] as const;
    history.writesSaga(ended({ listeners }));
    expect(history.broken('I5')).toEqual([]);
  });

  it('breaks I5 when the change is taken up again', () => {
    const history = moved();
    history.writesSaga(ended());
    history.writesSaga({ phase: 'repoint', groupId: NEW_GROUP });
    expect(history.broken('I5')).toEqual([
      'events-1 takes promotion 1 of orders-db up again, which had ended',
    ]);
  });
});

describe('a create', () => {
  const create: PairStep = {
    kind: 'create',
    loadBalancerId: LB,
    name: NEW_NAME,
    members: members(SECONDARY, STANDBY),
    tags: [],
  };
  const journalled = () => {
    const history = begun();
    history.writesSaga({ inFlight: flying('create', NEW_NAME) });
    return history;
  };

  it('breaks I5 when the journal does not have it', () => {
    const history = begun();
    history.sendsStep(create);
    expect(history.broken('I5')).toEqual([
      `events-1 creates ${NEW_NAME}, which its journal does not say is on its way`,
    ]);
  });

  it('breaks I5 when no change is under way, and when there is no such pair', () => {
    const history = new PairHistory();
    history.sees();
    history.sendsStep(create);
    history.sendsStep({ ...create, name: 'slb-autopilot/other/1' });
    expect(history.broken('I5')).toEqual([
      `events-1 creates ${NEW_NAME}, though no change of orders-db is under way`,
      'events-1 creates slb-autopilot/other/1, which is of no pair',
    ]);
  });

  it('breaks I5 when the last look is too old, and when it shows the group', () => {
    const old = journalled();
    old.passes(10_001);
    old.sendsStep(create);
    expect(old.broken('I5')).toEqual([
      `events-1 creates ${NEW_NAME}, without having looked whether there is one already`,
    ]);

    const seen = journalled();
    seen.passes(2_000);
    seen.sees({ groups: [{ groupId: NEW_GROUP, name: NEW_NAME }] });
    seen.sendsStep(create);
    expect(seen.broken('I5')).toEqual([
      `events-1 creates ${NEW_NAME}, which it has seen to be there already`,
    ]);
  });

  it('does not when what is there by its name has other members', () => {
    const history = journalled();
    history.passes(2_000);
    history.sees({ groups: [{ groupId: NEW_GROUP, name: NEW_NAME, members: [STANDBY, PRIMARY] }] });
    history.sendsStep(create);
    expect(history.broken('I5')).toEqual([]);
  });

  it.each([
    ['breaks I5 while one whose connection was lost may still land', new ConnectionLost(false), 1],
    ['does not after one that was refused', new CloudError(400, 'SystemBusy', 'busy'), 0],
  ])('%s', (_what, error, count) => {
    const history = journalled();
    const first = history.sendsStep(create);
    history.lands(first, { isOk: false, error });
    history.hears(first, { isOk: false, error });
    history.passes(2_000);
    history.sees();
    history.sendsStep(create);
    expect(history.broken('I5')).toHaveLength(count);
  });

  it('breaks I5 with other members than the change has', () => {
    const history = journalled();
    history.sendsStep({ ...create, members: { ...create.members, secondary: aMember(PRIMARY) } });
    expect(history.broken('I5')).toEqual([
      `events-1 creates ${NEW_NAME}, with ${PRIMARY} as the secondary, which is to be ${STANDBY}`,
    ]);
  });
});

describe('moving a listener', () => {
  const point = (groupId: string, port = 3306): PairStep => ({
    kind: 'point',
    loadBalancerId: LB,
    listener: { protocol: 'tcp', port },
    groupId,
    settings: {},
  });
  const journalled = (target: string, port = 3306) => {
    const history = begun();
    history.makesGroup(NEW_GROUP, NEW_NAME, SECONDARY, STANDBY);
    const inFlight = flying('point', `tcp:${port} ${target}`);
    history.writesSaga({ groupId: NEW_GROUP, phase: 'repoint', inFlight });
    return history;
  };

  it('to the group of the change does not break I5', () => {
    const history = journalled(NEW_GROUP);
    history.sendsStep(point(NEW_GROUP));
    expect(history.broken('I5')).toEqual([]);
  });

  it('that is of no pair, or to a group that is of no change, does', () => {
    const stranger = journalled(NEW_GROUP, 80);
    stranger.sendsStep(point(NEW_GROUP, 80));
    expect(stranger.broken('I5')).toEqual([`events-1 points tcp:80 at ${NEW_GROUP}, which is of no pair`]);

    const other = journalled('rsp-bp1other');
    other.sendsStep(point('rsp-bp1other'));
    expect(other.broken('I5')).toEqual([
      'events-1 points tcp:3306 at rsp-bp1other, which is no group of promotion 1',
    ]);
  });

  it('that was seen elsewhere, where somebody has put it, does', () => {
    const history = journalled(NEW_GROUP);
    history.passes(2_000);
    history.sees({ uses: { 3306: 'rsp-bp1byhand' } });
    history.sendsStep(point(NEW_GROUP));
    expect(history.broken('I5')).toEqual([
      `events-1 points tcp:3306 at ${NEW_GROUP}, though it was seen on rsp-bp1byhand`,
    ]);
  });

  it('that was seen where it is to be does', () => {
    const history = journalled(NEW_GROUP);
    history.passes(2_000);
    history.sees({ uses: { 3306: NEW_GROUP } });
    history.sendsStep(point(NEW_GROUP));
    expect(history.broken('I5')).toEqual([
      `events-1 points tcp:3306 at ${NEW_GROUP}, where it has seen it so already`,
    ]);
  });

  it('as the first one does when the coming primary has become bad meanwhile', () => {
    const history = journalled(NEW_GROUP);
    history.passes(2_000);
    history.sees({ statuses: { [PRIMARY]: 'Stopped', [SECONDARY]: 'Stopping' } });
    history.sendsStep(point(NEW_GROUP));
    expect(history.broken('I5')).toEqual([
      `events-1 points tcp:3306 at ${NEW_GROUP}, whose primary ${SECONDARY} ecs calls bad`,
    ]);
  });

  it('as the second one does not, since all must end in one place', () => {
    const history = journalled(NEW_GROUP, 3307);
    history.passes(2_000);
    history.moves(3306, NEW_GROUP);
    history.sees({ uses: { 3306: NEW_GROUP }, statuses: { [SECONDARY]: 'Stopping' } });
    history.sendsStep(point(NEW_GROUP, 3307));
    expect(history.broken('I5')).toEqual([]);
  });

  it('does when it leaves a listener of ours without a group', () => {
    const history = journalled(NEW_GROUP);
    const call = history.sendsStep(point(NEW_GROUP));
    history.clouds.slb.listeners.set({
      loadBalancerId: LB,
      listenerPort: 3306,
      listenerProtocol: 'tcp',
      masterSlaveServerGroupId: null,
    });
    history.lands(call, { isOk: true, body: {} });
    expect(history.broken('I5')).toEqual([
      `events-1 points tcp:3306 at ${NEW_GROUP}, after which tcp:3306 has no group`,
    ]);
  });
});

describe('deleting a group', () => {
  it('that was the pair’s and is used by nobody does not break I5', () => {
    const history = moved();
    history.writesSaga({ groupId: NEW_GROUP, phase: 'tidy', inFlight: flying('delete', OLD_GROUP) });
    history.sendsStep({ kind: 'delete', groupId: OLD_GROUP });
    expect(history.broken('I5')).toEqual([]);
  });

  it('that a person has made does', () => {
    const history = moved();
    history.makesGroup('rsp-bp1byhand', 'by-hand', PRIMARY, SECONDARY);
    history.writesSaga({ groupId: NEW_GROUP, phase: 'tidy', inFlight: flying('delete', 'rsp-bp1byhand') });
    history.sendsStep({ kind: 'delete', groupId: 'rsp-bp1byhand' });
    expect(history.broken('I5')).toEqual([
      'events-1 deletes rsp-bp1byhand, which is somebody else’s (“by-hand”)',
    ]);
  });

  it('that a listener of somebody else was seen to use does', () => {
    const history = new PairHistory();
    history.makesGroup(NEW_GROUP, NEW_NAME, SECONDARY, STANDBY);
    history.writesRow({ number: 1, leftovers: [NEW_GROUP] });
    history.sees({ groups: [{ groupId: NEW_GROUP, name: NEW_NAME, users: [9000] }] });
    history.sendsStep({ kind: 'delete', groupId: NEW_GROUP });
    expect(history.broken('I5')).toEqual([`events-1 deletes ${NEW_GROUP}, which tcp:9000 was seen to use`]);
  });

  it('that nobody has recorded does', () => {
    const history = new PairHistory();
    history.makesGroup(NEW_GROUP, NEW_NAME, SECONDARY, STANDBY);
    history.sees({ groups: [{ groupId: NEW_GROUP, name: NEW_NAME }] });
    history.sendsStep({ kind: 'delete', groupId: NEW_GROUP });
    expect(history.broken('I5')).toEqual([`events-1 deletes ${NEW_GROUP}, which is of no pair`]);
  });
});

function anOrder(overridesCoolDown: boolean) {
  return {
    kind: 'promote',
    orderId: 'order-1',
    to: null,
    by: 'ops',
    reason: 'kernel update',
    orderedAtMs: NOW_MS,
    overridesCoolDown,
  } as const;
}
