import { describe, expect, it } from 'vitest';
import type { News, Signal } from '../../../shared/acceptance/model.ts';
import {
  instancesToAsk,
  isForLater,
  lostSystemEvents,
  UNDOUBTED_MS,
} from '../../../shared/comparison/system-events.ts';
import type { OpenSystemEvent } from '../../../shared/instances/model.ts';
import type { BackendRow, LeaveOrder } from '../../../shared/server-groups/backend/record.ts';
import { aBinding, anInstance, aRow, aSignal, MAINTENANCE, NOW_MS } from '../../support/builders.ts';

const HOUR_MS = 3_600_000;
const NOT_BEFORE_MS = NOW_MS + 2 * HOUR_MS;
const FROM_MS = NOT_BEFORE_MS - 900_000;

const scheduled = (overrides: Partial<OpenSystemEvent> = {}): OpenSystemEvent => ({
  eventId: 'e-1',
  eventType: 'SystemMaintenance.Reboot',
  status: 'Scheduled',
  notBeforeMs: NOT_BEFORE_MS,
  ...overrides,
});
const executing = scheduled({ status: 'Executing' });
const order = (overrides: Partial<LeaveOrder> = {}): LeaveOrder => ({
  cause: 'maintenance',
  ref: 'e-1',
  sinceMs: NOW_MS - HOUR_MS,
  deadlineAtMs: null,
  untilMs: null,
  ...overrides,
});
const leave = (overrides: Partial<Extract<News, { kind: 'leave' }>> = {}, at: Partial<Signal> = {}): Signal =>
  aSignal('i-1', 'Running', {
    news: {
      kind: 'leave',
      cause: 'maintenance',
      ref: 'e-1',
      fromMs: FROM_MS,
      deadlineAtMs: null,
      untilMs: null,
      ...overrides,
    },
    eventAtMs: NOW_MS - HOUR_MS,
    ...at,
  });

interface Known {
  readonly events?: ReadonlyArray<OpenSystemEvent>;
  readonly rows?: ReadonlyArray<BackendRow>;
  readonly inbox?: ReadonlyArray<Signal>;
  readonly drainAheadMs?: number;
  readonly nowMs?: number;
}

/** What is said of i-1, which ECS has answered about. */
function lost({ events = [], rows = [aRow('i-1')], inbox = [], drainAheadMs, nowMs = NOW_MS }: Known) {
  const maintenance = drainAheadMs === undefined ? MAINTENANCE : { drainAheadMs };
  return lostSystemEvents(new Map([['i-1', events]]), { rows, inbox }, maintenance, nowMs);
}
const newsOf = (signals: ReadonlyArray<Signal>) => signals.map(({ news }) => news);

