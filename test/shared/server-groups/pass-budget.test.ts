import { describe, expect, it } from 'vitest';
import { TransientError } from '../../../shared/errors.ts';
import { type LaneNotes, NO_NOTES } from '../../../shared/lanes/model.ts';
import { createServerGroupPass } from '../../../shared/server-groups/apply.ts';
import { aBackend, aBinding, anInstance, aRow, aSignal, NOW_MS } from '../../support/builders.ts';
import { MemoryWorld } from '../../support/memory-world.ts';

const BUDGET_MS = 20_000;

async function pass(world: MemoryWorld, notes: LaneNotes = NO_NOTES) {
  return await createServerGroupPass(world.deps)(world.held({ notes }), world.nowMs + BUDGET_MS);
}

/** One instance that wants to join. */
const joiner = () =>
  new MemoryWorld({ instances: [anInstance('i-1')], signals: [aSignal('i-1', 'Running')] });

describe('a throttled write', () => {
  it('is not tried again by the next pass, whatever brings it about', async () => {
    const world = joiner();
    world.onSend = () => {
      throw new TransientError('too many', 'throttled', undefined, { retryAfterMs: 30_000 });
    };

    const { notes } = await pass(world);
    world.nowMs += 100;
    await pass(world, notes);
    expect(world.sent).toHaveLength(1);

    world.onSend = () => {};
    world.nowMs += 30_000;
    await pass(world, notes);
    expect(world.weights).toEqual(['i-1=100']);
  });
});

describe('a budget that refuses', () => {
  const ADD = 'AddVServerGroupBackendServers';

  it('makes the step wait until it may be asked again, and loses nothing', async () => {
    const world = joiner();
    world.budgetRetryAtMs = world.nowMs + 4_000;

    const result = await pass(world);

    expect(world.sent).toEqual([]);
    expect(result).toMatchObject({ nextLookMs: world.nowMs + 4_000, isOutOfTime: false, failure: null });
    expect(world.counts).toEqual(['budget-exhausted=1']);
    world.nowMs += 4_000;
    await pass(world, result.notes);
    expect(world.weights).toEqual(['i-1=100']);
  });

  it('of one operation does not keep the others from being sent', async () => {
    const world = new MemoryWorld({
      backends: [aBackend('i-2'), aBackend('i-3')],
      rows: [aRow('i-2'), aRow('i-3')],
      instances: [anInstance('i-1'), anInstance('i-2', { status: 'Stopped' }), anInstance('i-3')],
      signals: [aSignal('i-1', 'Running')],
    });
    world.budgetRetryAtMs = world.nowMs + 4_000;
    world.isBudgeted = (api) => api === ADD;

    await pass(world);

    expect(world.weights).toEqual(['i-2=0', 'i-3=100']);
  });

  it('is asked once for each operation in a pass, however many groups wait', async () => {
    const bindings = Array.from({ length: 5 }, (_, index) =>
      aBinding({ name: `b${index}`, vServerGroupId: `rsp-${index}` }),
    );
    const world = new MemoryWorld({
      bindings,
      instances: [anInstance('i-1')],
      signals: [aSignal('i-1', 'Running')],
    });
    world.budgetRetryAtMs = world.nowMs + 4_000;

    await pass(world);

    expect(world.counts).toEqual(['budget-exhausted=1']);
  });

  it('and says to come back at once does not make the pass go round in circles', async () => {
    const world = joiner();
    let asked = 0;
    const { budget } = world.deps;
    const stingy = {
      ...budget,
      reserve: async () => {
        asked++;
        return { granted: 0, untilMs: world.nowMs, retryAtMs: world.nowMs };
      },
    };

    const held = world.held();
    const run = createServerGroupPass({ ...world.deps, budget: stingy });

    expect((await run(held, world.nowMs + BUDGET_MS)).nextLookMs).toBeGreaterThan(world.nowMs);
    expect(asked).toBeLessThanOrEqual(2);
  });
});

describe('questions to servers and monitors', () => {
  it('are asked once in a pass though it plans many times, and their answers are used', async () => {
    const ids = ['i-1', 'i-2', 'i-3'];
    const bindings = [aBinding({ readiness: 'probe' }), aBinding({ name: 'b', vServerGroupId: 'rsp-2' })];
    const world = new MemoryWorld({
      bindings,
      instances: ids.map((id) => anInstance(id)),
      signals: ids.map((id) => aSignal(id, 'Running')),
    });
    const probed: Array<string> = [];
    world.onProbe = (ip, port) => {
      probed.push(`${ip}:${port}`);
      return { isReady: true, reason: null };
    };

    const { notes } = await pass(world);

    expect(probed).toEqual(Array(3).fill('192.168.0.10:8080'));
    expect([...world.rows.values()].map(({ phase }) => phase)).toEqual(Array(6).fill('in-service'));
    world.nowMs += 5_000;
    await pass(world, notes);
    expect(new Set(world.weights)).toEqual(new Set(ids.map((id) => `${id}=100`)));
    expect(probed).toHaveLength(3);
  });

  it('do not keep a drain waiting: it is sent before anybody is asked', async () => {
    const world = new MemoryWorld({
      bindings: [aBinding({ readiness: 'probe' })],
      backends: [aBackend('i-1', { weight: 1 }), aBackend('i-2'), aBackend('i-3')],
      rows: [aRow('i-1', { phase: 'joining', listedAtMs: 1, decidedAtMs: 1 }), aRow('i-2'), aRow('i-3')],
      instances: [anInstance('i-1'), anInstance('i-2', { status: 'Stopping' }), anInstance('i-3')],
    });
    world.onProbe = () => {
      expect(world.sent).toHaveLength(1);
      return { isReady: false, reason: 'no answer' };
    };

    await pass(world);

    expect(world.weights).toContain('i-2=0');
  });

  it('that a monitor cannot answer let the drain last its whole time', async () => {
    const connections = { floor: 0, samples: 1, everyMs: 5_000 };
    const world = new MemoryWorld({
      bindings: [aBinding({ drain: { connections } })],
      backends: [aBackend('i-1', { weight: 0 }), aBackend('i-2')],
      rows: [aRow('i-1', { phase: 'draining', cause: 'stopped', weightZeroAtMs: NOW_MS }), aRow('i-2')],
      instances: [anInstance('i-1', { status: 'Stopped' }), anInstance('i-2')],
    });
    world.onCount = () => {
      throw new TransientError('no metrics', 'unavailable');
    };

    const { failure, nextLookMs } = await pass(world);

    expect([failure, nextLookMs]).toEqual([null, NOW_MS + 5_000]);
    expect(world.sent).toEqual([]);
    expect(world.row('i-1')).toMatchObject({ quietSamples: 0, sampledAtMs: NOW_MS });
  });
});
