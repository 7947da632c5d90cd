import { beforeEach, describe, expect, it } from 'vitest';
import { RejectedError, TransientError } from '../../../shared/errors.ts';
import { type LaneDeps, type PassResult, type RunPass, workLane } from '../../../shared/lanes/apply.ts';
import { emptyLane, type HeldLane, NO_NOTES } from '../../../shared/lanes/model.ts';
import { workLanes } from '../../../shared/lanes/work-lanes.ts';
import { LB, NOW_MS } from '../../support/builders.ts';
import { createMemoryLanes, type MemoryLanes } from '../../support/memory-lanes.ts';

const LEASE_MS = 45_000;
const DEADLINE_MS = NOW_MS + 20_000;

let memory: MemoryLanes;
let nowMs: number;
let logged: Array<string>;
let deps: LaneDeps;
beforeEach(() => {
  memory = createMemoryLanes();
  nowMs = NOW_MS;
  logged = [];
  let ids = 0;
  const log = (level: string) => (_: unknown, message: string) => void logged.push(`${level}: ${message}`);
  deps = {
    lanes: memory.lanes,
    wakeUps: memory.wakeUps,
    clock: { nowMs: () => nowMs },
    ownClock: { nowMs: () => nowMs },
    random: () => 1,
    newId: () => `attempt-${++ids}`,
    logger: { info: log('info'), warn: log('warn'), error: log('error') },
    timing: { leaseMs: LEASE_MS, callTimeoutMs: 10_000 },
  };
});

const result = (overrides: Partial<PassResult> = {}): PassResult => ({
  writes: 0,
  nextLookMs: null,
  waitingFor: null,
  isOutOfTime: false,
  failure: null,
  notes: NO_NOTES,
  ...overrides,
});
/** A pass that does one thing after the other, the last one for ever, and remembers what it held. */
function scripted(...turns: ReadonlyArray<(held: HeldLane) => PassResult | Promise<PassResult>>) {
  const holds: Array<HeldLane> = [];
  const run: RunPass = async (held) => {
    holds.push(held);
    const turn = turns[Math.min(holds.length, turns.length) - 1];
    if (turn === undefined) throw new Error('no turn');
    return await turn(held);
  };
  return { run, holds };
}
const work = (run: RunPass) => workLane(deps, LB, run, DEADLINE_MS);
const leaseEnd = { laneId: LB, dueAtMs: NOW_MS + LEASE_MS };

describe('a lane with nothing due', () => {
  it('costs one read and no lease', async () => {
    memory.put({ ...emptyLane(LB), dirty: 2, handled: 2, nextWakeUpMs: NOW_MS + 5 });
    const { run, holds } = scripted();

    expect(await work(run)).toEqual({ kind: 'unchanged', nextLookMs: NOW_MS + 5 });
    expect([holds, memory.sent, memory.row(LB).fence]).toEqual([[], [], 0]);
  });

  it('or that another worker holds is left to that one', async () => {
    memory.put({ ...emptyLane(LB), dirty: 2, owner: 'x', leaseUntilMs: NOW_MS + 9_000 });
    const { run, holds } = scripted();

    expect(await work(run)).toMatchObject({ kind: 'waiting', untilMs: NOW_MS + 9_000 });
    expect(holds).toEqual([]);
  });
});

