import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseBatch } from '../../../shared/events/interpret.ts';
import type { InboundEvent } from '../../../shared/events/model.ts';
import { writeWakeUp } from '../../../shared/events/wake-up.ts';

const instanceId = 'i-uf6fictional00000web1';
const busEvent = {
  id: '7d1c02ae-0004',
  source: 'acs.ecs',
  specversion: '1.0',
  type: 'ecs:Instance:StateChange',
  time: '2026-05-18T09:59:58+08:00',
  aliyunregionid: 'cn-shanghai',
  data: { resourceId: instanceId, resourceType: 'ALIYUN::ECS::Instance', state: 'Running' },
};
const monitorEvent = {
  id: '5E0C7B19',
  product: 'ECS',
  name: 'Instance:StateChange',
  eventTime: '20260518T095958.250+0800',
  regionId: 'cn-shanghai',
  content: busEvent.data,
};

function read(content: unknown): InboundEvent {
  const events = parseBatch(Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)));
  expect(events).toHaveLength(1);
  return events[0] ?? { kind: 'tick' };
}

function changed(content: unknown) {
  const event = read(content);
  if (event.kind !== 'instance-state-changed') throw new Error(`read as ${JSON.stringify(event)}`);
  return event;
}

function inQueue(content: unknown, messageId: string) {
  return [{ data: { messageId, messageBody: JSON.stringify(content) } }];
}

describe('what is not understood', () => {
  it.each([
    ['an object of no known shape', { hello: 'world' }],
    ['a state change without data', { ...busEvent, data: undefined }],
    ['a state that no instance has', { ...busEvent, data: { ...busEvent.data, state: 'Sleeping' } }],
    ['a state that a prototype has', { ...busEvent, data: { ...busEvent.data, state: 'constructor' } }],
    ['a state that is no text', { ...busEvent, data: { ...busEvent.data, state: 3 } }],
    ['no instance id', { ...busEvent, data: { state: 'Running' } }],
    [
      'a placeholder for an id',
      { ...monitorEvent, content: { resourceId: '<resource-id>', state: 'Running' } },
    ],
    [
      'an ARN for an id',
      { ...busEvent, data: { resourceId: `acs:ecs:x:1:instance/${instanceId}`, state: 'Running' } },
    ],
    [
      'an id of 61 characters',
      { ...busEvent, data: { resourceId: `i-${'a'.repeat(61)}`, state: 'Running' } },
    ],
    ['a CloudEvent with an endless type', { ...busEvent, type: 'x'.repeat(257) }],
    ['a wake-up of another version', { kind: 'slb-autopilot/wake-up', version: 3, lane: 'lb-1', dueAtMs: 1 }],
    ['a wake-up without lane', { kind: 'slb-autopilot/wake-up', version: 2, dueAtMs: 1 }],
    ['an old wake-up without load balancer', { kind: 'slb-autopilot/wake-up', version: 1, dueAtMs: 1 }],
    [
      'a wake-up for a lane of no kind',
      { kind: 'slb-autopilot/wake-up', version: 2, lane: 'rsp-1', dueAtMs: 1 },
    ],
    [
      'a wake-up at no time',
      { kind: 'slb-autopilot/wake-up', version: 1, loadBalancerId: 'lb-1', dueAtMs: 'now' },
    ],
  ])('%s', (_name, content) => {
    const text = JSON.stringify(content);

    expect(read(content)).toEqual({
      kind: 'not-understood',
      reason: expect.any(String),
      text,
      messageId: null,
    });
  });

  it.each([
    [
      'half a surrogate pair',
      '{"type":"ecs:Instance:StateChange","source":"acs.ecs","id":"\\ud83d","data":{}}',
    ],
    [
      'half a surrogate pair in a key',
      '{"product":"ECS","name":"Instance:StateChange","content":{"\\udc00":1}}',
    ],
    ['a number beyond the doubles', '{"triggerName":"t","triggerTime":"t","payload":1e999}'],
    [
      'nesting beyond 64 levels',
      `{"triggerName":"t","triggerTime":"t","x":${'['.repeat(70)}${']'.repeat(70)}}`,
    ],
  ])('%s', (_name, text) => {
    expect(read(text)).toMatchObject({ kind: 'not-understood', text });
  });

  it('names the fault without repeating a value, in at most 300 characters', () => {
    const event = read({ ...busEvent, data: { resourceId: 'hunter2', state: 'hunter2'.repeat(1000) } });

    expect(event).toMatchObject({ kind: 'not-understood' });
    const reason = event.kind === 'not-understood' ? event.reason : '';
    expect(reason).toContain('state: not a state of an instance');
    expect(reason).not.toContain('hunter2');
    expect(reason.length).toBeLessThanOrEqual(300);
  });

  it('keeps the message id for the quarantine', () => {
    expect(parseBatch(Buffer.from(JSON.stringify(inQueue({ hello: 'world' }, 'A1'))))).toEqual([
      { kind: 'not-understood', reason: expect.any(String), text: '{"hello":"world"}', messageId: 'A1' },
    ]);
  });
});

