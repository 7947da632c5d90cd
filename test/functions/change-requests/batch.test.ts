import { afterEach, describe, expect, it } from 'vitest';
import type { Change, ChangeRequest } from '../../../shared/requests/document.ts';
import type { VirtualStage } from '../../bench/virtual/stage.ts';
import { WriteCounter, type WriteCounts } from '../../bench/virtual/write-counter.ts';
import { aRequest, signed } from '../../support/requests.ts';
import { put, type ResultMessage, setRequestStage, takeResults, weightOf } from './virtual.ts';

/**
 * Goal: a batch in which every tenth message is bad, each in its own way, costs the good ones nothing, and neither does a
 * repeat of all of it. Method: the same hundred messages once, and three times in a row: while they are new, while they are
 * being carried out, and when all is over.
 */
const DRAINS = 30;
const WEIGHTS = 60;

let stages: Array<VirtualStage> = [];
afterEach(async () => {
  await Promise.all(stages.map((stage) => stage.close()));
  stages = [];
});

/** Ninety that can be done, of as many instances, and among them ten that cannot. */
function hundred(ids: ReadonlyArray<string>): ReadonlyArray<ChangeRequest | string> {
  const good = ids.slice(0, DRAINS + WEIGHTS).map((id, index) => ask(`good-${index}`, goodChange(id, index)));
  const [first = '', second = ''] = ids;
  const some: Drain = { kind: 'drain', binding: 'web', instances: [second], for: '1h' };
  const bad: ReadonlyArray<ChangeRequest | string> = [
    'drain everything, please',
    JSON.stringify({ ...ask('bad-member', some), urgent: true }),
    JSON.stringify({ ...ask('bad-size', some), reason: 'x'.repeat(48 * 1024) }),
    aRequest({ requestId: 'bad-unsigned', change: some }),
    { ...ask('bad-altered', some), reason: 'something else' },
    ask('bad-right', { kind: 'promote', pair: 'orders-db' }),
    ask('bad-time', some, { notAfter: '2020-01-01T00:00:00Z' }),
    ask('bad-target', { ...some, binding: 'nothing' }),
    ask('bad-stranger', { ...some, instances: ['i-stranger'] }),
    ask('good-0', { ...some, instances: [first], for: '3h' }),
  ];
  return good.flatMap((request, index) => {
    const one = index % 9 === 8 ? bad[Math.floor(index / 9)] : undefined;
    return one === undefined ? [request] : [request, one];
  });
}

type Drain = Extract<Change, { kind: 'drain' }>;

function goodChange(id: string, index: number): Change {
  if (index < DRAINS) return { kind: 'drain', binding: 'web', instances: [id], for: '2h' };
  return { kind: 'set-weight', binding: 'web', instances: [id], weight: 10 + index, for: '2h' };
}

function ask(requestId: string, change: Change, overrides: Partial<ChangeRequest> = {}): ChangeRequest {
  return signed(aRequest({ requestId, change, ...overrides }));
}

/** Delivers the hundred so often, and waits until nothing more can come of them. */
async function play(times: number): Promise<Played> {
  const deliveries: Array<number> = [];
  const { stage, ids } = await setRequestStage(
    DRAINS + WEIGHTS + 5,
    { guards: { maxDisruption: 50 } },
    (codeName, events) => {
      if (codeName === 'change-requests') deliveries.push(events.length);
    },
  );
  stages.push(stage);
  const counter = new WriteCounter(stage.clouds);
  for (const waitMs of [1_500, 120_000, 60_000].slice(0, times)) {
    put(stage, ...hundred(ids));
    await stage.pass(waitMs);
  }
  await stage.pass(240_000);
  return { stage, ids, deliveries, results: await takeResults(stage), writes: counter.take() };
}

interface Played {
  readonly stage: VirtualStage;
  readonly ids: ReadonlyArray<string>;
  readonly deliveries: ReadonlyArray<number>;
  readonly results: ReadonlyArray<ResultMessage>;
  readonly writes: WriteCounts;
}

/** What the ten come to, by their ids: `null` = it does not say which it is. */
const ENDS: ReadonlyArray<
  readonly [requestId: string | null, outcome: string, code: string, reason: RegExp]
> = [
  [null, 'quarantined', 'quarantined', /^neither JSON nor/],
  ['bad-member', 'quarantined', 'quarantined', /no such member: "urgent"/],
  ['bad-size', 'quarantined', 'quarantined', /has \d+ bytes, at most 49152 are allowed/],
  ['bad-unsigned', 'refused', 'unsigned', /is not signed/],
  ['bad-altered', 'refused', 'bad-signature', /does not belong to what it says/],
  ['bad-right', 'refused', 'right-not-held', /may not ask for promote/],
  ['bad-time', 'refused', 'expired', /2020-01-01/],
  ['bad-target', 'refused', 'unknown-target', /no binding is called nothing/],
  ['bad-stranger', 'refused', 'not-a-member', /i-stranger/],
  ['good-0', 'refused', 'reused-id', /was used before/],
];

describe('a hundred messages in one batch, ten of them bad, delivered three times', () => {
  it('end as each of them must, with one text each, for the writes of one delivery', async () => {
    const once = await play(1);
    const thrice = await play(3);
    const { stage, ids, deliveries, results, writes } = thrice;

    expect(deliveries).toEqual([100, 100, 100]);
    const each = [...new Map(results.map((result) => [result.resultId, result])).values()];
    expect(each).toHaveLength(DRAINS + WEIGHTS + ENDS.length);
    expect(new Set(results.map(({ text }) => text)).size).toBe(each.length);
    // The third delivery came when all had ended, so it has answered each of them once more.
    expect(results.length).toBeGreaterThanOrEqual(once.results.length * 2);

    const done = each.filter(({ outcome }) => outcome === 'done').map(({ requestId }) => requestId);
    expect(done.sort()).toEqual(
      ids
        .slice(0, DRAINS + WEIGHTS)
        .map((_, index) => `good-${index}`)
        .sort(),
    );
    const ends = each.filter(({ outcome }) => outcome !== 'done');
    expect(ends).toHaveLength(ENDS.length);
    for (const [requestId, outcome, code, reason] of ENDS) {
      const [end, ...others] = ends.filter((result) => result.requestId === requestId);
      expect(others).toEqual([]);
      expect(end).toMatchObject({ outcome, code, reason: expect.stringMatching(reason) });
    }
    expect(new Set(ends.map(({ reason }) => reason)).size).toBe(ENDS.length);

    expect(writes.byApi).toEqual({ SetVServerGroupAttribute: 5, RemoveVServerGroupBackendServers: 2 });
    expect(writes.sent).toBe(once.writes.sent);
    expect(ids.map((id) => weightOf(stage, id))).toEqual(
      ids.map((_, index) => (index < DRAINS ? null : index < DRAINS + WEIGHTS ? 10 + index : 100)),
    );
  });
});
