import { beforeEach, describe, expect, it } from 'vitest';
import { passTo, passUntil } from '../../../infra/local/memory/passage.ts';
import { createTickets, type Tickets } from '../../../shared/api-budget/tickets.ts';
import { ADD, BudgetWorld, SET } from './budget-world.ts';

// The tests' clock stands 1 s after the start of a slot of 2.5 s, of which 1.25 s can still be used.
const USABLE_MS = 1_250;

let world: BudgetWorld;
let tickets: Tickets;
let other: Tickets;
beforeEach(() => {
  world = new BudgetWorld();
  tickets = createTickets(world.worker().budget);
  other = createTickets(world.worker().budget);
});
const pass = (ms: number) => passTo(world.clock, world.clock.nowMs() + ms);

describe('tickets', () => {
  it('are reserved together and given out one by one', async () => {
    for (let n = 0; n < 3; n++) expect(await tickets.take(SET, 'join', 3 - n)).toBe('granted');

    expect(world.calls).toEqual(['UpdateRow']);
    expect(await tickets.take(SET, 'join', 1)).toMatchObject({ retryAtMs: expect.any(Number) });
  });

  it('are never more than the pass still wants', async () => {
    await tickets.take(SET, 'join', 1);
    await other.take(SET, 'join', 1);
    await other.take(SET, 'join', 1);

    expect(await tickets.take(SET, 'join', 1)).not.toBe('granted');
  });

  it('are never more than can be sent before the slot ends', async () => {
    await pass(USABLE_MS - 400);

    await tickets.take(SET, 'join', 3);
    expect(await other.take(SET, 'join', 1)).toBe('granted');
    expect(await other.take(SET, 'join', 1)).toBe('granted');
  });

  it('are reserved at the pace at which the pass has sent', async () => {
    await pass(USABLE_MS - 500);
    await tickets.take(ADD, 'join', 1);
    await pass(100);
    await tickets.take(ADD, 'join', 1);
    await pass(100);

    // 300 ms are left, in which three more calls can be sent.
    await tickets.take(SET, 'join', 3);
    expect(await other.take(SET, 'join', 1)).not.toBe('granted');
  });

  it('are reserved one by one when the pass has been slow', async () => {
    await tickets.take(ADD, 'join', 1);
    await pass(900);
    await tickets.take(ADD, 'join', 1);

    // 350 ms are left.
    await tickets.take(SET, 'join', 3);
    expect(await other.take(SET, 'join', 1)).toBe('granted');
    expect(await other.take(SET, 'join', 1)).toBe('granted');
  });

  it('are forgotten when their slot ends', async () => {
    await tickets.take(SET, 'join', 3);
    await pass(2_500);

    expect(await tickets.take(SET, 'join', 3)).toBe('granted');
    expect(world.calls).toEqual(['UpdateRow', 'UpdateRow']);
  });

  it('of one operation are not another one’s', async () => {
    await tickets.take(SET, 'join', 3);
    await tickets.take(ADD, 'join', 3);

    expect(world.calls).toEqual(['UpdateRow', 'UpdateRow']);
  });

  it('of joins serve a drain of the same pass, but a drain’s never serve joins', async () => {
    await tickets.take(SET, 'join', 2);
    expect(await tickets.take(SET, 'drain', 1)).toBe('granted');
    expect(world.calls).toHaveLength(1);

    await tickets.take(SET, 'drain', 3);
    expect(await tickets.take(SET, 'join', 1)).not.toBe('granted');
    const from = world.calls.length;
    expect(await tickets.take(SET, 'drain', 1)).toBe('granted');
    expect(world.calls).toHaveLength(from);
  });

  it('are asked for again at once when the slot ended while the table answered', async () => {
    const effect = { kind: 'delay', beforeMs: 0, afterMs: 2_000 } as const;
    world.foundation.faults.inject({
      name: 'slow',
      match: { action: 'UpdateRow' },
      skip: 0,
      times: 1,
      effect,
    });

    expect(await passUntil(world.clock, tickets.take(SET, 'join', 1))).toBe('granted');
    expect(world.calls).toEqual(['UpdateRow', 'UpdateRow']);
  });

  it('held when the operation is throttled are not given out any more', async () => {
    await tickets.take(SET, 'join', 3);

    const retryAtMs = await tickets.throttled(SET, 4_000);
    const answer = await tickets.take(SET, 'drain', 1);

    expect(retryAtMs).toBeGreaterThanOrEqual(world.clock.nowMs() + 4_000);
    expect(answer).not.toBe('granted');
    expect(await other.take(SET, 'drain', 1)).not.toBe('granted');
    expect(await tickets.take(ADD, 'join', 1)).toBe('granted');
  });

  it('wanted in any odd number are one at least', async () => {
    expect(await tickets.take(SET, 'join', 0)).toBe('granted');
    expect(await tickets.take(SET, 'join', 1.5)).toBe('granted');
    expect(await tickets.take(SET, 'join', 1)).toBe('granted');
    expect(await tickets.take(SET, 'join', 1)).not.toBe('granted');
  });
});
