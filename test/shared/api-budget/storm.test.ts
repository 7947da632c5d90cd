import { describe, expect, it } from 'vitest';
import { passTo } from '../../../infra/local/memory/passage.ts';
import { DEFAULT_API_BUDGET, type Priority } from '../../../shared/api-budget/model.ts';
import { createTickets } from '../../../shared/api-budget/tickets.ts';
import { ADD, BudgetWorld, mostInAMinute, SET } from './budget-world.ts';

// Ten lanes on workers of their own want more calls of one operation than there are, for ten minutes; drains come in
// between. What is measured is what the real code, on the real table, lets through. A refused lane comes back with a
// wake-up, which is late by up to a second, since queues delay by whole seconds.

const MINUTES = 10;
const LANES = 10;
const CALL_MS = 150;
const SHARE = DEFAULT_API_BUDGET.limitPerMinute - DEFAULT_API_BUDGET.reserveForPeople;

interface Storm {
  /** When each call was sent and when it arrived, by the world's own clock. */
  readonly sentAtMs: ReadonlyArray<number>;
  readonly arrivedAtMs: ReadonlyArray<number>;
  /** How long each drain waited for its ticket, in ms. */
  readonly drainWaitsMs: ReadonlyArray<number>;
  readonly perMinute: number;
}

async function storm(options: {
  api: string;
  seed: number;
  /** One drain per so many ms, at random. */
  drainEveryMs: number | null;
  priority?: Priority;
  wayMsMax?: number;
  skewMsMax?: number;
  lanes?: number;
}): Promise<Storm> {
  const { api, seed, drainEveryMs, priority = 'join', wayMsMax = 20, skewMsMax = 0, lanes = LANES } = options;
  const world = new BudgetWorld(seed);
  const { clock, random } = world;
  const startMs = clock.nowMs();
  const endMs = startMs + MINUTES * 60_000;
  const sentAtMs: Array<number> = [];
  const arrivedAtMs: Array<number> = [];
  const drainWaitsMs: Array<number> = [];
  const newWorker = () => world.worker({ wayMsMax, skewMs: Math.round((random() * 2 - 1) * skewMsMax) });
  const send = async () => {
    sentAtMs.push(clock.nowMs());
    arrivedAtMs.push(clock.nowMs() + random() * wayMsMax);
    await world.sleep(CALL_MS);
  };
  const comeBack = async (nowMs: number, retryAtMs: number) => {
    await world.sleep(Math.ceil((retryAtMs - nowMs) / 1_000) * 1_000 + random() * 100);
  };

  const lane = async () => {
    const { budget, read } = newWorker();
    await read();
    while (clock.nowMs() < endMs) {
      const tickets = createTickets(budget);
      for (;;) {
        const answer = await tickets.take(api, priority, 4);
        if (answer !== 'granted') {
          await comeBack(budget.nowMs(), answer.retryAtMs);
          break;
        }
        await send();
      }
    }
  };
  const drain = async () => {
    const { budget, read } = newWorker();
    await read();
    const askedAtMs = clock.nowMs();
    for (;;) {
      const answer = await createTickets(budget).take(api, 'drain', 1);
      if (answer === 'granted') break;
      await world.sleep(Math.max(1, answer.retryAtMs - budget.nowMs()));
    }
    drainWaitsMs.push(clock.nowMs() - askedAtMs);
    await send();
  };
  const drains = async () => {
    while (drainEveryMs !== null && clock.nowMs() < endMs) {
      await world.sleep(-Math.log(1 - random()) * drainEveryMs);
      void drain();
    }
  };
  for (let n = 0; n < lanes; n++) void world.sleep(random() * 3_000).then(lane);
  void drains();
  await passTo(clock, endMs);

  const counted = sentAtMs.filter((atMs) => atMs >= startMs + 60_000).length;
  return { sentAtMs, arrivedAtMs, drainWaitsMs, perMinute: counted / (MINUTES - 1) };
}

const quantile = (values: ReadonlyArray<number>, q: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN;

describe.each([1, 2, 3])('a storm of joins (seed %i)', (seed) => {
  it('uses the share of an operation that drains use to 1 / 1.1 at least, and never exceeds it', async () => {
    const { perMinute, sentAtMs, arrivedAtMs } = await storm({ api: SET, seed, drainEveryMs: null });

    expect(mostInAMinute(sentAtMs)).toBeLessThanOrEqual(SHARE);
    expect(mostInAMinute(arrivedAtMs)).toBeLessThanOrEqual(SHARE);
    expect(SHARE / perMinute).toBeLessThanOrEqual(1.1);
  });

  it('uses the share of any other operation better still', async () => {
    const { perMinute, sentAtMs, arrivedAtMs } = await storm({ api: ADD, seed, drainEveryMs: null });

    expect(mostInAMinute(sentAtMs)).toBeLessThanOrEqual(SHARE);
    expect(mostInAMinute(arrivedAtMs)).toBeLessThanOrEqual(SHARE);
    expect(SHARE / perMinute).toBeLessThanOrEqual(1.065);
  });

  it('lets drains through within the slot, without giving up its own use of the share', async () => {
    const { perMinute, sentAtMs, drainWaitsMs } = await storm({ api: SET, seed, drainEveryMs: 5_000 });

    expect(drainWaitsMs.length).toBeGreaterThan(100);
    expect(quantile(drainWaitsMs, 0.99)).toBeLessThan(500);
    expect(mostInAMinute(sentAtMs)).toBeLessThanOrEqual(SHARE);
    expect(SHARE / perMinute).toBeLessThanOrEqual(1.1);
  });

  it('of workers whose clocks are minutes apart keeps to the share all the same', async () => {
    const { perMinute, sentAtMs, arrivedAtMs } = await storm({
      api: SET,
      seed,
      drainEveryMs: 5_000,
      wayMsMax: 100,
      skewMsMax: 300_000,
    });

    expect(mostInAMinute(sentAtMs)).toBeLessThanOrEqual(SHARE);
    expect(mostInAMinute(arrivedAtMs)).toBeLessThanOrEqual(SHARE);
    expect(SHARE / perMinute).toBeLessThanOrEqual(1.1);
  });
});
