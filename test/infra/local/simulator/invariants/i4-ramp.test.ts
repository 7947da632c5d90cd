import { expect, test } from 'vitest';
import { GROUP } from '../../../../support/builders.ts';
import { aRecord, groupAnswer, History } from './history.ts';

test('a lower weight in the same generation breaks I4', () => {
  const { history, serverId } = atWeight50();
  history.writes('set', [{ serverId, weight: 10 }]);
  expect(history.broken('I4')).toEqual([
    `events-1 lowers ${serverId}:8080 of ${GROUP} from 50 to 10 within generation 1`,
  ]);
});

test('the next step up does not', () => {
  const { history, serverId } = atWeight50();
  history.writes('set', [{ serverId, weight: 100 }]);
  expect(history.broken('I4')).toEqual([]);
});

test('a new generation begins low again', () => {
  const { history, serverId } = atWeight50();
  history.records(aRecord(serverId), aRecord(serverId, { phase: 'joining', generation: 2, revision: 2 }));
  history.writes('set', [{ serverId, weight: 10 }]);
  expect(history.broken('I4')).toEqual([]);
});

test('what another writer raised may be put back', () => {
  const { history, serverId } = atWeight50();
  setsInWorld(history, serverId, 100);
  history.looks([{ serverId, weight: 100 }]);
  history.writes('set', [{ serverId, weight: 50 }]);
  expect(history.broken('I4')).toEqual([]);
});

function atWeight50(): { history: History; serverId: string } {
  const history = new History();
  const { ecs, slb } = history.clouds;
  const [serverId = ''] = ecs.runInstances({ amount: 1 });
  history.passes(60_000);
  const backendServers = [{ serverId, port: 8080, weight: 10, description: 'slb-autopilot/web' }];
  slb.vServerGroups.add({ vServerGroupId: GROUP, backendServers });
  history.passes(2_000);
  history.records(null, aRecord(serverId, { phase: 'ramping' }));
  history.looks([{ serverId, weight: 10 }]);
  const raise = history.writes('set', [{ serverId, weight: 50 }]);
  setsInWorld(history, serverId, 50);
  history.answers(raise, groupAnswer([{ serverId, weight: 50 }]));
  history.passes(2_000);
  return { history, serverId };
}

function setsInWorld(history: History, serverId: string, weight: number): void {
  const backendServers = [{ serverId, port: 8080, weight, description: 'slb-autopilot/web' }];
  history.clouds.slb.vServerGroups.set({ vServerGroupId: GROUP, backendServers });
}
