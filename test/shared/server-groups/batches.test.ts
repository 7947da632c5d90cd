import { describe, expect, it } from 'vitest';
import type { BackendRow } from '../../../shared/server-groups/backend/record.ts';
import { type Batchable, batchBackends } from '../../../shared/server-groups/batches.ts';
import { aRow, GROUP, NOW_MS } from '../../support/builders.ts';
import { ids } from './plan-views.ts';

const GATHER_MS = 2_000;

function batchable(serverId: string, mayGather: boolean, row: Partial<BackendRow> = {}): Batchable {
  const identity = { vServerGroupId: GROUP, serverId, port: 8080, serverIp: null };
  return {
    row: aRow(serverId, { dueSinceMs: NOW_MS, ...row }),
    backend: { ...identity, weight: 0, description: 'slb-autopilot/web', reason: 'because' },
    mayGather,
  };
}
const raise = (serverId: string, row: Partial<BackendRow> = {}) => batchable(serverId, true, row);
const drain = (serverId: string, row: Partial<BackendRow> = {}) => batchable(serverId, false, row);

function batched(backends: ReadonlyArray<Batchable>, afterMs = 0) {
  const { steps, wakeAtMs } = batchBackends('set-weight', GROUP, backends, GATHER_MS, NOW_MS + afterMs);
  const calls = steps.map(({ backends: named }) => named.map(({ serverId }) => serverId));
  return { calls, wakeInMs: wakeAtMs === null ? null : wakeAtMs - NOW_MS };
}

describe('backends that may wait for company', () => {
  it('wait for the gathering time of the oldest', () => {
    const two = [raise('i-1', { dueSinceMs: NOW_MS - 500 }), raise('i-2')];

    expect(batched(two)).toEqual({ calls: [], wakeInMs: 1_500 });
    expect(batched(two, 1_499).calls).toEqual([]);
    expect(batched(two, 1_500)).toEqual({ calls: [['i-1', 'i-2']], wakeInMs: null });
  });

  it('go at once when they fill a call', () => {
    expect(batched(ids(20).map((id) => raise(id))).calls).toEqual([ids(20)]);
  });

  it('go along with a drain that has room, the longest-waiting first', () => {
    const waiting = ids(30).map((id, index) => raise(id, { dueSinceMs: NOW_MS - index }));
    const { calls, wakeInMs } = batched([...waiting, drain('i-out')]);

    expect(calls).toEqual([['i-out', ...[...ids(19, 12)].reverse()]]);
    expect(wakeInMs).toBe(GATHER_MS - 10);
  });
});

describe('backends that may not wait', () => {
  it('go at once, 20 to a call', () => {
    const { calls, wakeInMs } = batched(ids(45).map((id) => drain(id)));

    expect(calls.map((call) => call.length)).toEqual([20, 20, 5]);
    expect(calls.flat()).toEqual(ids(45));
    expect(wakeInMs).toBeNull();
  });

  it('are never put behind those that may', () => {
    const { calls } = batched([...ids(25).map((id) => raise(id)), ...ids(3, 100).map((id) => drain(id))]);

    expect(calls[0]?.slice(0, 3)).toEqual(ids(3, 100));
  });
});

describe('backends whose call was refused', () => {
  it('wait for their time, whatever their kind, and wake the lane then', () => {
    const waiting = [
      drain('i-1', { notBeforeMs: NOW_MS + 700 }),
      raise('i-2', { notBeforeMs: NOW_MS + 900 }),
    ];

    expect(batched(waiting)).toEqual({ calls: [], wakeInMs: 700 });
    expect(batched(waiting, 700).calls).toEqual([['i-1']]);
  });

  it.each([
    [0, [12]],
    [1, [5, 5, 2]],
    [2, Array(12).fill(1)],
    [7, Array(12).fill(1)],
  ])('after %d refusals go in calls of %j', (refusals, sizes) => {
    const { calls } = batched(
      ids(12).map((id) => raise(id, { refusals })),
      GATHER_MS,
    );

    expect(calls.map((call) => call.length)).toEqual(sizes);
  });

  it('never share a call with those that were not', () => {
    const mixed = [drain('i-1', { refusals: 1 }), drain('i-2'), drain('i-3', { refusals: 2 }), drain('i-4')];

    expect(batched(mixed).calls).toEqual([['i-2', 'i-4'], ['i-1'], ['i-3']]);
  });

  it('do not gather once their wait is over: they have waited', () => {
    expect(batched([raise('i-1', { refusals: 1 })]).calls).toEqual([['i-1']]);
  });
});
