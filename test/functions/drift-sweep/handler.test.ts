import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handleDriftSweep } from '../../../functions/drift-sweep/handler.ts';
import type { Production } from '../../../shared/adapters/production.ts';
import { TransientError } from '../../../shared/errors.ts';
import { parseBatch } from '../../../shared/events/interpret.ts';
import type { InboundEvent } from '../../../shared/events/model.ts';
import type { StartOutcome } from '../../../shared/sweep/ports.ts';
import { aBinding } from '../../support/builders.ts';
import { type Stage, setStage } from '../../support/stage.ts';

const DUE_MS = Date.UTC(2026, 3, 9, 5, 5, 30);
const at = (triggeredAtMs: number): InboundEvent => ({ kind: 'tick', triggeredAtMs });
const NUMBERS = [1, 2, 3] as const;
const idOf = (n: number) => `lb-bp1fictional000${n}`;
const IDS = NUMBERS.map(idOf);

let stage: Stage;
/** What the sweep has started: its payload by its task id. */
let started: Map<string, string>;
let counted: Array<string>;
beforeEach(async () => {
  started = new Map();
  counted = [];
  const bindings = NUMBERS.map((n) =>
    aBinding({ name: `web-${n}`, loadBalancerId: idOf(n), vServerGroupId: `rsp-bp1fictional00${n}` }),
  );
  stage = await setStage({ bindings });
});
afterEach(() => stage.close());

/** A platform that knows the task ids it has taken. */
const start = async (taskId: string, payload: string): Promise<StartOutcome> => {
  if (started.has(taskId)) return 'already';
  started.set(taskId, payload);
  return 'started';
};
const worker = (inPlace: number, overrides: Partial<Production> = {}): Production =>
  stage.worker({
    sweep: { inPlace },
    reconcile: { start },
    metrics: {
      count: (name, _, labels) => void counted.push(`${name} ${labels.loadBalancer ?? ''}`),
    },
    ...overrides,
  });
const sweepOf = async (deps: Production, triggeredAtMs = DUE_MS) =>
  (await handleDriftSweep(deps, [at(triggeredAtMs)])).sweep;

describe('a firing of the timer', () => {
  it('sweeps nothing outside of the minute in which a sweep is due', async () => {
    expect(await sweepOf(worker(8), DUE_MS + 60_000)).toBeNull();
    expect(await sweepOf(worker(0), DUE_MS - 60_000)).toBeNull();
    expect(stage.clouds.foundation.gate.records).toEqual([]);
  });

  it('that names no instant of the schedule sweeps nothing', async () => {
    expect(await handleDriftSweep(worker(8), [{ kind: 'tick' }])).toEqual({ sweep: null });
    expect(await handleDriftSweep(worker(8), [])).toEqual({ sweep: null });
  });
});

describe('a sweep over few load balancers', () => {
  it('compares each of them itself', async () => {
    const sweep = await sweepOf(worker(3));

    expect(sweep).toMatchObject({ kind: 'in-place', triggeredAtMs: DUE_MS });
    expect(sweep?.kind === 'in-place' && [...sweep.comparison.compared].sort()).toEqual(IDS);
    expect(started.size).toBe(0);
  });

  it('works those that differ, and counts those that it could not compare', async () => {
    const deps = worker(3);
    await stage.running(1);
    const blind = async (loadBalancerId: string) => {
      if (loadBalancerId === IDS[1]) throw new Error('no answer');
      return await deps.loadBalancers.describe(loadBalancerId);
    };

    const sweep = await sweepOf({ ...deps, loadBalancers: { ...deps.loadBalancers, describe: blind } });

    expect(sweep).toMatchObject({ comparison: { failed: { [IDS[1] ?? '']: 'no answer' } } });
    expect(sweep?.kind === 'in-place' && Object.keys(sweep.lanes)).toEqual([IDS[0], IDS[2]]);
    expect(counted).toContain(`sweep-failures ${IDS[1]}`);
  });
});

describe('a sweep over many load balancers', () => {
  it('starts one task for each, which the function of that name understands', async () => {
    const sweep = await sweepOf(worker(2));

    expect(sweep).toEqual({
      kind: 'fanned-out',
      triggeredAtMs: DUE_MS,
      started: IDS,
      already: [],
      failed: {},
      remarks: [],
    });
    expect([...started.keys()].sort()).toEqual(IDS.map((id) => `${id}_20260409T050530Z`));
    expect([...started.values()].flatMap((payload) => parseBatch(Buffer.from(payload)))).toEqual(
      IDS.map((loadBalancerId) => ({ kind: 'reconcile', loadBalancerId, triggeredAtMs: DUE_MS })),
    );
  });

  it('compares nothing itself', async () => {
    await sweepOf(worker(0));

    const asked = stage.clouds.foundation.gate.records.map(({ product }) => product);
    expect(new Set(asked)).toEqual(new Set(['ots']));
  });

  it('starts nothing twice when its timer fires twice, and everything again the next time', async () => {
    await sweepOf(worker(0));

    expect(await sweepOf(worker(0))).toMatchObject({ started: [], already: IDS, failed: {} });
    expect(await sweepOf(worker(0), DUE_MS + 300_000)).toMatchObject({ started: IDS, already: [] });
  });

  it('tells each that could not be started, and starts the others', async () => {
    const reconcile = {
      start: async (taskId: string, payload: string) => {
        if (taskId.startsWith(IDS[0] ?? '-')) throw new TransientError('too many', 'throttled');
        return await start(taskId, payload);
      },
    };

    const sweep = await sweepOf(worker(0, { reconcile }));

    expect(sweep).toMatchObject({ started: IDS.slice(1), failed: { [IDS[0] ?? '']: 'too many' } });
    expect(counted.filter((name) => name.startsWith('sweep-failures'))).toEqual([`sweep-failures ${IDS[0]}`]);
  });

  it('ends within its time, and leaves the rest to the next one', async () => {
    let nowMs = 0;
    const ownClock = { nowMs: () => nowMs };
    const reconcile = {
      start: async (taskId: string, payload: string) => {
        nowMs = Number.MAX_SAFE_INTEGER;
        return await start(taskId, payload);
      },
    };

    const sweep = await sweepOf(worker(0, { reconcile, ownClock }));

    const failed = sweep?.kind === 'fanned-out' ? Object.values(sweep.failed) : [];
    expect(failed).toEqual(['no time left in this round', 'no time left in this round']);
  });
});
