import type { PairOrder } from '../../../../../shared/pairs/record.ts';
import { setPairStage } from '../../../../bench/virtual/pair-stage.ts';
import { passUntilSo, type WriteStage, watchRefusal } from './stage.ts';

const MINUTE_MS = 60_000;

/** A pair that people turn round, over and over: a new group, its listener pointed at it, the old group deleted. */
export async function setTurningPair(operation: string): Promise<WriteStage> {
  const isUdp = operation.includes('UDP');
  const stage = await setPairStage({ listeners: [isUdp ? 'udp:3306' : 'tcp:3306'], standbys: 0 });
  const { clock, pass, row } = stage;
  let orders = 0;
  return {
    async refuse(code) {
      const before = row()?.number ?? 0;
      const watch = watchRefusal(stage, operation, code);
      const order: PairOrder = {
        kind: 'promote',
        orderId: `order-${++orders}`,
        to: null,
        by: 'ops',
        reason: 'a test',
        orderedAtMs: clock.nowMs(),
        overridesCoolDown: true,
      };
      await stage.order(order);
      const hasEnded = () => row()?.number === before + 1 && row()?.saga?.phase === 'ended';
      await passUntilSo(stage, hasEnded, 20 * MINUTE_MS, 2_000);
      const saga = row()?.saga ?? null;
      const failure = saga?.failure ?? null;
      const isDone = saga?.outcome === 'done' && stage.groupIds().length === 1;
      // What is left over goes with a later try.
      await passUntilSo(stage, () => stage.groupIds().length === 1, 90 * MINUTE_MS, MINUTE_MS);
      await pass(5_000);
      return {
        pauseSeconds: watch.pauseSeconds(),
        requestId: watch.requestId(),
        audit: watch.audit(),
        held: failure === null ? null : `${failure.message} (${failure.code}, request ${failure.requestId})`,
        isDone,
      };
    },
    close: stage.close,
  };
}
