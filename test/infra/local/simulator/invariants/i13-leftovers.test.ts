import { expect, test } from 'vitest';
import { GROUP, LB } from '../../../../support/builders.ts';
import { aRecord, History } from './history.ts';

const REST = { owner: '', leaseUntilMs: 0, fence: 3, dirty: 2, handled: 2, nextWakeUpMs: -1 };

test('a signal that nobody will look at any more breaks I13', () => {
  const history = new History();
  history.stores('lanes', [LB], REST);
  history.stores('inbox', [LB, 'event/acs.ecs/e1'], { signal: '{}' });
  history.rests();
  expect(history.broken('I13')).toEqual([
    `the signal event/acs.ecs/e1 is in the inbox of ${LB}, and nobody will look at it any more`,
  ]);
});

test('one that is to be looked at again does not', () => {
  const history = new History();
  history.stores('lanes', [LB], { ...REST, nextWakeUpMs: history.clock.nowMs() + 5_000 });
  history.stores('inbox', [LB, 'event/acs.ecs/e1'], { signal: '{}' });
  history.rests();
  expect(history.broken('I13')).toEqual([]);
});

test('a lane with signals that were not handled breaks I13', () => {
  const history = new History();
  history.stores('lanes', [LB], { ...REST, handled: 1 });
  history.rests();
  expect(history.broken('I13')).toEqual([`${LB} has handled 1 of 2 signals and is held by nobody`]);
});

test('a backend with our mark and without a record breaks I13', () => {
  const history = new History();
  const serverId = joins(history, 'slb-autopilot/web');
  history.rests();
  expect(history.broken('I13')).toEqual([`${GROUP} ${serverId}:8080 carries our mark and has no record`]);
});

test('somebody else’s backend without a record does not', () => {
  const history = new History();
  joins(history, 'by-hand');
  history.rests();
  expect(history.broken('I13')).toEqual([]);
});

test('a record whose backend is not in the group breaks I13', () => {
  const history = new History();
  records(history, aRecord('i-a'));
  history.rests();
  expect(history.broken('I13')).toEqual([
    `${GROUP} i-a:8080 is recorded as in-service, is not in the group, and nothing says why`,
  ]);
});

test('one that says why does not', () => {
  const history = new History();
  records(history, aRecord('i-a', { phase: 'joining', held: { by: 'quota', reason: 'quota: full' } }));
  history.stores('members', ['i-a'], { lane_lb: 1 });
  history.rests();
  expect(history.broken('I13')).toEqual([]);
});

test('a recorded instance that the index does not know breaks I13', () => {
  const history = new History();
  const serverId = joins(history, 'slb-autopilot/web');
  records(history, aRecord(serverId));
  history.rests();
  expect(history.broken('I13')).toEqual([
    `${GROUP} ${serverId}:8080 is recorded, and ${serverId} is not in the index of members`,
  ]);
});

function joins(history: History, description: string): string {
  const { ecs, slb } = history.clouds;
  const [serverId = ''] = ecs.runInstances({ amount: 1 });
  history.passes(60_000);
  const backendServers = [{ serverId, port: 8080, weight: 100, description }];
  slb.vServerGroups.add({ vServerGroupId: GROUP, backendServers });
  return serverId;
}

function records(history: History, row: ReturnType<typeof aRecord>): void {
  history.stores('backends', [GROUP, `${row.serverId}:8080`], { row: JSON.stringify(row) });
}
