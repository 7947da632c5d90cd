import { describe, expect, it } from 'vitest';
import type { BackendChange } from '../../../../shared/requests/document.ts';
import {
  type BegunChange,
  begunChange,
  endOf,
  entriesOf,
} from '../../../../shared/requests/effects/backends.ts';
import { progressOfBackends } from '../../../../shared/requests/effects/backends-progress.ts';
import type { BackendRow, LeaveOrder } from '../../../../shared/server-groups/backend/record.ts';
import { aBinding, aRow, LB, NOW_MS } from '../../../support/builders.ts';
import { aBegunRow } from '../../../support/requests.ts';

const HOUR_MS = 3_600_000;
const OF_WEB = { binding: 'web', instances: ['i-1'] };
const CHANGES = {
  drain: { kind: 'drain', ...OF_WEB, for: '1h' },
  remove: { kind: 'remove', ...OF_WEB },
  join: { kind: 'join', ...OF_WEB, for: '1h' },
  weight: { kind: 'set-weight', ...OF_WEB, percent: 20, for: '1h' },
  release: { kind: 'release-override', ...OF_WEB },
  lift: { kind: 'lift-guard', ...OF_WEB, guard: 'unsure', for: '10m' },
} as const satisfies Record<string, BackendChange>;

function begun(change: BackendChange): BegunChange {
  const found = begunChange(aBegunRow(change), NOW_MS);
  if (found === null) throw new Error('about no backends');
  return found;
}
const order = (overrides: Partial<LeaveOrder> = {}): LeaveOrder => ({
  cause: 'change-request',
  ref: 'deploy-4711',
  sinceMs: NOW_MS,
  deadlineAtMs: null,
  untilMs: null,
  ...overrides,
});
const override = (more: object = {}) => ({
  ref: 'deploy-4711',
  joins: false,
  weight: { percent: 20 },
  sinceMs: NOW_MS,
  untilMs: NOW_MS + HOUR_MS,
  ...more,
});
const progress = (change: BackendChange, rows: ReadonlyArray<BackendRow>, pending: ReadonlySet<string>) =>
  progressOfBackends(begun(change), aBinding(), rows, pending);
const of = (change: BackendChange, ...rows: ReadonlyArray<BackendRow>) => progress(change, rows, new Set());

describe('what the lane is told', () => {
  it('is the same at every repeat, with the times of the request', () => {
    const entries = entriesOf(begun(CHANGES.drain), aBinding());

    expect(entriesOf(begun(CHANGES.drain), aBinding())).toEqual(entries);
    expect(entries).toMatchObject([
      {
        laneId: LB,
        signal: {
          instanceId: 'i-1',
          eventAtMs: NOW_MS,
          acceptedAtMs: NOW_MS,
          news: {
            kind: 'leave',
            cause: 'change-request',
            ref: 'deploy-4711',
            untilMs: NOW_MS + HOUR_MS,
            scope: { binding: 'web', ports: null },
          },
        },
      },
    ]);
  });

  it('of a join is the end of what keeps it out, and then the override', () => {
    const said = entriesOf(begun(CHANGES.join), aBinding()).map(({ signal }) => [
      signal.news.kind,
      signal.eventAtMs,
    ]);

    expect(said).toEqual([
      ['return', NOW_MS],
      ['override', NOW_MS + 1],
    ]);
  });

  it('has another key for another content under the same id', () => {
    const [one] = entriesOf(begun(CHANGES.remove), aBinding());
    const [other] = entriesOf({ ...begun(CHANGES.remove), payloadHash: 'b'.repeat(64) }, aBinding());

    expect(one?.signal.key).not.toBe(other?.signal.key);
  });

  it('ends by itself where the request says for how long', () => {
    expect(endOf(begun(CHANGES.drain))).toBe(NOW_MS + HOUR_MS);
    expect(endOf(begun(CHANGES.remove))).toBeNull();
  });
});

describe('a change whose signals the lane has not handled', () => {
  it('waits, whatever the records say', () => {
    const keys = new Set(entriesOf(begun(CHANGES.drain), aBinding()).map(({ signal }) => signal.key));

    expect(progress(CHANGES.drain, [], keys)).toMatchObject({ kind: 'waiting', isHeld: false });
  });

  it('is in force all the same when it lifts a guard: that waits in the inbox for its use', () => {
    const keys = new Set(entriesOf(begun(CHANGES.lift), aBinding()).map(({ signal }) => signal.key));

    expect(progress(CHANGES.lift, [], keys)).toMatchObject({ kind: 'in-force' });
  });
});