describe('a lane with something due', () => {
  beforeEach(async () => {
    await memory.lanes.signal([LB]);
  });

  it('is worked under a lease that a wake-up follows, and given up with its signals handled', async () => {
    const notes = { ...NO_NOTES, verifyAtMs: NOW_MS + 1 };
    const { run, holds } = scripted((held) => {
      expect(memory.row(LB)).toMatchObject({ owner: held.owner, fence: 1, leaseUntilMs: NOW_MS + LEASE_MS });
      expect(memory.sent).toEqual([leaseEnd]);
      return result({ writes: 2, nextLookMs: NOW_MS + 30_000, notes });
    });

    expect(await work(run)).toEqual({ kind: 'applied', writes: 2, nextLookMs: NOW_MS + 30_000 });
    expect(holds).toMatchObject([{ fence: 1, dirty: 1, isTakeover: false }]);
    expect(memory.row(LB)).toEqual({
      ...emptyLane(LB),
      fence: 1,
      dirty: 1,
      handled: 1,
      nextWakeUpMs: NOW_MS + 30_000,
      notes,
    });
    expect(memory.sent.slice(1)).toEqual([{ laneId: LB, dueAtMs: NOW_MS + 30_000 }]);
  });

  it('that waits says for what; for a deadline that is known already no message is sent', async () => {
    memory.put({ ...memory.row(LB), nextWakeUpMs: NOW_MS + 30_000 });
    const { run } = scripted(() => result({ nextLookMs: NOW_MS + 30_000, waitingFor: 'the drain' }));

    expect(await work(run)).toEqual({ kind: 'waiting', untilMs: NOW_MS + 30_000, reason: 'the drain' });
    expect(memory.sent).toEqual([leaseEnd]);
  });

  it('is looked at again at once when a signal comes under the pass', async () => {
    const { run, holds } = scripted(
      async () => {
        await memory.lanes.signal([LB]);
        return result({ writes: 1, notes: { ...NO_NOTES, failures: 0, verifyAtMs: 7 } });
      },
      () => result({ writes: 1 }),
    );

    expect(await work(run)).toMatchObject({ kind: 'applied', writes: 2 });
    expect(holds.map(({ dirty, fence, notes }) => [dirty, fence, notes.verifyAtMs])).toEqual([
      [1, 1, null],
      [2, 1, 7],
    ]);
    expect(memory.row(LB)).toMatchObject({ owner: null, handled: 2 });
  });

  it('is handed over, with its signals unhandled, when the pass runs out of time', async () => {
    const { run } = scripted(() => result({ writes: 1, isOutOfTime: true }));

    expect(await work(run)).toEqual({ kind: 'handed-over' });
    expect(memory.row(LB)).toMatchObject({ owner: null, leaseUntilMs: 0, handled: 0, nextWakeUpMs: NOW_MS });
    expect(memory.sent.slice(1)).toEqual([{ laneId: LB, dueAtMs: NOW_MS }]);
  });

  it.each([
    ['the time is over', 5_000],
    ['it has gone round too often', 0],
  ])('is handed over when signals never stop and %s', async (_, perPassMs) => {
    const { run, holds } = scripted(async () => {
      await memory.lanes.signal([LB]);
      nowMs += perPassMs;
      return result();
    });

    expect(await work(run)).toEqual({ kind: 'handed-over' });
    expect(holds.length).toBe(perPassMs === 0 ? 20 : 4);
    expect(memory.row(LB)).toMatchObject({ owner: null, handled: 0 });
  });

  it('that another worker has taken over is lost, whatever this one still says', async () => {
    for (const isOutOfTime of [false, true]) {
      memory = createMemoryLanes();
      deps = { ...deps, lanes: memory.lanes, wakeUps: memory.wakeUps };
      await memory.lanes.signal([LB]);
      const { run } = scripted(() => {
        memory.put({ ...memory.row(LB), owner: 'another', fence: 2 });
        return result({ writes: 1, isOutOfTime });
      });

      expect(await work(run)).toEqual({ kind: 'lost' });
      expect(memory.row(LB)).toMatchObject({ owner: 'another', fence: 2, handled: 0 });
    }
  });
});

describe('a pass that fails', () => {
  beforeEach(async () => {
    await memory.lanes.signal([LB]);
  });
  const failing = (error: unknown) =>
    scripted(() => {
      throw error;
    }).run;

  it('for a while is tried again later, longer each time, its signals unhandled', async () => {
    const waits: Array<number | null> = [];
    for (let n = 0; n < 7; n++) {
      const outcome = await work(failing(new TransientError('busy', 'busy')));
      if (outcome.kind !== 'failed') throw new Error(outcome.kind);
      waits.push((outcome.retryAtMs ?? 0) - nowMs);
      nowMs = outcome.retryAtMs ?? nowMs;
    }

    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    expect(memory.row(LB)).toMatchObject({ owner: null, handled: 0, nextWakeUpMs: nowMs });
    expect(memory.sent.at(-1)).toEqual({ laneId: LB, dueAtMs: nowMs });
    expect(logged.every((line) => line.startsWith('warn: lane not finished: busy'))).toBe(true);
  });

  it('because it is throttled comes back when it was told to', async () => {
    const error = new TransientError('slow down', 'throttled', undefined, { retryAfterMs: 1_234 });

    expect(await work(failing(error))).toMatchObject({ kind: 'failed', retryAtMs: NOW_MS + 1_234 });
  });

  it.each([
    ['a refusal', new RejectedError('no permission'), 'error: lane refused: no permission'],
    ['a defect', new TypeError('x is undefined'), 'error: lane failed: TypeError: x is undefined'],
    ['something that is no error', 'oops', 'error: lane failed: oops'],
  ])('by %s is said aloud and thrown at nobody', async (_, error, line) => {
    expect(await work(failing(error))).toMatchObject({ kind: 'failed', retryAtMs: NOW_MS + 2_000 });
    expect(logged).toEqual([line]);
    expect(memory.row(LB)).toMatchObject({ owner: null, handled: 0 });
  });

  it('and cannot even give the lane up still says why, and is followed at the end of its lease', async () => {
    memory.fail('change', 2, 'refused');

    const outcome = await work(failing(new TypeError('x is undefined')));

    expect(outcome).toEqual({
      kind: 'failed',
      message: 'TypeError: x is undefined',
      retryAtMs: NOW_MS + LEASE_MS,
    });
    expect(logged).toContain('error: lane failed: TypeError: x is undefined');
    expect(memory.row(LB)).toMatchObject({ leaseUntilMs: NOW_MS + LEASE_MS });
    expect(memory.sent).toEqual([leaseEnd]);
  });
});

