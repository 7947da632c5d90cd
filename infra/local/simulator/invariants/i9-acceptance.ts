import { QUEUES } from '../../../../shared/adapters/mns/queues.ts';
import type { StoredMessage } from '../../world/mns/message.ts';
import type { MakeInvariant } from './invariant.ts';
import { type Told, toldBy, toldIn } from './messages.ts';

/** Where a message may wait: its queue, or the dead letters that people read. */
const WAITING_PLACES: ReadonlySet<string> = new Set([
  QUEUES.instanceEvents,
  QUEUES.scalingHooks,
  QUEUES.deadLetters,
]);

/**
 * I9: a message that has been taken off its queue is done: its key stands in the table. One that is not done is still its
 * queue's or among the dead letters; none vanishes.
 */
export const acceptance: MakeInvariant = ({ clouds, config }, violate) => {
  const { store, timeline } = clouds.foundation;
  const done = new Set<string>();
  const isToBeDone = ({ isPlanned }: Told) => !isPlanned || config.maintenance.drainAheadMs > 0;
  /** Events that reached the queue, by the key that they are done under. */
  const arrived = new Map<string, Told>();
  timeline.onEntry(({ kind, details: { type, data, eventId, content } }) => {
    if (kind !== 'event-delivered' && kind !== 'hook-notified') return;
    const told =
      kind === 'hook-notified' ? toldBy({ content }) : toldBy({ type, data, source: 'acs.ecs', id: eventId });
    if (told !== null && isToBeDone(told)) arrived.set(told.key, told);
  });
  return {
    rowWritten({ table, before, after }) {
      const key = (after ?? before)?.key[0];
      if (table !== 'done' || key === undefined) return;
      if (after === null) violate(`the record of the message ${key} was deleted`);
      done.add(key);
    },
    finished(worker, { codeName, trigger, payload }, isTaken) {
      if (!isTaken || trigger !== 'stream' || codeName === 'tick') return;
      for (const told of toldIn(payload)) {
        const { key, id, what } = told;
        if (done.has(key) || !isToBeDone(told)) continue;
        violate(`${worker} acknowledges the event ${id} (${what}), which is not done`);
        return;
      }
    },
    rested() {
      const missing = [...arrived].filter(([key]) => !done.has(key));
      if (missing.length === 0) return;
      const waiting = [...store.collection<StoredMessage>('mns-messages').values()]
        .filter(({ queueName }) => WAITING_PLACES.has(queueName))
        .map(({ body }) => Buffer.from(body, 'base64').toString('utf8') + body)
        .join('\n');
      for (const [key, { id, what }] of missing) {
        if (waiting.includes(id)) continue;
        violate(`the event ${key} (${what}) reached the queue and is neither done nor waiting anywhere`);
        return;
      }
    },
  };
};
