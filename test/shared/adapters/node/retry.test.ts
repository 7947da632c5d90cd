import { describe, expect, it } from 'vitest';
import { DeadlineError, withDeadline } from '../../../../shared/adapters/node/deadline.ts';
import { withRetries } from '../../../../shared/adapters/node/retry.ts';
import { failureOf } from '../../../support/misbehaving-server.ts';

const never = () => new Promise<never>(() => {});

describe('a deadline', () => {
  it('gives the result or the failure of what ends in time', async () => {
    expect(await withDeadline(Promise.resolve(7), 1_000, 'x')).toBe(7);
    await expect(withDeadline(Promise.reject(new Error('own')), 1_000, 'x')).rejects.toThrow('own');
  });

  it('ends what never ends, and aborts it', async () => {
    let isAborted = false;

    const { error, tookMs } = await failureOf(
      withDeadline(never(), 50, 'the call', () => {
        isAborted = true;
      }),
    );

    expect(error).toBeInstanceOf(DeadlineError);
    expect(isAborted).toBe(true);
    expect(tookMs).toBeLessThan(400);
  });

  it('does not mind a failure that comes after it', async () => {
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error('late')), 60));

    expect((await failureOf(withDeadline(late, 20, 'x'))).error).toBeInstanceOf(DeadlineError);
    await late.catch(() => {});
  });
});

describe('retries', () => {
  const limits = { timeoutMs: 400, triesMax: 3, waitMs: 10 };

  it('end with the first success, the tries sharing one time', async () => {
    const shares: Array<number> = [];

    const result = await withRetries(
      limits,
      () => true,
      async (leftMs) => {
        shares.push(leftMs);
        if (shares.length < 3) throw new Error('again');
        return 'done';
      },
    );

    expect(result).toBe('done');
    expect(shares[0]).toBe(400);
    expect(shares[2]).toBeLessThanOrEqual(380);
  });

  it('end with the last failure when the tries are used up, and at once with one that may not be repeated', async () => {
    let tries = 0;
    const fail = async () => {
      throw new Error(`try ${++tries}`);
    };

    await expect(withRetries(limits, () => true, fail)).rejects.toThrow('try 3');
    await expect(withRetries(limits, () => false, fail)).rejects.toThrow('try 4');
  });

  it('are not begun when too little time is left for one', async () => {
    let tries = 0;
    const { error, tookMs } = await failureOf(
      withRetries(
        limits,
        () => true,
        async (leftMs) => {
          tries++;
          return await withDeadline(never(), leftMs, 'the call');
        },
      ),
    );

    expect(error).toBeInstanceOf(DeadlineError);
    expect(tries).toBe(1);
    expect(tookMs).toBeLessThan(700);
  });
});
