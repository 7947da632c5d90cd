import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../../../infra/local/world/clock.ts';
import { createEventBridge } from '../../../../../infra/local/world/eventbridge/event-bridge.ts';
import type { EventRule } from '../../../../../infra/local/world/eventbridge/rule.ts';
import { createFoundation, type FoundationOptions } from '../../../../../infra/local/world/foundation.ts';
import { createMns, type Mns } from '../../../../../infra/local/world/mns/mns.ts';
import { fileStore } from '../../../../../infra/local/world/store.ts';

const START_MS = Date.parse('2026-04-09T04:18:26.450Z');
const QUEUE_ARN = 'acs:mns:cn-hangzhou:1234567890123456:queues/events';

function aWorld(options: FoundationOptions = {}, startMs = START_MS) {
  const clock = new VirtualClock(startMs);
  const foundation = createFoundation({ clock, ...options });
  const mns = createMns(foundation);
  return { clock, foundation, mns, bus: createEventBridge(foundation, { mns }) };
}

const aRule = (target: object = {}): EventRule => ({
  name: 'to-queue',
  filterPattern: '{"source":["acs.ecs"],"type":["ecs:Instance:StateChange"]}',
  targets: [{ id: 'queue', endpoint: QUEUE_ARN, isBase64Encode: true, ...target }],
});

async function bodies(mns: Mns, queueName = 'events'): Promise<Array<string>> {
  const found: Array<string> = [];
  for (;;) {
    const batch = await mns.receiveMessages(queueName, { count: 16 });
    if (batch.length === 0) return found;
    found.push(...batch.map(({ body }) => body));
  }
}
const decoded = (body: string) => JSON.parse(Buffer.from(body, 'base64').toString('utf8'));

describe('the envelope of an instance event', () => {
  it('has Shanghai times and a subject, as one published sample', () => {
    const { bus } = aWorld();

    const event = bus.cloudEventForInstance({ instanceId: 'i-1', state: 'Running', atMs: START_MS });

    expect(event).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      source: 'acs.ecs',
      specversion: '1.0',
      subject: expect.stringMatching(/^acs\.ecs:cn-hangzhou:1234567890123456:\d{6}$/),
      time: '2026-04-09T12:18:26+08:00',
      type: 'ecs:Instance:StateChange',
      aliyunaccountid: '1234567890123456',
      aliyunpublishtime: '2026-04-09T12:18:26.450PRC',
      aliyuneventbusname: 'default',
      aliyunregionid: 'cn-hangzhou',
      aliyunpublishaddr: '172.25.0.1',
      data: { resourceId: 'i-1', resourceType: 'ALIYUN::ECS::Instance', state: 'Running' },
    });
  });

  it('has UTC times and no subject, as the other', () => {
    const { bus } = aWorld();

    const event = bus.cloudEventForInstance(
      { instanceId: 'i-1', state: 'Stopped', atMs: START_MS },
      'utc-time',
    );

    expect(event).toMatchObject({
      time: '2026-04-09T04:18:26Z',
      aliyunpublishtime: '2026-04-09T04:18:26.450Z',
      datacontenttype: 'application/json;charset=utf-8',
      aliyunoriginalaccountid: '1234567890123456',
    });
    expect(event).not.toHaveProperty('subject');
  });
});

