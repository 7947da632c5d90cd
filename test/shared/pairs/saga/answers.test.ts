import { describe, expect, it } from 'vitest';
import type { PairStep } from '../../../../shared/pairs/model.ts';
import { unmended } from '../../../../shared/pairs/saga/answers.ts';
import { aListener, aSaga } from '../../../support/pairs.ts';

const point = (port: number): PairStep => ({
  kind: 'point',
  loadBalancerId: 'lb-bp1',
  listener: { protocol: 'tcp', port },
  groupId: 'rsp-bp1new',
  settings: { PersistenceTimeout: '300' },
});
const saga = aSaga({ groupId: 'rsp-bp1new' }, [aListener({ port: 3306 }), aListener({ port: 3307 })]);
const mended = { ...saga, listeners: saga.listeners.map((each) => ({ ...each, mends: 2 })) };

describe('a call that was to mend a listener and was not sent', () => {
  it('leaves that listener to be mended, and the others as they are', () => {
    const { listeners } = unmended(mended, point(3307));

    expect(listeners.map(({ port, mends }) => [port, mends])).toEqual([
      [3306, 2],
      [3307, 1],
    ]);
  });

  it('changes nothing when a call pointed the listener back', () => {
    const back = { ...point(3307), groupId: 'rsp-bp1old' } as PairStep;

    expect(unmended(mended, back)).toBe(mended);
  });

  it('changes nothing, the saga itself included, when there was nothing to mend', () => {
    expect(unmended(saga, point(3307))).toBe(saga);
    expect(unmended(mended, { kind: 'delete', groupId: 'rsp-bp1old' })).toBe(mended);
  });
});
