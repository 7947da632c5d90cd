import { describe, expect, it } from 'vitest';
import { OVERDUE_MS, statusOfLane } from '../../../../infra/operator/status/lane.ts';
import { emptyLane, type LaneRow, NO_NOTES } from '../../../../shared/lanes/model.ts';
import { LB, NOW_MS } from '../../../support/builders.ts';

const MINUTE_MS = 60_000;
const lane = (overrides: Partial<LaneRow>) => statusOfLane(LB, { ...emptyLane(LB), ...overrides }, NOW_MS);
const failing = { ...NO_NOTES, failures: 4, failure: 'SLB is down' };

describe('a lane', () => {
  it.each([
    [
      'fails, with the reason',
      { notes: failing, nextWakeUpMs: NOW_MS + 20_000 },
      'failing',
      'the last 4 passes failed: SLB is down; next try in 20 s',
    ],
    [
      'fails, where an older release noted no reason',
      { notes: { ...NO_NOTES, failures: 1 } },
      'failing',
      'the last pass failed, the log of the functions tells why',
    ],
    [
      'fails, and nobody comes for it',
      { notes: failing, nextWakeUpMs: NOW_MS - 5 * MINUTE_MS },
      'failing',
      'overdue for 5 min',
    ],
    [
      'is overdue when its time has passed for longer than two ticks',
      { nextWakeUpMs: NOW_MS - OVERDUE_MS - 1 },
      'overdue',
      'overdue for 2 min: does slb-autopilot-tick run?',
    ],
    ['is only due before', { nextWakeUpMs: NOW_MS - OVERDUE_MS }, 'due', 'due'],
    [
      'is overdue when its holder is gone for so long',
      { owner: 'w-1', leaseUntilMs: NOW_MS - OVERDUE_MS - 1 },
      'overdue',
      'w-1 has held it and is gone',
    ],
    [
      'is worked on while it is leased, however late it is',
      { owner: 'w-1', leaseUntilMs: NOW_MS + 1, nextWakeUpMs: NOW_MS - 9 * MINUTE_MS },
      'worked-on',
      'worked on by w-1',
    ],
    ['is due with a signal', { dirty: 2, handled: 1 }, 'due', 'told something'],
    ['waits for its time', { nextWakeUpMs: NOW_MS + 3 * MINUTE_MS }, 'waiting', 'next look in 3 min'],
    [
      'waits for a group that refuses our writes',
      {
        nextWakeUpMs: NOW_MS + 3 * MINUTE_MS,
        notes: { ...NO_NOTES, refused: { 'rsp-1': { count: 4, reason: 'busy (SetX, Busy, request R-1)' } } },
      },
      'waiting',
      'rsp-1 has refused 4 writes in a row: busy (SetX, Busy, request R-1)',
    ],
    ['has nothing to do', {}, 'idle', 'nothing to do'],
  ] as const)('%s', (_what, overrides, kind, text) => {
    const status = lane(overrides);

    expect(status.kind).toBe(kind);
    expect(status.text).toContain(text);
  });

  it('of which there is no row has never had anything to do', () => {
    expect(statusOfLane(LB, null, NOW_MS)).toMatchObject({ kind: 'unseen' });
  });
});
