import { expect, test } from 'vitest';
import { QUEUES } from '../../../../../shared/adapters/mns/queues.ts';
import { aDelivery, History } from './history.ts';

const KEY = 'event/acs.ecs/e1';
const DONE = { result: 'accepted for lb-bp1orders0001' };

test('a message that is taken off its queue without a record breaks I9', () => {
  const history = new History();
  const delivery = aDelivery({ id: 'e1' });
  history.begins(delivery);
  history.ends(delivery);
  expect(history.broken('I9')).toEqual([
    'events-1 acknowledges the event e1 (i-a Running), which is not done',
  ]);
});

test('one whose record stands does not', () => {
  const history = new History();
  const delivery = aDelivery({ id: 'e1' }, { id: 'e2', state: 'Pending' });
  history.begins(delivery);
  history.changes('done', [KEY], null, DONE);
  history.ends(delivery);
  expect(history.broken('I9')).toEqual([]);
});

test('a delivery that fails acknowledges nothing', () => {
  const history = new History();
  const delivery = aDelivery({ id: 'e1' });
  history.begins(delivery);
  history.ends(delivery, false);
  expect(history.broken('I9')).toEqual([]);
});

test('a message that is nowhere at the end breaks I9', () => {
  const history = new History();
  const id = arrives(history);
  const { store } = history.clouds.foundation;
  const messages = store.collection<unknown>('mns-messages');
  for (const [key] of [...messages.entries()]) messages.delete(key);
  history.rests();
  expect(history.broken('I9')).toEqual([
    `the event event/acs.ecs/${id} (i-a Stopped) reached the queue and is neither done nor waiting anywhere`,
  ]);
});

test('one that waits in its queue at the end does not', () => {
  const history = new History();
  arrives(history);
  history.rests();
  expect(history.clouds.mns.getQueueAttributes(QUEUES.instanceEvents).activeMessages).toBe(1);
  expect(history.broken('I9')).toEqual([]);
});

test('a record that is deleted breaks I9', () => {
  const history = new History();
  history.changes('done', [KEY], DONE, null);
  expect(history.broken('I9')).toEqual([`the record of the message ${KEY} was deleted`]);
});

/** The bus delivers an event to the queue; its id. */
function arrives(history: History): string {
  const { eventBridge } = history.clouds;
  const event = eventBridge.cloudEventForInstance({
    instanceId: 'i-a',
    state: 'Stopped',
    atMs: history.clock.nowMs(),
  });
  eventBridge.publish(event);
  return event.id;
}
