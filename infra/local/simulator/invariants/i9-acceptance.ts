import { parseBatch } from '../../../../shared/events/interpret.ts';
import type { MakeInvariant } from './invariant.ts';

const STATES = new Set(['Running', 'Stopping', 'Stopped', 'Deleted']);

/** I9: a message that is taken off its queue is done, refused with a reason, or in quarantine. */
export const acceptance: MakeInvariant = (_scene, violate) => {
  const done = new Set<string>();
  return {
    rowWritten({ table, after }) {
      if (table === 'done' && after?.key[0] !== undefined) done.add(after.key[0]);
    },
    finished(worker, { codeName, trigger, payload }, isTaken) {
      if (!isTaken || trigger !== 'stream' || codeName !== 'instance-events') return;
      for (const event of parseBatch(payload)) {
        if (event.kind !== 'instance-state-changed' || !STATES.has(event.state)) continue;
        if (!done.has(event.key)) {
          violate(
            `${worker} has taken the event ${event.key} (${event.instanceId} ${event.state}) and no done-key stands`,
          );
        }
      }
    },
  };
};
