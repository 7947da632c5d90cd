import { describe, expect, it } from 'vitest';
import {
  type CmsSystemEvents,
  createCmsSystemEvents,
} from '../../../../../infra/local/world/cms/system-events.ts';
import type { FoundationOptions } from '../../../../../infra/local/world/foundation.ts';
import { createMns } from '../../../../../infra/local/world/mns/mns.ts';
import { memoryStore } from '../../../../../infra/local/world/store.ts';
import { anEcsWorld, START_MS } from '../ecs/world.ts';

const ACCOUNT = '1234567890123456';

function aWorld(options: FoundationOptions = {}) {
  const world = anEcsWorld(options);
  const mns = createMns(world.foundation);
  const cms: CmsSystemEvents = createCmsSystemEvents(world.foundation, { ecs: world.ecs, mns });
  const received = async (queueName = 'events') =>
    (await mns.receiveMessages(queueName, { count: 16 })).map(({ body }) => JSON.parse(body));
  return { ...world, mns, cms, received };
}

/** What came of a reboot that was scheduled and then avoided. */
async function anAvoidedReboot(switches: FoundationOptions['switches'] = {}) {
  const { clock, ecs, mns, cms, running, received } = aWorld({ switches });
  mns.createQueue('events');
  const instanceId = running();
  cms.putEventTarget('events');
  const eventType = 'SystemMaintenance.Reboot';
  const eventId = ecs.scheduleSystemEvent({ instanceId, eventType, notBeforeMs: START_MS + 60_000 });
  clock.advanceBy(5_000);
  ecs.avoidSystemEvent(eventId);
  return { instanceId, eventId, events: await received() };
}

describe('CloudMonitor', () => {
  it('sends a spot interruption in its own form', async () => {
    const { ecs, mns, cms, running, received } = aWorld();
    mns.createQueue('events');
    cms.putEventTarget('events');
    const instanceId = running('SpotAsPriceGo');
    await received();

    ecs.interrupt(instanceId);

    expect(await received()).toEqual([
      {
        ver: '1.0',
        id: expect.stringMatching(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/),
        product: 'ECS',
        resourceId: `acs:ecs:cn-hangzhou:${ACCOUNT}:instance/${instanceId}`,
        level: 'INFO',
        name: 'Instance:PreemptibleInstanceInterruption',
        userId: ACCOUNT,
        eventTime: '20261120T160030.300+0800',
        regionId: 'cn-hangzhou',
        content: { instanceId, action: 'delete' },
      },
    ]);
  });

  it('sends state changes too', async () => {
    const { ecs, mns, cms, received } = aWorld();
    mns.createQueue('events');
    cms.putEventTarget('events');

    const [instanceId] = ecs.runInstances({ amount: 1 });

    expect(await received()).toMatchObject([
      {
        level: 'INFO',
        name: 'Instance:StateChange',
        content: { resourceId: instanceId, resourceType: 'ALIYUN::ECS::Instance', state: 'Created' },
      },
    ]);
  });

  it('says Scheduled in the name of an event that was avoided, under the id of the first, as published', async () => {
    const { instanceId, eventId, events } = await anAvoidedReboot();

    expect(events).toMatchObject([
      { level: 'CRITICAL', content: { eventId, instanceId, eventStatus: 'Scheduled' } },
      { level: 'CRITICAL', content: { eventId, instanceId, eventStatus: 'Avoided' } },
    ]);
    expect(events.map(({ name }) => name)).toEqual(
      Array(2).fill('Instance:SystemMaintenance.Reboot:Scheduled'),
    );
    expect(events[0].id).toBe(events[1].id);
  });

  it('says the status of the moment under an id of its own by the switches', async () => {
    const { events } = await anAvoidedReboot({
      cmsSystemEventNames: 'current-status',
      cmsSystemEventIds: 'new-each-status',
    });

    expect(events.map(({ name }) => name)).toEqual([
      'Instance:SystemMaintenance.Reboot:Scheduled',
      'Instance:SystemMaintenance.Reboot:Avoided',
    ]);
    expect(events[0].id).not.toBe(events[1].id);
  });

  it.each([
    ['first-status-when-avoided', ['Scheduled', 'Executing', 'Executed']],
    ['first-status', ['Scheduled', 'Scheduled', 'Scheduled']],
  ] as const)(
    'names an event that is carried out by the switch: %s',
    async (cmsSystemEventNames, statuses) => {
      const { clock, ecs, mns, cms, running, received } = aWorld({ switches: { cmsSystemEventNames } });
      mns.createQueue('events');
      const instanceId = running();
      cms.putEventTarget('events');

      ecs.scheduleSystemEvent({ instanceId, eventType: 'SystemMaintenance.Stop' });
      clock.advanceBy(1_000);

      const named = (await received())
        .map(({ name }) => name)
        .filter((name) => !name.endsWith('StateChange'));
      expect(named).toEqual(statuses.map((status) => `Instance:SystemMaintenance.Stop:${status}`));
    },
  );

  it('sends to every target, also of a world that was opened again, and to none that was taken away', async () => {
    const store = memoryStore();
    const before = aWorld({ store });
    for (const queueName of ['a', 'b', 'c']) {
      before.mns.createQueue(queueName);
      before.cms.putEventTarget(queueName);
    }
    before.cms.deleteEventTarget('b');

    const { ecs, cms, received } = aWorld({ store });
    ecs.runInstances({ amount: 1 });

    expect(cms.eventTargets()).toEqual(['a', 'c']);
    expect(await Promise.all(['a', 'b', 'c'].map(received))).toMatchObject([
      [{ name: 'Instance:StateChange' }],
      [],
      [{ name: 'Instance:StateChange' }],
    ]);
  });

  it('loses what a queue that does not exist should have got, and says so', () => {
    const { ecs, cms, foundation } = aWorld();
    cms.putEventTarget('nowhere');

    ecs.runInstances({ amount: 1 });

    expect(foundation.timeline.entries.filter(({ source }) => source === 'cms')).toMatchObject([
      { kind: 'event-undeliverable', details: { queueName: 'nowhere', name: 'Instance:StateChange' } },
    ]);
  });
});
