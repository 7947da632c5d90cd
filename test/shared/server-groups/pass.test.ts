import { describe, expect, it } from 'vitest';
import { TransientError } from '../../../shared/errors.ts';
import { workLane } from '../../../shared/lanes/apply.ts';
import { emptyLane, type LaneNotes, NO_NOTES } from '../../../shared/lanes/model.ts';
import { createServerGroupPass } from '../../../shared/server-groups/apply.ts';
import { RefusedBackendError } from '../../../shared/server-groups/errors.ts';
import {
  aBackend,
  aBinding,
  aGroup,
  anInstance,
  aRow,
  aSignal,
  GROUP,
  LB,
  NOW_MS,
} from '../../support/builders.ts';
import { createMemoryLanes } from '../../support/memory-lanes.ts';
import { MemoryWorld } from '../../support/memory-world.ts';
import { ids } from './plan-views.ts';

const BUDGET_MS = 20_000;

async function pass(world: MemoryWorld, notes: LaneNotes = NO_NOTES) {
  return await createServerGroupPass(world.deps)(world.held({ notes }), world.nowMs + BUDGET_MS);
}

/** One instance that wants to join. */
const joiner = () =>
  new MemoryWorld({ instances: [anInstance('i-1')], signals: [aSignal('i-1', 'Running')] });

describe('a pass that fails', () => {
  it('after a write still leaves the verification of what it sent', async () => {
    const world = joiner();
    world.onSend = () => {
      world.onCommit = () => {
        throw new TransientError('table', 'unavailable');
      };
    };

    const { failure, writes, notes } = await pass(world);

    expect([failure === null, writes]).toEqual([false, 1]);
    expect(notes.verifyAtMs).toBe(world.nowMs + 45_000 + 10_000);
    expect(notes.writtenAtMs).toEqual({ [GROUP]: world.nowMs });
  });

  it('after a takeover does not make the dead holder’s late write forgotten', async () => {
    const lanes = createMemoryLanes();
    const world = new MemoryWorld({
      backends: [aBackend('i-1')],
      rows: [aRow('i-1')],
      instances: [anInstance('i-1')],
    });
    lanes.put({ ...emptyLane(LB), owner: 'dead', leaseUntilMs: world.nowMs - 1, fence: 3, dirty: 1 });
    const deps = { ...world.deps, ...lanes };
    world.onDescribe = () => {
      throw new TransientError('no answer', 'unavailable');
    };
    await workLane(deps, LB, createServerGroupPass(deps), world.nowMs + BUDGET_MS);
    world.onDescribe = () => null;
    world.nowMs += 5_000;

    await workLane(deps, LB, createServerGroupPass(deps), world.nowMs + BUDGET_MS);

    expect(lanes.row(LB).notes.verifyAtMs).not.toBeNull();
    expect(lanes.row(LB).nextWakeUpMs).toBe(lanes.row(LB).notes.verifyAtMs);
  });

  it('whose time is over has written what its last write did into the audit', async () => {
    const world = joiner();
    world.onSend = () => {
      world.nowMs += BUDGET_MS + 1;
    };

    expect(await pass(world)).toMatchObject({ isOutOfTime: true, writes: 1 });
    expect(world.audit.map(({ action }) => action)).toContain('added');
  });
});

