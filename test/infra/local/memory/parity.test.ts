import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { FaultEffect } from '../../../../infra/local/world/faults.ts';
import { beginningWith } from '../../../../shared/adapters/tablestore/key-ranges.ts';
import type { Row, RowWrite } from '../../../../shared/adapters/tablestore/rows.ts';
import { isRefusal, TransientError } from '../../../../shared/errors.ts';
import { RECONCILE_FUNCTION } from '../../../../shared/sweep/model.ts';
import { fixture } from '../host/support.ts';
import { openSkins, type SharedTransports, type Skin } from './skins.ts';

let skins: Record<'http' | 'memory', Skin>;
beforeAll(async () => {
  skins = await openSkins();
  for (const { clouds } of Object.values(skins)) {
    clouds.slb.seedLoadBalancer({ loadBalancerId: 'lb-1' });
    clouds.slb.seedVServerGroup({ vServerGroupId: 'rsp-1', loadBalancerId: 'lb-1', name: 'web' });
  }
});
afterEach(() => {
  for (const { clouds } of Object.values(skins)) {
    clouds.foundation.faults.clear();
    clouds.foundation.rateLimits.set('mns', 'SendMessage', null);
    clouds.foundation.rateLimits.set('fc', 'InvokeFunction', null);
  }
});
afterAll(async () => {
  for (const { clouds } of Object.values(skins)) await clouds.close();
});

/** What came of it, as far as a caller may act on it. */
async function outcomeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return { result: await work };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const { name, origin } = error;
    const transient = error instanceof TransientError ? [error.reason, error.retryAfterMs] : [];
    return { name, api: origin.api, code: origin.code, hasRequestId: origin.requestId !== null, transient };
  }
}

/** The same done on both skins, one after the other; fails unless it came to the same. Returns what it came to. */
async function onBoth(
  work: (transports: SharedTransports, skin: Skin) => Promise<unknown>,
  as: 'transports' | 'administrator' = 'transports',
): Promise<unknown> {
  const http = await outcomeOf(work(skins.http[as], skins.http));
  const memory = await outcomeOf(work(skins.memory[as], skins.memory));
  expect(memory).toEqual(http);
  return memory;
}

function inject(action: string, effect: FaultEffect, times: number | null = 1): void {
  for (const { clouds } of Object.values(skins)) {
    clouds.foundation.faults.inject({ name: 'fault', match: { action }, skip: 0, times, effect });
  }
}

const refusedWith = (code: string, status = 400): FaultEffect => ({
  kind: 'error',
  status,
  code,
  message: `says ${code}`,
});

const describeGroup = ({ slb }: SharedTransports, id = 'rsp-1') =>
  slb.call(
    'DescribeVServerGroupAttribute',
    'read',
    { VServerGroupId: id },
    z.object({ VServerGroupId: z.string(), BackendServers: z.unknown() }),
  );
const setGroup = ({ slb }: SharedTransports) =>
  slb.call(
    'SetVServerGroupAttribute',
    'write',
    { VServerGroupId: 'rsp-1', BackendServers: '[]' },
    z.object({ VServerGroupId: z.string() }),
  );

