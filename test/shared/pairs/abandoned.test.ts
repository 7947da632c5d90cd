import { describe, expect, it, vi } from 'vitest';
import { tellOfAbandoned } from '../../../shared/pairs/abandoned.ts';
import type { PairRow } from '../../../shared/pairs/record.ts';
import { aPair, aPairRow, aSaga } from '../../support/pairs.ts';

const LANES = ['pair-orders-db', 'pair-renamed', 'lb-bp1orders'];

const tell = async (row: PairRow | null, fails = false) => {
  const read = vi.fn(async (_name: string) => {
    if (fails) throw new Error('the table is away');
    return { row, orders: [] };
  });
  const error = vi.fn();
  const count = vi.fn();
  const logger = { error, warn: () => {}, info: () => {}, debug: () => {} };
  await tellOfAbandoned({ pairRows: { read }, metrics: { count }, logger, pairs: [aPair()] }, LANES);
  return { read, error, count };
};

describe('a pair that left the configuration', () => {
  it('in the middle of a change is told of by name and number, and counted', async () => {
    const { read, error, count } = await tell(aPairRow({ saga: aSaga({ number: 4, phase: 'repoint' }) }));

    expect(read.mock.calls).toEqual([['renamed']]);
    expect(count.mock.calls).toEqual([['pairs-held', 1, { pair: 'renamed' }]]);
    expect(error.mock.calls).toEqual([
      [
        { pair: 'renamed', number: 4, phase: 'repoint' },
        'promotion 4 is under way and its pair is not configured any more: put it back until that has ended',
      ],
    ]);
  });

  it.each([null, aPairRow(), aPairRow({ saga: aSaga({ phase: 'ended', outcome: 'done' }) })])(
    'without a change under way is nobody’s business',
    async (row) => {
      const { error, count } = await tell(row);

      expect([error.mock.calls, count.mock.calls]).toEqual([[], []]);
    },
  );

  it('fails nothing when it cannot be read', async () => {
    await expect(tell(null, true)).resolves.toBeDefined();
  });
});
