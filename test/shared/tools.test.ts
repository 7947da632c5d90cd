import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../shared/backoff.ts';
import { chunksOf, groupBy } from '../../shared/collections.ts';
import { mapBounded } from '../../shared/concurrency.ts';
import { ConflictError, describeError, RejectedError, TransientError } from '../../shared/errors.ts';

describe('lists', () => {
  it('are cut into parts that hold everything once, in order, none too long or empty', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 7 }), (items, size) => {
        const chunks = chunksOf(items, size);
        expect(chunks.flat()).toEqual(items);
        expect(chunks.every(({ length }) => length > 0 && length <= size)).toBe(true);
        expect(chunks.length).toBe(Math.ceil(items.length / size));
      }),
    );
  });

  it('are grouped in the order of first appearance', () => {
    const groups = groupBy(['ab', 'c', 'ad', 'cx'], (text) => text[0]);

    expect([...groups]).toEqual([
      ['a', ['ab', 'ad']],
      ['c', ['c', 'cx']],
    ]);
  });
});

describe('work done a few at a time', () => {
  it('keeps the order of the items and the limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 3 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 5 }),
        async (turns, limit) => {
          let atOnce = 0;
          const results = await mapBounded(turns, limit, async (count) => {
            expect(++atOnce).toBeLessThanOrEqual(limit);
            for (let turn = 0; turn < count; turn++) await Promise.resolve();
            atOnce--;
            return count * 2;
          });
          expect(results).toEqual(turns.map((count) => count * 2));
        },
      ),
    );
  });

  it('begins nothing new after a failure, and throws the first one only when all that began has ended', async () => {
    const begun: Array<number> = [];
    const ended: Array<number> = [];
    const work = mapBounded([0, 1, 2, 3, 4], 2, async (n) => {
      begun.push(n);
      await new Promise((resolve) => setTimeout(resolve, n === 0 ? 5 : 30));
      ended.push(n);
      throw new Error(`item ${n}`);
    });

    await expect(work).rejects.toThrow('item 0');
    expect([begun, ended]).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });
});

describe('the wait before the next try', () => {
  it('doubles up to its limit and is drawn from its upper half', () => {
    const waits = (random: number) =>
      [1, 2, 3, 4, 9, 5_000].map((n) => backoffMs(n, () => random, 100, 1_000));

    expect(waits(0)).toEqual([50, 100, 200, 400, 500, 500]);
    expect(waits(0.999_999)).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });
});

describe('the line about a failure', () => {
  const origin = { api: 'PutRow', code: 'OTSTimeout', requestId: 'r-1' };

  it('names the API, code and request id as far as there are any', () => {
    expect(describeError(new TransientError('it failed', 'busy', origin))).toBe(
      'it failed (PutRow, OTSTimeout, request r-1)',
    );
    expect(describeError(new RejectedError('it failed', { ...origin, requestId: null }))).toBe(
      'it failed (PutRow, OTSTimeout)',
    );
    expect(describeError(new ConflictError('it failed'))).toBe('it failed');
    expect(describeError(new TypeError('x'))).toBe('TypeError: x');
    expect(describeError('x')).toBe('x');
  });

  it('does not repeat its cause', () => {
    const cause = new Error('GET http://h/?Signature=abc failed');

    expect(describeError(new RejectedError('it failed', origin, cause))).not.toContain('Signature');
  });
});
