import { describe, expect, it } from 'vitest';
import { TransientError } from '../../../shared/errors.ts';
import type { BackendChange } from '../../../shared/requests/document.ts';
import { begunChange, entriesOf } from '../../../shared/requests/effects/backends.ts';
import { type LookDeps, look, progressOf } from '../../../shared/requests/look.ts';
import { aBinding, aRow, LB, NOW_MS } from '../../support/builders.ts';
import { aPair, aPairRow } from '../../support/pairs.ts';
import { aBegunRow } from '../../support/requests.ts';

const POLICY = {
  requests: { areSignaturesRequired: false, requesters: [] },
  bindings: [aBinding()],
  pairs: [aPair()],
};
const CHANGE: BackendChange = { kind: 'remove', binding: 'web', instances: ['i-1'] };
const ROW = aBegunRow(CHANGE);
const ORDERED = aRow('i-1', {
  phase: 'removed',
  orders: [
    { cause: 'change-request', ref: 'deploy-4711', sinceMs: NOW_MS, deadlineAtMs: null, untilMs: null },
  ],
});

/** The tables of a lane that takes a signal into its records the moment that its inbox has been read. */
function aLane() {
  const begun = begunChange(ROW, NOW_MS);
  let signals = begun === null ? [] : entriesOf(begun, aBinding()).map(({ signal }) => signal);
  const read: Array<string> = [];
  const deps: LookDeps = {
    inbox: {
      read: async (laneId) => {
        read.push(`inbox ${laneId}`);
        const before = signals;
        signals = [];
        return before;
      },
    },
    backends: {
      readGroups: async () => {
        read.push('records');
        return signals.length > 0 ? [] : [ORDERED];
      },
    },
    pairRows: { read: async () => ({ row: aPairRow(), orders: [] }) },
  };
  return { deps, read };
}

describe('a look at the target of a lane of requests', () => {
  it('reads the inbox before the records, so that a signal is in one of them', async () => {
    const { deps, read } = aLane();
    const first = await look(deps, POLICY, 'req-binding-web');
    const second = await look(deps, POLICY, 'req-binding-web');

    expect(read).toEqual([`inbox ${LB}`, 'records', `inbox ${LB}`, 'records']);
    expect([progressOf(ROW, POLICY, first).kind, progressOf(ROW, POLICY, second).kind]).toEqual([
      'waiting',
      'in-force',
    ]);
  });

  it('is an error when a part of it fails', async () => {
    const { deps } = aLane();
    const readGroups = async () => {
      throw new TransientError('no records', 'unavailable');
    };

    await expect(look({ ...deps, backends: { readGroups } }, POLICY, 'req-binding-web')).rejects.toThrow(
      'no records',
    );
  });

  it.each(['req-binding-gone', 'req-pair-gone'])(
    'at %s finds nothing, and the request is lost',
    async (id) => {
      const standing = await look(aLane().deps, POLICY, id);

      expect(standing).toEqual({ of: 'nothing' });
      expect(progressOf(ROW, POLICY, standing).kind).toBe('lost');
    },
  );

  it('at a pair is its row', async () => {
    expect(await look(aLane().deps, POLICY, 'req-pair-orders-db')).toMatchObject({
      of: 'pair',
      row: { name: 'orders-db' },
    });
  });
});