describe('both skins of the RPC products', () => {
  it('answer alike', async () => {
    expect(await onBoth((transports) => describeGroup(transports))).toEqual({
      result: { VServerGroupId: 'rsp-1', BackendServers: { BackendServer: [] } },
    });
  });

  it('read numbers, flags and lists alike', async () => {
    const page = z.object({ PageSize: z.number(), Instances: z.unknown() });
    await onBoth(({ ecs }) => ecs.call('DescribeInstances', 'read', { MaxResults: 7 }, page));
    await onBoth(({ ecs }) =>
      ecs.call('DescribeInstances', 'read', { Tag: [{ Key: 'role', Value: 'web' }], PageSize: 3 }, page),
    );
    expect(await onBoth(({ ecs }) => ecs.call('DescribeInstances', 'read', { DryRun: true }, page))).toEqual(
      expect.objectContaining({ name: 'RejectedError', code: 'DryRunOperation' }),
    );
  });

  it.each([
    ['a missing group', (transports: SharedTransports) => describeGroup(transports, 'rsp-none')],
    [
      'a call that the policy does not allow',
      ({ slb }: SharedTransports) =>
        slb.call(
          'StopLoadBalancerListener',
          'write',
          { LoadBalancerId: 'lb-1', ListenerPort: 80 },
          z.unknown(),
        ),
    ],
    [
      'an operation that does not exist',
      ({ slb }: SharedTransports) => slb.call('DeleteAll', 'read', {}, z.unknown()),
    ],
    [
      'a missing parameter',
      ({ slb }: SharedTransports) => slb.call('DescribeVServerGroupAttribute', 'read', {}, z.unknown()),
    ],
    [
      'an answer of another shape',
      ({ slb }: SharedTransports) =>
        slb.call(
          'DescribeVServerGroupAttribute',
          'read',
          { VServerGroupId: 'rsp-1' },
          z.object({ Nothing: z.string() }),
        ),
    ],
  ])('refuse %s alike', async (_name, work) => {
    expect(await onBoth(work)).toEqual(
      expect.objectContaining({ name: expect.stringMatching(/^(?:Rejected|Invariant)Error$/) }),
    );
  });

  it('answer an empty list to a caller without permission alike', async () => {
    const work = ({ ecs }: SharedTransports) =>
      ecs.call(
        'DescribeInstanceStatus',
        'read',
        {},
        z.object({ InstanceStatuses: z.object({ InstanceStatus: z.array(z.unknown()) }) }),
      );
    expect(await onBoth(work)).toEqual(
      expect.objectContaining({ name: expect.stringMatching(/^(?:Rejected|Invariant)Error$/) }),
    );
  });

  it.each([
    'VServerGroupProcessing',
    'SystemBusy',
    'Throttling.User',
    'ServiceUnavailable',
    'ObtainIpFail',
    'InternalError',
    'SomethingNew',
  ])('mean the same by %s', async (code) => {
    inject('SetVServerGroupAttribute', refusedWith(code));
    expect(await onBoth((transports) => setGroup(transports))).toEqual(expect.objectContaining({ code }));
  });

  it('say the same of the wait that a throttled answer names', async () => {
    inject('SetVServerGroupAttribute', {
      ...refusedWith('Throttling'),
      headers: { 'x-acs-retry-after': '4321' },
    } as FaultEffect);
    expect(await onBoth((transports) => setGroup(transports))).toEqual(
      expect.objectContaining({ transient: ['throttled', 4_321] }),
    );
  });

  it.each(['lose-request', 'lose-reply'] as const)(
    'leave a write’s outcome open alike after %s',
    async (kind) => {
      inject('SetVServerGroupAttribute', { kind });
      expect(await onBoth((transports) => setGroup(transports))).toEqual(
        expect.objectContaining({ transient: ['unknown-outcome', null], code: null }),
      );
    },
  );

  it('read again after a failure alike, and give up alike', async () => {
    inject('DescribeVServerGroupAttribute', { kind: 'lose-reply' }, 2);
    expect(await onBoth((transports) => describeGroup(transports))).toEqual({ result: expect.anything() });
    inject('DescribeVServerGroupAttribute', refusedWith('SystemBusy', 503), 3);
    await onBoth((transports) => describeGroup(transports));
    const tries = (skin: Skin) =>
      skin.clouds.foundation.gate.records.filter(({ errorCode }) => errorCode === 'SystemBusy').length;
    expect(tries(skins.memory)).toBe(tries(skins.http));
  });
});

const put = (key: string, columns: Record<string, string | number>, absent = false): RowWrite => ({
  kind: 'put',
  table: 'done',
  key: { key },
  columns,
  ...(absent ? { condition: { existence: 'absent' } } : {}),
});

