import { describe, expect, it } from 'vitest';
import type { Pair } from '../../../shared/config/pair.ts';
import type { EcsInstance, LifecycleState } from '../../../shared/instances/model.ts';
import { type ObservePairDeps, observePair } from '../../../shared/pairs/observe.ts';
import { aLoadBalancer, anInstance, NOW_MS } from '../../support/builders.ts';
import { aGroup, aListener, aPair, aPairRow, PRIMARY, SECONDARY, STANDBY } from '../../support/pairs.ts';

const SCALING_GROUP = 'asg-bp1standbys';
const BY_GROUP = {
  standby: { selector: { kind: 'scaling-group', scalingGroupId: SCALING_GROUP }, port: null },
} as const;

/** Clouds that answer all calls of a turn together, and what was asked in each turn. */
function clouds(
  standbys: ReadonlyArray<EcsInstance>,
  laneIds: ReadonlyArray<string> = [],
  leaving: ReadonlyMap<string, LifecycleState> = new Map(),
) {
  const turns: Array<Array<string>> = [];
  let turn: { readonly calls: Array<string>; readonly over: Promise<void> } | null = null;
  const answered = async <T>(call: string, answer: T): Promise<T> => {
    if (turn === null) {
      const calls: Array<string> = [];
      turns.push(calls);
      const over = new Promise<void>((resolve) => {
        setImmediate(() => {
          turn = null;
          resolve();
        });
      });
      turn = { calls, over };
    }
    turn.calls.push(call);
    await turn.over;
    return answer;
  };
  const members = [anInstance(PRIMARY), anInstance(SECONDARY)];
  const known = [...members, ...standbys];
  const deps: ObservePairDeps = {
    pairGroups: {
      groups: () => answered('groups', { groups: [aGroup()], users: new Map() }),
      describe: (id) => answered(`group ${id}`, aGroup()),
      listener: () => answered('listener', aListener()),
      send: () => Promise.reject(new Error('an observation writes nothing')),
      callOf: () => ({ api: '', parameters: {} }),
    },
    loadBalancers: {
      describe: () => answered('load balancer', aLoadBalancer()),
      health: () => answered('health', []),
    },
    limits: { backendsPerLoadBalancer: 200 },
    instances: {
      describe: (ids) =>
        answered(
          `instances ${ids.join()}`,
          known.filter(({ instanceId }) => ids.includes(instanceId)),
        ),
      list: () => answered('list', { instances: standbys, isComplete: true }),
      openSystemEvents: (ids) => answered(`events ${ids.join()}`, new Map(ids.map((id) => [id, []]))),
      provePermission: () => answered('permission', undefined),
    },
    scaling: {
      instances: () =>
        answered(
          'scaling',
          new Map([...standbys.map(({ instanceId }) => [instanceId, 'InService'] as const), ...leaving]),
        ),
    },
    members: { lanesOf: (ids) => answered('lanes', new Map(ids.map((id) => [id, new Set(laneIds)]))) },
    pairs: [aPair(), aPair({ name: 'other' })],
    clock: { nowMs: () => NOW_MS },
  };
  const observe = (withSystemEvents: boolean, overrides: Partial<Pair> = {}) =>
    observePair(deps, aPair(overrides), aPairRow(), withSystemEvents);
  return { observe, turns: () => turns.map((calls) => [...calls].sort()) };
}

const FIRST_TURN = ['groups', 'group rsp-bp1old', 'health', `instances ${PRIMARY},${SECONDARY}`, 'listener'];

describe('observing a pair that stands as it was recorded', () => {
  it('takes one turn without a pool', async () => {
    const { observe, turns } = clouds([]);

    await observe(true, { standby: null });

    expect(turns()).toEqual([[...FIRST_TURN, `events ${PRIMARY},${SECONDARY}`].sort()]);
  });

  it('asks the clouds about a pool in one turn, and the table about its pairs beside the next', async () => {
    const { observe, turns } = clouds([anInstance(STANDBY)]);

    const { instances, asked, systemEvents, standbyIds } = await observe(false);

    expect(turns()).toEqual([[...FIRST_TURN, 'list'].sort(), ['lanes']]);
    expect(standbyIds).toEqual([STANDBY]);
    expect([...asked].sort()).toEqual([PRIMARY, SECONDARY, STANDBY].sort());
    expect(instances.get(STANDBY)?.status).toBe('Running');
    expect(systemEvents).toBeNull();
  });

  it('takes a second turn for the system events of a pool, whose instances the list has told already', async () => {
    const { observe, turns } = clouds([anInstance(STANDBY)]);

    const { systemEvents } = await observe(true);

    expect(turns()).toEqual([
      [...FIRST_TURN, `events ${PRIMARY},${SECONDARY}`, 'list'].sort(),
      [`events ${STANDBY}`, 'lanes'],
    ]);
    expect([...(systemEvents?.keys() ?? [])].sort()).toEqual([PRIMARY, SECONDARY, STANDBY].sort());
  });

  it('asks ECS about a pool that a scaling group keeps, since that tells nothing but ids', async () => {
    const { observe, turns } = clouds([anInstance(STANDBY)]);

    const { instances } = await observe(false, BY_GROUP);

    expect(turns().slice(1)).toEqual([[`instances ${STANDBY}`, 'lanes']]);
    expect(instances.has(STANDBY)).toBe(true);
  });

  it('knows of members of the pair, too, that the scaling group of the pool is taking away', async () => {
    const leaving = new Map([[SECONDARY, 'Removing:Wait' as const]]);
    const { observe } = clouds([anInstance(STANDBY)], [], leaving);

    const { instances, standbyIds } = await observe(false, BY_GROUP);

    expect(instances.get(SECONDARY)?.scaling).toEqual({
      scalingGroupId: SCALING_GROUP,
      state: 'Removing:Wait',
    });
    expect(instances.get(PRIMARY)?.scaling).toBeNull();
    expect(standbyIds).toEqual([STANDBY]);
  });

  it('knows who of the pool is a member of another pair', async () => {
    const own = await clouds([anInstance(STANDBY)], ['pair-orders-db', 'lb-1']).observe(false);
    const taken = await clouds([anInstance(STANDBY)], ['pair-other']).observe(false);

    expect([...own.takenIds]).toEqual([]);
    expect([...taken.takenIds]).toEqual([STANDBY]);
  });

  it('believes an empty pool only once the permission to list has been proven', async () => {
    const { observe, turns } = clouds([]);

    const { standbyIds, takenIds } = await observe(false);

    expect(turns()[1]).toEqual(['permission']);
    expect([standbyIds, [...takenIds]]).toEqual([[], []]);
  });
});
