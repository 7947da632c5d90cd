import type { MemoryClouds } from '../../../infra/local/memory/clouds.ts';
import { readBackend, readLane, rowsOf } from '../../../infra/local/simulator/play/tables.ts';
import { QUEUES } from '../../../shared/adapters/mns/queues.ts';
import { GROUP, instancesOf, LOAD_BALANCER, PORT, type Story } from './story.ts';

/** Whether nothing is to happen any more: no transition, no event, no message, and no lane with work or a deadline. */
export function isIdle(clouds: MemoryClouds): boolean {
  const { foundation, ecs, mns } = clouds;
  const isQueued = [QUEUES.instanceEvents, QUEUES.wakeUps].some((name) => {
    const { activeMessages, inactiveMessages, delayMessages } = mns.getQueueAttributes(name);
    return activeMessages + inactiveMessages + delayMessages > 0;
  });
  return (
    !isQueued &&
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

/** What a story has left that it must not have left; empty = it has converged. */
export function remains(clouds: MemoryClouds, { atEnd }: Story): ReadonlyArray<string> {
  const faults: Array<string> = [];
  const expect = (what: string, found: unknown, wanted: unknown) => {
    const [is, should] = [JSON.stringify(found), JSON.stringify(wanted)];
    if (is !== should) faults.push(`${what}: ${is}, not ${should}`);
  };
  const staying = instancesOf(clouds)
    .filter((_, index) => atEnd.includes(index))
    .sort();
  expect('the group', groupOf(clouds), staying.map((id) => `${id}:${PORT}=100 slb-autopilot/story`));
  const records = rowsOf(clouds, 'backends').map(readBackend);
  expect(
    'the records',
    records.map(({ serverId, phase, held }) => `${serverId} ${phase} ${held}`).sort(),
    staying.map((id) => `${id} in-service null`),
  );
  expect(
    'the index of members',
    rowsOf(clouds, 'members')
      .filter(({ columns }) => Object.keys(columns).length > 0)
      .map(({ key, columns }) => `${key[0]} ${Object.keys(columns).length}`)
      .sort(),
    staying.map((id) => `${id} 1`),
  );
  expect('the inbox', rowsOf(clouds, 'inbox').length, 0);
  expect('the quarantine', rowsOf(clouds, 'quarantine').length, 0);
  const lanes = rowsOf(clouds, 'lanes').map(readLane);
  expect(
    'the lane',
    lanes.map(({ loadBalancerId, owner, dirty, handled }) => [loadBalancerId, owner, dirty - handled]),
    [[LOAD_BALANCER, '', 0]],
  );
  for (const name of [QUEUES.quarantine, QUEUES.deadLetters]) {
    expect(`the queue ${name}`, clouds.mns.getQueueAttributes(name).activeMessages, 0);
  }
  return faults;
}

/** Our own backends; the strangers are watched all the time. */
function groupOf({ slb }: MemoryClouds): ReadonlyArray<string> {
  return (slb.group(GROUP)?.backends ?? [])
    .filter(({ description }) => description.startsWith('slb-autopilot/'))
    .map(({ serverId, port, weight, description }) => `${serverId}:${port}=${weight} ${description}`)
    .sort();
}
