import type { MakeInvariant } from './invariant.ts';
import { AllKnowledge } from './knowledge.ts';
import { groupWriteOf } from './our-writes.ts';
import { BackendRecords } from './records.ts';

const MARK_PREFIX = 'slb-autopilot/';

/** I2: no call of ours names a backend that is not ours: neither marked, nor recorded, nor to be adopted. */
export const ownership: MakeInvariant = ({ config, nowMs }, violate) => {
  const knowledge = new AllKnowledge();
  const records = new BackendRecords();
  const mayAdopt = (groupId: string, port: number) =>
    config.bindings.some(
      ({ vServerGroupId, ports, adopt }) =>
        vServerGroupId === groupId && adopt && ports.some((bound) => bound.port === port),
    );
  return {
    heard: (call) => knowledge.heard(call),
    rowWritten: (change, by) => records.take(change, nowMs(), by?.worker ?? null),
    sent(call) {
      const write = groupWriteOf(call);
      if (write === null) return;
      const seen = knowledge.of(call.worker).groups.get(write.vServerGroupId);
      for (const { key, port } of write.backends) {
        const present = seen?.backends.get(key);
        if (present === undefined) continue;
        const isOurs =
          present.description.startsWith(MARK_PREFIX) ||
          records.find(write.vServerGroupId, key) !== null ||
          mayAdopt(write.vServerGroupId, port);
        if (isOurs) continue;
        violate(
          `${call.worker} names ${key} of ${write.vServerGroupId} in a ${write.kind}, which is somebody else's (“${present.description}”)`,
        );
      }
    },
  };
};
