import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryClouds } from '../../../../infra/local/memory/clouds.ts';
import { passUntil } from '../../../../infra/local/memory/passage.ts';
import { readMemoryDeployment } from '../../../../infra/local/memory/read-deployment.ts';
import { createMemoryWorker } from '../../../../infra/local/memory/worker.ts';
import { rowsOf } from '../../../../infra/local/simulator/play/tables.ts';
import { VirtualClock } from '../../../../infra/local/world/clock.ts';
import type { Production } from '../../../../shared/adapters/production.ts';
import { laneColumn, laneOfColumn } from '../../../../shared/adapters/tablestore/lane-columns.ts';
import { createQuarantine } from '../../../../shared/adapters/tablestore/quarantine-store.ts';
import { DONE_LIFE_SECONDS } from '../../../../shared/adapters/tablestore/tables.ts';
import { InvariantError } from '../../../../shared/errors.ts';
import type { BackendRow } from '../../../../shared/server-groups/backend/record.ts';
import type { RowChange } from '../../../../shared/server-groups/model.ts';
import {
  ASSUME,
  aBinding,
  aRow,
  aSignal,
  GROUP,
  LB,
  LIMITS,
  MAINTENANCE,
  NOW_MS,
  REQUESTS,
  SCALING,
  SWEEP,
  TIMING,
} from '../../../support/builders.ts';
import { type Stage, setStage } from '../../../support/stage.ts';
import { openTables } from '../../../support/tables.ts';

let stage: Stage;
let worker: Production;
beforeAll(async () => {
  stage = await setStage();
  worker = stage.worker();
});
afterEach(() => stage.clouds.foundation.faults.clear());
afterAll(() => stage.close());

describe('done-keys', () => {
  const record = (key: string, atMs: number) => ({ key, payloadHash: 'h', result: 'not selected', atMs });

  it('are found under their key, whole; unknown ones are not', async () => {
    const known = record('event/a', Date.now());
    await worker.done.write([known]);

    expect(await worker.done.read(['event/a', 'event/b'])).toEqual(new Map([['event/a', known]]));
  });

  it('are forgotten when their life has ended, although the row may still be there', async () => {
    const lifeMs = DONE_LIFE_SECONDS * 1_000;
    await worker.done.write([
      record('event/old', Date.now() - lifeMs - 2_000),
      record('event/young', Date.now() - lifeMs + 60_000),
    ]);

    expect([...(await worker.done.read(['event/old', 'event/young'])).keys()]).toEqual(['event/young']);
  });

  it('of hundreds are read and written in one go', async () => {
    const records = Array.from({ length: 250 }, (_, n) => record(`event/many-${n}`, Date.now()));
    await worker.done.write(records);

    expect((await worker.done.read(records.map(({ key }) => key))).size).toBe(250);
  });
});

