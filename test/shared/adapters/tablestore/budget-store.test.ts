import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createBudgetStore } from '../../../../shared/adapters/tablestore/budget-store.ts';
import type { BudgetStore } from '../../../../shared/api-budget/ports.ts';
import { NOW_MS } from '../../../support/builders.ts';
import { type Stage, setStage } from '../../../support/stage.ts';
import { openTables, tableCalls } from '../../../support/tables.ts';

const CAP = 6;

let stage: Stage;
let store: BudgetStore;
beforeAll(async () => {
  stage = await setStage();
  store = createBudgetStore(openTables(stage));
});
afterEach(() => stage.clouds.foundation.faults.clear());
afterAll(() => stage.close());

let slots = 0;
const aKey = () => ({
  regionId: 'cn-hangzhou',
  api: 'SetVServerGroupAttribute',
  slotStartsAtMs: NOW_MS + 5_000 * ++slots,
});
const takenIn = ({ slotStartsAtMs }: ReturnType<typeof aKey>) =>
  stage.rows('budget').find(({ slot }) => Number(slot) === slotStartsAtMs)?.taken;
const recorded = () => stage.clouds.foundation.gate.records.length;
const injectOnce = (
  action: string,
  effect: Parameters<Stage['clouds']['foundation']['faults']['inject']>[0]['effect'],
  times = 1,
) => stage.clouds.foundation.faults.inject({ name: action, match: { action }, skip: 0, times, effect });

describe('taking calls of a slot', () => {
  it('is one conditional update while the whole wish fits', async () => {
    const key = aKey();
    const from = recorded();

    expect(await store.take(key, 4, CAP)).toBe(4);
    expect(await store.take(key, 2, CAP)).toBe(2);
    expect(tableCalls(stage, from)).toEqual(['UpdateRow', 'UpdateRow']);
    expect(Number(takenIn(key))).toBe(6);
  });

  it('takes the remainder when the wish does not fit: refused, read, taken', async () => {
    const key = aKey();
    await store.take(key, 4, CAP);
    const from = recorded();

    expect(await store.take(key, 5, CAP)).toBe(2);
    expect(tableCalls(stage, from)).toEqual(['UpdateRow', 'GetRow', 'UpdateRow']);
  });

  it('takes nothing of what is used up, without a read when one was wanted', async () => {
    const key = aKey();
    await store.take(key, CAP, CAP);
    const from = recorded();

    expect(await store.take(key, 1, CAP)).toBe(0);
    expect(tableCalls(stage, from)).toEqual(['UpdateRow']);
    expect(await store.take(key, 3, CAP)).toBe(0);
    expect(Number(takenIn(key))).toBe(CAP);
  });

  it('never takes more than the cap of a slot that nobody has touched', async () => {
    const key = aKey();

    expect(await store.take(key, 50, CAP)).toBe(CAP);
    expect(await store.take(aKey(), 3, 0)).toBe(0);
  });

  it('leaves to a higher cap what is beyond the lower one', async () => {
    const key = aKey();

    expect(await store.take(key, CAP, CAP - 1)).toBe(CAP - 1);
    expect(await store.take(key, 2, CAP)).toBe(1);
  });

  it('counts each region, operation and slot by itself', async () => {
    const key = aKey();
    await store.take(key, CAP, CAP);

    expect(await store.take({ ...key, api: 'AddVServerGroupBackendServers' }, 2, CAP)).toBe(2);
    expect(await store.take({ ...key, regionId: 'cn-beijing' }, 2, CAP)).toBe(2);
    expect(await store.take({ ...key, slotStartsAtMs: key.slotStartsAtMs + 2_500 }, 2, CAP)).toBe(2);
  });

  it('of twenty workers at once grants exactly the cap when each wants one', async () => {
    const key = aKey();

    const granted = await Promise.all(Array.from({ length: 20 }, () => store.take(key, 1, CAP)));

    expect(granted.reduce((total, each) => total + each, 0)).toBe(CAP);
    expect(Number(takenIn(key))).toBe(CAP);
  });

  it('of workers with larger wishes never exceeds the cap, and tries so often only', async () => {
    const key = aKey();
    const from = recorded();

    const granted = await Promise.all(Array.from({ length: 12 }, () => store.take(key, 4, 30)));

    const total = granted.reduce((sum, each) => sum + each, 0);
    expect(total).toBeLessThanOrEqual(30);
    expect(total).toBeGreaterThanOrEqual(28);
    expect(Number(takenIn(key))).toBe(total);
    expect(tableCalls(stage, from).length).toBeLessThanOrEqual(12 * 5);
  });

  it('gives up after three refusals in a row', async () => {
    const key = aKey();
    await store.take(key, 2, CAP);
    const effect = {
      kind: 'error',
      status: 403,
      code: 'OTSConditionCheckFail',
      message: 'Condition check failed.',
    } as const;
    injectOnce('UpdateRow', effect, 9);
    const from = recorded();

    expect(await store.take(key, 4, CAP)).toBe(0);
    expect(tableCalls(stage, from)).toEqual(['UpdateRow', 'GetRow', 'UpdateRow', 'GetRow', 'UpdateRow']);
  });

  it('whose reply is lost is not repeated, and what it took stays taken', async () => {
    const key = aKey();
    injectOnce('UpdateRow', { kind: 'lose-reply' });
    const from = recorded();

    await expect(store.take(key, 4, CAP)).rejects.toMatchObject({ reason: 'unknown-outcome' });
    expect(tableCalls(stage, from)).toEqual(['UpdateRow']);
    expect(await store.take(key, 4, CAP)).toBe(2);
  });

  it('that was refused before it took effect is tried again', async () => {
    const key = aKey();
    injectOnce('UpdateRow', { kind: 'error', status: 503, code: 'OTSServerBusy', message: 'busy' });

    expect(await store.take(key, 4, CAP)).toBe(4);
    expect(Number(takenIn(key))).toBe(4);
  });
});

describe('spending slots', () => {
  it('leaves nothing of them, in one call, whatever was taken before', async () => {
    const keys = [aKey(), aKey(), aKey()];
    await store.take(keys[1] ?? aKey(), 2, CAP);
    const from = recorded();

    await store.spend(keys, 78);

    expect(tableCalls(stage, from)).toEqual(['BatchWriteRow']);
    for (const key of keys) expect(await store.take(key, 1, CAP)).toBe(0);
  });
});
