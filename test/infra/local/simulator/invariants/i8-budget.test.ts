import { expect, test } from 'vitest';
import { History } from './history.ts';
import { PairHistory } from './pair-history.ts';

const LIMITS = { callsPerMinute: 5, reserveForPeople: 2, backendsPerLoadBalancer: 200 };
const MEMBER = { serverId: 'i-a', weight: 50 };

test('one call more than our share within 60 s breaks I8', () => {
  const history = new History({ limits: LIMITS });
  sendsEvery(history, 19_999, 4);
  expect(history.broken('I8')).toEqual([
    'events-1 sends call 4 of SetVServerGroupAttribute within 60 s, and our share is 3',
  ]);
});

test('as many calls in 60 s do not', () => {
  const history = new History({ limits: LIMITS });
  sendsEvery(history, 20_000, 10);
  expect(history.broken('I8')).toEqual([]);
});

test('operations are counted apart', () => {
  const history = new History({ limits: LIMITS });
  sendsEvery(history, 0, 3);
  history.writes('remove', [MEMBER]);
  expect(history.broken('I8')).toEqual([]);
});

test('calls about pairs count like others', () => {
  const history = new PairHistory();
  const share = history.config.limits.callsPerMinute - history.config.limits.reserveForPeople;
  for (let n = 0; n <= share; n++) history.sendsStep({ kind: 'delete', groupId: 'rsp-bp1old' });
  expect(history.broken('I8')).toEqual([
    'events-1 sends call 79 of DeleteMasterSlaveServerGroup within 60 s, and our share is 78',
  ]);
});

function sendsEvery(history: History, everyMs: number, times: number): void {
  for (let n = 0; n < times; n++) {
    history.writes('set', [MEMBER]);
    history.passes(everyMs);
  }
}