describe('the inbox', () => {
  it('keeps the first copy of a signal with its time of acceptance', async () => {
    const first = aSignal('i-1', 'Running', { acceptedAtMs: NOW_MS });
    const again = { ...first, acceptedAtMs: NOW_MS + 60_000 };
    await worker.inbox.put([{ laneId: LB, signal: first }]);

    await worker.inbox.put([
      { laneId: LB, signal: again },
      { laneId: 'lb-other', signal: again },
    ]);

    expect(await worker.inbox.read(LB)).toEqual([first]);
    expect(await worker.inbox.read('lb-other')).toEqual([again]);
  });

  it('loses what is removed from this lane and nothing else; a second removal is no failure', async () => {
    const signals = ['i-1', 'i-2', 'i-3'].map((id) => aSignal(id, 'Stopped', { eventAtMs: null }));
    const lane = 'lb-removal';
    await worker.inbox.put(signals.map((signal) => ({ laneId: lane, signal })));
    await worker.inbox.put(signals.map((signal) => ({ laneId: `${lane}s`, signal })));

    await worker.inbox.remove(lane, [signals[0]?.key ?? '', signals[2]?.key ?? '']);
    await worker.inbox.remove(lane, [signals[0]?.key ?? '']);

    expect(await worker.inbox.read(lane)).toEqual([signals[1]]);
    expect(await worker.inbox.read(`${lane}s`)).toHaveLength(3);
  });

  it('reads the orders of former releases, which name nothing and count at once', async () => {
    const before = {
      leave: { kind: 'leave', cause: 'maintenance', deadlineAtMs: 5, untilMs: null },
      return: { kind: 'return', cause: 'maintenance' },
    };
    for (const [key, news] of Object.entries(before)) {
      const signal = { key, instanceId: 'i-1', news, eventAtMs: null, acceptedAtMs: NOW_MS };
      const row = { kind: 'put', table: 'inbox', key: { lane: 'lb-before', key } } as const;
      await openTables(stage).write({ ...row, columns: { signal: JSON.stringify(signal) } });
    }

    expect((await worker.inbox.read('lb-before')).map(({ news }) => news)).toEqual([
      { ...before.leave, ref: null, fromMs: null },
      { ...before.return, ref: null },
    ]);
  });

  it('keeps what an order names and when it counts', async () => {
    const news = {
      kind: 'leave',
      cause: 'maintenance',
      ref: 'e-1',
      fromMs: NOW_MS,
      deadlineAtMs: null,
      untilMs: null,
    } as const;
    const order = aSignal('i-1', 'Running', { key: 'order', news });
    const end = aSignal('i-1', 'Running', {
      key: 'return',
      news: { kind: 'return', cause: 'maintenance', ref: 'e-1' },
    });
    await worker.inbox.put([order, end].map((signal) => ({ laneId: 'lb-orders', signal })));

    expect(await worker.inbox.read('lb-orders')).toEqual([order, end]);
  });

  it('keeps the weights that a person asks for by what instances are', async () => {
    const override = {
      kind: 'override',
      ref: 'deploy-4711',
      joins: false,
      untilMs: NOW_MS,
      scope: { binding: 'web', ports: null },
    } as const;
    const by = { byInstance: { 'i-1': 5 }, byZone: { 'cn-hangzhou-h': 80 } };
    const signals = [{ by, others: 90 }, { by, others: null }, { is: 3 }, { percent: 3 }, null].map(
      (weight, index) =>
        aSignal('binding/web', 'Running', { key: `override ${index}`, news: { ...override, weight } }),
    );
    await worker.inbox.put(signals.map((signal) => ({ laneId: 'lb-weights', signal })));

    expect(await worker.inbox.read('lb-weights')).toEqual(signals);
  });

  it('never gives half an answer for a row that is not ours', async () => {
    const foreign = { kind: 'put', table: 'inbox', key: { lane: 'lb-foreign', key: 'x' } } as const;
    for (const signal of ['not JSON', '{"key":"x"}', '']) {
      await openTables(stage).write({ ...foreign, columns: { signal } });

      await expect(worker.inbox.read('lb-foreign')).rejects.toThrow(InvariantError);
    }
  });
});