describe('both skins of the tables', () => {
  it('keep texts and numbers alike, in every kind of write and read', async () => {
    await onBoth(({ tables }) => tables.write(put('a', { text: 'grüße', number: -7 })));
    expect(await onBoth(({ tables }) => tables.get('done', { key: 'a' }))).toEqual({
      result: { key: 'a', text: 'grüße', number: -7 },
    });
    expect(await onBoth(({ tables }) => tables.get('done', { key: 'none' }))).toEqual({ result: null });
    await onBoth(({ tables }) =>
      tables.write({
        kind: 'update',
        table: 'lanes',
        key: { lane: 'lb-1' },
        change: { put: { owner: 'me' }, increment: { dirty: 2 } },
      }),
    );
    await onBoth(({ tables }) =>
      tables.write({
        kind: 'update',
        table: 'lanes',
        key: { lane: 'lb-1' },
        change: { remove: ['owner'], increment: { dirty: 1 } },
      }),
    );
    expect(await onBoth(({ tables }) => tables.range('lanes', ['lane'], {}))).toEqual({
      result: [{ lane: 'lb-1', dirty: 3 }],
    });
  });

  it('judge conditions alike, alone and in a batch', async () => {
    const claim = (owner: string): RowWrite => ({
      kind: 'update',
      table: 'lanes',
      key: { lane: 'lb-2' },
      change: { put: { owner, fence: 1, lease: 5 } },
      condition: {
        columns: [
          { column: 'owner', is: 'equal', value: owner, passIfMissing: true },
          { column: 'fence', is: 'at-most', value: 1, passIfMissing: true },
          { column: 'lease', is: 'equal', value: 5, passIfMissing: true },
        ],
      },
    });
    expect(await onBoth(({ tables }) => tables.write(claim('me')))).toEqual({ result: 'written' });
    expect(await onBoth(({ tables }) => tables.write(claim('you')))).toEqual({ result: 'conflict' });
    await onBoth(({ tables }) => tables.write(put('b', { n: 1 }, true)));
    expect(
      await onBoth(({ tables }) =>
        tables.writeMany([put('b', { n: 2 }, true), put('c', { n: 3 }, true), claim('you')]),
      ),
    ).toEqual({ result: ['conflict', 'written', 'conflict'] });
    const sorted = ({ tables }: SharedTransports) =>
      tables.getMany('done', [{ key: 'c' }, { key: 'b' }, { key: 'nobody' }]);
    expect(await onBoth(sorted)).toEqual({
      result: [
        { key: 'c', n: 3 },
        { key: 'b', n: 1 },
      ],
    });
  });

  it('read ranges by their prefix alike', async () => {
    const signal = (lane: string, key: string): RowWrite => ({
      kind: 'put',
      table: 'inbox',
      key: { lane, key },
      columns: { state: 'Running' },
    });
    await onBoth(({ tables }) =>
      tables.writeMany([signal('lb-1', 'z'), signal('lb-1', 'a'), signal('lb-10', 'a')]),
    );
    expect(await onBoth(({ tables }) => tables.range('inbox', ['lane', 'key'], { lane: 'lb-1' }))).toEqual({
      result: [
        { lane: 'lb-1', key: 'a', state: 'Running' },
        { lane: 'lb-1', key: 'z', state: 'Running' },
      ],
    });
  });

  it('read ranges between two texts alike, and write what is too large for a call in as many', async () => {
    const text = 'x'.repeat(900_000);
    const signal = (lane: string): RowWrite => ({
      kind: 'put',
      table: 'inbox',
      key: { lane, key: 'a' },
      columns: { text },
    });
    const lanes = ['open', 'open/a', 'open/b', 'open/c', 'open/d', 'open0'];
    await onBoth(({ tables }) => tables.writeMany(lanes.map(signal)));
    const read = (count?: number, where?: (row: Row) => boolean) =>
      onBoth(async ({ tables }) => {
        const span = { lane: beginningWith('open/') };
        return (await tables.range('inbox', ['lane', 'key'], span, count, where)).map(({ lane }) => lane);
      });

    expect(await read()).toEqual({ result: ['open/a', 'open/b', 'open/c', 'open/d'] });
    expect(await read(2)).toEqual({ result: ['open/d', 'open/c'] });
    const isLate = ({ lane }: Row) => String(lane) > 'open/b';
    expect(await read(undefined, isLate)).toEqual({ result: ['open/c', 'open/d'] });
    expect(await read(1, ({ lane }) => !isLate({ lane: lane ?? '' }))).toEqual({ result: ['open/b'] });
  });

  it('read the last rows of a range alike, the last one first', async () => {
    const signal = (lane: string, key: string): RowWrite => ({
      kind: 'put',
      table: 'inbox',
      key: { lane, key },
      columns: { state: 'Running' },
    });
    await onBoth(({ tables }) =>
      tables.writeMany([signal('lb-7', 'a'), signal('lb-7', 'b'), signal('lb-7', 'c'), signal('lb-8', 'd')]),
    );
    const last = (count: number) =>
      onBoth(({ tables }) => tables.range('inbox', ['lane', 'key'], { lane: 'lb-7' }, count));
    const row = (key: string) => ({ lane: 'lb-7', key, state: 'Running' });

    expect(await last(2)).toEqual({ result: [row('c'), row('b')] });
    expect(await last(9)).toEqual({ result: [row('c'), row('b'), row('a')] });
  });

  it.each([
    'OTSServerBusy',
    'OTSQuotaExhausted',
    'OTSTimeout',
    'OTSServerUnavailable',
    'OTSParameterInvalid',
    'OTSObjectNotExist',
  ])('mean the same by %s, after as many tries', async (code) => {
    inject('PutRow', refusedWith(code, 503), null);
    const before = Object.values(skins).map(({ clouds }) => clouds.foundation.gate.records.length);
    expect(await onBoth(({ tables }) => tables.write(put('d', { n: 1 })))).toEqual(
      expect.objectContaining({ code }),
    );
    const after = Object.values(skins).map(({ clouds }) => clouds.foundation.gate.records.length);
    const [http = 0, memory = 0] = after.map((count, index) => count - (before[index] ?? 0));
    expect(memory).toBe(http);
  });

  it.each(['lose-request', 'lose-reply'] as const)(
    'leave a write’s outcome open alike after %s',
    async (kind) => {
      inject('BatchWriteRow', { kind });
      expect(await onBoth(({ tables }) => tables.writeMany([put('e', { n: 1 })]))).toEqual(
        expect.objectContaining({ transient: ['unknown-outcome', null] }),
      );
      expect(await onBoth(({ tables }) => tables.get('done', { key: 'e' }))).toEqual({
        result: kind === 'lose-reply' ? { key: 'e', n: 1 } : null,
      });
      await onBoth(({ tables }) =>
        tables.write({ kind: 'put', table: 'done', key: { key: 'e' }, columns: { n: 1 } }),
      );
      for (const { clouds } of Object.values(skins)) {
        clouds.tablestore.writeRow('done', {
          kind: 'DELETE',
          primaryKey: [{ name: 'key', value: 'e' }],
          condition: { rowExistence: 'IGNORE', columnCondition: null },
          returnContent: { returnType: 'RT_NONE', returnColumnNames: [] },
        });
      }
    },
  );

  it('refuse what the policy does not allow alike', async () => {
    const work = ({ tables }: SharedTransports) =>
      tables.write({ kind: 'delete', table: 'quarantine', key: { key: 'x' } });
    expect(await onBoth(work)).toEqual(expect.objectContaining({ code: 'OTSNoPermissionAccess' }));
    expect(await onBoth(work, 'administrator')).toEqual({ result: 'written' });
  });

  it('learn the same time from the answers', async () => {
    const nearNow = async ({ tables }: SharedTransports) => {
      await tables.get('done', { key: 'a' });
      return Math.abs(tables.time.nowMs() - Date.now()) < 1_000;
    };
    expect(await onBoth(nearNow)).toEqual({ result: true });
  });
});

