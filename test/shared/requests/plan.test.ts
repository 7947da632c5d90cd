import { describe, expect, it } from 'vitest';
import type { Change } from '../../../shared/requests/document.ts';
import { keyOfRow, type RequestRow } from '../../../shared/requests/model.ts';
import { planRequests, type RequestChange, type RequestsInput } from '../../../shared/requests/plan.ts';
import { NAMED_MAX, portionOf, ROWS_MAX } from '../../../shared/requests/portion.ts';
import type { Known } from '../../../shared/requests/turn.ts';
import { aBinding, NOW_MS } from '../../support/builders.ts';
import { aRequest, aRequester, aRequestRow, CI_KEY, OTHER_KEY, signed } from '../../support/requests.ts';

const HASH = 'ab'.repeat(32);
const PLAN = { steps: [], held: [] };
const KNOWN: Known = {
  hasId: true,
  foreseen: { kind: 'plan', plan: PLAN, hash: HASH },
  isDelivered: false,
  undeliverable: null,
  progress: null,
};
const ALL = new Set(['drain', 'approve', 'set-weight'] as const);
const REQUESTERS = [
  aRequester({ may: ALL }),
  aRequester({
    name: 'ops',
    may: ALL,
    keys: [{ id: 'ops-2026', publicKey: OTHER_KEY.publicKey, fromMs: null, untilMs: null }],
  }),
];

/** A row of a requester's, under an id of its own. */
function row(requestId: string, change: Change, more: Partial<RequestRow> = {}, by = 'ci'): RequestRow {
  const request = aRequest({ requestId, change, requestedBy: by });
  const key = by === 'ci' ? CI_KEY : OTHER_KEY;
  return aRequestRow({ request: signed(request, key, `${by}-2026`), payloadHash: requestId, ...more });
}
const DRAIN: Change = { kind: 'drain', binding: 'web', instances: ['i-1'], for: '2h' };
const WAITING: Partial<RequestRow> = { phase: 'awaiting-approval', plan: PLAN, planHash: HASH };
const approving = (by: string, more: Partial<ReturnType<typeof aRequest>> = {}, planHash = HASH) => {
  const change: Change = { kind: 'approve', binding: 'web', requestId: 'asked', planHash };
  const request = aRequest({ requestId: `yes-${by}`, requestedBy: by, change, ...more });
  const key = by === 'ci' ? CI_KEY : OTHER_KEY;
  return aRequestRow({ request: signed(request, key, `${by}-2026`), payloadHash: `yes-${by}` });
};

const plan = (rows: ReadonlyArray<RequestRow>, overrides: Partial<RequestsInput> = {}) =>
  planRequests({
    rows,
    // An approval has nothing to foresee.
    known: ({ request: { change } }) => (change.kind === 'approve' ? { ...KNOWN, foreseen: null } : KNOWN),
    policy: {
      requests: { areSignaturesRequired: true, requesters: REQUESTERS },
      bindings: [aBinding()],
      pairs: [],
    },
    needsApproval: false,
    nowMs: NOW_MS,
    ...overrides,
  });
const written = (rows: ReadonlyArray<RequestRow>, changes: ReadonlyArray<RequestChange>) => {
  const after = new Map(changes.map((change) => [keyOfRow(change.row).requestId, change.row]));
  return rows.map((each) => after.get(keyOfRow(each).requestId) ?? each);
};

describe('requests that begin in one turn', () => {
  it('begin one after the other, in their order, and after all that began before', () => {
    const before = row('before', DRAIN, { phase: 'in-progress', begunAtMs: NOW_MS + 3 });
    const { changes } = plan([before, row('first', DRAIN), row('second', DRAIN)]);

    expect(changes.map(({ row: { request, begunAtMs } }) => [request.requestId, begunAtMs])).toEqual([
      ['first', NOW_MS + 5],
      ['second', NOW_MS + 7],
    ]);
  });
});

