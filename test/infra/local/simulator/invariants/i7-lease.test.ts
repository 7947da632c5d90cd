import { expect, test } from 'vitest';
import { GROUP, LB } from '../../../../support/builders.ts';
import { aRecord, groupAnswer, History, tableWrite } from './history.ts';
import { NEW_GROUP, PairHistory } from './pair-history.ts';

const SET = 'SetVServerGroupAttribute';
const MEMBER = { serverId: 'i-a', weight: 50 };

test('a write with too little of the lease left breaks I7', () => {
  const history = new History();
  history.takesLane();
  history.passes(31_000);
  history.looks([MEMBER]);
  history.writes('set', [MEMBER]);
  expect(history.broken('I7')).toEqual([
    `events-1 sends ${SET} to ${GROUP} with 14000 ms of its lease left, for a call of up to 10000 ms`,
  ]);
});

test('a write with enough of it left does not', () => {
  const history = new History();
  history.takesLane();
  history.passes(29_000);
  history.looks([MEMBER]);
  history.writes('set', [MEMBER]);
  expect(history.broken('I7')).toEqual([]);
});

test('a write to a lane that somebody else holds breaks I7', () => {
  const history = new History();
  history.takesLane(1, 'events-2');
  history.looks([MEMBER]);
  history.writes('set', [MEMBER]);
  expect(history.broken('I7')).toEqual([
    `events-1 sends ${SET} to ${GROUP}, while ${LB} is held by events-2`,
  ]);
});

test('records that were read too long ago break I7', () => {
  const history = new History();
  history.takesLane();
  history.looks([MEMBER]);
  history.passes(2_500);
  history.writes('set', [MEMBER]);
  expect(history.broken('I7')).toEqual([
    `events-1 sends ${SET} to ${GROUP} on records that were read 2500 ms ago`,
  ]);
});

test('records that were read again do not', () => {
  const history = new History();
  history.takesLane();
  history.looks([MEMBER]);
  history.passes(2_500);
  history.readsRecords();
  history.writes('set', [MEMBER]);
  expect(history.broken('I7')).toEqual([]);
});

test('a lane taken before the lease of its holder is over breaks I7', () => {
  const history = new History();
  const held = history.takesLane(1, 'events-2');
  history.passes(30_000);
  history.takesLane(2, 'events-1', held);
  expect(history.broken('I7')).toEqual([`events-1 takes ${LB} while events-2-1 holds it for 15000 ms more`]);
});

test('one taken after it does not', () => {
  const history = new History();
  const held = history.takesLane(1, 'events-2');
  history.passes(45_000);
  history.takesLane(2, 'events-1', held);
  expect(history.broken('I7')).toEqual([]);
});

test('giving up a lane that somebody else has taken meanwhile breaks I7', () => {
  const history = new History();
  const first = history.takesLane(1, 'events-2');
  const late = history.sends(tableWrite(), 'events-2');
  history.passes(45_000);
  const second = history.takesLane(2, 'events-1', first);
  history.changes('lanes', [LB], second, { ...second, owner: '' }, late);
  expect(history.broken('I7')).toEqual([`events-2 gives up ${LB} under fence 1, which is held under 2`]);
});

test('a record that is overwritten from an older fence breaks I7', () => {
  const history = new History();
  history.records(null, aRecord('i-a', { fence: 2 }));
  history.records(aRecord('i-a', { fence: 2 }), aRecord('i-a', { fence: 1 }));
  expect(history.broken('I7')).toEqual([
    `the record ${GROUP} i-a:8080 of fence 2 is overwritten by events-1 under fence 1`,
  ]);
});

test('one that is deleted from an older fence breaks I7', () => {
  const history = new History();
  const first = history.takesLane(1, 'events-2');
  const late = history.sends(tableWrite(), 'events-2');
  history.passes(45_000);
  history.takesLane(2, 'events-1', first);
  history.records(null, aRecord('i-a', { fence: 2 }));
  history.records(aRecord('i-a', { fence: 2 }), null, late);
  expect(history.broken('I7')).toEqual([
    `the record ${GROUP} i-a:8080 of fence 2 is deleted by events-2 under fence 1`,
  ]);
});

test('one that is written from a newer fence does not', () => {
  const history = new History();
  history.records(null, aRecord('i-a', { fence: 1 }));
  history.records(aRecord('i-a', { fence: 1 }), aRecord('i-a', { fence: 2 }));
  expect(history.broken('I7')).toEqual([]);
});

test('two writes to one load balancer at once break I7', () => {
  const history = new History();
  history.takesLane();
  history.looks([MEMBER]);
  history.writes('set', [MEMBER]);
  history.passes(1_000);
  history.writes('set', [MEMBER]);
  expect(history.broken('I7')).toEqual([
    `events-1 sends ${SET} to ${GROUP}, while events-1 waits for its ${SET} to the same load balancer`,
  ]);
});

test('one after the answer of the other does not', () => {
  const history = new History();
  history.takesLane();
  history.looks([MEMBER]);
  history.answers(history.writes('set', [MEMBER]), groupAnswer([MEMBER]));
  history.passes(1_000);
  history.writes('set', [MEMBER]);
  expect(history.broken('I7')).toEqual([]);
});

const POINT = {
  kind: 'point',
  loadBalancerId: LB,
  listener: { protocol: 'tcp', port: 3306 },
  groupId: NEW_GROUP,
  settings: {},
} as const;

test('a write of a pair under the lane of its load balancer breaks I7', () => {
  const history = new PairHistory();
  history.takesLane();
  history.sendsStep(POINT);
  expect(history.broken('I7')).toEqual([
    `events-1 sends SetLoadBalancerTCPListenerAttribute to tcp:3306 ${NEW_GROUP}, while pair-orders-db is held by nobody`,
  ]);
});

test('one under the lane of the pair does not, unless too little of its lease is left', () => {
  const history = new PairHistory();
  history.takesLane(1, 'events-1', null, 'pair-orders-db');
  history.sendsStep(POINT);
  expect(history.broken('I7')).toEqual([]);

  history.passes(31_000);
  history.sendsStep(POINT);
  expect(history.broken('I7')).toEqual([
    `events-1 sends SetLoadBalancerTCPListenerAttribute to tcp:3306 ${NEW_GROUP} with 14000 ms of its lease left, for a call of up to 10000 ms`,
  ]);
});

test('the row of a pair that is overwritten from an older fence breaks I7', () => {
  const history = new PairHistory();
  history.writesRow({ fence: 3 });
  history.writesRow({ fence: 2 });
  expect(history.broken('I7')).toEqual([
    'the record of orders-db of fence 3 is overwritten by events-1 under fence 2',
  ]);
});
