import { expect, test } from 'vitest';
import { GROUP, LB } from '../../../../support/builders.ts';
import { aRecord, groupAnswer, History } from './history.ts';

const IN = { serverId: 'i-a', weight: 100 };
const OUT = { serverId: 'i-a', weight: 0 };
const SERVING = aRecord('i-a', { generation: 1 });
const DRAINING = aRecord('i-a', { phase: 'draining', generation: 2, revision: 2 });

test('weight that is planned after the drain was decided breaks I3', () => {
  const history = new History();
  history.records(null, DRAINING);
  history.looks([OUT]);
  history.writes('set', [IN]);
  expect(history.broken('I3')).toEqual([
    `events-1 gives i-a:8080 of ${GROUP} weight 100, which is draining in generation 2`,
  ]);
});

test('weight in the generation after the drain does not', () => {
  const history = new History();
  history.records(null, DRAINING);
  history.records(DRAINING, aRecord('i-a', { phase: 'joining', generation: 3, revision: 3 }));
  history.looks([OUT]);
  history.writes('set', [IN]);
  expect(history.broken('I3')).toEqual([]);
});

test('a stale write that nobody mends breaks I3 some ticks after its verification was due', () => {
  const history = new History();
  landsStale(history);
  for (let minute = 1; minute <= 6; minute++) {
    history.passes(60_000);
    history.ticks();
  }
  expect(history.broken('I3')[0]).toBe(
    `a stale write of weight 100 to ${idOf.get(history)}:8080 of ${GROUP}, sent 20000 ms before it landed, is not mended 240 s later, though it is draining`,
  );
});

test('one that the verification mends does not', () => {
  const history = new History();
  landsStale(history);
  history.passes(40_000);
  setsInWorld(history, 0);
  for (let minute = 1; minute <= 6; minute++) {
    history.passes(60_000);
    history.ticks();
  }
  history.rests();
  expect(history.broken('I3')).toEqual([]);
});

test('while calls keep being refused the mending may wait', () => {
  const history = new History();
  landsStale(history);
  for (let minute = 1; minute <= 6; minute++) {
    history.passes(60_000);
    const refused = history.sends({ product: 'ots', action: 'GetRow', parameters: {} });
    history.lands(refused, { isOk: false, error: new Error('busy') });
    history.ticks();
  }
  expect(history.broken('I3')).toEqual([]);
});

test('giving up the lane after a write without ever coming back breaks I3', () => {
  const history = new History();
  givesUpAfterAWrite(history, -1);
  expect(history.broken('I3')).toEqual([
    `events-1 gives up ${LB}, where a write may land until 54000 ms from now, and comes back never`,
  ]);
});

test('coming back when lease and call are over does not', () => {
  const history = new History();
  givesUpAfterAWrite(history, history.clock.nowMs() + 55_000);
  expect(history.broken('I3')).toEqual([]);
});

test('after a takeover somebody has to come back as well', () => {
  const history = new History();
  const lease = { owner: 'events-9-1', leaseUntilMs: history.clock.nowMs() - 1, fence: 1 };
  const taken = history.takesLane(2, 'events-1', lease);
  history.changes('lanes', [LB], taken, { ...taken, owner: '', nextWakeUpMs: -1 });
  expect(history.broken('I3')).toHaveLength(1);
});

/** A Set is sent for a serving backend and lands 20 s later, when a drain has been decided. */
function landsStale(history: History): void {
  const [serverId = ''] = history.clouds.ecs.runInstances({ amount: 1 });
  history.passes(60_000);
  history.clouds.slb.vServerGroups.add({
    vServerGroupId: GROUP,
    backendServers: [{ serverId, port: 8080, weight: 0, description: 'slb-autopilot/web' }],
  });
  history.passes(2_000);
  idOf.set(history, serverId);
  history.records(null, { ...SERVING, serverId });
  history.looks([{ serverId, weight: 0 }]);
  const late = history.writes('set', [{ serverId, weight: 100 }]);
  history.records({ ...SERVING, serverId }, { ...DRAINING, serverId });
  history.passes(20_000);
  setsInWorld(history, 100);
  history.lands(late, { isOk: true, body: groupAnswer([{ serverId, weight: 100 }]) });
}

const idOf = new WeakMap<History, string>();

function setsInWorld(history: History, weight: number): void {
  history.clouds.slb.vServerGroups.set({
    vServerGroupId: GROUP,
    backendServers: [{ serverId: idOf.get(history), port: 8080, weight, description: 'slb-autopilot/web' }],
  });
}

function givesUpAfterAWrite(history: History, nextWakeUpMs: number): void {
  const lane = history.takesLane();
  history.records(null, SERVING);
  history.looks([OUT]);
  history.answers(history.writes('set', [IN]), groupAnswer([IN]));
  history.passes(1_000);
  history.changes('lanes', [LB], lane, { ...lane, owner: '', leaseUntilMs: 0, handled: 1, nextWakeUpMs });
}