describe('records of backends', () => {
  const group = 'rsp-records';
  const row = (serverId: string, overrides: Partial<BackendRow> = {}) =>
    aRow(serverId, { vServerGroupId: group, revision: 1, fence: 5, ...overrides });
  const put = (changed: BackendRow, expectedRevision: number | null): RowChange => ({
    kind: 'put',
    row: changed,
    expectedRevision,
  });
  const commit = (changes: ReadonlyArray<RowChange>, fence: number, departed: ReadonlyArray<string> = []) =>
    worker.backends.commit({ loadBalancerId: LB, fence, changes, departed, audit: [] });
  const stored = async (serverId: string) =>
    (await worker.backends.readGroups([group])).find((each) => each.serverId === serverId);

  it('come back as they were written, of several groups at once', async () => {
    const one = row('i-one', {
      held: { by: 'min-in-service', reason: '抢占式' },
      cause: 'stopped',
      phase: 'draining',
      serverIp: null,
    });
    const eni = row('eni-1', { serverIp: '10.0.0.7', vServerGroupId: 'rsp-second' });
    await commit([put(one, null), put(eni, null)], 5);

    const rows = await worker.backends.readGroups([group, 'rsp-second', 'rsp-empty']);

    expect(rows).toEqual(expect.arrayContaining([one, eni]));
  });

  it('are written only over the revision that was read', async () => {
    const first = row('i-revision');
    await commit([put(first, null)], 5);

    const stale = put({ ...first, revision: 4 }, 3);
    expect(await commit([stale], 5)).toEqual({ refused: [stale] });
    const secondFirst = put({ ...first, held: { by: 'min-in-service', reason: 'x' } }, null);
    expect(await commit([secondFirst], 5)).toEqual({ refused: [secondFirst] });
    expect(await commit([put({ ...first, revision: 2 }, 1)], 5)).toEqual({ refused: [] });
    expect((await stored('i-revision'))?.revision).toBe(2);
  });

  it('are never written or deleted under a lower fence', async () => {
    const high = row('i-fence', { fence: 9 });
    await commit([put(high, null)], 9);

    const low = put({ ...high, revision: 2, fence: 8 }, 1);
    const lowDelete: RowChange = { kind: 'delete', row: { ...high, fence: 8 }, expectedRevision: 1 };
    expect(await commit([low], 8)).toEqual({ refused: [low] });
    expect(await commit([lowDelete], 8)).toEqual({ refused: [lowDelete] });
    expect(await stored('i-fence')).toEqual(high);
    const higher: RowChange = { kind: 'delete', row: { ...high, fence: 10 }, expectedRevision: 1 };
    expect(await commit([higher], 10)).toEqual({ refused: [] });
    expect(await stored('i-fence')).toBeUndefined();
  });

  it('that were deleted are not made anew by a worker that has slept since it read none', async () => {
    const first = row('i-place');
    const deleted: RowChange = { kind: 'delete', row: { ...first, revision: 2 }, expectedRevision: 1 };
    await commit([put(first, null)], 5);
    await commit([deleted], 5);

    const sleeper = stage.worker().backends;
    const late = put({ ...first, fence: 4 }, null);
    const batch = { loadBalancerId: LB, fence: 4, changes: [late], departed: [], audit: [] };
    expect(await sleeper.commit(batch)).toEqual({ refused: [late] });
    expect(await stored('i-place')).toBeUndefined();

    // One that has read the group since comes back to the place, but not under a lower fence.
    await sleeper.readGroups([group]);
    expect(await sleeper.commit(batch)).toEqual({ refused: [late] });
    expect(await commit([put({ ...first, fence: 6 }, null)], 6)).toEqual({ refused: [] });
    expect(await stored('i-place')).toEqual({ ...first, fence: 6 });
  });

  it('that were deleted may come again in the pass that has deleted them', async () => {
    const first = row('i-again');
    await stored('i-again');
    await commit([put(first, null)], 5);
    await commit([{ kind: 'delete', row: { ...first, revision: 2 }, expectedRevision: 1 }], 5);

    expect(await commit([put(first, null)], 5)).toEqual({ refused: [] });
    expect(await stored('i-again')).toEqual(first);
  });

  it('leave nothing behind an hour after they were deleted', async () => {
    const clock = new VirtualClock(NOW_MS);
    const config = {
      version: 1,
      regionId: 'cn-hangzhou',
      bindings: [aBinding()],
      pairs: [],
      timing: TIMING,
      limits: LIMITS,
      scaling: SCALING,
      maintenance: MAINTENANCE,
      sweep: SWEEP,
      requests: REQUESTS,
      assume: ASSUME,
    } as const;
    const clouds = createMemoryClouds({ clock, deployment: await readMemoryDeployment(), seed: 1 });
    const { backends } = createMemoryWorker(clouds, { config, name: 'worker' });
    const write = async (...changes: ReadonlyArray<RowChange>) => {
      await passUntil(clock, backends.readGroups([group]));
      const batch = { loadBalancerId: LB, fence: 5, changes, departed: [], audit: [] };
      await passUntil(clock, backends.commit(batch));
    };
    const gone = row('i-gone');
    await write(put(gone, null));
    await write({ kind: 'delete', row: { ...gone, revision: 2 }, expectedRevision: 1 });
    const places = () => rowsOf(clouds, 'backends').map(({ key }) => key[1]);
    clock.advanceBy(3_590_000);
    await write(put(row('i-1'), null));
    expect(places()).toEqual(['i-gone:8080', 'i-1:8080']);

    clock.advanceBy(20_000);
    await write(put(row('i-2'), null));

    expect(places()).toEqual(['i-1:8080', 'i-2:8080']);
    await clouds.close();
  });

  it('refused alone leave the others of the commit written', async () => {
    const [a, b, c] = ['i-a', 'i-b', 'i-c'].map((id) => row(id));
    if (a === undefined || b === undefined || c === undefined) throw new Error('three rows');
    await commit([put(b, null)], 5);

    const { refused } = await commit([put(a, null), put(b, null), put(c, null)], 5);

    expect(refused.map(({ row: { serverId } }) => serverId)).toEqual(['i-b']);
    expect(await stored('i-c')).toEqual(c);
  });

  it('come with their audit entries', async () => {
    const audit = {
      subject: `backend:${GROUP}/i-1:80`,
      atMs: NOW_MS,
      id: 'a-1',
      action: 'added',
      reason: 'Running and selected',
      requestIds: ['R-1', 'R-2'],
      inputs: { weight: 100, held: null },
    } as const;
    await worker.backends.commit({ loadBalancerId: LB, fence: 5, changes: [], departed: [], audit: [audit] });

    expect(stage.rows('audit')).toEqual([
      {
        subject: audit.subject,
        at: BigInt(NOW_MS),
        id: 'a-1',
        action: 'added',
        reason: audit.reason,
        requestIds: 'R-1 R-2',
        inputs: '{"weight":100,"held":null}',
      },
    ]);
  });
});