describe('what a write is sent on', () => {
  it('is an observation of at most 10 seconds, however long the records took', async () => {
    const world = new MemoryWorld({
      backends: [aBackend('i-1'), aBackend('i-2')],
      rows: [aRow('i-1'), aRow('i-2')],
      instances: [anInstance('i-1', { tags: {} }), anInstance('i-2')],
    });
    let describedAtMs = 0;
    world.onDescribe = () => {
      describedAtMs = world.nowMs;
      return null;
    };
    world.onCommit = () => {
      world.nowMs += 12_000;
    };
    world.onSend = () => expect(world.nowMs - describedAtMs).toBeLessThanOrEqual(10_000);

    await pass(world);
    expect(world.sent).toHaveLength(1);
  });

  it('is generations of at most 2 seconds, or it is not sent', async () => {
    const world = joiner();
    let readAtMs = 0;
    world.onReadRows = () => {
      readAtMs = world.nowMs;
      world.nowMs += 3_000;
    };
    world.onSend = () => expect(world.nowMs - readAtMs).toBeLessThanOrEqual(2_000);

    expect(await pass(world)).toMatchObject({ isOutOfTime: true, failure: null });
    expect(world.sent).toEqual([]);
  });

  it('is a group that was read again after a write without a known outcome', async () => {
    const bindings = Array.from({ length: 6 }, (_, index) =>
      aBinding({ name: `b${index}`, vServerGroupId: `rsp-${index}` }),
    );
    const world = new MemoryWorld({
      bindings,
      instances: [anInstance('i-1')],
      signals: [aSignal('i-1', 'Running')],
    });
    world.onSend = () => {
      world.nowMs += 700;
      if (world.sent.length === 1) throw new TransientError('reset', 'unknown-outcome');
    };

    await pass(world);

    const adds = world.calls.flatMap((call, index) => (call === 'add rsp-0' ? [index] : []));
    expect(adds).toHaveLength(2);
    expect(world.calls.slice(adds[0], adds[1])).toContain('describe rsp-0');
  });
});

describe('a drain', () => {
  /** One backend of the second group has stopped; an instance wants to join both groups. */
  const worldWithDrain = () => {
    const first = aBinding({ name: 'first', vServerGroupId: 'rsp-first' });
    const drained = aBinding({ selector: { kind: 'tags', tags: { role: 'other' } } });
    return new MemoryWorld({
      bindings: [first, drained],
      backends: [aBackend('i-1'), aBackend('i-2')],
      rows: [aRow('i-1'), aRow('i-2')],
      instances: [
        anInstance('i-1', { status: 'Stopping', tags: { role: 'other' } }),
        anInstance('i-2', { tags: { role: 'other' } }),
        anInstance('i-3'),
      ],
      signals: [aSignal('i-3', 'Running')],
    });
  };
  const readings = (world: MemoryWorld) => world.calls.filter((call) => call === `describe ${GROUP}`).length;

  it('goes before the joins of another group', async () => {
    const world = worldWithDrain();

    await pass(world);

    expect(world.sent.map(({ step }) => `${step.kind} ${step.vServerGroupId}`)).toEqual([
      `set-weight ${GROUP}`,
      'add rsp-first',
    ]);
  });

  it('whose group takes a write in a moment is sent by the same pass, on a reading of its own', async () => {
    const world = worldWithDrain();
    world.onInstances = () => {
      world.nowMs += 400;
    };
    const writableAtMs = world.nowMs + 1_100;

    await pass(world, { ...NO_NOTES, writableAtMs: { [GROUP]: writableAtMs } });

    const drain = world.sent.find(({ step }) => step.vServerGroupId === GROUP);
    expect(drain?.atMs).toBeGreaterThanOrEqual(writableAtMs);
    expect(drain?.atMs).toBeLessThanOrEqual(writableAtMs + 400);
    expect(readings(world)).toBe(3);
  });

  it('whose group does not take it in time is handed over after a few readings', async () => {
    const world = worldWithDrain();
    world.onInstances = () => {
      world.nowMs += 10;
    };
    const writableAtMs = world.nowMs + 1_100;

    const result = await pass(world, { ...NO_NOTES, writableAtMs: { [GROUP]: writableAtMs } });

    expect(readings(world)).toBe(5);
    expect(result).toMatchObject({ nextLookMs: writableAtMs, isOutOfTime: false });
  });

  it('whose group takes no write for longer is left to a wake-up at once', async () => {
    const world = worldWithDrain();
    const writableAtMs = world.nowMs + 3_000;

    const result = await pass(world, { ...NO_NOTES, writableAtMs: { [GROUP]: writableAtMs } });

    expect(readings(world)).toBe(1);
    expect(result.nextLookMs).toBe(writableAtMs);
  });
});

