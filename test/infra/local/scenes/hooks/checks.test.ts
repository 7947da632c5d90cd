import { describe, expect, it } from 'vitest';
import { backendLivesIn } from '../../../../../infra/local/scenes/backend-lives.ts';
import {
  answeredBeforeDrained,
  answeredBeforeServing,
  notAnsweredOnce,
  timeouts,
} from '../../../../../infra/local/scenes/hooks/checks.ts';
import { waitsIn } from '../../../../../infra/local/scenes/hooks/waits.ts';
import type { TimelineEntry } from '../../../../../infra/local/world/timeline.ts';
import { aBinding, GROUP, NOW_MS } from '../../../../support/builders.ts';

const TOKEN = 'A0000000-0000-4000-8000-000000000001';
const ALL_HEALTHY = new Map([[TOKEN, new Set(['i-1:8080', 'i-2:8080'])]]);

/** Entries of a made-up timeline; `atS` counts seconds. */
const ess = (atS: number, kind: string, details: object): TimelineEntry => ({
  atMs: NOW_MS + atS * 1_000,
  source: 'ess',
  kind,
  text: '',
  details: { lifecycleActionToken: TOKEN, ...details },
});
const waiting = (transition: string, instanceIds: ReadonlyArray<string>) =>
  ess(0, 'hook-waiting', { transition, instanceIds });
const completed = (atS: number, end: object = {}) =>
  ess(atS, 'hook-completed', { result: 'CONTINUE', by: 'caller', ...end });
const slb = (atS: number, kind: string, weight: number, serverId = 'i-1'): TimelineEntry => ({
  atMs: NOW_MS + atS * 1_000,
  source: 'slb',
  kind,
  text: '',
  details: { vServerGroupId: GROUP, backends: [{ serverId, port: 8080, weight }] },
});
const call = (token = TOKEN, applied = true) => ({ parameters: { lifecycleActionToken: token }, applied });

describe('notAnsweredOnce', () => {
  const found = (entries: ReadonlyArray<TimelineEntry>, calls = [call()]) =>
    notAnsweredOnce(waitsIn([waiting('SCALE_IN', ['i-1']), ...entries]), calls).problems;

  it.each([
    ['nobody answered', [], [], 'was not answered'],
    ['that ended twice', [completed(1), completed(2)], [call()], 'ended 2 times'],
    ['that timed out', [completed(1, { by: 'timeout' })], [], 'ended by timeout, with 0 calls of ours'],
    ['somebody else answered', [completed(1)], [], 'ended by caller, with 0 calls of ours'],
    ['we answered twice', [completed(1)], [call(), call()], 'was answered with 2 calls'],
    ['that was abandoned', [completed(1, { result: 'ABANDON' })], [call()], 'was answered ABANDON'],
  ])('finds a token %s', (_, entries, calls, problem) => {
    expect(found(entries, calls)).toEqual([`SCALE_IN ${TOKEN} ${problem}`]);
  });

  it('finds an answer that nobody waits for', () => {
    expect(found([completed(1)], [call(), call('B0')])).toEqual(['B0 was answered, which nobody waits for']);
  });

  it('accepts one that was answered once, and counts a refused repeat', () => {
    const waits = waitsIn([waiting('SCALE_IN', ['i-1']), completed(1)]);

    expect(notAnsweredOnce(waits, [call(), call(TOKEN, false)])).toEqual({
      problems: [],
      figures: { tokens: 1, completeLifecycleActionCalls: 2, refused: 1 },
    });
  });
});