describe('a state change', () => {
  it('is read from the event bus', () => {
    expect(read(busEvent)).toEqual({
      kind: 'instance-state-changed',
      key: 'event/acs.ecs/7d1c02ae-0004',
      instanceId,
      state: 'Running',
      atMs: Date.UTC(2026, 4, 18, 1, 59, 58),
      regionId: 'cn-shanghai',
      payloadHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('is read from CloudMonitor', () => {
    expect(read(monitorEvent)).toEqual({
      kind: 'instance-state-changed',
      key: 'cloudmonitor/5E0C7B19',
      instanceId,
      state: 'Running',
      atMs: Date.UTC(2026, 4, 18, 1, 59, 58, 250),
      regionId: 'cn-shanghai',
      payloadHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('may have its id in instanceId', () => {
    expect(changed({ ...busEvent, data: { instanceId, state: 'Stopped' } }).instanceId).toBe(instanceId);
  });

  it('is read without envelope extras, in another region, at an unreadable time', () => {
    const bare = { specversion: '1.0', type: busEvent.type, data: busEvent.data };

    expect(changed(bare)).toMatchObject({ atMs: null, regionId: null });
    expect(changed({ ...busEvent, aliyunregionid: 'us-east-1' }).regionId).toBe('us-east-1');
    expect(changed({ ...busEvent, aliyunregionid: 7, time: 'de***' })).toMatchObject({
      atMs: null,
      regionId: null,
    });
  });

  it('falls back to the time of publishing', () => {
    const event = changed({ ...busEvent, time: undefined, aliyunpublishtime: '2026-05-18T09:59:59.016PRC' });

    expect(event.atMs).toBe(Date.UTC(2026, 4, 18, 1, 59, 59, 16));
  });

  it.each(['Pending', 'Panding'])('takes %s for Pending', (state) => {
    expect(changed({ ...busEvent, data: { ...busEvent.data, state } }).state).toBe('Pending');
  });
});

describe('the key of a state change', () => {
  it('is the same in every carrier and under every message id', () => {
    const text = JSON.stringify(busEvent);
    const carried = [
      busEvent,
      inQueue(busEvent, 'A1'),
      inQueue(busEvent, 'A2'),
      { TopicName: 't', MessageId: 'T1', Message: Buffer.from(text).toString('base64') },
    ].map(changed);

    expect(new Set(carried.map(({ key }) => key))).toEqual(new Set(['event/acs.ecs/7d1c02ae-0004']));
    expect(new Set(carried.map(({ payloadHash }) => payloadHash)).size).toBe(1);
  });

  it('is the message’s where the event has none, and counts on in a message with several', () => {
    const { id: _id, ...anonymous } = monitorEvent;

    expect(changed(inQueue(anonymous, 'A1')).key).toBe('message/A1');
    const several = parseBatch(Buffer.from(JSON.stringify(inQueue([anonymous, anonymous], 'A1'))));
    expect(several).toMatchObject([{ key: 'message/A1%230' }, { key: 'message/A1%231' }]);
  });

  it('is the content’s where nothing has an id', () => {
    const { id: _id, ...anonymous } = monitorEvent;
    const event = changed(anonymous);

    expect(event.key).toMatch(/^content\/[0-9a-f]{64}$/);
    expect(changed(anonymous).key).toBe(event.key);
  });

  it('does not run source and id together', () => {
    const keys = [
      changed({ ...busEvent, source: 'a/b', id: 'c' }).key,
      changed({ ...busEvent, source: 'a', id: 'b/c' }).key,
    ];

    expect(keys).toEqual(['event/a%2Fb/c', 'event/a/b%2Fc']);
  });

  it('stays within 200 printable characters', () => {
    const long = changed({ ...busEvent, id: '抢'.repeat(128) }).key;
    const other = changed({ ...busEvent, id: `${'抢'.repeat(127)}占` }).key;

    expect(long).toMatch(/^event\/sha256\/[0-9a-f]{64}$/);
    expect(other).not.toBe(long);
  });
});

describe('the payload hash', () => {
  it('does not depend on the order of members or on delivery attributes', () => {
    const { state, resourceType, resourceId } = busEvent.data;
    const again = { ...busEvent, data: { state, resourceType, resourceId }, aliyunpublishtime: 'later' };

    expect(changed(again).payloadHash).toBe(changed(busEvent).payloadHash);
  });

  it('differs where the event says something else', () => {
    const stopped = changed({ ...busEvent, data: { ...busEvent.data, state: 'Stopped' } });

    expect(stopped.payloadHash).not.toBe(changed(busEvent).payloadHash);
  });

  it('is SHA-256 over the canonical form', () => {
    // printf '%s' '{"data":{"resourceId":"i-1","state":"Running"},"type":"ecs:Instance:StateChange"}' | sha256sum
    const event = changed({ ...busEvent, data: { state: 'Running', resourceId: 'i-1' } });

    expect(event.payloadHash).toBe('6b072a8bd43d783093721de3a8cf0e90ed24b9ea62b7cf8e536583747f8615ad');
  });
});

describe('other kinds', () => {
  it('reads the wake-up that it writes', () => {
    expect(read(writeWakeUp('lb-uf6fictional0001', 1779083515250))).toEqual({
      kind: 'wake-up',
      laneId: 'lb-uf6fictional0001',
      dueAtMs: 1779083515250,
    });
  });

  it('reads the wake-up that a release before wrote', () => {
    const before = {
      kind: 'slb-autopilot/wake-up',
      version: 1,
      loadBalancerId: 'lb-uf6fictional0001',
      dueAtMs: 5,
    };

    expect(read(before)).toEqual({ kind: 'wake-up', laneId: 'lb-uf6fictional0001', dueAtMs: 5 });
  });

  it('reads the timer whatever its payload holds', () => {
    const payload = JSON.stringify(busEvent);

    expect(read({ triggerTime: '2026-05-18T10:01:00Z', triggerName: 't', payload })).toEqual({
      kind: 'tick',
      triggeredAtMs: Date.UTC(2026, 4, 18, 10, 1),
    });
  });

  it.each([
    ['ecs:Disk:DiskConvertToPostpaidCompleted', 'other event ecs:Disk:DiskConvertToPostpaidCompleted'],
    ['ecs:Instance:StateChangeSomeday', 'other event ecs:Instance:StateChangeSomeday'],
    ['ess:CloudMonitor:AUTOSCALING[SCALEREJECT]', 'other event ess:CloudMonitor:AUTOSCALING[SCALEREJECT]'],
    ['evil\n\u001b[31m', 'other event evil??[31m'],
    ['x'.repeat(256), `other event ${'x'.repeat(100)}`],
    ['ecs:Instance:LiveMigrationAcrossDDH', 'other event ecs:Instance:LiveMigrationAcrossDDH'],
    ['ess:LifecycleHook:Someday', 'other event ess:LifecycleHook:Someday'],
    ['ess:LifecycleHook:Test', 'ess-lifecycle-hook-test'],
  ])('ignores the type %j as %j', (type, reason) => {
    expect(read({ ...busEvent, type })).toEqual({ kind: 'ignored', reason });
  });

  it('ignores what CloudMonitor reports about other products', () => {
    expect(read({ ...monitorEvent, product: 'RDS' })).toEqual({
      kind: 'ignored',
      reason: 'other event rds:Instance:StateChange',
    });
  });

  it('gives every message of a mixed batch its own answer', () => {
    const batch = readFileSync(new URL('../../../events/carriers/queue-batch.mixed.json', import.meta.url));

    expect(parseBatch(batch).map(({ kind }) => kind)).toEqual([
      'instance-state-changed',
      'not-understood',
      'lifecycle-hook',
    ]);
  });
});

describe('a state change without any id', () => {
  const stoppedAt = (eventTime: string) => ({
    body: JSON.stringify({
      product: 'ECS',
      name: 'Instance:StateChange',
      eventTime,
      regionId: 'cn-hangzhou',
      content: { resourceId: 'i-bp1ecr0000000005go2go', state: 'Stopped' },
    }),
  });

  it('is the same event only when it happened at the same time', () => {
    const events = parseBatch(
      Buffer.from(
        JSON.stringify([
          stoppedAt('20260409T121826.922+0800'),
          stoppedAt('20260410T121826.922+0800'),
          stoppedAt('20260409T121826.922+0800'),
        ]),
      ),
    );
    const keys = events.map((event) => (event.kind === 'instance-state-changed' ? event.key : event.kind));

    expect(keys[0]).toBe(keys[2]);
    expect(keys[0]).not.toBe(keys[1]);
  });
});
