import type { MemoryClouds } from '../../../infra/local/memory/clouds.ts';
import { backendsOf, readLane, rowsOf } from '../../../infra/local/simulator/play/tables.ts';
import { QUEUES } from '../../../shared/adapters/mns/queues.ts';
import { isRequestLane } from '../../../shared/requests/model.ts';
import type { Remains } from './play.ts';
import { GROUP, instancesOf, LOAD_BALANCER, PORT, SCALING_GROUP, type Story } from './story.ts';

/** The queues that bring the product something to do, its own wake-ups apart. */
const BRINGING = [QUEUES.instanceEvents, QUEUES.scalingHooks, QUEUES.changeRequests];

/** Whether nothing is to be done any more: no transition, no event, and no lane with work or a deadline. */
export function isDone(clouds: MemoryClouds): boolean {
  const { foundation, ecs, ess } = clouds;
  return (
    BRINGING.every((name) => messagesIn(clouds, name) === 0) &&
    ess.lifecycleActions().every(({ status }) => status !== 'Pending') &&
    foundation.store.collection('eventbridge-deliveries').size === 0 &&
    ecs.instances().every(({ steps }) => steps.length === 0) &&
    rowsOf(clouds, 'lanes')
      .map(readLane)
      .every(
        ({ owner, dirty, handled, nextWakeUpMs }) =>
          owner === '' && dirty === handled && nextWakeUpMs === null,
      )
  );
}

/** Messages of the queue, whether they can be seen now or later. */
export function messagesIn({ mns }: MemoryClouds, queueName: string): number {
  const { activeMessages, inactiveMessages, delayMessages } = mns.getQueueAttributes(queueName);
  return activeMessages + inactiveMessages + delayMessages;
}

/** Whether the world can be kept now: no message is in anybody's hands. */
export function isQuiet(clouds: MemoryClouds): boolean {
  const { eventStreams, mns } = clouds;
  return (
    eventStreams.listStreams().every(({ batchesInFlight }) => batchesInFlight === 0) &&
    [...BRINGING, QUEUES.wakeUps].every((name) => mns.getQueueAttributes(name).inactiveMessages === 0)
  );
}

/** Compares what a story has left with what it should. */
export function remainsOf(clouds: MemoryClouds, { atEnd, isScaled, quarantined = 0 }: Story): Remains {
  const faults: Array<string> = [];
  const expect = (what: string, found: unknown, wanted: unknown) => {
    const [is, should] = [JSON.stringify(found), JSON.stringify(wanted)];
    if (is !== should) faults.push(`${what}: ${is}, not ${should}`);
  };
  const all = instancesOf(clouds);
  const staying = all.filter((_, index) => atEnd.includes(index)).sort();
  expect(
    'the group',
    groupOf(clouds),
    staying.map((id) => `${id}:${PORT}=100 slb-autopilot/story`),
  );
  expect(
    'the records',
    backendsOf(clouds)
      .map(({ serverId, phase, held }) => `${serverId} ${phase} ${held}`)
      .sort(),
    staying.map((id) => `${id} in-service null`),
  );
  const entries = rowsOf(clouds, 'members').filter(({ columns }) => Object.keys(columns).length > 0);
  const [stale, members] = partition(entries, ({ key }) => !staying.includes(key[0] ?? ''));
  expect(
    'the index of members',
    members.map(({ key, columns }) => `${key[0]} ${Object.keys(columns).length}`).sort(),
    staying.map((id) => `${id} 1`),
  );
  expect('the inbox', rowsOf(clouds, 'inbox').length, 0);
  expect('the quarantine', rowsOf(clouds, 'quarantine').length, quarantined);
  expect(
    'the lane',
    rowsOf(clouds, 'lanes')
      .map(readLane)
      // What these two hold is looked at by its own means.
      .filter(({ loadBalancerId }) => loadBalancerId !== SCALING_GROUP && !isRequestLane(loadBalancerId))
      .map(({ loadBalancerId, owner, dirty, handled }) => [loadBalancerId, owner, dirty - handled]),
    [[LOAD_BALANCER, '', 0]],
  );
  expect('the waiting hooks', rowsOf(clouds, 'hooks').length, 0);
  expect(
    'the answers',
    clouds.ess
      .lifecycleActions()
      .map(({ status, result, clientToken }) => [status, result, clientToken !== null]),
    isScaled === true ? [['Completed', 'CONTINUE', true]] : [],
  );
  // People are told at least once.
  expect('the told quarantine', Math.min(quarantined, messagesIn(clouds, QUEUES.quarantine)), quarantined);
  if (quarantined === 0) expect('the queue of quarantine', messagesIn(clouds, QUEUES.quarantine), 0);
  expect('the queue of dead letters', messagesIn(clouds, QUEUES.deadLetters), 0);
  return { faults, staleEntries: stale.length };
}

function partition<T>(items: ReadonlyArray<T>, isFirst: (item: T) => boolean): [Array<T>, Array<T>] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

/** Our own backends; the strangers are watched all the time. */
function groupOf({ slb }: MemoryClouds): ReadonlyArray<string> {
  return (slb.group(GROUP)?.backends ?? [])
    .filter(({ description }) => description.startsWith('slb-autopilot/'))
    .map(({ serverId, port, weight, description }) => `${serverId}:${port}=${weight} ${description}`)
    .sort();
}
