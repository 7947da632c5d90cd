import { isTick, type MakeInvariant } from './invariant.ts';
import { groupWriteOf, landedWriteOf } from './our-writes.ts';
import { isLeaving } from './records.ts';
import { StaleWrites } from './stale-writes.ts';
import { Verifications } from './verifications.ts';
import { laneOfWrite } from './write-lanes.ts';

/**
 * I3: once a drain has been decided, nothing that is planned later gives the backend weight in that generation. A write
 * that was under way and lands when its generation is over is mended ({@link StaleWrites}) by a read that is always to come
 * ({@link Verifications}).
 */
export const drained: MakeInvariant = (scene, violate) => {
  const { records } = scene;
  const stale = new StaleWrites(scene, violate);
  const verifications = new Verifications(scene, violate);
  return {
    sent(call) {
      const lane = laneOfWrite(scene, call);
      if (lane !== null) verifications.sent(lane);
      const write = groupWriteOf(call);
      if (write === null) return;
      stale.sent(call, write);
      for (const { key, weight } of write.backends) {
        const known = weight > 0 ? records.find(write.vServerGroupId, key) : null;
        if (known === null || !isLeaving(known)) continue;
        const { phase, generation } = known;
        violate(
          `${call.worker} gives ${key} of ${write.vServerGroupId} weight ${weight}, which is ${phase} in generation ${generation}`,
        );
        return;
      }
    },
    landed(call) {
      const write = landedWriteOf(call);
      if (write !== null) stale.landed(call, write);
      else if (call.outcome?.isOk === false) stale.disturbed(call);
    },
    rowWritten: (change, by) => verifications.rowWritten(change, by),
    heard: () => stale.look(),
    finished(_worker, invocation, isTaken) {
      if (isTick(invocation) && isTaken) stale.ticked();
    },
    rested: () => stale.rested(),
  };
};
