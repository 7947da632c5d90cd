import { describe, expect, it } from 'vitest';
import type { RequestRow } from '../../../shared/requests/model.ts';
import { type Known, type TurnTarget, turnOf } from '../../../shared/requests/turn.ts';
import { aBinding, NOW_MS } from '../../support/builders.ts';
import { aBegunRow, aRequest, aRequester, aRequestRow, signed } from '../../support/requests.ts';

const HOUR_MS = 3_600_000;
const HASH = 'ab'.repeat(32);
const PLAN = { steps: [{ subject: 'rsp/i:80', action: 'set-weight', to: 'weight 0' }], held: [] } as const;
const POLICY = {
  requests: { areSignaturesRequired: true, requesters: [aRequester()] },
  bindings: [aBinding()],
  pairs: [],
};
const NOTHING_KNOWN: Known = {
  hasId: null,
  foreseen: null,
  isDelivered: false,
  undeliverable: null,
  progress: null,
};
const FORESEEN: Partial<Known> = { hasId: true, foreseen: { kind: 'plan', plan: PLAN, hash: HASH } };

const aSignedRow = (request: Parameters<typeof aRequest>[0] = {}, row: Partial<RequestRow> = {}) =>
  aRequestRow({ request: signed(aRequest(request)), ...row });
const turn = (
  row: RequestRow,
  known: Partial<Known> = {},
  target: Partial<TurnTarget> = {},
  nowMs = NOW_MS,
  policy = POLICY,
) =>
  turnOf(
    row,
    { ...NOTHING_KNOWN, ...known },
    policy,
    { needsApproval: false, endsAtMs: null, beginsAtMs: nowMs, ...target },
    nowMs,
  );
const ending = (outcome: string, code: string | null) => ({
  kind: 'change',
  row: { phase: 'ended', result: { outcome, code } },
});

describe('a request that has come', () => {
  it('takes its id, then has its plan foreseen, then begins', () => {
    expect(turn(aSignedRow())).toEqual({ kind: 'need', what: 'id' });
    expect(turn(aSignedRow(), { hasId: true })).toEqual({ kind: 'need', what: 'foresight' });
    expect(turn(aSignedRow(), FORESEEN, { beginsAtMs: NOW_MS + 4 })).toMatchObject({
      kind: 'change',
      row: { begunAtMs: NOW_MS + 4, planHash: HASH, phase: 'received' },
      action: 'request-begun',
    });
  });

  it.each<[string, ReturnType<typeof turn>, string]>([
    ['whose id was another’s', turn(aSignedRow(), { hasId: false }), 'reused-id'],
    [
      'whose requester has left the configuration',
      turn(aSignedRow(), FORESEEN, {}, NOW_MS, {
        ...POLICY,
        requests: { areSignaturesRequired: true, requesters: [] },
      }),
      'bad-signature',
    ],
    [
      'whose binding has left the configuration',
      turn(aSignedRow(), {}, {}, NOW_MS, { ...POLICY, bindings: [] }),
      'unknown-target',
    ],
    ['that expects another plan', turn(aSignedRow({ planHash: 'cd'.repeat(32) }), FORESEEN), 'stale-plan'],
    [
      'that asks for what cannot be',
      turn(aSignedRow(), {
        hasId: true,
        foreseen: { kind: 'impossible', code: 'not-a-member', reason: 'i-x' },
      }),
      'not-a-member',
    ],
  ])('%s is refused', (_, result, code) => {
    expect(result).toMatchObject(ending('refused', code));
  });

  it('waits for its time, and says so once', () => {
    const early = aSignedRow({ notBefore: '2026-05-09T00:00:00Z' });
    const said = turn(early, { hasId: true });

    expect(said).toMatchObject({ kind: 'change', row: { waitingFor: 'its notBefore' } });
    expect(turn({ ...early, waitingFor: 'its notBefore' }, { hasId: true })).toEqual({
      kind: 'wait',
      untilMs: Date.parse('2026-05-09T00:00:00Z'),
      reason: 'its notBefore',
    });
  });

  it('does nothing in a dry run', () => {
    expect(turn(aSignedRow({ dryRun: true }), FORESEEN, { needsApproval: true })).toMatchObject({
      ...ending('foreseen', null),
      row: { begunAtMs: null, result: { plan: PLAN, planHash: HASH } },
    });
  });

  it('that cannot be foreseen is looked at ever more seldom, and refused after half an hour', () => {
    const known: Partial<Known> = { hasId: true, foreseen: { kind: 'failed', reason: 'SLB is busy' } };

    expect(turn(aSignedRow(), known)).toMatchObject({
      row: { failures: 1, notBeforeMs: NOW_MS + 2_000, waitingFor: 'SLB is busy' },
    });
    expect(turn(aSignedRow({}, { failures: 29 }), known)).toMatchObject({
      row: { failures: 30, notBeforeMs: NOW_MS + 60_000 },
    });
    expect(turn(aSignedRow({}, { failures: 30 }), known)).toMatchObject(ending('refused', 'timed-out'));
    expect(turn(aSignedRow({}, { notBeforeMs: NOW_MS + 1 }), known)).toMatchObject({ kind: 'wait' });
  });
});

