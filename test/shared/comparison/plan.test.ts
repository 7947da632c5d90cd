import { describe, expect, it } from 'vitest';
import type { Signal } from '../../../shared/acceptance/model.ts';
import { isForgotten, missingMembers } from '../../../shared/comparison/plan.ts';
import { type LaneRow, NO_NOTES } from '../../../shared/lanes/model.ts';
import { aBinding, anInstance, anInterface, aRow, aSignal, LB, NOW_MS } from '../../support/builders.ts';

const MINUTE_MS = 60_000;

describe('missing members', () => {
  const bindings = [
    aBinding({
      ports: [
        { port: 8080, weight: 100 },
        { port: 9090, weight: 50 },
      ],
    }),
  ];
  const missing = (...parameters: Parameters<typeof missingMembers>) =>
    missingMembers(...parameters).map(({ instanceId, news }) => [instanceId, news]);

  it('are Running, selected and without a record on at least one port', () => {
    const rows = [aRow('i-both'), aRow('i-both', { port: 9090 }), aRow('i-one')];
    const instances = ['i-both', 'i-one', 'i-none'].map((id) => anInstance(id));

    expect(missing(bindings, instances, rows, [], NOW_MS)).toEqual([
      ['i-one', { kind: 'state', state: 'Running' }],
      ['i-none', { kind: 'state', state: 'Running' }],
    ]);
  });

  it('are neither those that do not run nor those that nobody selects', () => {
    const instances = [
      anInstance('i-starting', { status: 'Starting' }),
      anInstance('i-stopped', { status: 'Stopped' }),
      anInstance('i-other', { tags: { role: 'db' } }),
    ];

    expect(missing(bindings, instances, [], [], NOW_MS)).toEqual([]);
  });

  it('are wanted on every address of a network interface that the binding has it serve under', () => {
    const addresses = ['10.0.0.1', '10.0.0.2'];
    const instances = [anInterface('eni-1', addresses), anInterface('eni-2', addresses)];
    const rows = ['eni-1', 'eni-2'].map((id) => aRow(id, { serverIp: '10.0.0.1' }));
    const ofAll = [aBinding({ type: 'eni', addresses: 'all' })];
    const ofPrimary = [aBinding({ type: 'eni', addresses: 'primary' })];

    expect(missing(ofAll, instances, [...rows, aRow('eni-2', { serverIp: '10.0.0.2' })], [], NOW_MS)).toEqual(
      [['eni-1', { kind: 'state', state: 'Running' }]],
    );
    expect(missing(ofPrimary, instances, rows, [], NOW_MS)).toEqual([]);
  });

  it('keep their key from one comparison to the next, so that a lane is told once', () => {
    const [first] = missingMembers(bindings, [anInstance('i-1')], [], [], NOW_MS);
    const [again] = missingMembers(bindings, [anInstance('i-1')], [], [], NOW_MS + MINUTE_MS);

    expect(again?.key).toBe(first?.key);
  });
});

describe('a forgotten signal', () => {
  const lane = (overrides: Partial<LaneRow>): LaneRow => ({
    laneId: LB,
    owner: null,
    leaseUntilMs: 0,
    fence: 1,
    dirty: 1,
    handled: 1,
    nextWakeUpMs: null,
    notes: NO_NOTES,
    ...overrides,
  });
  const fromMs = NOW_MS + 60 * MINUTE_MS;
  const news = {
    kind: 'leave',
    cause: 'maintenance',
    ref: 'e-1',
    deadlineAtMs: null,
    untilMs: null,
  } as const;
  const waiting: Signal = aSignal('i-1', 'Running', { news: { ...news, fromMs } });
  const stopped = aSignal('i-2', 'Stopped');
  const lifted = aSignal('i-3', 'Running', {
    news: {
      kind: 'lift-guard',
      ref: 'r-1',
      guard: 'unsure',
      untilMs: fromMs,
      scope: { binding: 'web', ports: null },
    },
  });

  it.each([
    ['any in a lane that nobody is going to look at', [stopped], {}, true],
    ['none where the lane is due', [stopped], { dirty: 2 }, false],
    ['none in an empty inbox', [], {}, false],
    ['none that waits for its time, and is looked at then', [waiting], { nextWakeUpMs: fromMs }, false],
    ['none that waits, where the lane is looked at before', [waiting], { nextWakeUpMs: fromMs - 1 }, false],
    ['none that lifts a guard until it is used', [lifted], { nextWakeUpMs: fromMs }, false],
    ['one that lifts a guard, where nobody looks at the lane', [lifted], {}, true],
    ['one that waits, where the lane is looked at too late', [waiting], { nextWakeUpMs: fromMs + 1 }, true],
    ['one that waits, where nobody looks at the lane', [waiting], {}, true],
    ['one beside another that waits', [waiting, stopped], { nextWakeUpMs: fromMs }, true],
    [
      'one whose time has passed',
      [aSignal('i-1', 'Running', { news: { ...news, fromMs: NOW_MS } })],
      { nextWakeUpMs: fromMs },
      true,
    ],
  ])('is %s', (_what, inbox, overrides, isOne) => {
    expect(isForgotten(lane(overrides), inbox, NOW_MS)).toBe(isOne);
  });
});
