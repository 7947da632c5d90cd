import { describe, expect, it } from 'vitest';
import { describeExploration, exploreLane } from '../../../../infra/local/simulator/lane-model.ts';
import type { LaneProperty } from '../../../../infra/local/simulator/lane-properties.ts';
import { type LaneProtocol, PROTOCOL } from '../../../../infra/local/simulator/lane-protocol.ts';

type Expectation = 'fence' | 'dirty' | 'leaseUntilMs';

function finishWithout(name: Expectation): LaneProtocol['finishChange'] {
  return (...given) => {
    const change = PROTOCOL.finishChange(...given);
    const { [name]: _, ...expect } = change.expect;
    return { ...change, expect };
  };
}

function acquireWithout(...names: ReadonlyArray<Expectation>): LaneProtocol['lookAtLane'] {
  return (...given) => {
    const look = PROTOCOL.lookAtLane(...given);
    if (look.kind !== 'acquire') return look;
    const kept = Object.entries(look.change.expect).filter(([name]) => !names.some((left) => left === name));
    return { ...look, change: { ...look.change, expect: Object.fromEntries(kept) } };
  };
}

/** Looks at the lane as if its lease had always run out. */
const acquireInSpiteOfLease: LaneProtocol['lookAtLane'] = (row, ...rest) => {
  const look = PROTOCOL.lookAtLane({ ...row, leaseUntilMs: 0 }, ...rest);
  if (look.kind !== 'acquire') return look;
  const expect = { fence: row.fence, leaseUntilMs: row.leaseUntilMs };
  return { ...look, change: { ...look.change, expect } };
};

const releaseWithoutFence: LaneProtocol['releaseChange'] = (...given) => {
  return { ...PROTOCOL.releaseChange(...given), expect: {} };
};

const ignoresFence: LaneProtocol['acceptsRecord'] = (stored, _, revision) => stored.revision === revision;
const ignoresRevision: LaneProtocol['acceptsRecord'] = (stored, fence) => stored.fence <= fence;

interface Planted {
  readonly fault: string;
  readonly protocol: Partial<LaneProtocol>;
  readonly breaks: LaneProperty;
  readonly workers: number;
  readonly signals: number;
  /** Words of the step at which it happens. */
  readonly last: RegExp;
}

const { order } = PROTOCOL;
const PLANTED: ReadonlyArray<Planted> = [
  {
    fault: 'a finish that does not compare dirty',
    protocol: { finishChange: finishWithout('dirty') },
    breaks: 'rest-by-messages',
    workers: 2,
    signals: 2,
    last: /nothing goes on from here: dirty > handled; nobody owns the lane/,
  },
  {
    fault: 'a finish that says that all is handled',
    protocol: {
      finishChange: (held, ...rest) => {
        const change = PROTOCOL.finishChange(held, ...rest);
        const { dirty: _, ...expect } = change.expect;
        return { ...change, expect, set: { ...change.set, handled: 1_000 } };
      },
    },
    breaks: 'nothing-lost',
    workers: 1,
    signals: 2,
    last: /signal 2 is not recorded/,
  },
  {
    fault: 'a finish that says handled what was counted after the inbox was read',
    protocol: { order: { ...order, dirty: 'after-inbox' } },
    breaks: 'nothing-lost',
    workers: 1,
    signals: 2,
    last: /signal 2 is not recorded/,
  },
  {
    fault: 'a finish that does not compare the fence',
    protocol: { finishChange: finishWithout('fence') },
    breaks: 'one-holder',
    workers: 2,
    signals: 1,
    last: /takes the lane$/,
  },
  {
    fault: 'a release that does not compare the fence',
    protocol: { releaseChange: releaseWithoutFence },
    breaks: 'one-holder',
    workers: 2,
    signals: 1,
    last: /takes the lane$/,
  },
  {
    fault: 'an acquire that does not look at the lease',
    protocol: { lookAtLane: acquireInSpiteOfLease },
    breaks: 'one-holder',
    workers: 2,
    signals: 1,
    last: /takes the lane$/,
  },
  {
    fault: 'an acquire that compares nothing',
    protocol: { lookAtLane: acquireWithout('fence', 'leaseUntilMs') },
    breaks: 'one-holder',
    workers: 2,
    signals: 1,
    last: /takes the lane$/,
  },
  {
    fault: 'an acquire that does not compare the fence',
    protocol: { lookAtLane: acquireWithout('fence') },
    breaks: 'own-fence',
    workers: 2,
    signals: 1,
    last: /takes the lane$/,
  },
  {
    fault: 'an acquire that does not compare the lease',
    protocol: { lookAtLane: acquireWithout('leaseUntilMs') },
    breaks: 'nothing-lost',
    workers: 2,
    signals: 1,
    last: /handled = dirty; a dead worker owns the lane and its lease is over/,
  },
  {
    fault: 'a call that is sent whatever is left of the lease',
    protocol: { maySend: () => true },
    breaks: 'send-under-lease',
    workers: 1,
    signals: 1,
    last: /has recorded the signals that it read$/,
  },
  {
    fault: 'a call that leaves no verification read behind',
    protocol: {
      finishChange: (held, _, notes) => PROTOCOL.finishChange(held, null, { ...notes, verifyAtMs: null }),
    },
    breaks: 'nothing-lost',
    workers: 1,
    signals: 1,
    last: /the load balancer is not as recorded/,
  },
  {
    fault: 'an acceptor that counts before it writes to the inbox',
    protocol: { order: { ...order, signal: 'count-first' } },
    breaks: 'nothing-lost',
    workers: 1,
    signals: 1,
    last: /signal 1 is not recorded/,
  },
  {
    fault: "a wake-up for the lease's end that is sent once the lane is taken",
    protocol: { order: { ...order, wakeUp: 'after-acquire' } },
    breaks: 'rest-by-messages',
    workers: 1,
    signals: 1,
    last: /a dead worker owns the lane and its lease is over/,
  },
  {
    fault: 'records written after the lease and accepted from any fence',
    protocol: { mayRecord: () => true, acceptsRecord: ignoresFence },
    breaks: 'record-order',
    workers: 2,
    signals: 2,
    last: /has recorded the signals that it read$/,
  },
  {
    fault: 'records accepted from any fence and over any revision',
    protocol: { acceptsRecord: () => true },
    breaks: 'record-order',
    workers: 2,
    signals: 1,
    last: /has recorded the signals that it read$/,
  },
  {
    fault: 'records accepted over any revision',
    protocol: { acceptsRecord: ignoresRevision },
    breaks: 'nothing-lost',
    workers: 2,
    signals: 1,
    last: /is recording after its lease/,
  },
];