describe('an approval', () => {
  it('is written into the request first, and is done when it is found there', () => {
    const rows = [row('asked', DRAIN, WAITING), approving('ops')];
    const first = plan(rows, { needsApproval: true });
    expect(first.changes).toMatchObject([
      { row: { request: { requestId: 'asked' }, approval: { by: 'ops', requestId: 'yes-ops' } } },
    ]);

    const second = plan(written(rows, first.changes), { needsApproval: true });
    expect(second.changes).toMatchObject([
      { row: { request: { requestId: 'asked' }, begunAtMs: NOW_MS } },
      { row: { request: { requestId: 'yes-ops' }, result: { outcome: 'done' } } },
    ]);
  });

  it('that has overtaken its request in one batch waits until that has its plan', () => {
    const rows = [approving('ops'), row('asked', DRAIN)];
    const first = plan(rows, { needsApproval: true });
    const second = plan(written(rows, first.changes), { needsApproval: true });

    expect(first.changes.map(({ row: { phase } }) => phase)).toEqual(['received', 'awaiting-approval']);
    expect(second.changes).toMatchObject([{ row: { request: { requestId: 'asked' }, approval: {} } }]);
  });

  it.each<[string, ReadonlyArray<RequestRow>, string]>([
    ['by whoever has asked', [row('asked', DRAIN, WAITING), approving('ci')], 'self-approval'],
    ['of another plan', [row('asked', DRAIN, WAITING), approving('ops', {}, 'cd'.repeat(32))], 'stale-plan'],
    ['of nothing', [approving('ops')], 'no-such-request'],
    [
      'of a request whose time has not come',
      [
        aRequestRow({
          request: signed(aRequest({ requestId: 'asked', change: DRAIN, notBefore: '2026-05-09T00:00:00Z' })),
          waitingFor: 'its notBefore',
        }),
        approving('ops'),
      ],
      'no-such-request',
    ],
  ])('%s is refused', (_, rows, code) => {
    expect(plan(rows, { needsApproval: true }).changes).toMatchObject([
      { row: { request: { change: { kind: 'approve' } }, result: { outcome: 'refused', code } } },
    ]);
  });

  it('in a dry run approves nothing', () => {
    const rows = [row('asked', DRAIN, WAITING), approving('ops', { dryRun: true })];

    expect(plan(rows, { needsApproval: true }).changes).toMatchObject([
      { row: { request: { requestId: 'yes-ops' }, result: { outcome: 'foreseen' } } },
    ]);
  });
});

describe('a lane in which everything waits', () => {
  it('is looked at within the hour, since the configuration may be another one by then', () => {
    const early = aRequestRow({
      request: signed(aRequest({ notBefore: '2026-05-09T00:00:00Z' })),
      waitingFor: 'its notBefore',
    });

    expect(plan([early])).toMatchObject({ changes: [], nextLookMs: NOW_MS + 3_600_000 });
  });
});

describe('a thousand requests', () => {
  const many = (count: number, instances: number) =>
    Array.from({ length: count }, (_, index) =>
      row(`r-${index}`, { ...DRAIN, instances: Array.from({ length: instances }, (__, at) => `i-${at}`) }),
    );

  it('are taken in hand a portion at a time, the first ones first', () => {
    const rows = many(1_000, 1);
    const known = (hasId: boolean | null) => ({ known: () => ({ ...KNOWN, hasId, foreseen: null }) });

    expect(portionOf(plan(rows, known(null))).toTake).toEqual(rows.slice(0, ROWS_MAX).map(keyOfRow));
    expect(portionOf(plan(rows, known(true))).toForesee).toEqual(rows.slice(0, ROWS_MAX));
    expect(portionOf(plan(rows)).changes).toHaveLength(ROWS_MAX);
  });

  it('are foreseen for so many instances at a time', () => {
    const unforeseen = { known: () => ({ ...KNOWN, foreseen: null }) };

    expect(portionOf(plan(many(20, 100), unforeseen)).toForesee).toHaveLength(NAMED_MAX / 100);
  });
});