describe('how far a change has come', () => {
  const draining = (more: Partial<BackendRow> = {}) =>
    aRow('i-1', { phase: 'draining', orders: [order()], ...more });
  const weighted = (more: Partial<BackendRow> = {}) => aRow('i-1', { override: override(), ...more });

  it.each<[string, BackendChange, ReadonlyArray<BackendRow>, string]>([
    ['a drain at weight 0', CHANGES.drain, [draining({ weightZeroAtMs: NOW_MS })], 'in-force'],
    [
      'a drain that is out',
      CHANGES.drain,
      [aRow('i-1', { phase: 'removed', orders: [order()] })],
      'in-force',
    ],
    ['a drain of what has gone meanwhile', CHANGES.drain, [], 'in-force'],
    ['a drain that has not its weight 0', CHANGES.drain, [draining()], 'waiting'],
    ['a drain that was taken back', CHANGES.drain, [aRow('i-1')], 'lost'],
    ['a drain under another request', CHANGES.drain, [draining({ orders: [order({ ref: 'x' })] })], 'lost'],
    ['a weight that was read back', CHANGES.weight, [weighted({ confirmedWeight: 20 })], 'in-force'],
    ['a weight that is on its way', CHANGES.weight, [weighted()], 'waiting'],
    [
      'a weight that another has replaced',
      CHANGES.weight,
      [weighted({ override: override({ ref: 'x' }) })],
      'lost',
    ],
    [
      'a join of what does not run yet',
      CHANGES.join,
      [aRow('i-1', { phase: 'removed', override: override({ joins: true, weight: null }) })],
      'waiting',
    ],
    [
      'a join in service',
      CHANGES.join,
      [weighted({ override: override({ joins: true, weight: null }) })],
      'in-force',
    ],
    ['a release with nothing left', CHANGES.release, [aRow('i-1')], 'in-force'],
    ['a release on the way back in', CHANGES.release, [aRow('i-1', { phase: 'joining' })], 'waiting'],
    ['a release of a standing order', CHANGES.release, [draining()], 'waiting'],
    ['a release of a drain and a weight', CHANGES.release, [draining({ override: override() })], 'waiting'],
    [
      'a release after which somebody has drained it',
      CHANGES.release,
      [draining({ orders: [order({ ref: 'x', sinceMs: NOW_MS + 1 })] })],
      'lost',
    ],
    [
      'a release where a system event keeps it out',
      CHANGES.release,
      [draining({ orders: [order({ cause: 'maintenance' })] })],
      'in-force',
    ],
  ])('%s', (_, change, rows, kind) => {
    expect(of(change, ...rows).kind).toBe(kind);
  });

  it('is held where a guard holds one of its backends, and names it', () => {
    const held = { by: 'min-in-service', reason: 'minInService: at least 1' } as const;

    expect(of(CHANGES.drain, aRow('i-1', { orders: [order()], held }))).toEqual({
      kind: 'waiting',
      reason: 'i-1:8080: minInService: at least 1',
      isHeld: true,
    });
  });

  it('looks at its own ports only: another binding may have the others', () => {
    const other = aRow('i-1', { port: 9090, binding: 'api', orders: [order({ ref: 'x' })] });

    expect(of(CHANGES.release, aRow('i-1'), other).kind).toBe('in-force');
  });
});

describe('a request about a network interface', () => {
  const drain = { ...CHANGES.drain, instances: ['eni-1'] };
  const out = (serverIp: string, weightZeroAtMs: number | null) =>
    aRow('eni-1', { serverIp, phase: 'draining', orders: [order()], weightZeroAtMs });

  it('is in force once every address of it is out, and names the one that is not', () => {
    expect(of(drain, out('10.0.0.1', NOW_MS), out('10.0.0.2', null))).toMatchObject({
      kind: 'waiting',
      reason: 'eni-1@10.0.0.2:8080: to be at weight 0; it is draining',
    });
    expect(of(drain, out('10.0.0.1', NOW_MS), out('10.0.0.2', NOW_MS))).toMatchObject({
      kind: 'in-force',
      text: expect.stringMatching(/^2 backends are out/),
    });
  });
});