describe('the exploration finds', () => {
  it.each(PLANTED)('$fault', { timeout: 120_000 }, ({ protocol, breaks, workers, signals, last }) => {
    const exploration = exploreLane({ workers, signals, protocol: { ...PROTOCOL, ...protocol } });

    const [violation] = exploration.violations;
    expect(violation?.property).toBe(breaks);
    expect(violation?.trace.at(-1)).toMatch(last);
    const text = describeExploration(exploration);
    expect(text).toContain(`BROKEN ${breaks}: ${violation?.promise}`);
    for (const line of violation?.trace ?? ['no trace']) expect(text).toContain(line);
  });

  it('the shortest way to what is broken, with every worker by its name', () => {
    const protocol = { ...PROTOCOL, lookAtLane: acquireInSpiteOfLease };

    const { violations } = exploreLane({ workers: 3, signals: 2, protocol });

    expect(violations.map(({ trace }) => trace)).toEqual([
      [
        'signal 1 is put into the inbox',
        'signal 1 is counted',
        'worker A is sent by the tick and looks at the lane',
        'worker A takes the lane',
        'worker B is sent by a message and looks at the lane',
        'worker B takes the lane',
      ],
    ]);
  });
});

describe('without its reductions the exploration finds', () => {
  const small = PLANTED.filter(({ workers, breaks }) => workers === 1 || breaks === 'one-holder');

  it.each(small)('$fault', { timeout: 120_000 }, ({ protocol, breaks, workers, signals }) => {
    const planted = { ...PROTOCOL, ...protocol };

    const [violation] = exploreLane({ workers, signals, protocol: planted, isReduced: false }).violations;

    expect(violation?.property).toBe(breaks);
  });
});

describe('one of two layers is enough:', () => {
  // Whoever could read a record after a takeover reads it after its own lease, and then writes nothing any more; whoever
  // read it before fails at the revision, or at the fence. So each alone keeps the order of the records.
  it.each([
    ['the lease before a record, without the fence at it', { acceptsRecord: ignoresFence }],
    ['the fence at a record, without the lease before it', { mayRecord: () => true }],
  ])('%s', { timeout: 120_000 }, (_, protocol) => {
    const exploration = exploreLane({ workers: 2, signals: 2, protocol: { ...PROTOCOL, ...protocol } });

    expect(exploration).toMatchObject({ isComplete: true, violations: [] });
  });
});