describe('the index of members', () => {
  const lanesOf = async (server: string) => (await worker.members.lanesOf([server])).get(server) ?? new Set();
  const join = (server: string, loadBalancerId: string, fence = 5) =>
    worker.backends.commit({
      loadBalancerId,
      fence,
      changes: [
        {
          kind: 'put',
          row: aRow(server, { vServerGroupId: `rsp-${loadBalancerId}`, fence }),
          expectedRevision: null,
        },
      ],
      departed: [],
      audit: [],
    });
  const leave = (server: string, loadBalancerId: string, fence = 5) =>
    worker.backends.commit({ loadBalancerId, fence, changes: [], departed: [server], audit: [] });

  it('knows every lane of an instance, until it leaves that one', async () => {
    await join('i-member', 'lb-one');
    await join('i-member', 'lb-two');
    expect(await lanesOf('i-member')).toEqual(new Set(['lb-one', 'lb-two']));

    await leave('i-member', 'lb-one');
    await leave('i-member', 'lb-never');

    expect(await lanesOf('i-member')).toEqual(new Set(['lb-two']));
    expect(await lanesOf('i-nobody')).toEqual(new Set());
  });

  it('is entered before the record, so that a death in between loses nothing', async () => {
    const effect = { kind: 'lose-request' } as const;
    stage.clouds.foundation.faults.inject({
      name: 'death',
      match: { action: 'BatchWriteRow' },
      skip: 1,
      times: 1,
      effect,
    });

    await expect(join('i-early', 'lb-one')).rejects.toThrow();

    expect(await lanesOf('i-early')).toEqual(new Set(['lb-one']));
    expect(await worker.backends.readGroups(['rsp-lb-one'])).not.toContainEqual(
      expect.objectContaining({ serverId: 'i-early' }),
    );
  });

  it('keeps what a later holder entered from an earlier one that takes it out', async () => {
    await join('i-fenced', 'lb-fenced', 7);

    await leave('i-fenced', 'lb-fenced', 6);
    expect(await lanesOf('i-fenced')).toEqual(new Set(['lb-fenced']));
    await leave('i-fenced', 'lb-fenced', 7);
    expect(await lanesOf('i-fenced')).toEqual(new Set());
  });

  it('is not weakened by an earlier holder that enters the same instance late', async () => {
    await join('i-late', 'lb-late', 7);

    await join('i-late', 'lb-late', 5);
    await leave('i-late', 'lb-late', 6);

    expect(await lanesOf('i-late')).toEqual(new Set(['lb-late']));
  });

  it('keeps a departed instance whose record was not deleted, and no other', async () => {
    const lane = 'lb-refusal';
    await join('i-stuck', lane);
    await join('i-free', lane);
    const row = (serverId: string) => aRow(serverId, { vServerGroupId: `rsp-${lane}`, fence: 5 });

    const { refused } = await worker.backends.commit({
      loadBalancerId: lane,
      fence: 5,
      changes: [
        { kind: 'delete', row: row('i-stuck'), expectedRevision: 99 },
        { kind: 'delete', row: row('i-free'), expectedRevision: 2 },
      ],
      departed: ['i-stuck', 'i-free'],
      audit: [],
    });

    expect(refused).toHaveLength(1);
    expect(await lanesOf('i-stuck')).toEqual(new Set([lane]));
    expect(await lanesOf('i-free')).toEqual(new Set());
  });

  it.each(['lb-bp1', 'LB_x', 'lb--', 'lb_2d', 'a.b/c d', 'ä', '抢占', '🙂', '\u0000', '_', '', 'lb-É0'])(
    'takes %j as an id',
    async (id) => {
      expect(laneColumn(id)).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/);
      expect(laneOfColumn(laneColumn(id))).toEqual([id]);
      expect(laneOfColumn('server')).toEqual([]);
    },
  );

  it('of more instances than one call takes is complete', async () => {
    const ids = Array.from({ length: 120 }, (_, n) => `i-crowd${n}`);
    await worker.backends.commit({
      loadBalancerId: 'lb-crowd',
      fence: 1,
      changes: ids.map((id) => ({
        kind: 'put',
        row: aRow(id, { vServerGroupId: 'rsp-crowd' }),
        expectedRevision: null,
      })),
      departed: [],
      audit: [],
    });

    const found = await worker.members.lanesOf(ids);

    expect([...found].filter(([, lanes]) => lanes.has('lb-crowd'))).toHaveLength(120);
    expect(await worker.backends.readGroups(['rsp-crowd'])).toHaveLength(120);
  });
});

