import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createRequestReader } from '../../../../shared/adapters/tablestore/request-store.ts';
import { InvariantError } from '../../../../shared/errors.ts';
import { keyOfRow, type RequestRow, requestLaneId } from '../../../../shared/requests/model.ts';
import type { RequestReader, RequestStore } from '../../../../shared/requests/ports.ts';
import { NOW_MS } from '../../../support/builders.ts';
import { failureOf } from '../../../support/misbehaving-server.ts';
import { aRequest, aRequestRow } from '../../../support/requests.ts';
import { type Stage, setStage } from '../../../support/stage.ts';
import { openTables } from '../../../support/tables.ts';

const DAY_MS = 86_400_000;
/** 2026-04-09; NOW_MS is within it. */
const DAY = new Date(NOW_MS).toISOString().slice(0, 10);

let stage: Stage;
let requests: RequestStore;
let reader: RequestReader;
beforeAll(async () => {
  stage = await setStage();
  requests = stage.worker().requests;
  reader = createRequestReader(openTables(stage));
});
afterEach(() => stage.clouds.foundation.faults.clear());
afterAll(() => stage.close());

const hashOf = (letter: string) => letter.repeat(64);
const idsOf = (rows: ReadonlyArray<RequestRow>) => rows.map(({ request }) => request.requestId);
/** A lane of the test's own, and requests of it: ids are the test's own, too. */
function aLane(name: string) {
  const laneId = requestLaneId('binding', name);
  const row = (id: string, overrides: Partial<RequestRow> = {}) =>
    aRequestRow({ laneId, request: aRequest({ requestId: `${name}-${id}` }), ...overrides });
  return { laneId, row, open: () => requests.open(laneId) };
}
const loseReplyOf = (action: string) =>
  stage.clouds.foundation.faults.inject({
    name: 'lost',
    match: { action },
    skip: 0,
    times: 1,
    effect: { kind: 'lose-reply' },
  });

describe('a request that has come', () => {
  it('is not overwritten by a copy of it, however often and late that comes', async () => {
    const { row, open } = aLane('copies');
    const first = row('1');
    await requests.put([first]);

    await requests.put([row('1', { receivedAtMs: NOW_MS + DAY_MS, waitingFor: 'something' })]);

    expect(await requests.read([keyOfRow(first), keyOfRow(first)])).toEqual([first]);
    expect(await open()).toEqual([first]);
    expect(idsOf(await reader.ofDay(DAY))).toContain('copies-1');
    expect(idsOf(await reader.ofDay('2026-04-10'))).not.toContain('copies-1');
  });

  it('may come twice in one batch', async () => {
    const { row, open } = aLane('twins');

    await requests.put([row('1'), row('1'), row('1', { receivedAtMs: NOW_MS + 1 })]);

    expect(await open()).toEqual([row('1')]);
  });

  it('does not stand in the way of another content under its id', async () => {
    const { row, open } = aLane('forged');
    const forged = row('1', { payloadHash: hashOf('f') });
    const real = row('1', { payloadHash: hashOf('e'), receivedAtMs: NOW_MS + 5 });

    await requests.put([real, forged]);

    expect(await open()).toEqual([forged, real]);
    expect(await reader.byId('forged-1')).toEqual([forged, real]);
    expect(await requests.read([keyOfRow(real)])).toEqual([real]);
  });

  it('is written with hundreds of others, large ones too', async () => {
    const { laneId, row, open } = aLane('crowd');
    const rows = Array.from({ length: 150 }, (_, n) =>
      row(String(n).padStart(3, '0'), { waitingFor: 'x'.repeat(40_000), receivedAtMs: NOW_MS + n }),
    );

    await requests.put(rows);

    expect(idsOf(await open())).toEqual(idsOf(rows));
    await requests.close(laneId, rows.map(keyOfRow));
    expect(await open()).toEqual([]);
  });

  it('comes back as it was written, result and all', async () => {
    const { row } = aLane('whole');
    const plan = {
      steps: [{ subject: 'rsp-1/i-bp1a:80', action: 'keep-out', to: '抢占式' }],
      held: ['rsp-1/i-bp1a:80: min-in-service'],
    } as const;
    const written = row('1', {
      phase: 'ended',
      begunAtMs: NOW_MS + 1,
      plan,
      planHash: hashOf('0'),
      approval: { by: 'ops', requestId: 'a-1', atMs: NOW_MS },
      waitingFor: 'approval',
      failures: 2,
      notBeforeMs: NOW_MS + 2,
      result: {
        outcome: 'refused',
        code: 'stale-plan',
        reason: 'its plan is another one by now',
        plan,
        planHash: hashOf('0'),
        expectedPlan: { steps: [], held: [] },
        calls: [
          { atMs: NOW_MS, action: 'weight-set', subject: 's', reason: 'r', requestIds: ['R-1', 'R-2'] },
        ],
        endedAtMs: NOW_MS + 3,
      },
      revision: 4,
      fence: 2,
    });

    await requests.put([written]);

    expect(await requests.read([keyOfRow(written)])).toEqual([written]);
  });

  it('of no shape that we write is a defect, not a request', async () => {
    const key = { subject: 'req/foreign', entry: hashOf('a') };
    await openTables(stage).write({ kind: 'put', table: 'requests', key, columns: { request: '{}' } });

    await expect(reader.byId('foreign')).rejects.toThrow(InvariantError);
  });
});