describe('what a pass leaves behind', () => {
  it('is a verification when it broke and could not say what it had sent', async () => {
    await memory.lanes.signal([LB]);

    await work(async () => {
      throw new Error('a defect');
    });

    expect(memory.row(LB).notes.verifyAtMs).toBe(NOW_MS + LEASE_MS + 10_000);
  });

  it('is a new message for a stored deadline that passed while the lane was held', async () => {
    const dueAtMs = NOW_MS + 1_000;
    memory.put({ ...emptyLane(LB), dirty: 1, nextWakeUpMs: dueAtMs });
    const { run } = scripted(() => {
      nowMs += 2_000;
      return result({ nextLookMs: dueAtMs });
    });

    await work(run);

    expect(memory.sent).toEqual([leaseEnd, { laneId: LB, dueAtMs }]);
  });
});

describe('a lost answer', () => {
  beforeEach(async () => {
    await memory.lanes.signal([LB]);
  });

  it('of taking the lane is resolved by who owns it', async () => {
    memory.fail('change', 1, 'lose-reply');
    const { run, holds } = scripted(() => result());

    expect(await work(run)).toEqual({ kind: 'unchanged', nextLookMs: null });
    expect(holds).toHaveLength(1);
  });

  it('of taking the lane that did not take it is asked for again', async () => {
    memory.fail('change', 1, 'lose-request');
    const { run, holds } = scripted(() => result());

    expect(await work(run)).toEqual({ kind: 'unchanged', nextLookMs: null });
    expect(holds).toMatchObject([{ fence: 1 }]);
    expect(memory.row(LB)).toMatchObject({ owner: null, fence: 1, handled: 1 });
  });

  it('of giving the lane up, whether it took effect or not, ends with the lane free, handled and not worked twice', async () => {
    for (const how of ['lose-reply', 'lose-request'] as const) {
      memory = createMemoryLanes();
      deps = { ...deps, lanes: memory.lanes, wakeUps: memory.wakeUps };
      await memory.lanes.signal([LB]);
      memory.fail('change', 2, how);
      const { run, holds } = scripted(() => result());

      expect(await work(run)).toEqual({ kind: 'unchanged', nextLookMs: null });
      expect(holds).toHaveLength(1);
      expect(memory.row(LB)).toMatchObject({ owner: null, handled: 1 });
    }
  });

  it('of the first read leaves the lane to the tick', async () => {
    memory.fail('read', 1, 'lose-request');

    expect(await work(scripted().run)).toMatchObject({ kind: 'failed', retryAtMs: null });
  });

  it('of the first wake-up leaves the lane free: nobody would follow a holder that dies', async () => {
    memory.fail('send', 1, 'lose-request');
    const { run, holds } = scripted();

    expect(await work(run)).toMatchObject({ kind: 'failed' });
    expect([holds, memory.row(LB).owner]).toEqual([[], null]);
  });
});

describe('several lanes', () => {
  const ids = Array.from({ length: 9 }, (_, n) => `lb-${n}`);
  beforeEach(() => memory.lanes.signal(ids));

  it('are worked a few at a time, each once, and one that fails fails no other', async () => {
    let atOnce = 0;
    let most = 0;
    const run: RunPass = async ({ laneId }) => {
      most = Math.max(most, ++atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      atOnce--;
      if (laneId === 'lb-3') throw new TypeError('x is undefined');
      return result({ writes: 1 });
    };

    const outcomes = await workLanes(deps, [...ids, ...ids], run, DEADLINE_MS);

    expect(Object.keys(outcomes)).toEqual(ids);
    expect(Object.values(outcomes).filter(({ kind }) => kind === 'applied')).toHaveLength(8);
    expect(outcomes['lb-3']).toMatchObject({ kind: 'failed' });
    expect(most).toBe(4);
  });

  it('whose turn does not come in time are handed over unread', async () => {
    const run: RunPass = async () => {
      nowMs = DEADLINE_MS;
      return result({ writes: 1 });
    };

    const outcomes = await workLanes(deps, ids, run, DEADLINE_MS);

    const handedOver = ids.filter((id) => outcomes[id]?.kind === 'handed-over');
    expect(handedOver.length).toBeGreaterThanOrEqual(5);
    for (const id of handedOver) {
      expect(memory.sent).toContainEqual({ laneId: id, dueAtMs: DEADLINE_MS });
      expect(memory.row(id)).toMatchObject({ dirty: 1, handled: 0 });
    }
  });

  it('that cannot be handed over are left to the tick without a throw', async () => {
    memory.fail('send', 1, 'refused');

    const outcomes = await workLanes(deps, ids, scripted().run, NOW_MS);

    expect(Object.values(outcomes).filter(({ kind }) => kind === 'failed')).toHaveLength(1);
    expect(Object.values(outcomes).filter(({ kind }) => kind === 'handed-over')).toHaveLength(8);
  });

  it('none of them is nothing', async () => {
    expect(await workLanes(deps, [], scripted().run, DEADLINE_MS)).toEqual({});
  });
});