describe('quarantine', () => {
  const notes: Array<string> = [];
  const quarantine = () => createQuarantine(openTables(stage), { send: async (key) => void notes.push(key) });
  const item = (key: string, text: string) => ({
    key,
    reason: 'no known shape',
    text,
    messageId: null,
    atMs: NOW_MS,
  });

  it('keeps texts of any length and kind, the longest by their beginning, and notes each once', async () => {
    const items = [
      item('q-long', '抢'.repeat(600_000)),
      item('q-half', 'x'.repeat(499_999)),
      item('q-broken', `half a pair: \ud83d`),
      item('q-empty', ''),
      item('q-smiley', '🙂'.repeat(260_000)),
    ];

    await quarantine().put(items);

    const rows = new Map(stage.rows('quarantine').map((row) => [row.key, String(row.text)]));
    expect(rows.get('q-long')).toBe('抢'.repeat(500_000));
    expect(rows.get('q-half')).toBe('x'.repeat(499_999));
    expect(rows.get('q-broken')).toBe('half a pair: \ufffd');
    expect(rows.get('q-empty')).toBe('');
    expect(rows.get('q-smiley')).toBe('🙂'.repeat(250_000));
    expect([...notes].sort()).toEqual(items.map(({ key }) => key).sort());
  });

  it('says nothing on the queue when the row could not be written', async () => {
    notes.length = 0;
    const effect = { kind: 'error', status: 403, code: 'OTSNoPermissionAccess', message: 'no' } as const;
    stage.clouds.foundation.faults.inject({
      name: 'no',
      match: { product: 'ots' },
      skip: 0,
      times: null,
      effect,
    });

    await expect(quarantine().put([item('q-refused', 'x')])).rejects.toThrow('no');

    expect(notes).toEqual([]);
  });
});
