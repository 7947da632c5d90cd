import { laneColumn } from '../../../../shared/adapters/tablestore/lane-columns.ts';
import { boundBindings } from '../../declared-bindings.ts';
import { backendsOf, pairsOf, readLane, rowsOf } from '../play/tables.ts';
import type { MakeInvariant } from './invariant.ts';
import { MARK_PREFIX } from './our-writes.ts';
import { laneOfPair } from './write-lanes.ts';

/**
 * I13, what is left of a day that has come to rest: no signal is lost, no lane is held, what carries our mark has a record,
 * what is recorded is there or waits or is held, and every recorded instance would be found again after its release. That
 * desired is observed by then is judged by the day itself.
 */
export const leftovers: MakeInvariant = ({ config, clouds, nowMs }, violate) => ({
  rested() {
    const lanes = rowsOf(clouds, 'lanes').map(readLane);
    for (const { loadBalancerId, owner, dirty, handled } of lanes) {
      if (owner === '' && handled >= dirty) continue;
      const holder = owner === '' ? 'nobody' : owner;
      violate(`${loadBalancerId} has handled ${handled} of ${dirty} signals and is held by ${holder}`);
      return;
    }
    // A signal that is ahead of what ECS shows is looked at again, for which its lane has a deadline.
    const asleep = new Set(
      lanes.flatMap((lane) => (lane.nextWakeUpMs === null ? [lane.loadBalancerId] : [])),
    );
    for (const { key } of rowsOf(clouds, 'inbox')) {
      if (!asleep.has(key[0] ?? '')) continue;
      violate(`the signal ${key[1]} is in the inbox of ${key[0]}, and nobody will look at it any more`);
      return;
    }
    const records = new Map(
      backendsOf(clouds).map((record) => [
        `${record.vServerGroupId} ${record.serverId}:${record.port}`,
        record,
      ]),
    );
    const groupIds = new Set(
      boundBindings(config.bindings, clouds.slb).map(({ vServerGroupId }) => vServerGroupId),
    );
    const present = new Set<string>();
    for (const groupId of groupIds) {
      for (const { serverId, port, description } of clouds.slb.group(groupId)?.backends ?? []) {
        const id = `${groupId} ${serverId}:${port}`;
        present.add(id);
        if (!description.startsWith(MARK_PREFIX) || records.has(id)) continue;
        violate(`${id} carries our mark and has no record`);
        return;
      }
    }
    const indexed = new Map(rowsOf(clouds, 'members').map(({ key, columns }) => [key[0], columns]));
    for (const [id, { phase, held, notBeforeMs, serverId }] of records) {
      const isWaiting = held !== null || (notBeforeMs ?? 0) > nowMs();
      if (!present.has(id) && phase !== 'removed' && !isWaiting) {
        violate(`${id} is recorded as ${phase}, is not in the group, and nothing says why`);
        return;
      }
      if (Object.keys(indexed.get(serverId) ?? {}).length > 0) continue;
      violate(`${id} is recorded, and ${serverId} is not in the index of members`);
      return;
    }
    for (const pair of pairsOf(clouds)) {
      const column = laneColumn(laneOfPair(pair));
      const unknown = pair.memberIds.find((serverId) => indexed.get(serverId)?.[column] === undefined);
      if (unknown === undefined) continue;
      violate(`${unknown} is a member of ${pair.name}, and the index of members does not lead there`);
      return;
    }
  },
});