describe('answeredBeforeServing', () => {
  const PROVEN = aBinding({ readiness: 'load-balancer' });
  const found = (
    entries: ReadonlyArray<TimelineEntry>,
    { binding = PROVEN, healthy = ALL_HEALTHY as ReadonlyMap<string, ReadonlySet<string>> } = {},
  ) => {
    const told = [waiting('SCALE_OUT', ['i-1']), ...entries, completed(10)];
    return answeredBeforeServing(waitsIn(told), backendLivesIn(told), [binding], healthy);
  };

  it.each([
    ['that came later', [slb(11, 'backends-added', 100)], 'was not there'],
    [
      'that was removed again',
      [slb(1, 'backends-added', 100), slb(2, 'backends-removed', 100)],
      'was not there',
    ],
    ['without weight', [slb(1, 'backends-added', 0)], 'had weight 0'],
    ['that lost its weight', [slb(1, 'backends-added', 100), slb(2, 'weights-set', 0)], 'had weight 0'],
    ['with the weight until ready', [slb(1, 'backends-added', 1)], 'had weight 1'],
    ['whose weight came later', [slb(1, 'backends-added', 1), slb(11, 'weights-set', 100)], 'had weight 1'],
  ])('finds a backend %s', (_, entries, problem) => {
    expect(found(entries).problems).toEqual([`i-1:8080 of ${GROUP} ${problem} when ${TOKEN} was answered`]);
  });

  it('finds one that was not healthy, where that is to be proven', () => {
    const entries = [slb(1, 'backends-added', 100)];
    const healthy = new Map([[TOKEN, new Set(['i-2:8080'])]]);

    expect(found(entries, { healthy }).problems[0]).toContain('was not healthy');
    expect(found(entries, { healthy, binding: aBinding() }).problems).toEqual([]);
  });

  it('finds one that is missing in one of two groups', () => {
    const entries = [waiting('SCALE_OUT', ['i-1']), slb(1, 'backends-added', 100), completed(10)];
    const bindings = [PROVEN, aBinding({ vServerGroupId: 'rsp-bp1other' })];

    const { problems } = answeredBeforeServing(
      waitsIn(entries),
      backendLivesIn(entries),
      bindings,
      ALL_HEALTHY,
    );

    expect(problems).toEqual([`i-1:8080 of rsp-bp1other was not there when ${TOKEN} was answered`]);
  });

  it('accepts a backend that was ready, whatever has become of it since', () => {
    const entries = [slb(1, 'backends-added', 1), slb(9, 'weights-set', 100), slb(11, 'weights-set', 0)];

    expect(found(entries)).toEqual({ problems: [], figures: { instances: 1, backends: 1 } });
  });
});

describe('answeredBeforeDrained', () => {
  const added = slb(-60, 'backends-added', 100);
  const found = (...entries: ReadonlyArray<TimelineEntry>) => {
    const told = [waiting('SCALE_IN', ['i-1']), ...entries, completed(10)];
    const binding = aBinding({ drain: { timeMs: 5_000 } });
    return answeredBeforeDrained(waitsIn(told), backendLivesIn(told), [binding]);
  };

  it.each([
    ['that is there', [added, slb(1, 'weights-set', 0)], 'was still there when'],
    [
      'removed later',
      [added, slb(1, 'weights-set', 0), slb(11, 'backends-removed', 0)],
      'was still there when',
    ],
    ['removed with weight', [added, slb(7, 'backends-removed', 100)], 'was removed with weight'],
    [
      'removed early',
      [added, slb(1, 'weights-set', 0), slb(5, 'backends-removed', 0)],
      'removed 4000 ms after',
    ],
    ['that never was', [], 'had never been there'],
  ])('finds a backend %s', (_, entries, problem) => {
    expect(found(...entries).problems).toEqual([expect.stringContaining(problem)]);
  });

  it('counts the drain from the last time that it had weight', () => {
    const zeroTwice = [added, slb(1, 'weights-set', 0), slb(4, 'weights-set', 100), slb(5, 'weights-set', 0)];

    expect(found(...zeroTwice, slb(9, 'backends-removed', 0)).problems[0]).toContain('4000 ms');
  });

  it('accepts one that was drained, weights of 0 repeated in between, and measures it', () => {
    const drained = [
      added,
      slb(1, 'weights-set', 0),
      slb(3, 'weights-set', 0),
      slb(7, 'backends-removed', 0),
    ];

    expect(found(...drained)).toEqual({
      problems: [],
      figures: { instances: 1, backends: 1, shortestDrainMs: 6_000 },
    });
  });
});

describe('timeouts', () => {
  it('finds what Auto Scaling ended itself', () => {
    const waits = waitsIn([
      waiting('SCALE_OUT', ['i-1']),
      completed(600, { by: 'timeout', result: 'ABANDON' }),
    ]);

    expect(timeouts(waits, 2)).toEqual({
      problems: [`SCALE_OUT ${TOKEN} timed out`],
      figures: { timeouts: 1, heartbeatCalls: 2 },
    });
  });
});
