import { describe, expect, it } from 'vitest';
import type { BackendChange } from '../../../../shared/requests/document.ts';
import { begunChange, entriesOf, isAboutBackend } from '../../../../shared/requests/effects/backends.ts';
import { progressOfBackends } from '../../../../shared/requests/effects/backends-progress.ts';
import type { BackendRow } from '../../../../shared/server-groups/backend/record.ts';
import { aBinding, aRow, LB, NOW_MS } from '../../../support/builders.ts';
import { aBegunRow } from '../../../support/requests.ts';

const ALL = { binding: 'web', instances: 'all', for: '1h' } as const;
const WEIGHT: BackendChange = { kind: 'set-weight', ...ALL, weight: 20 };
const BY_TYPE: BackendChange = {
  kind: 'set-weight',
  ...ALL,
  weights: [
    { instance: 'i-1', weight: 5 },
    { instanceType: 'ecs.g7.large', weight: 50 },
    { zone: 'cn-hangzhou-i', weight: 20 },
  ],
};
const RELEASE: BackendChange = { kind: 'release-override', binding: 'web', instances: 'all' };

function begun(change: BackendChange) {
  const found = begunChange(aBegunRow(change), NOW_MS);
  if (found === null) throw new Error('about no backends');
  return found;
}
const of = (change: BackendChange, ...rows: ReadonlyArray<BackendRow>) =>
  progressOfBackends(begun(change), aBinding(), rows, new Set()).kind;
const taken = (id: string, more: Partial<BackendRow> = {}) =>
  aRow(id, {
    override: { ref: 'deploy-4711', joins: false, weight: { is: 20 }, sinceMs: NOW_MS, untilMs: NOW_MS + 1 },
    confirmedWeight: 20,
    ...more,
  });

describe('a change of all instances', () => {
  it('is one word to the lane about the binding, the same at every repeat', () => {
    const entries = entriesOf(begun(WEIGHT), aBinding());

    expect(entriesOf(begun(WEIGHT), aBinding())).toEqual(entries);
    expect(entries).toMatchObject([
      {
        laneId: LB,
        signal: {
          instanceId: 'binding/web',
          news: { kind: 'override', weight: { is: 20 }, scope: { binding: 'web' } },
        },
      },
    ]);
  });

  it('says the weights as a configuration would', () => {
    const [entry] = entriesOf(begun({ ...BY_TYPE, weight: 90 }), aBinding());

    expect(entry?.signal.news).toMatchObject({
      weight: {
        by: {
          byInstance: { 'i-1': 5 },
          byInstanceType: { 'ecs.g7.large': 50 },
          byZone: { 'cn-hangzhou-i': 20 },
        },
        others: 90,
      },
    });
  });

  it('is about those that are recorded under the binding', () => {
    const rows = [
      aRow('i-1'),
      aRow('i-2', { phase: 'joining' }),
      aRow('i-3', { binding: 'api', port: 9090 }),
    ];

    const concerned = rows.filter(isAboutBackend(WEIGHT, aBinding(), rows));
    expect(concerned.map(({ serverId }) => serverId)).toEqual(['i-1', 'i-2']);
  });

  it.each<[string, BackendChange, ReadonlyArray<BackendRow>, string]>([
    ['a weight that all have taken up', WEIGHT, [taken('i-1'), taken('i-2')], 'in-force'],
    [
      'a weight that one has not yet',
      WEIGHT,
      [taken('i-1'), taken('i-2', { confirmedWeight: null })],
      'waiting',
    ],
    ['a weight for all where one has come later', WEIGHT, [taken('i-1'), aRow('i-late')], 'in-force'],
    [
      'a weight that was replaced for one',
      WEIGHT,
      [
        taken('i-1'),
        taken('i-2', {
          override: { ref: 'x', joins: false, weight: { is: 1 }, sinceMs: NOW_MS + 1, untilMs: NOW_MS + 2 },
        }),
      ],
      'lost',
    ],
    [
      'a weight that was taken back for one',
      WEIGHT,
      [taken('i-1'), aRow('i-2', { returns: [{ cause: 'change-request', ref: null, atMs: NOW_MS + 1 }] })],
      'lost',
    ],
    ['a weight that nobody has any more', WEIGHT, [aRow('i-1')], 'lost'],
    ['weights of which one is about nobody', BY_TYPE, [taken('i-1'), aRow('i-2')], 'in-force'],
    ['a release with nothing left', RELEASE, [aRow('i-1'), aRow('i-2')], 'in-force'],
    ['a release of nobody', RELEASE, [], 'in-force'],
    ['a release of one that has its weight still', RELEASE, [aRow('i-1'), taken('i-2')], 'waiting'],
  ])('%s', (_, change, rows, kind) => {
    expect(of(change, ...rows)).toBe(kind);
  });

  it('measures a share by the weight that the record has by the binding', () => {
    const change: BackendChange = { kind: 'set-weight', ...ALL, percent: 50 };
    const override = {
      ref: 'deploy-4711',
      joins: false,
      weight: { percent: 50 },
      sinceMs: NOW_MS,
      untilMs: NOW_MS + 1,
    };

    expect(of(change, aRow('i-1', { override, fullWeight: 40, confirmedWeight: 20 }))).toBe('in-force');
    expect(of(change, aRow('i-1', { override, fullWeight: 40, confirmedWeight: 50 }))).toBe('waiting');
  });
});