describe('the envelope of a notice', () => {
  const notice = (status: 'Scheduled' | 'Avoided') =>
    ({
      instanceId: 'i-1',
      name: 'SystemMaintenance.Reboot',
      atMs: START_MS,
      series: { id: '0A1B2C3D-0000-4000-8000-000000000001', firstStatus: 'Scheduled', status },
      members: { eventId: 'e-1', instanceId: 'i-1', eventStatus: status },
    }) as const;

  it('has no status in its type, and what ECS says as its data', () => {
    const { bus } = aWorld();

    const event = bus.cloudEventForNotice(notice('Scheduled'));

    expect(event).toMatchObject({
      source: 'acs.ecs',
      type: 'ecs:Instance:SystemMaintenance.Reboot',
      time: '2026-04-09T12:18:26+08:00',
      data: { eventId: 'e-1', instanceId: 'i-1', eventStatus: 'Scheduled' },
    });
  });

  it('has an id of its own at each status, or one for all by the switch', () => {
    const idsOf = ({ bus }: ReturnType<typeof aWorld>) =>
      (['Scheduled', 'Avoided'] as const).map((status) => bus.cloudEventForNotice(notice(status)).id);

    const own = idsOf(aWorld());
    const shared = idsOf(aWorld({ switches: { ecsSystemEventIds: 'same-for-all-statuses' } }));

    expect(own[0]).not.toBe(own[1]);
    expect(shared).toEqual(Array(2).fill('0a1b2c3d-0000-4000-8000-000000000001'));
  });
});

describe('rules', () => {
  it('refuse foreign queues, too many targets and too many rules', () => {
    const { bus } = aWorld();
    const target = (id: number) => ({ id: `${id}`, endpoint: QUEUE_ARN, isBase64Encode: true });

    expect(() => bus.putRule(aRule({ endpoint: QUEUE_ARN.replace('hangzhou', 'beijing') }))).toThrow(
      /not a queue/,
    );
    expect(() => bus.putRule(aRule({ endpoint: 'acs:fc:cn-hangzhou:1:functions/f' }))).toThrow(/not a queue/);
    expect(() => bus.putRule({ ...aRule(), targets: [1, 2, 3, 4, 5, 6].map(target) })).toThrow(/at most 5/);
    expect(() => bus.putRule({ ...aRule(), targets: [1, 1].map(target) })).toThrow(/same id/);
    for (let i = 0; i < 50; i++) bus.putRule({ ...aRule(), name: `rule-${i}` });
    expect(() => bus.putRule(aRule())).toThrow(/at most 50/);
    expect(() => bus.putRule({ ...aRule(), name: 'rule-1' })).not.toThrow();
  });

  it('put the whole event on the queue, in Base64 or as it is', async () => {
    const { bus, mns } = aWorld();
    mns.createQueue('events');
    bus.putRule(aRule());
    const event = bus.cloudEventForInstance({ instanceId: 'i-1', state: 'Running', atMs: START_MS });

    bus.publish(event);
    bus.publish({ ...event, type: 'ecs:Disk:Other' });
    bus.putRule(aRule({ isBase64Encode: false }));
    bus.publish(event);

    const [encoded = '', plain = '', ...rest] = await bodies(mns);
    expect(decoded(encoded)).toEqual(event);
    expect(plain.startsWith('{')).toBe(true);
    expect(JSON.parse(plain)).toEqual(event);
    expect(rest).toEqual([]);
  });

  it('refuse an event beyond 256 KB', () => {
    const { bus } = aWorld();
    const event = bus.cloudEventForInstance({ instanceId: 'i-1', state: 'Running', atMs: START_MS });

    expect(() => bus.publish({ ...event, data: { text: 'x'.repeat(262_144) } })).toThrow(/262144/);
  });
});