describe('a request that has to be approved', () => {
  const waiting = aSignedRow(
    {},
    { phase: 'awaiting-approval', plan: PLAN, planHash: HASH, waitingFor: 'the approval of somebody else' },
  );
  const approved = {
    ...waiting,
    waitingFor: null,
    approval: { by: 'ops', requestId: 'a-1', atMs: NOW_MS },
  };

  it('waits with its plan', () => {
    expect(turn(aSignedRow({}, { failures: 3 }), FORESEEN, { needsApproval: true })).toMatchObject({
      row: { phase: 'awaiting-approval', plan: PLAN, planHash: HASH, begunAtMs: null, failures: 0 },
      action: 'request-planned',
    });
    expect(turn(waiting, { hasId: true }, { needsApproval: true })).toMatchObject({
      kind: 'wait',
      untilMs: NOW_MS + 24 * HOUR_MS,
    });
  });

  it('begins with the plan that was approved, and with no other', () => {
    expect(turn(approved, FORESEEN, { needsApproval: true })).toMatchObject({ action: 'request-begun' });
    const moved: Partial<Known> = {
      hasId: true,
      foreseen: { kind: 'plan', plan: { steps: [], held: [] }, hash: 'ef'.repeat(32) },
    };
    expect(turn(approved, moved, { needsApproval: true })).toMatchObject({
      row: {
        result: {
          outcome: 'refused',
          code: 'stale-plan',
          expectedPlan: PLAN,
          plan: { steps: [], held: [] },
        },
      },
    });
  });

  it('is refused after a day, or when its own time is over', () => {
    const late = NOW_MS + 24 * HOUR_MS;
    expect(turn(waiting, { hasId: true }, { needsApproval: true }, late)).toMatchObject(
      ending('refused', 'expired'),
    );
    const short = { ...waiting, request: signed(aRequest({ notAfter: '2026-04-09T05:00:00Z' })) };
    expect(turn(short, { hasId: true }, { needsApproval: true })).toMatchObject({
      untilMs: Date.parse('2026-04-09T05:00:00Z'),
    });
    expect(turn(short, { hasId: true }, {}, Date.parse('2026-04-09T05:00:00Z'))).toMatchObject(
      ending('refused', 'expired'),
    );
  });
});

describe('a request that has begun', () => {
  const undelivered = aBegunRow(undefined, { phase: 'received' });

  it('is delivered whatever has been configured since, unless its target is gone', () => {
    expect(turn(undelivered)).toEqual({ kind: 'need', what: 'delivery' });
    expect(turn(undelivered, { isDelivered: true })).toMatchObject({ row: { phase: 'in-progress' } });
    expect(turn(undelivered, { undeliverable: 'no binding' })).toMatchObject(ending('refused', 'declined'));
  });

  const waitingFor = (reason: string, isHeld = false): Partial<Known> => ({
    progress: { kind: 'waiting', reason, isHeld },
  });

  it('is done when it is in force', () => {
    const progress = { kind: 'in-force', text: '1 backend is out' } as const;
    expect(turn(aBegunRow(), { progress })).toMatchObject(ending('done', null));
  });

  it('is looked at soon at first and then every half minute', () => {
    const row = aBegunRow(undefined, { waitingFor: 'the lane' });
    const next = (afterMs: number) =>
      turn(row, waitingFor('the lane'), { endsAtMs: NOW_MS + HOUR_MS }, NOW_MS + afterMs);

    expect(next(0)).toMatchObject({ untilMs: NOW_MS + 2_000 });
    expect(next(30_000)).toMatchObject({ untilMs: NOW_MS + 40_000 });
    expect(next(1_800_000)).toMatchObject({ untilMs: NOW_MS + 1_830_000 });
  });

  it('has failed when it is held until its end, and tells by what', () => {
    const endsAtMs = NOW_MS + HOUR_MS;
    expect(turn(aBegunRow(), waitingFor('minInService', true), { endsAtMs }, endsAtMs)).toMatchObject({
      row: { result: { outcome: 'failed', code: 'held', reason: expect.stringContaining('minInService') } },
    });
    expect(turn(aBegunRow(), waitingFor('the lane'), { endsAtMs }, endsAtMs)).toMatchObject(
      ending('failed', 'timed-out'),
    );
  });

  it('was not superseded when the engine has forgotten it at its own end', () => {
    const endsAtMs = NOW_MS + HOUR_MS;
    const lost = { progress: { kind: 'lost', reason: 'another request' } } as const;
    const row = aBegunRow(undefined, { waitingFor: 'minInService' });

    expect(turn(row, lost, { endsAtMs }, endsAtMs)).toMatchObject({
      row: { result: { code: 'timed-out', reason: expect.stringContaining('minInService') } },
    });
    expect(turn(row, lost, { endsAtMs }, endsAtMs - 1)).toMatchObject(ending('failed', 'superseded'));
  });

  it('that has no end of its own is given up after an hour, and says that it still stands', () => {
    const row = aBegunRow({ kind: 'remove', binding: 'web', instances: ['i-bp1a'] });

    expect(turn(row, waitingFor('the lane'), {}, NOW_MS + HOUR_MS)).toMatchObject({
      row: { result: { code: 'timed-out', reason: expect.stringContaining('still stands') } },
    });
  });

  it('that has ended is answered, whatever else is known', () => {
    expect(turn(aBegunRow(undefined, { phase: 'ended' }))).toEqual({ kind: 'answer' });
  });
});
