import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryFunctions, type MemoryFunctions } from '../../../../infra/local/memory/functions.ts';
import { passTo } from '../../../../infra/local/memory/passage.ts';
import { sleep, VirtualClock } from '../../../../infra/local/world/clock.ts';
import { createFoundation } from '../../../../infra/local/world/foundation.ts';
import { NOW_MS } from '../../../support/builders.ts';

const FUNCTION = 'reconcile';
const RUN_MS = 60_000;

let clock: VirtualClock;
let functions: MemoryFunctions;
let running: number;
let most: number;
let ran: Array<string>;
beforeEach(() => {
  clock = new VirtualClock(NOW_MS);
  [running, most, ran] = [0, 0, []];
  functions = createMemoryFunctions(createFoundation({ clock }), async ({ payload, attempt }) => {
    ran.push(`${payload}`);
    most = Math.max(most, ++running);
    await sleep(clock, RUN_MS);
    running--;
    if (`${payload}` === 'fails once' && attempt === 1) throw new Error('for now');
  });
});

const deploy = (reservedConcurrency: number | null, maxAsyncEventAgeSeconds = 3_600) =>
  functions.deploy({
    functionName: FUNCTION,
    codeFolder: './reconcile',
    reservedConcurrency,
    asyncConfig: { asyncTask: true, maxAsyncRetryAttempts: 1, maxAsyncEventAgeSeconds },
  });
const start = (...names: ReadonlyArray<string>) => {
  for (const name of names) functions.start(FUNCTION, name.replaceAll(' ', '-'), Buffer.from(name));
};
const pass = (runs: number) => passTo(clock, NOW_MS + runs * RUN_MS + 10_000);

describe('asynchronous invocations in a world without processes', () => {
  it('run at once where nothing is reserved', async () => {
    deploy(null);
    start('a', 'b', 'c');

    await pass(1);

    expect([ran, most]).toEqual([['a', 'b', 'c'], 3]);
  });

  it('come again where as many run as may, each wait twice as long as the one before', async () => {
    deploy(2);
    start('a', 'b', 'c', 'd', 'e');

    await pass(1);
    expect(ran).toEqual(['a', 'b', 'c', 'd']);
    await pass(3);

    expect([ran, most, running]).toEqual([['a', 'b', 'c', 'd', 'e'], 2, 0]);
  });

  it('make room for others while they wait to be tried again', async () => {
    deploy(1);
    start('fails once');
    await passTo(clock, NOW_MS + RUN_MS);
    start('b');

    await pass(3);

    expect([ran, most]).toEqual([['fails once', 'b', 'fails once'], 1]);
  });

  it('are given up when they have waited too long, which holds up nobody behind them', async () => {
    deploy(1, 50);
    start('a', 'b');

    await pass(2);
    expect(ran).toEqual(['a']);
    start('c');
    await pass(3);

    expect(ran).toEqual(['a', 'c']);
  });
});
