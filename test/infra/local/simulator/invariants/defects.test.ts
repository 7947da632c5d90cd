import { expect, test } from 'vitest';
import { CALLS_MAX, PASSES_MAX } from '../../../../../infra/local/simulator/invariants/busy-loops.ts';
import { LB } from '../../../../support/builders.ts';
import { History } from './history.ts';

test('a failure that no cloud is to blame for is a defect', () => {
  const history = new History();
  history.says('error', 'lane failed: x is not a function', 'TypeError: x is not a function\n    at here');
  expect(history.broken('D')).toEqual([
    'events-1 says: lane failed: x is not a function (TypeError: x is not a function     at here)',
  ]);
});

test('a cloud’s refusal is none', () => {
  const history = new History();
  history.says('error', 'lane refused: InvalidParameter', 'RejectedError: InvalidParameter');
  expect(history.broken('D')).toEqual([]);
});

test('a lane that is taken again and again is a busy loop', () => {
  const history = new History();
  takesAndGivesUp(history, PASSES_MAX + 1, 0);
  expect(history.broken('D')).toEqual([`${LB} was taken ${PASSES_MAX + 1} times within a minute`]);
});

test('one that is taken as often over a longer time is none', () => {
  const history = new History();
  takesAndGivesUp(history, PASSES_MAX + 1, 1_000);
  expect(history.broken('D')).toEqual([]);
});

test('calls without end are a busy loop', () => {
  const history = new History();
  const parameters = { LoadBalancerId: LB };
  for (let n = 0; n <= CALLS_MAX; n++) {
    history.sends({ product: 'slb', action: 'DescribeHealthStatus', parameters });
  }
  expect(history.broken('D')).toEqual([`${CALLS_MAX + 1} calls were sent for ${LB} within a minute`]);
});

function takesAndGivesUp(history: History, times: number, everyMs: number): void {
  for (let n = 0; n < times; n++) {
    const before = n === 0 ? null : { owner: '', leaseUntilMs: 0, fence: n, dirty: 0, handled: 0 };
    const lane = history.takesLane(n + 1, 'events-1', before);
    history.changes('lanes', [LB], lane, { ...lane, owner: '', leaseUntilMs: 0 });
    history.passes(everyMs);
  }
}