describe('both skins of the queues', () => {
  const QUEUE = 'slb-autopilot-wake-ups';
  const send = ({ queues }: SharedTransports) => queues.send(QUEUE, '{"n":1}', 2);

  it('put the same on the queue', async () => {
    await onBoth(send);
    const waiting = async (_transports: SharedTransports, { clouds }: Skin) =>
      clouds.mns.getQueueAttributes(QUEUE).delayMessages;
    expect(await onBoth(waiting)).toEqual({ result: 1 });
    await onBoth(({ queues }) => queues.send(QUEUE, '{"n":2}', 0));
    const body = async (_transports: SharedTransports, { clouds }: Skin) =>
      clouds.mns.peekMessages(QUEUE, 1)[0]?.body;
    expect(await onBoth(body)).toEqual({ result: Buffer.from('{"n":2}').toString('base64') });
  });

  it('refuse alike', async () => {
    expect(await onBoth(({ queues }) => queues.send('other', 'x', 0))).toEqual(
      expect.objectContaining({ name: 'RejectedError', code: 'AccessDenied' }),
    );
    expect(await onBoth(({ queues }) => queues.send('other', 'x', 0), 'administrator')).toEqual(
      expect.objectContaining({ name: 'RejectedError', code: 'QueueNotExist' }),
    );
  });

  it.each([
    ['InternalError', 500],
    ['QpsLimitExceeded', 400],
    ['SomethingNew', 400],
    ['SomethingNew', 503],
  ] as const)('mean the same by %s with status %s', async (code, status) => {
    inject('SendMessage', refusedWith(code, status));
    expect(await onBoth(send)).toEqual(expect.objectContaining({ code }));
  });

  it('mean the same by the account’s call limit', async () => {
    for (const { clouds } of Object.values(skins)) {
      clouds.foundation.rateLimits.set('mns', 'SendMessage', { calls: 0, perMs: 60_000 });
    }
    expect(await onBoth(send)).toEqual(expect.objectContaining({ transient: ['throttled', null] }));
  });

  it.each(['lose-request', 'lose-reply'] as const)('leave the outcome open alike after %s', async (kind) => {
    inject('SendMessage', { kind });
    expect(await onBoth(send)).toEqual(expect.objectContaining({ transient: ['unknown-outcome', null] }));
  });
});