describe('the list of a lane', () => {
  it('has the oldest first, and nothing of a lane whose name only begins alike', async () => {
    const { row, open } = aLane('list');
    await requests.put([
      row('b', { receivedAtMs: NOW_MS + 2 }),
      row('c', { receivedAtMs: 999 }),
      row('a', { receivedAtMs: NOW_MS }),
    ]);
    await requests.put([aLane('list-2').row('x')]);

    expect(idsOf(await open())).toEqual(['list-c', 'list-a', 'list-b']);
  });

  it('has none that were refused before they had a lane, but their ids and days have them', async () => {
    const refused = aRequestRow({ laneId: '', request: aRequest({ requestId: 'laneless' }), phase: 'ended' });

    await requests.put([refused]);

    expect(await requests.open('')).toEqual([]);
    expect(await reader.byId('laneless')).toEqual([refused]);
    expect(idsOf(await reader.ofDay(DAY))).toContain('laneless');
  });

  it('keeps what has ended until it is closed, and closes every copy of it and nothing else', async () => {
    const { laneId, row, open } = aLane('closing');
    await requests.put([row('1', { phase: 'ended' }), row('2')]);
    await requests.put([row('1', { receivedAtMs: NOW_MS + 1 })]);
    expect(idsOf(await open())).toEqual(['closing-1', 'closing-2']);

    await requests.close(laneId, [keyOfRow(row('1'))]);
    await requests.close(laneId, [keyOfRow(row('1'))]);

    expect(idsOf(await open())).toEqual(['closing-2']);
    expect(await requests.read([keyOfRow(row('1'))])).toHaveLength(1);
  });

  it('passes over what was listed before a death, and never written', async () => {
    const { laneId, row, open } = aLane('death');
    await requests.put([row('1')]);
    const entry = `${String(NOW_MS).padStart(15, '0')}/death-2/${hashOf('a')}`;
    const key = { subject: `open/${laneId}`, entry };
    await openTables(stage).write({ kind: 'put', table: 'requests', key, columns: { lane: laneId } });

    expect(idsOf(await open())).toEqual(['death-1']);
  });

  it('that can be read in part only is an error', async () => {
    const { row, open } = aLane('part');
    await requests.put([row('1')]);
    stage.clouds.foundation.faults.inject({
      name: 'part',
      match: { action: 'BatchGetRow' },
      skip: 0,
      times: null,
      effect: { kind: 'error', status: 503, code: 'OTSServerBusy', message: 'busy' },
    });

    expect((await failureOf(open())).error).toMatchObject({ name: 'TransientError' });
  });
});

