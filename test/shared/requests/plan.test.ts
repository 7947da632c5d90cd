import { describe, expect, it } from 'vitest';
import { keyOfRow, type RequestRow, receivedRow, requestLaneId } from '../../../shared/requests/model.ts';
import { planRequests } from '../../../shared/requests/plan.ts';
import type { Known } from '../../../shared/requests/turn.ts';
import { aBinding, NOW_MS } from '../../support/builders.ts';
import { aRequest, aRequester, aRequestRow, CI_KEY, OTHER_KEY, signed } from '../../support/requests.ts';

const HASH = 'b'.repeat(64);
const DAY_MS = 24 * 3_600_000;
const policy = {
  requests: {
    areSignaturesRequired: true,
    requesters: [
      aRequester(),
      aRequester({
        name: 'ops',
        keys: [{ id: 'ops-2026', publicKey: OTHER_KEY.publicKey, fromMs: null, untilMs: null }],
        may: new Set(['approve']),
      }),
    ],
  },
  bindings: [aBinding()],
  pairs: [],
};
const known: Known = {
  hasId: true,
  foreseen: null,
  isDelivered: false,
  undeliverable: null,
  progress: null,
};

/** A drain of `ci` that waits for somebody to approve its plan. */
const awaiting = (overrides: Partial<RequestRow> = {}) =>
  aRequestRow({
    request: signed(aRequest(), CI_KEY),
    phase: 'awaiting-approval',
    planHash: HASH,
    ...overrides,
  });

/** The approval of that plan by `ops`. */
const yes = receivedRow(
  requestLaneId('binding', 'web'),
  signed(
    aRequest({
      requestId: 'yes',
      requestedBy: 'ops',
      change: { kind: 'approve', binding: 'web', requestId: 'deploy-4711', planHash: HASH },
    }),
    OTHER_KEY,
    'ops-2026',
  ),
  'c'.repeat(64),
  NOW_MS,
);

function plan(rows: ReadonlyArray<RequestRow>, nowMs = NOW_MS) {
  return planRequests({ rows, known: () => known, policy, needsApproval: true, nowMs });
}

const resultsIn = ({ changes }: ReturnType<typeof plan>) =>
  changes.map(({ row: { request, phase, result } }) => [request.requestId, phase, result?.code]);

describe('an approval', () => {
  it('ends with what it approves, and that one goes on', () => {
    const { changes } = plan([awaiting(), yes]);

    expect(changes.map(({ row }) => [row.request.requestId, row.phase, row.approval?.by])).toEqual([
      ['deploy-4711', 'awaiting-approval', 'ops'],
      ['yes', 'ended', undefined],
    ]);
  });

  it('waits for the plan of a request that has none yet: whoever was to write it has died', () => {
    const asked = awaiting({ phase: 'received', planHash: null });

    const { changes, toForesee } = plan([asked, yes]);

    expect(toForesee.map(keyOfRow)).toEqual([keyOfRow(asked)]);
    expect(changes.filter(({ row }) => row.phase === 'ended')).toEqual([]);
  });

  it('does not wait for a plan longer than a day', () => {
    const laterMs = NOW_MS + DAY_MS;
    const asked = awaiting({ phase: 'received', planHash: null, notBeforeMs: laterMs + 1 });

    expect(resultsIn(plan([asked, yes], laterMs))).toEqual([['yes', 'ended', 'expired']]);
  });

  it('that is written already is done, although its own end was not written with it', () => {
    const approved = awaiting({ approval: { by: 'ops', requestId: 'yes', atMs: NOW_MS } });

    expect(resultsIn(plan([approved, yes]))).toContainEqual(['yes', 'ended', null]);
  });

  it('of what nobody has asked for is refused', () => {
    expect(resultsIn(plan([yes]))).toEqual([['yes', 'ended', 'no-such-request']]);
  });

  it('of a request that has begun, or has been approved by somebody else, is refused', () => {
    const begun = awaiting({ phase: 'in-progress', begunAtMs: NOW_MS });
    const others = awaiting({ approval: { by: 'ops', requestId: 'another', atMs: NOW_MS } });

    for (const row of [begun, others]) {
      expect(resultsIn(plan([row, yes]))).toContainEqual(['yes', 'ended', 'no-such-request']);
    }
  });
});