describe('both skins of the invoke API', () => {
  let tasks = 0;
  const start = ({ reconcile }: SharedTransports, taskId = `task-${tasks}`) => reconcile.start(taskId, '{}');
  const nextTask = () => void tasks++;
  beforeAll(() => {
    for (const { clouds } of Object.values(skins)) {
      clouds.host.deploy({
        functionName: RECONCILE_FUNCTION,
        codeFolder: fixture('behaviours'),
        handler: 'index.echo',
        asyncConfig: { asyncTask: true },
      });
    }
  });
  afterEach(nextTask);

  it('start a task once, whoever asks for it again', async () => {
    expect(await onBoth((transports) => start(transports))).toEqual({ result: 'started' });
    expect(await onBoth((transports) => start(transports), 'administrator')).toEqual({ result: 'already' });
  });

  it('refuse a task id of another form alike', async () => {
    expect(await onBoth((transports) => start(transports, 'lb-1/10:05'), 'administrator')).toEqual(
      expect.objectContaining({ name: 'RejectedError', code: 'InvalidArgument' }),
    );
  });

  it('find out alike that a start whose answer was lost has happened', async () => {
    inject('InvokeFunction', { kind: 'lose-reply' });
    expect(await onBoth((transports) => start(transports))).toEqual({ result: 'already' });
  });

  it.each([
    ['ResourceExhausted', 429],
    ['InternalServerError', 500],
    ['ServiceUnavailable', 503],
    ['SomethingNew', 400],
  ] as const)('mean the same by %s with status %s', async (code, status) => {
    inject('InvokeFunction', refusedWith(code, status), null);
    expect(await onBoth((transports) => start(transports))).toEqual(expect.objectContaining({ code }));
  });

  it('mean the same by the account’s call limit', async () => {
    for (const { clouds } of Object.values(skins)) {
      clouds.foundation.rateLimits.set('fc', 'InvokeFunction', { calls: 0, perMs: 60_000 });
    }
    expect(await onBoth((transports) => start(transports))).toEqual(
      expect.objectContaining({ code: 'ResourceThrottled', transient: ['throttled', null] }),
    );
  });

  it('refuse a function that is not there alike', async () => {
    for (const { clouds } of Object.values(skins)) await clouds.host.remove(RECONCILE_FUNCTION);
    expect(await onBoth((transports) => start(transports))).toEqual(
      expect.objectContaining({ name: 'RejectedError', code: 'FunctionNotFound' }),
    );
  });
});
