import { expect, test } from 'vitest';
import { aBinding, GROUP } from '../../../../support/builders.ts';
import { aRecord, groupAnswer, History } from './history.ts';

const THEIRS = { serverId: 'i-a', weight: 50, description: 'by-hand' };

test('a write to somebody else’s backend breaks I2, even with a record', () => {
  const history = new History();
  history.records(null, aRecord('i-a', { phase: 'joining' }));
  history.looks([THEIRS]);
  history.writes('set', [{ serverId: 'i-a', weight: 100 }]);
  expect(history.broken('I2')).toEqual([
    `events-1 sends set of i-a:8080 to ${GROUP}, where it is somebody else's (“by-hand”)`,
  ]);
});

test('a write to a backend with our mark does not, even without a record', () => {
  const history = new History();
  history.looks([{ serverId: 'i-a', weight: 50 }]);
  history.writes('remove', [{ serverId: 'i-a', weight: 0 }]);
  expect(history.broken('I2')).toEqual([]);
});

test('one that a binding adopts may be named', () => {
  const history = new History({ bindings: [aBinding({ adopt: true })] });
  history.looks([THEIRS]);
  history.writes('set', [{ serverId: 'i-a', weight: 100 }]);
  expect(history.broken('I2')).toEqual([]);
});

test('ours stays ours when somebody else has overwritten its mark', () => {
  const history = new History();
  const { slb, ecs } = history.clouds;
  const [serverId = ''] = ecs.runInstances({ amount: 1 });
  history.passes(60_000);
  history.records(null, aRecord(serverId, { phase: 'joining' }));
  history.looks([]);
  const add = history.writes('add', [{ serverId, weight: 100 }]);
  slb.vServerGroups.add({
    vServerGroupId: GROUP,
    backendServers: [{ serverId, port: 8080, weight: 100, description: 'slb-autopilot/web' }],
  });
  history.answers(add, groupAnswer([{ serverId, weight: 100 }]));
  history.looks([{ serverId, weight: 100, description: 'by-hand' }]);
  history.writes('set', [{ serverId, weight: 100 }]);
  expect(history.broken('I2')).toEqual([]);
});

test('an Add without a record before it breaks I2', () => {
  const history = new History();
  history.looks([]);
  history.writes('add', [{ serverId: 'i-a', weight: 100 }]);
  expect(history.broken('I2')).toEqual([
    `events-1 sends add of i-a:8080 to ${GROUP}, which stands in no record`,
  ]);
});

test('an Add after its record does not', () => {
  const history = new History();
  history.records(null, aRecord('i-a', { phase: 'joining' }));
  history.looks([]);
  history.writes('add', [{ serverId: 'i-a', weight: 100 }]);
  expect(history.broken('I2')).toEqual([]);
});
