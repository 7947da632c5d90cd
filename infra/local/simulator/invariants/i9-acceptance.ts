import { QUEUES } from '../../../../shared/adapters/mns/queues.ts';
import type { StoredMessage } from '../../world/mns/message.ts';
import type { MakeInvariant } from './invariant.ts';
import { doneKeyOf, stateMessageOf, stateMessagesOf } from './messages.ts';

/** Where a message may wait: its queue, or the dead letters that people read. */
const WAITING_PLACES: ReadonlySet<string> = new Set([QUEUES.instanceEvents, QUEUES.deadLetters]);

/**
 * I9: a message that has been taken off its queue is done: its key stands in the table. One that is not done is still its
 * queue's or among the dead letters; none vanishes.
 */
export const acceptance: MakeInvariant = ({ clouds }, violate) => {
  const { store, timeline } = clouds.foundation;
  const done = new Set<string>();
  /** Events that reached the queue, by the key that they are done under. */
  const arrived = new Map<string, string>();
  timeline.onEntry(({ kind, details: { type, data, eventId } }) => {
    if (kind !== 'event-delivered') return;
    const message = stateMessageOf({ type, data, source: 'acs.ecs', id: eventId });
    if (message !== null) arrived.set(doneKeyOf(message), `${message.instanceId} ${message.state}`);
  });
  return {
    rowWritten({ table, before, after }) {
      const key = (after ?? before)?.key[0];
      if (table !== 'done' || key === undefined) return;
      if (after === null) violate(`the record of the message ${key} was deleted`);
      done.add(key);
    },
    finished(worker, { codeName, trigger, payload }, isTaken) {
      if (!isTaken || trigger !== 'stream' || codeName !== 'instance-events') return;
      for (const message of stateMessagesOf(payload)) {
        if (done.has(doneKeyOf(message))) continue;
        const { id, instanceId, state } = message;
        violate(`${worker} acknowledges the event ${id} (${instanceId} ${state}), which is not done`);
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
      for (const [key, what] of missing) {
        if (waiting.includes(decodeURIComponent(key.split('/')[2] ?? ''))) continue;
        violate(`the event ${key} (${what}) reached the queue and is neither done nor waiting anywhere`);
        return;
      }
    },
  };
};
