import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Listening, listen } from '../../../../infra/local/http/listen.ts';
import { createCmsApp } from '../../../../infra/local/http/rpc/cms.ts';
import { VirtualClock } from '../../../../infra/local/world/clock.ts';
import { type Cms, createCms } from '../../../../infra/local/world/cms/cms.ts';
import { createFoundation, type Foundation } from '../../../../infra/local/world/foundation.ts';
import type { AccessKey } from '../../../../shared/access-key.ts';
import {
  CMS_VERSION,
  createConnectionCounts,
} from '../../../../shared/adapters/alibaba/connection-counts.ts';
import { createRpcClient } from '../../../../shared/adapters/alibaba/rpc-client.ts';
import { answers, failureOf, startMisbehavingServer } from '../../../support/misbehaving-server.ts';

const START_MS = Math.floor(Date.now() / 60_000) * 60_000;

let clock: VirtualClock;
let foundation: Foundation;
let cms: Cms;
let server: Listening;
beforeEach(async () => {
  // Signatures are judged by this clock, and made by the machine's.
  clock = new VirtualClock(START_MS);
  foundation = createFoundation({ clock });
  cms = createCms(foundation);
  server = await listen(createCmsApp(foundation, cms));
});
afterEach(() => server.close());

const countsAt = (endpoint: string, accessKey: AccessKey = foundation.identities.administrator) =>
  createConnectionCounts(
    createRpcClient({
      endpoint,
      version: CMS_VERSION,
      regionId: 'cn-hangzhou',
      accessKey: () => accessKey,
      timeoutMs: 3_000,
    }),
    clock,
  );
const calls = () => foundation.gate.records.filter(({ action }) => action === 'DescribeMetricLast');

describe('counts of connections', () => {
  it('are the most of the latest minute, of the instances that have a sample', async () => {
    cms.setConnections('i-1', 40);
    cms.setConnections('i-2', 7);
    clock.advanceBy(30_000);
    cms.setConnections('i-1', 3);
    clock.advanceBy(30_000);
    const first = await countsAt(server.endpoint).of(['i-1', 'i-3']);
    clock.advanceBy(60_000);
    const second = await countsAt(server.endpoint).of(['i-1', 'i-2', 'i-3']);

    // Each of a minute that may have begun one before it says.
    expect(first).toEqual(new Map([['i-1', { count: 40, sinceMs: START_MS - 60_000 }]]));
    expect(second).toEqual(
      new Map([
        ['i-1', { count: 3, sinceMs: START_MS }],
        ['i-2', { count: 7, sinceMs: START_MS }],
      ]),
    );
  });

  it('are missing once the agent is silent: that is no zero', async () => {
    cms.setConnections('i-1', 0);
    clock.advanceBy(60_000);
    const alive = await countsAt(server.endpoint).of(['i-1']);
    cms.setConnections('i-1', null);
    clock.advanceBy(120_000);

    expect([alive.get('i-1')?.count, await countsAt(server.endpoint).of(['i-1'])]).toEqual([0, new Map()]);
  });

  it('are asked for 50 instances at a time, and for none not at all', async () => {
    const ids = Array.from({ length: 101 }, (_, index) => `i-${index}`);
    for (const id of ids) cms.setConnections(id, 1);
    clock.advanceBy(60_000);

    expect((await countsAt(server.endpoint).of(ids)).size).toBe(101);
    expect(calls()).toHaveLength(3);
    expect(await countsAt(server.endpoint).of([])).toEqual(new Map());
    expect(calls()).toHaveLength(3);
  });

  it('need the one action, which can be granted on everything only', async () => {
    const { identities } = foundation;
    const as = (actions: ReadonlyArray<string>) => {
      identities.putRole('narrow', [
        { Version: '1', Statement: [{ Effect: 'Allow', Action: [...actions], Resource: ['*'] }] },
      ]);
      return countsAt(server.endpoint, identities.assumeRole('narrow', 'test', 600_000));
    };

    expect(await as(['cms:DescribeMetricLast']).of(['i-1'])).toEqual(new Map());
    expect((await failureOf(as(['ecs:*']).of(['i-1']))).error).toMatchObject({
      name: 'RejectedError',
      origin: { code: 'Forbidden.RAM' },
    });
  });

  it('fail as a whole when one of the calls does', async () => {
    foundation.faults.inject({
      name: 'throttle',
      match: { product: 'cms' },
      skip: 1,
      times: null,
      effect: { kind: 'error', status: 400, code: 'Throttling.User', message: 'slow down' },
    });
    const ids = Array.from({ length: 51 }, (_, index) => `i-${index}`);

    const { error } = await failureOf(countsAt(server.endpoint).of(ids));

    expect(error).toMatchObject({ name: 'TransientError', reason: 'throttled' });
  });
});

describe('answers that the local clouds do not give', () => {
  const countsFrom = async (...bodies: ReadonlyArray<object>) => {
    const strange = await startMisbehavingServer();
    let next = 0;
    strange.behave((response, request, body) => {
      const reply = bodies[Math.min(next++, bodies.length - 1)];
      answers(200, JSON.stringify({ RequestId: 'R', ...reply }), { 'content-type': 'application/json' })(
        response,
        request,
        body,
      );
    });
    try {
      return await countsAt(strange.endpoint).of(['i-1', 'i-2']);
    } finally {
      await strange.close();
    }
  };
  const sample = (instanceId: string, more: object = {}) => ({
    timestamp: START_MS - 60_000,
    instanceId,
    state: 'ESTABLISHED',
    Maximum: 5,
    ...more,
  });
  const datapoints = (...samples: ReadonlyArray<object>) => ({ Datapoints: JSON.stringify(samples) });

  it('count only samples that are fresh, of the state, and of an instance that was asked for', async () => {
    const counts = await countsFrom(
      datapoints(
        sample('i-1', { state: 'TIME_WAIT', Maximum: 99 }),
        sample('i-1', { state: undefined, Maximum: 98 }),
        sample('i-1', { timestamp: START_MS - 180_001, Maximum: 0 }),
        sample('i-1', { timestamp: START_MS - 120_000, Maximum: 9 }),
        sample('i-1'),
        sample('i-other'),
      ),
    );

    expect(counts).toEqual(new Map([['i-1', { count: 5, sinceMs: START_MS - 120_000 }]]));
  });

  it('are read on all pages, with an end to it', async () => {
    const pages = [{ ...datapoints(sample('i-1')), NextToken: 'more' }, datapoints(sample('i-2'))];
    expect([...(await countsFrom(...pages)).keys()]).toEqual(['i-1', 'i-2']);

    const { error } = await failureOf(countsFrom({ Datapoints: '', NextToken: 'again' }));
    expect(error).toMatchObject({ name: 'TransientError', reason: 'unavailable' });
  });

  it.each([
    [{ Success: false, Code: '404', Message: 'not found' }, { name: 'RejectedError' }],
    [
      { Success: false, Code: 'Throttling.User' },
      { name: 'TransientError', reason: 'throttled' },
    ],
    [
      { Success: false, Code: '500' },
      { name: 'TransientError', reason: 'unavailable' },
    ],
    [{ Datapoints: 'nonsense' }, { name: 'RejectedError' }],
    [datapoints(sample('i-1', { Maximum: 'many' })), { name: 'RejectedError' }],
  ])('say no within a yes: %j', async (body, expected) => {
    expect((await failureOf(countsFrom(body))).error).toMatchObject(expected);
  });
});
