import { LEASE_MARGIN_MS } from '../../../../shared/config/timing.ts';
import { readBackend, readLane } from '../play/tables.ts';
import type { MakeInvariant } from './invariant.ts';
import { AllKnowledge } from './knowledge.ts';
import { groupWriteOf } from './our-writes.ts';

const GENERATION_AGE_MAX_MS = 2_000;
/** Table time is as exact as half a round trip to the tables. */
const TABLE_TIME_ERROR_MS = 50;

/**
 * I7: a write is sent only under a lease that outlives the call by the margin, and on generations that are at most two
 * seconds old; no row is accepted from an older fence.
 */
export const lease: MakeInvariant = ({ config, nowMs }, violate) => {
  const knowledge = new AllKnowledge();
  /** By worker and lane: until when it may write, by the lease that it took last. */
  const leases = new Map<string, number>();
  const laneOf = new Map(config.bindings.map((binding) => [binding.vServerGroupId, binding.loadBalancerId]));
  return {
    heard: (call) => knowledge.heard(call),
    rowWritten({ table, before, after }, by) {
      if (table === 'lanes' && after !== null && by !== null) {
        const lane = readLane(after);
        if (lane.owner !== '' && lane.owner !== (before === null ? '' : readLane(before).owner)) {
          leases.set(`${by.worker} ${lane.loadBalancerId}`, lane.leaseUntilMs);
        }
      }
      if (table !== 'backends' || before === null || after === null) return;
      const [was, is] = [readBackend(before), readBackend(after)];
      if (is.fence >= was.fence) return;
      violate(
        `a row of ${is.vServerGroupId} for ${is.serverId}:${is.port} under fence ${was.fence} was overwritten under fence ${is.fence}`,
      );
    },
    sent(call) {
      const write = groupWriteOf(call);
      if (write === null) return;
      const { worker, travel } = call;
      const laneId = laneOf.get(write.vServerGroupId) ?? '';
      const untilMs = leases.get(`${worker} ${laneId}`) ?? Number.NEGATIVE_INFINITY;
      const leftMs = untilMs - nowMs();
      if (leftMs <= travel.timeoutMs + LEASE_MARGIN_MS - TABLE_TIME_ERROR_MS) {
        violate(`${worker} sends ${travel.action} to ${write.vServerGroupId} with ${leftMs} ms of its lease left`);
        return;
      }
      const readAtMs = knowledge.of(worker).recordsReadAtMs.get(write.vServerGroupId);
      const ageMs = readAtMs === undefined ? Number.POSITIVE_INFINITY : nowMs() - readAtMs;
      if (ageMs <= GENERATION_AGE_MAX_MS + TABLE_TIME_ERROR_MS) return;
      violate(`${worker} sends ${travel.action} to ${write.vServerGroupId} on records read ${ageMs} ms ago`);
    },
  };
};
