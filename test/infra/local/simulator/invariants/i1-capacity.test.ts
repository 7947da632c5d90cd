import { expect, test } from 'vitest';
import { aBinding, GROUP } from '../../../../support/builders.ts';
import { aRecord, groupAnswer, History, type Member } from './history.ts';

const [A, B, C, D] = ['i-a', 'i-b', 'i-c', 'i-d'].map((serverId): Member => ({ serverId, weight: 100 })) as [
  Member,
  Member,
  Member,
  Member,
];
const out = ({ serverId }: Member): Member => ({ serverId, weight: 0 });

function withGuards(minInService: number, maxDisruptionPercent = 100): History {
  return new History({ bindings: [aBinding({ guards: { minInService, maxDisruptionPercent } })] });
}

test('taking out one too many breaks I1', () => {
  const history = withGuards(2);
  history.looks([A, B, C]);
  history.writes('set', [out(A), out(B)]);
  expect(history.broken('I1')).toEqual([
    'events-1 takes i-a:8080 i-b:8080 out of rsp-bp1web000001, which leaves 1 of 3 able to serve, and 2 must',
  ]);
});

test('taking out as many as may go does not', () => {
  const history = withGuards(2);
  history.looks([A, B, C]);
  history.writes('set', [out(A)]);
  expect(history.broken('I1')).toEqual([]);
});

test('a younger reading of the group by another lane of the worker does not make the instances unknown', () => {
  const history = withGuards(2);
  history.looks([A, B, C]);
  history.clock.advanceBy(300);
  history.answers(
    history.sends({
      product: 'slb',
      action: 'DescribeVServerGroupAttribute',
      parameters: { VServerGroupId: GROUP },
    }),
    groupAnswer([A, B, C]),
  );
  history.writes('set', [out(A)]);
  expect(history.broken('I1')).toEqual([]);
});

test('what our own answered write took out does not count a second time', () => {
  const history = withGuards(2);
  history.looks([A, B, C]);
  history.answers(history.writes('set', [out(A)]), groupAnswer([out(A), B, C]));
  history.writes('set', [out(B)]);
  expect(history.broken('I1')).toHaveLength(1);
});

test('a group is never emptied, whatever the configuration says', () => {
  const history = withGuards(0);
  history.looks([A]);
  history.writes('remove', [A]);
  expect(history.broken('I1')).toEqual([
    'events-1 takes i-a:8080 out of rsp-bp1web000001, which leaves 0 of 1 able to serve, and 1 must',
  ]);
});

test('whoever does not run is no capacity and may always go', () => {
  const history = withGuards(1);
  history.looks([A, B], { 'i-a': 'Stopping', 'i-b': 'absent' });
  history.writes('set', [out(A), out(B)]);
  expect(history.broken('I1')).toEqual([]);
});

test('a member that health checks call abnormal does not count as one that stays', () => {
  const history = withGuards(1);
  history.looks([A, B]);
  seesHealth(history, { 'i-b': 'abnormal' });
  history.writes('set', [out(A)]);
  expect(history.broken('I1')).toHaveLength(1);
});

test('when all are abnormal health is not believed', () => {
  const history = withGuards(1);
  history.looks([A, B]);
  seesHealth(history, { 'i-a': 'abnormal', 'i-b': 'abnormal' });
  history.writes('set', [out(A)]);
  expect(history.broken('I1')).toEqual([]);
});

test('more out at once than maxDisruption allows breaks I1', () => {
  const history = withGuards(1, 50);
  history.records(null, aRecord('i-a', { phase: 'draining' }));
  history.looks([out(A), B, C, D]);
  history.writes('set', [out(B), out(C)]);
  expect(history.broken('I1')).toEqual([
    'events-1 takes i-b:8080 i-c:8080 out of rsp-bp1web000001, with which 3 of 4 are out at once, and 2 may',
  ]);
});

test('as many out at once as it allows do not', () => {
  const history = withGuards(1, 50);
  history.records(null, aRecord('i-a', { phase: 'draining' }));
  history.looks([out(A), B, C, D]);
  history.writes('set', [out(B)]);
  expect(history.broken('I1')).toEqual([]);
});

test('nobody leaves for a selector that matches nothing at all any more', () => {
  const history = withGuards(1);
  history.looks([A, B], {}, { tags: { role: 'none' } });
  history.writes('set', [out(A)]);
  expect(history.broken('I1')).toEqual([
    'events-1 takes i-a:8080 out of rsp-bp1web000001, though the selector of web matches nothing at all any more',
  ]);
});

test('an observation of more than ten seconds ago is no ground for a write', () => {
  const history = withGuards(1);
  history.looks([A, B]);
  history.passes(10_001);
  history.writes('set', [out(A)]);
  expect(history.broken('I1')).toEqual([
    'events-1 writes to rsp-bp1web000001 on an observation that is 10001 ms old',
  ]);
});

test('one of ten seconds ago is', () => {
  const history = withGuards(1);
  history.looks([A, B]);
  history.passes(10_000);
  history.writes('set', [out(A)]);
  expect(history.broken('I1')).toEqual([]);
});

/** A listener on port 80 uses the group, and its checks say this. */
function seesHealth(history: History, statuses: Readonly<Record<string, string>>): void {
  const LoadBalancerId = 'lb-bp1orders0001';
  const listeners = [{ ListenerPort: 80, ListenerProtocol: 'tcp', VServerGroupId: 'rsp-bp1web000001' }];
  history.answers(
    history.sends({
      product: 'slb',
      action: 'DescribeLoadBalancerListeners',
      parameters: { LoadBalancerId: [LoadBalancerId] },
    }),
    { Listeners: listeners },
  );
  const lines = Object.entries(statuses).map(([ServerId, ServerHealthStatus]) => ({
    ListenerPort: 80,
    Protocol: 'tcp',
    ServerId,
    Port: 8080,
    ServerHealthStatus,
  }));
  history.answers(
    history.sends({ product: 'slb', action: 'DescribeHealthStatus', parameters: { LoadBalancerId } }),
    { BackendServers: { BackendServer: lines } },
  );
}
