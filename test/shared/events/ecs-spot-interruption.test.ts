import { describe, expect, it } from 'vitest';
import { inEveryCarrier, read } from './reading.ts';

const instanceId = 'i-uf6fictional00000web2';
const ofBus = {
  id: '7d1c02ae-0008',
  source: 'acs.ecs',
  specversion: '1.0',
  type: 'ecs:Instance:PreemptibleInstanceInterruption',
  time: '2026-05-18T14:06:11+08:00',
  aliyunregionid: 'cn-shanghai',
  data: { instanceId, action: 'delete' },
};
const ofMonitor = {
  id: '5E0C7B19-5',
  product: 'ECS',
  level: 'WARN',
  name: 'Instance:PreemptibleInstanceInterruption',
  eventTime: '20260518T140611.064+0800',
  regionId: 'cn-shanghai',
  content: ofBus.data,
};
const withAction = (action: unknown) => ({ ...ofBus, data: { instanceId, action } });

describe('a spot interruption', () => {
  it.each(inEveryCarrier(ofBus))('is read from the event bus %s', (_carrier, payload) => {
    expect(read(payload)).toEqual({
      kind: 'instance-interrupted',
      key: 'event/acs.ecs/7d1c02ae-0008',
      instanceId,
      atMs: Date.UTC(2026, 4, 18, 6, 6, 11),
      regionId: 'cn-shanghai',
      payloadHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it.each(inEveryCarrier(ofMonitor))('is read from CloudMonitor %s', (_carrier, payload) => {
    expect(read(payload)).toEqual({
      kind: 'instance-interrupted',
      key: 'cloudmonitor/5E0C7B19-5',
      instanceId,
      atMs: Date.UTC(2026, 4, 18, 6, 6, 11, 64),
      regionId: 'cn-shanghai',
      payloadHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it.each(['INFO', 'WARN', undefined])('counts at level %s', (level) => {
    expect(read({ ...ofMonitor, level })).toMatchObject({ kind: 'instance-interrupted' });
  });

  it.each([['delete'], ['de***'], ['d*****'], [undefined], [null]])(
    'with the action %j is a release',
    (action) => {
      expect(read(withAction(action))).toMatchObject({ kind: 'instance-interrupted', instanceId });
    },
  );

  it.each([
    ['stop', 'spot interruption stop'],
    ['st**', 'spot interruption st??'],
    ['\u001b[31m\n', 'spot interruption ?[31m?'],
    ['x'.repeat(300), `spot interruption ${'x'.repeat(100)}`],
  ])('with the action %j takes nobody out, and is counted as %j', (action, reason) => {
    expect(read(withAction(action))).toEqual({ kind: 'ignored', reason });
  });

  it.each([
    ['a placeholder for an id', { ...ofMonitor, content: { instanceId: '<instance-id>', action: 'de***' } }],
    ['no id', { ...ofBus, data: { action: 'delete' } }],
    ['an action that is no text', withAction(1)],
    ['an action without a letter', withAction('')],
    ['no payload', { ...ofBus, data: undefined }],
  ])('with %s is not understood', (_name, content) => {
    expect(read(content)).toMatchObject({ kind: 'not-understood', text: JSON.stringify(content) });
  });

  it('has the key of its message where it has none of its own, and that of its content where that has none', () => {
    const { id: _id, ...anonymous } = ofMonitor;
    const queued = [{ data: { messageId: 'A1', messageBody: JSON.stringify(anonymous) } }];

    expect(read(queued)).toMatchObject({ key: 'message/A1' });
    expect(read(anonymous)).toMatchObject({ key: expect.stringMatching(/^content\/[0-9a-f]{64}$/) });
  });
});
