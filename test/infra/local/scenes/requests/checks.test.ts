import { describe, expect, it } from 'vitest';
import type { BackendLife } from '../../../../../infra/local/scenes/backend-lives.ts';
import {
  answeredOtherwise,
  differentTexts,
  drainedOtherwise,
  drainFigures,
  plannedOtherwise,
  unknownCalls,
} from '../../../../../infra/local/scenes/requests/checks.ts';
import type { ReceivedResult } from '../../../../../infra/local/scenes/requests/desk.ts';

function aResult(overrides: Partial<ReceivedResult> = {}): ReceivedResult {
  return {
    resultId: 'a',
    requestId: 'r-1',
    outcome: 'done',
    code: null,
    reason: '1 backend is out',
    planHash: null,
    text: '{}',
    ...overrides,
  };
}

describe('answeredOtherwise', () => {
  it('finds no result, more than one, and another than expected', () => {
    const refused = aResult({ outcome: 'refused', code: 'expired', reason: 'too late' });

    expect(answeredOtherwise([], { outcome: 'done' })).toEqual(['there is no result']);
    expect(answeredOtherwise([aResult(), aResult()], { outcome: 'done' })).toEqual(['there are 2 results']);
    expect(answeredOtherwise([refused], { outcome: 'done', code: null })).toEqual([
      'outcome is refused and not done: too late',
      'code is expired and not null: too late',
    ]);
  });

  it('accepts what was expected, and looks at nothing else', () => {
    expect(answeredOtherwise([aResult()], { outcome: 'done', code: null })).toEqual([]);
  });
});

describe('differentTexts', () => {
  it('finds a copy that says something else', () => {
    const { problems, figures } = differentTexts([
      aResult(),
      aResult({ resultId: 'b', text: '{"other":1}' }),
      aResult({ text: '{"forged":1}' }),
    ]);

    expect(problems).toEqual(['a copy of the result of r-1 says something else']);
    expect(figures).toEqual({ results: 3, different: 2 });
  });
});

describe('plannedOtherwise', () => {
  const step = (action: string, backend: string) => ({ action, subject: `rsp-1/${backend}` });

  it('finds steps that are missing, too many or held', () => {
    const plan = {
      steps: [step('set-weight', 'i-1:80'), step('remove', 'i-2:80')],
      held: ['rsp-1/i-1:80: min-in-service'],
    };

    expect(plannedOtherwise(plan, 'rsp-1', ['i-1:80']).problems).toEqual([
      'remove rsp-1/i-2:80 is in the plan',
      'remove rsp-1/i-1:80 is not in the plan',
      'held: rsp-1/i-1:80: min-in-service',
    ]);
  });

  it('finds everything missing where there is no plan', () => {
    expect(plannedOtherwise(null, 'rsp-1', ['i-1:80']).problems).toHaveLength(2);
  });
});

describe('drainedOtherwise', () => {
  const TERMS = { begunAtMs: 1_000, forMs: 12_000, drainMs: 3_000, ramp: [10, 100] };
  const life = (weights: ReadonlyArray<[number, number]>, removedAtMs: number | null): BackendLife => ({
    vServerGroupId: 'rsp-1',
    serverId: 'i-1',
    port: 80,
    weights: weights.map(([atMs, weight]) => ({ atMs, weight })),
    removedAtMs,
  });
  const out = life(
    [
      [0, 100],
      [1_200, 0],
    ],
    4_200,
  );
  const back = life(
    [
      [13_000, 10],
      [14_000, 100],
    ],
    null,
  );

  it('accepts one that went by the drain time, and came back when its time was up', () => {
    expect(drainedOtherwise('i-1:80', [out, back], TERMS)).toEqual([]);
    expect(drainFigures([out, back], 12_500)).toEqual({ shortestDrainMs: 3_000, lastBackLateMs: 500 });
  });

  it.each<[string, ReadonlyArray<BackendLife>, string]>([
    ['is still out', [out], 'i-1:80 did not come back'],
    ['went twice', [out, out, back], 'i-1:80 went 3 times'],
    ['was removed with weight', [life([[0, 100]], 4_200), back], 'i-1:80 was removed with weight'],
    ['was removed too early', [{ ...out, removedAtMs: 4_199 }, back], 'i-1:80 was removed after 2999 ms'],
    [
      'was back too early',
      [
        out,
        life(
          [
            [12_999, 10],
            [14_000, 100],
          ],
          null,
        ),
      ],
      'i-1:80 was back 1 ms before its time was up',
    ],
    ['skipped its ramp', [out, life([[13_000, 100]], null)], 'i-1:80 came back at 100'],
  ])('finds one that %s', (_, lives, problem) => {
    expect(drainedOtherwise('i-1:80', lives, TERMS)).toEqual([problem]);
  });
});

describe('unknownCalls', () => {
  it('finds a call that nobody has made, and a result that names none', () => {
    const result = { calls: [{ requestIds: ['A', 'B'] }] };

    expect(unknownCalls(result, new Set(['A']))).toEqual({
      problems: ['nobody has made the call B'],
      figures: { calls: 2 },
    });
    expect(unknownCalls({}, new Set()).problems).toEqual(['it names no call']);
  });
});
