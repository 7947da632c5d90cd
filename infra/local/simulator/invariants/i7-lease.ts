import { LEASE_MARGIN_MS } from '../../../../shared/config/timing.ts';
import type { WorkerCall } from '../play/calls.ts';
import type { RowWritten } from '../play/observed-store.ts';
import { type LaneRecord, readBackend, readLane, readPair } from '../play/tables.ts';
import { bindingsOfGroup } from './bound-groups.ts';
import type { MakeInvariant } from './invariant.ts';
import { groupWriteOf } from './our-writes.ts';
import { pairWriteOf, targetOf } from './pair-writes.ts';
import { laneOfPair, laneOfWrite } from './write-lanes.ts';

const GENERATION_AGE_MAX_MS = 2_000;
/** Table time is as exact as half a round trip to the tables. */
const TABLE_TIME_ERROR_MS = 100;

/** Who holds a lane, as its row says. */
interface Holding {
  readonly worker: string;
  readonly lane: LaneRecord;
}

/**
 * I7: a write is sent only under a lease that outlives the call by the margin, on generations that are at most two
 * seconds old, and while nobody else's write to that load balancer or pair may still be answered; no lane has two holders, and no
 * row is accepted from an older fence.
 */
export const lease: MakeInvariant = (scene, violate) => {
  const { knowledge, nowMs } = scene;
  const holdings = new Map<string, Holding>();
  /** By group, as it was when it was there last: records outlive their group. */
  const lanes = new Map<string, string>();
  const laneOf = (vServerGroupId: string) => {
    const lane = bindingsOfGroup(scene, vServerGroupId)[0]?.loadBalancerId;
    if (lane !== undefined) lanes.set(vServerGroupId, lane);
    return lane ?? lanes.get(vServerGroupId) ?? '';
  };
  /** By worker: the fences of its lanes. Replaced, never changed, so that a call keeps those that it was sent with. */
  const fences = new Map<string, ReadonlyMap<string, number>>();
  const sentUnder = new WeakMap<WorkerCall, ReadonlyMap<string, number>>();
  /** By record of a backend or pair: the highest fence that has written or deleted it. */
  const highest = new Map<string, number>();
  /** By lane: writes on their way whose callers still wait. */
  const underWay = new Map<string, Array<WorkerCall>>();

  const takeLane = (before: LaneRecord | null, lane: LaneRecord, by: WorkerCall) => {
    const { loadBalancerId } = lane;
    const isAcquired = lane.owner !== '' && lane.owner !== (before?.owner ?? '');
    if (isAcquired) {
      const leftMs = before === null || before.owner === '' ? 0 : before.leaseUntilMs - nowMs();
      if (leftMs > TABLE_TIME_ERROR_MS) {
        violate(`${by.worker} takes ${loadBalancerId} while ${before?.owner} holds it for ${leftMs} ms more`);
      }
      if (lane.fence !== (before?.fence ?? 0) + 1) {
        violate(`${by.worker} takes ${loadBalancerId} under fence ${lane.fence} after ${before?.fence ?? 0}`);
      }
      fences.set(by.worker, new Map(fences.get(by.worker)).set(loadBalancerId, lane.fence));
      holdings.set(loadBalancerId, { worker: by.worker, lane });
    } else if (lane.owner === '' && before !== null && before.owner !== '') {
      const fence = sentUnder.get(by)?.get(loadBalancerId) ?? 0;
      if (fence < before.fence) {
        violate(
          `${by.worker} gives up ${loadBalancerId} under fence ${fence}, which is held under ${before.fence}`,
        );
      }
      holdings.delete(loadBalancerId);
    }
  };

  /** The record that a row is of: what it is called, the lane that it is written under, and the fence that it says. */
  const recordIn = ({ table, before, after }: RowWritten) => {
    const row = after ?? before;
    if (row === null) return null;
    if (table === 'promotions') {
      const pair = readPair(row);
      return pair === null ? null : { id: `of ${pair.name}`, lane: laneOfPair(pair), inRow: pair.fence };
    }
    if (table !== 'backends') return null;
    const { vServerGroupId, serverId, port, fence: inRow } = readBackend(row);
    const lane = laneOf(vServerGroupId);
    return { id: `${vServerGroupId} ${serverId}:${port}`, lane, inRow };
  };

  return {
    rowWritten(change, by) {
      if (by === null) return;
      const { table, before, after } = change;
      if (table === 'lanes' && after !== null) {
        takeLane(before === null ? null : readLane(before), readLane(after), by);
        return;
      }
      const record = recordIn(change);
      if (record === null) return;
      const { id, lane, inRow } = record;
      const ofSender = sentUnder.get(by)?.get(lane) ?? 0;
      const fence = after === null ? ofSender : inRow;
      const known = highest.get(id) ?? 0;
      if (fence < known) {
        const what = after === null ? 'deleted' : before === null ? 'written anew' : 'overwritten';
        violate(`the record ${id} of fence ${known} is ${what} by ${by.worker} under fence ${fence}`);
      }
      highest.set(id, Math.max(fence, known));
    },
    sent(call) {
      const { worker, travel } = call;
      if (travel.product === 'ots') {
        const mine = fences.get(worker);
        if (mine !== undefined) sentUnder.set(call, mine);
        return;
      }
      const laneId = laneOfWrite(scene, call);
      if (laneId === null) return;
      const ofGroup = groupWriteOf(call);
      const ofPair = pairWriteOf(call);
      const about = ofGroup?.vServerGroupId ?? (ofPair === null ? '' : targetOf(ofPair));
      const what = `${worker} sends ${travel.action} to ${about}`;
      const holding = holdings.get(laneId);
      if (holding === undefined || holding.worker !== worker) {
        violate(`${what}, while ${laneId} is held by ${holding?.worker ?? 'nobody'}`);
        return;
      }
      const leftMs = holding.lane.leaseUntilMs - nowMs();
      if (leftMs <= travel.timeoutMs + LEASE_MARGIN_MS - TABLE_TIME_ERROR_MS) {
        violate(`${what} with ${leftMs} ms of its lease left, for a call of up to ${travel.timeoutMs} ms`);
        return;
      }
      // A pair has no generations: its row has to be as it was read for the journal to be written.
      const readAtMs =
        ofGroup === null ? nowMs() : knowledge.of(worker).recordsReadAtMs.get(ofGroup.vServerGroupId);
      const ageMs = readAtMs === undefined ? Number.POSITIVE_INFINITY : nowMs() - readAtMs;
      if (ageMs > GENERATION_AGE_MAX_MS + TABLE_TIME_ERROR_MS) {
        violate(`${what} on records that were read ${ageMs} ms ago`);
        return;
      }
      const waiting = (underWay.get(laneId) ?? []).filter(
        ({ sentAtMs, travel: { timeoutMs } }) => sentAtMs + timeoutMs > nowMs(),
      );
      const other = waiting[0];
      if (other !== undefined) {
        violate(
          `${what}, while ${other.worker} waits for its ${other.travel.action} to the same ${ofGroup === null ? 'pair' : 'load balancer'}`,
        );
      }
      underWay.set(laneId, [...waiting, call]);
    },
    heard(call) {
      const laneId = laneOfWrite(scene, call);
      if (laneId === null) return;
      underWay.set(
        laneId,
        (underWay.get(laneId) ?? []).filter((each) => each !== call),
      );
    },
  };
};
