import { describe, expect, it } from 'vitest';
import { statesOf } from '../../../../infra/operator/pairs/state.ts';
import type { PairRow } from '../../../../shared/pairs/record.ts';
import { A_GROUP, aChange, aPair, aRow, aTestimony } from './builders.ts';

const NOW_MS = Date.UTC(2026, 3, 9, 4, 0, 0);
const CLEAR = { kind: 'group', group: A_GROUP, listeners: [] } as const;
const states = (row: PairRow | null) =>
  statesOf(aPair(), row, CLEAR, [], NOW_MS).map(({ kind, text }) => `${kind}: ${text}`);

describe('the state of a pair', () => {
  it.each([
    ['nobody has seen', null, ['not-looked-at: no function has looked at it yet']],
    ['nothing is wrong with', aRow(), ['well: well']],
    [
      'a change goes on with, which is all that counts',
      aRow({ saga: aChange({ refusals: 2 }), held: 'degraded: long ago' }),
      ['changing: promotion 3: 1 of 4, rsp-new is created, pointed 0 of 2, refused 2 times so far'],
    ],
    [
      'nobody can help',
      aRow({ held: 'degraded, waiting for a standby' }),
      ['degraded: degraded, waiting for a standby'],
    ],
    [
      'something is held of',
      aRow({ held: 'promoteOn does not name stop' }),
      ['held: promoteOn does not name stop'],
    ],
    [
      'is paused',
      aRow({ pause: { untilMs: NOW_MS + 60_000, by: 'mei', reason: 'drill' } }),
      ['paused: paused until 2026-04-09T04:01:00Z by mei: drill'],
    ],
    ['was paused', aRow({ pause: { untilMs: NOW_MS, by: 'mei', reason: 'drill' } }), ['well: well']],
    [
      'the pause holds something of, told once',
      aRow({
        pause: { untilMs: NOW_MS + 1, by: 'mei', reason: 'a' },
        held: 'paused by mei (a) until then; due: promotion',
      }),
      ['held: paused by mei (a) until then; due: promotion'],
    ],
    [
      'two observers accuse',
      aRow({ testimonies: { 'i-a': aTestimony(NOW_MS) } }),
      ['accused: i-a is accused by health and ecs'],
    ],
    [
      'is well and cools down',
      aRow({ saga: aChange({ phase: 'ended', outcome: 'done', endedAtMs: NOW_MS - 60_000 }) }),
      ['well: well', 'cooling-down: cooling down until 2026-04-09T04:09:00Z'],
    ],
    [
      'has cooled down',
      aRow({ saga: aChange({ phase: 'ended', outcome: 'done', endedAtMs: NOW_MS - 600_000 }) }),
      ['well: well'],
    ],
  ])('%s', (_name, row, told) => {
    expect(states(row)).toEqual(told);
  });

  it('is unclear where the listeners disagree, whatever the row says', () => {
    const standing = { kind: 'unclear', reason: 'tcp:3306, tcp:3307 use different groups' } as const;

    expect(statesOf(aPair(), aRow(), standing, [], NOW_MS)).toEqual([
      { kind: 'unclear', text: 'tcp:3306, tcp:3307 use different groups' },
    ]);
  });

  it('says that CLB fails over by itself, before any function has looked', () => {
    const abnormal = (listenerPort: number, serverId: string) =>
      ({ protocol: 'tcp', listenerPort, serverId, port: 3306, status: 'abnormal' }) as const;
    const health = [abnormal(3306, 'i-a'), abnormal(9999, 'i-a'), abnormal(3307, 'i-b')];

    expect(statesOf(aPair(), aRow(), CLEAR, health, NOW_MS)).toEqual([
      { kind: 'failed-over', text: 'CLB itself sends tcp:3306 to i-b: the primary is abnormal there' },
    ]);
  });
});