describe('a delivery that fails', () => {
  it('is tried 3 times more, 10 to 20 s apart, then goes to the dead-letter queue', async () => {
    const { bus, clock, foundation, mns } = aWorld();
    mns.createQueue('dead');
    bus.putRule(aRule({ deadLetterQueue: 'acs:mns:cn-hangzhou:1234567890123456:/queues/dead' }));
    bus.publish(bus.cloudEventForInstance({ instanceId: 'i-1', state: 'Running', atMs: START_MS }));

    clock.advanceBy(29_999);
    expect(mns.getQueueAttributes('dead').activeMessages).toBe(0);
    clock.advanceBy(30_001);

    expect((await bodies(mns, 'dead')).map(decoded)).toMatchObject([{ data: { resourceId: 'i-1' } }]);
    expect(foundation.timeline.entries.at(-1)?.kind).toBe('event-dead-lettered');
  });

  it('arrives once its queue exists, also after the world was closed in between', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'eventbridge-'));
    const firstStore = fileStore(folder);
    const before = aWorld({ store: firstStore });
    before.bus.putRule(aRule({ pushRetryStrategy: 'EXPONENTIAL_DECAY_RETRY' }));
    before.bus.publish(
      before.bus.cloudEventForInstance({ instanceId: 'i-1', state: 'Running', atMs: START_MS }),
    );
    before.clock.advanceBy(10_000);
    firstStore.close();

    const secondStore = fileStore(folder);
    const after = aWorld({ store: secondStore }, START_MS + 10_000);
    after.mns.createQueue('events');
    after.clock.advanceBy(60_000);

    expect((await bodies(after.mns)).map(decoded)).toMatchObject([{ data: { resourceId: 'i-1' } }]);
    after.clock.advanceBy(600_000);
    expect(await bodies(after.mns)).toHaveLength(1);
    secondStore.close();
    rmSync(folder, { recursive: true });
  });
});

describe('disturbed deliveries', () => {
  const publishTen = ({ bus }: ReturnType<typeof aWorld>) => {
    for (let i = 0; i < 10; i++) {
      bus.publish(bus.cloudEventForInstance({ instanceId: `i-${i}`, state: 'Running', atMs: START_MS }));
    }
  };
  const ids = (events: Array<string>) => events.map((body) => decoded(body).data.resourceId as string);

  it('come several times, under one id or under new ones', async () => {
    const world = aWorld();
    world.mns.createQueue('events');
    world.bus.putRule(aRule());
    world.bus.setDeliveryFaults({ duplicateTimes: 3 });
    world.bus.publish(
      world.bus.cloudEventForInstance({ instanceId: 'i-1', state: 'Running', atMs: START_MS }),
    );
    world.bus.setDeliveryFaults({ duplicateIds: 'new' });
    world.bus.publish(
      world.bus.cloudEventForInstance({ instanceId: 'i-2', state: 'Running', atMs: START_MS }),
    );

    const events = (await bodies(world.mns)).map(decoded);

    expect(new Set(events.slice(0, 3).map(({ id }) => id)).size).toBe(1);
    expect(new Set(events.slice(3).map(({ id }) => id)).size).toBe(3);
  });

  it('come late and out of order, the same way for the same seed', async () => {
    const orders = [];
    for (const seed of [7, 7, 8]) {
      const world = aWorld({ seed });
      world.mns.createQueue('events');
      world.bus.putRule(aRule());
      world.bus.setDeliveryFaults({ delayMs: 1_000, reorderWithinMs: 5_000 });
      publishTen(world);
      world.clock.advanceBy(999);
      expect(world.mns.getQueueAttributes('events').activeMessages).toBe(0);
      world.clock.advanceBy(5_001);
      orders.push(ids(await bodies(world.mns)));
    }

    expect(orders[0]).toHaveLength(10);
    expect(orders[0]).not.toEqual([...(orders[0] ?? [])].sort());
    expect(orders[1]).toEqual(orders[0]);
    expect(orders[2]).not.toEqual(orders[0]);
  });

  it('may be lost, which the timeline tells', async () => {
    const world = aWorld();
    world.mns.createQueue('events');
    world.bus.putRule(aRule());
    world.bus.setDeliveryFaults({ lossProbability: 0.5 });
    publishTen(world);

    const arrived = (await bodies(world.mns)).length;
    const lost = world.foundation.timeline.entries.filter(({ kind }) => kind === 'event-lost').length;
    expect(arrived + lost).toBe(10);
    expect(lost).toBeGreaterThan(0);
    expect(arrived).toBeGreaterThan(0);
  });
});