describe('one backend that Set refuses', () => {
  it('keeps neither the others at weight nor new ones out of the group', async () => {
    const stopped = { status: 'Stopped' } as const;
    const world = new MemoryWorld({
      backends: [aBackend('i-1'), aBackend('i-2'), aBackend('i-3')],
      rows: [aRow('i-1'), aRow('i-2'), aRow('i-3')],
      instances: [
        anInstance('i-1', stopped),
        anInstance('i-2', stopped),
        anInstance('i-3'),
        anInstance('i-4'),
      ],
      signals: [aSignal('i-4', 'Running')],
    });
    world.onSend = ({ backends }) => {
      if (backends.some(({ serverId }) => serverId === 'i-1'))
        throw new RefusedBackendError('no such server');
    };

    let notes = NO_NOTES;
    for (let look = 0; look < 20; look++) {
      const result = await pass(world, notes);
      notes = result.notes;
      world.nowMs = Math.max(world.nowMs + 1, result.nextLookMs ?? 0);
    }

    expect(world.weights).toEqual(['i-1=100', 'i-3=100', 'i-4=100']);
    expect(world.row('i-1')?.held).toEqual({ by: 'refusal', reason: 'no such server' });
  });
});

describe('a read that lags behind our own Set', () => {
  it('does not begin the drain anew', async () => {
    const world = new MemoryWorld({
      backends: [aBackend('i-1'), aBackend('i-2')],
      rows: [aRow('i-1'), aRow('i-2')],
      instances: [anInstance('i-1', { status: 'Stopped' }), anInstance('i-2')],
    });
    const { notes } = await pass(world);
    const zeroAtMs = world.nowMs;
    world.nowMs += 1_500;
    world.onDescribe = () => aGroup([aBackend('i-1'), aBackend('i-2')]);

    await pass(world, notes);

    expect(world.sent).toHaveLength(1);
    expect(world.row('i-1')?.weightZeroAtMs).toBe(zeroAtMs);
  });
});

describe('a verification', () => {
  it('that falls due while the groups are being read stays due', async () => {
    const world = new MemoryWorld({
      backends: [aBackend('i-1')],
      rows: [aRow('i-1')],
      instances: [anInstance('i-1')],
    });
    const verifyAtMs = world.nowMs + 1_000;
    world.onInstances = () => {
      world.nowMs += 3_000;
    };

    expect(await pass(world, { ...NO_NOTES, verifyAtMs })).toMatchObject({ nextLookMs: verifyAtMs });
  });
});

describe('a pass over a group with many that never answer', () => {
  it('asks each of them once and ends, to come back after the interval of the probe', async () => {
    const servers = ids(200);
    const probe = { probe: { kind: 'tcp', timeoutMs: 2_000 }, everyMs: 5_000 } as const;
    const world = new MemoryWorld({
      bindings: [aBinding({ readiness: 'probe', probe })],
      backends: servers.map((id) => aBackend(id, { weight: 1 })),
      rows: servers.map((id) => aRow(id, { phase: 'joining', listedAtMs: NOW_MS, confirmedWeight: null })),
      instances: servers.map((id) => anInstance(id)),
    });
    let questions = 0;
    world.onProbe = () => {
      // A round of 50 lasts as long as one that gets no answer.
      if (questions++ % 50 === 0) world.nowMs += 2_000;
      return { isReady: false, reason: 'no answer' };
    };

    const result = await createServerGroupPass(world.deps)(world.held(), world.nowMs + 20_000);

    expect(questions).toBe(200);
    expect(result).toMatchObject({ isOutOfTime: false, failure: null });
    expect(result.nextLookMs).toBeGreaterThan(world.nowMs);
    expect(result.nextLookMs).toBeLessThanOrEqual(world.nowMs + 5_000);
  });
});
