import { parseBatch } from '../../../../shared/events/interpret.ts';
import type { MakeInvariant } from './invariant.ts';

/** I10: a batch of messages that are all done already changes nothing. */
export const duplicates: MakeInvariant = (_scene, violate) => {
  const done = new Set<string>();
  /** Workers that have nothing but duplicates to work on. */
  const idle = new Set<string>();
  return {
    rowWritten({ table, after }) {
      if (table === 'done' && after?.key[0] !== undefined) done.add(after.key[0]);
    },
    began(worker, { codeName, payload }) {
      if (codeName !== 'instance-events') return;
      const events = parseBatch(payload);
      const isKnown = events.every((event) => event.kind === 'instance-state-changed' && done.has(event.key));
      if (isKnown) idle.add(worker);
    },
    sent({ worker, travel }) {
      if (!idle.has(worker) || /^(?:Describe|Get|BatchGet)/.test(travel.action)) return;
      violate(`${worker} was handed duplicates alone and sends ${travel.action}`);
    },
    finished: (worker) => void idle.delete(worker),
  };
};