describe('an id', () => {
  const key = (requestId: string, letter: string) => ({ requestId, payloadHash: hashOf(letter) });

  it('is its first content’s, for ever, and again when that asks again', async () => {
    expect(await requests.takeId(key('id-1', 'a'))).toBe(true);
    expect(await requests.takeId(key('id-1', 'b'))).toBe(false);
    expect(await requests.takeId(key('id-1', 'a'))).toBe(true);
    expect(await reader.byId('id-1')).toEqual([]);
  });

  it('is one content’s when several ask at once', async () => {
    const workers = ['a', 'b', 'c', 'd'].map((letter) => stage.worker().requests.takeId(key('id-2', letter)));

    expect((await Promise.all(workers)).filter((isTaken) => isTaken)).toHaveLength(1);
  });

  it.each([
    ['was taken', 'lose-reply'],
    ['was not taken', 'lose-request'],
  ] as const)('whose answer is lost is looked up, and is taken although it %s', async (_, kind) => {
    const fault = { match: { action: 'PutRow' }, skip: 0, times: 1, effect: { kind } } as const;
    stage.clouds.foundation.faults.inject({ name: kind, ...fault });

    expect(await requests.takeId(key(`id-${kind}`, 'a'))).toBe(true);
    expect(await requests.takeId(key(`id-${kind}`, 'b'))).toBe(false);
  });

  it('that somebody else has taken is not ours because an answer was lost', async () => {
    await requests.takeId(key('id-3', 'a'));
    loseReplyOf('PutRow');

    expect(await requests.takeId(key('id-3', 'b'))).toBe(false);
  });
});

describe('a change of a request', () => {
  const commit = async (fence: number, row: RequestRow, expectedRevision: number) =>
    (await requests.commit({ fence, changes: [{ row, expectedRevision }], audit: [] })).refused;

  it('is not written over what somebody else has written, nor under a lower fence', async () => {
    const { row } = aLane('fenced');
    const first = row('1');
    await requests.put([first]);
    const second = { ...first, phase: 'in-progress', revision: 1, fence: 5 } as const;
    expect(await commit(5, second, 0)).toEqual([]);

    const stale = { ...second, revision: 1, fence: 9 };
    expect(await commit(9, stale, 0)).toEqual([stale]);
    const low = { ...second, revision: 2, fence: 4 };
    expect(await commit(4, low, 1)).toEqual([low]);
    const absent = row('none', { revision: 1 });
    expect(await commit(9, absent, 0)).toEqual([absent]);
    expect(await requests.read([first, row('none')].map(keyOfRow))).toEqual([second]);
    expect(await commit(5, { ...second, revision: 2 }, 1)).toEqual([]);
  });

  it('refused alone leaves the others written, and comes with its audit entries', async () => {
    const { row } = aLane('several');
    await requests.put([row('1'), row('2')]);
    const [one, two] = [row('1', { revision: 1 }), row('2', { revision: 1 })];
    const audit = {
      subject: 'request:several-1',
      atMs: NOW_MS,
      id: 'a-1',
      action: 'join-decided',
      reason: 'r',
      requestIds: [],
      inputs: {},
    } as const;

    const { refused } = await requests.commit({
      fence: 1,
      changes: [
        { row: one, expectedRevision: 7 },
        { row: two, expectedRevision: 0 },
      ],
      audit: [audit],
    });

    expect(refused).toEqual([one]);
    expect((await requests.read([keyOfRow(two)]))[0]?.revision).toBe(1);
    expect(stage.rows('audit').map(({ subject }) => subject)).toContain('request:several-1');
  });
});

describe('the lists for people', () => {
  it('have all that are open, of every lane, the oldest first', async () => {
    const [one, other] = [aLane('all-a'), aLane('all-b')];
    await requests.put([
      one.row('1', { receivedAtMs: NOW_MS + 3 }),
      other.row('1', { receivedAtMs: NOW_MS + 2 }),
      one.row('2', { phase: 'ended' }),
    ]);

    const found = idsOf(await reader.allOpen()).filter((id) => id.startsWith('all-'));

    expect(found).toEqual(['all-b-1', 'all-a-1']);
  });

  it('have those of a day from its first millisecond to its last, UTC', async () => {
    const { row } = aLane('day');
    const midnightMs = Date.parse('2026-05-01T00:00:00Z');
    await requests.put([
      row('before', { receivedAtMs: midnightMs - 1 }),
      row('last', { receivedAtMs: midnightMs + DAY_MS - 1 }),
      row('first', { receivedAtMs: midnightMs }),
      row('after', { receivedAtMs: midnightMs + DAY_MS }),
    ]);

    expect(idsOf(await reader.ofDay('2026-05-01'))).toEqual(['day-first', 'day-last']);
  });
});