describe('a system event of which no notice came', () => {
  it('is an order from its time on', () => {
    expect(lost({ events: [scheduled()] })).toEqual([
      {
        key: expect.stringMatching(/^comparison\//),
        instanceId: 'i-1',
        news: {
          kind: 'leave',
          cause: 'maintenance',
          ref: 'e-1',
          fromMs: FROM_MS,
          deadlineAtMs: null,
          untilMs: null,
        },
        eventAtMs: null,
        acceptedAtMs: NOW_MS,
      },
    ]);
  });

  it.each([
    ['is being carried out', executing],
    ['has no time', scheduled({ status: 'Inquiring', notBeforeMs: null })],
  ])('is an order at once when it %s', (_what, event) => {
    expect(newsOf(lost({ events: [event] }))).toMatchObject([{ ref: 'e-1', fromMs: null }]);
  });

  it.each([
    ['of a kind that leaves the instance running', scheduled({ eventType: 'InstanceExpiration.Stop' })],
    ['with a status that nobody knows', scheduled({ status: 'Someday' })],
    ['that is over', scheduled({ status: 'Avoided' })],
  ])('is none %s', (_what, event) => {
    expect(lost({ events: [event] })).toEqual([]);
  });

  it('is none while it is only planned and nobody drains ahead', () => {
    expect(lost({ events: [scheduled()], drainAheadMs: 0 })).toEqual([]);
    expect(lost({ events: [executing], drainAheadMs: 0 })).toHaveLength(1);
  });

  it('has the same key whenever it is found, and another one for another time', () => {
    const [first] = lost({ events: [scheduled()] });
    const [again] = lost({ events: [scheduled()], nowMs: NOW_MS + 300_000 });
    const [moved] = lost({ events: [scheduled({ notBeforeMs: NOT_BEFORE_MS - 1 })] });

    expect(again?.key).toBe(first?.key);
    expect(moved?.key).not.toBe(first?.key);
  });
});

describe('a system event that is known', () => {
  it.each([
    ['stands in the record', { rows: [aRow('i-1', { orders: [order()] })] }],
    [
      'was heard to be over',
      { rows: [aRow('i-1', { returns: [{ cause: 'maintenance', ref: 'e-1', atMs: 1 }] })] },
    ],
    ['waits for its time', { inbox: [leave()] }],
    ['waits for an earlier time', { inbox: [leave({ fromMs: FROM_MS - 1 })] }],
    ['is to be carried out at once', { inbox: [leave({ fromMs: null })] }],
  ])('is not told again when it %s', (_what, known) => {
    expect(lost({ events: [scheduled()], ...known })).toEqual([]);
  });

  it.each([
    ['another one stands in the record', { rows: [aRow('i-1', { orders: [order({ ref: 'e-2' })] })] }],
    [
      'one of its backends has no record of it',
      { rows: [aRow('i-1', { orders: [order()] }), aRow('i-1', { port: 9090 })] },
    ],
    ['the instance has no record at all', { rows: [] }],
    ['it waits for a later time', { inbox: [leave({ fromMs: FROM_MS + 1 })] }],
    ['it is another instance’s', { inbox: [leave({}, { instanceId: 'i-2' })] }],
    ['another cause has the same name', { inbox: [leave({ cause: 'change-request' })] }],
  ])('is told when %s', (_what, known) => {
    const told = newsOf(lost({ events: [scheduled()], ...known })).filter(({ kind }) => kind === 'leave');

    expect(told).toMatchObject([{ ref: 'e-1', fromMs: FROM_MS }]);
  });

  it('is told at once when it is being carried out and only waits for its time here', () => {
    expect(newsOf(lost({ events: [executing], inbox: [leave()] }))).toMatchObject([{ fromMs: null }]);
  });
});

describe('an order whose system event is not open any more', () => {
  const ended = { kind: 'return', cause: 'maintenance', ref: 'e-1' };

  it.each([
    ['stands in a record', { rows: [aRow('i-1', { orders: [order()] })] }],
    [
      'stands in several records',
      { rows: [8080, 9090].map((port) => aRow('i-1', { port, orders: [order()] })) },
    ],
    ['waits for its time', { inbox: [leave()] }],
  ])('is taken back, once, when it %s', (_what, known) => {
    expect(lost(known)).toEqual([
      {
        key: expect.stringMatching(/^comparison\//),
        instanceId: 'i-1',
        news: ended,
        eventAtMs: null,
        acceptedAtMs: NOW_MS,
      },
    ]);
  });

  it('has the same key whenever it is found', () => {
    const rows = [aRow('i-1', { orders: [order()] })];
    const [first] = lost({ rows });

    expect(lost({ rows, nowMs: NOW_MS + 300_000 })[0]?.key).toBe(first?.key);
  });

  it.each([
    ['its event is still open', { events: [scheduled()], rows: [aRow('i-1', { orders: [order()] })] }],
    [
      'its event has a status that nobody knows',
      {
        events: [scheduled({ status: 'Someday' })],
        rows: [aRow('i-1', { orders: [order()] })],
      },
    ],
    ['it names none', { rows: [aRow('i-1', { orders: [order({ ref: null })] })] }],
    ['it has another cause', { rows: [aRow('i-1', { orders: [order({ cause: 'change-request' })] })] }],
    ['ECS was not asked about its instance', { rows: [aRow('i-2', { orders: [order()] })] }],
  ])('stays when %s', (_what, known) => {
    expect(lost(known)).toEqual([]);
  });

  it.each([
    [UNDOUBTED_MS - 1, []],
    [UNDOUBTED_MS, [ended]],
  ])(
    'stays for a while after its last notice, since what is carried out may not be listed: %i ms',
    (agoMs, told) => {
      const sinceMs = NOW_MS - agoMs;

      expect(newsOf(lost({ rows: [aRow('i-1', { orders: [order({ sinceMs })] })] }))).toEqual(told);
      expect(newsOf(lost({ inbox: [leave({}, { eventAtMs: sinceMs })] }))).toEqual(told);
    },
  );

  it('stays when only one of its records has heard the last notice', () => {
    const rows = [
      aRow('i-1', { orders: [order()] }),
      aRow('i-1', { port: 9090, orders: [order({ sinceMs: NOW_MS })] }),
    ];

    expect(lost({ rows })).toEqual([]);
  });
});

describe('the instances to ask about', () => {
  const present = (...instances: ReadonlyArray<ReturnType<typeof anInstance>>) =>
    new Map(instances.map((instance) => [instance.instanceId, instance]));
  const retired = anInstance('i-retired', { tags: {} });

  it('are those that a binding selects, whatever their state', () => {
    const seen = present(anInstance('i-1'), anInstance('i-2', { status: 'Stopped' }), retired);

    expect(instancesToAsk([aBinding()], seen, { rows: [], inbox: [] })).toEqual(['i-1', 'i-2']);
  });

  it('are those with an order for a system event as well, and nobody who is gone', () => {
    const rows = [
      aRow('i-retired', { orders: [order()] }),
      aRow('i-gone', { orders: [order()] }),
      aRow('i-other', { orders: [order({ ref: null })] }),
    ];
    const seen = present(retired, anInstance('i-other', { tags: {} }));

    expect(instancesToAsk([aBinding()], seen, { rows, inbox: [] })).toEqual(['i-retired']);
    const inbox = [leave({}, { instanceId: 'i-retired' })];
    expect(instancesToAsk([aBinding()], seen, { rows: [], inbox })).toEqual(['i-retired']);
  });
});

describe('what no plan shows', () => {
  it.each([
    ['an order that waits for its time', leave(), true],
    [
      'the end of an order',
      aSignal('i-1', 'Running', { news: { kind: 'return', cause: 'maintenance', ref: 'e-1' } }),
      true,
    ],
    ['an order at once', leave({ fromMs: null }), false],
    ['a state', aSignal('i-1', 'Running'), false],
  ])('is %s', (_what, signal, isOne) => {
    expect(isForLater(signal, NOW_MS)).toBe(isOne);
  });
});
