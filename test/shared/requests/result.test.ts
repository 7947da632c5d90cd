import { describe, expect, it } from 'vitest';
import type { PlannedStep, RequestResult } from '../../../shared/requests/model.ts';
import { approvalText, quarantineText, resultText } from '../../../shared/requests/result.ts';
import { NOW_MS } from '../../support/builders.ts';
import { aBegunRow, aRequestRow } from '../../support/requests.ts';

const step = (index: number): PlannedStep => ({
  subject: `rsp-bp1web000001/i-bp1${index}:8080`,
  action: 'set-weight',
  to: 'weight 0',
});
const aResult = (overrides: Partial<RequestResult> = {}): RequestResult => ({
  outcome: 'done',
  code: null,
  reason: '1 backend is out',
  plan: { steps: [step(1)], held: [] },
  planHash: 'ab'.repeat(32),
  expectedPlan: null,
  calls: [
    {
      atMs: NOW_MS + 1_000,
      action: 'weight-set',
      subject: 'backend:x',
      reason: 'a change request takes it out',
      requestIds: ['R-1'],
    },
  ],
  endedAtMs: NOW_MS + 2_000,
  ...overrides,
});
const ended = (result: RequestResult) => aBegunRow(undefined, { phase: 'ended', result });
const read = (text: string) => JSON.parse(text) as Record<string, unknown>;

describe('a result', () => {
  it('tells what came of it, with times in UTC', () => {
    expect(read(resultText(ended(aResult())))).toMatchObject({
      kind: 'slb-autopilot/change-result',
      version: 1,
      requestId: 'deploy-4711',
      outcome: 'done',
      isWhole: true,
      begunAt: '2026-04-09T04:18:26.000Z',
      endedAt: '2026-04-09T04:18:28.000Z',
      calls: [{ at: '2026-04-09T04:18:27.000Z', requestIds: ['R-1'] }],
    });
  });

  it('is the same text at every repeat, and has another id for another content', () => {
    const other = { ...ended(aResult()), payloadHash: 'b'.repeat(64) };

    expect(resultText(ended(aResult()))).toBe(resultText(ended(aResult())));
    expect(read(resultText(other)).resultId).not.toBe(read(resultText(ended(aResult()))).resultId);
  });

  it('that is too large for a message comes without plan and calls, and says so', () => {
    const plan = { steps: Array.from({ length: 1_000 }, (_, index) => step(index)), held: [] };
    const text = resultText(ended(aResult({ plan })));

    expect(Buffer.byteLength(text)).toBeLessThan(2_000);
    expect(read(text)).toMatchObject({ isWhole: false, outcome: 'done', planHash: 'ab'.repeat(32) });
    expect(read(text)).not.toHaveProperty('plan');
  });

  it('does not exist before the end', () => {
    expect(() => resultText(aRequestRow())).toThrow(RangeError);
  });
});

describe('what is told before, or instead', () => {
  it('that an approval is awaited has an id of its own', () => {
    const waiting = aRequestRow({ phase: 'awaiting-approval', planHash: 'ab'.repeat(32) });
    const { resultId, ...told } = read(approvalText(waiting));

    expect(told).toMatchObject({ outcome: 'awaiting-approval', planHash: 'ab'.repeat(32) });
    expect(resultId).not.toBe(read(resultText(ended(aResult()))).resultId);
  });

  it('that a message went to quarantine names where it is', () => {
    expect(read(quarantineText('quarantine:abc', null, 'not JSON'))).toMatchObject({
      requestId: null,
      outcome: 'quarantined',
      quarantineKey: 'quarantine:abc',
    });
  });
});
