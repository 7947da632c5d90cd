import { describe, expect, it } from 'vitest';
import type { SystemEvent } from '../../../shared/events/model.ts';
import { inEveryCarrier, read } from './reading.ts';

const instanceId = 'i-uf6fictional00000api1';
const said = {
  eventId: 'e-uf6fictional000041',
  publishTime: '2026-05-19T02:30:00Z',
  notBefore: '2026-05-22T18:00:00Z',
  instanceId,
  eventType: 'SystemMaintenance.Reboot',
  eventStatus: 'Scheduled',
};
const ofBus = {
  id: '7d1c02ae-0009',
  source: 'acs.ecs',
  specversion: '1.0',
  type: 'ecs:Instance:SystemMaintenance.Reboot',
  time: '2026-05-19T10:30:00+08:00',
  aliyunregionid: 'cn-shanghai',
  data: said,
};
const ofMonitor = {
  id: '5E0C7B19-6',
  product: 'ECS',
  name: 'Instance:SystemMaintenance.Reboot:Scheduled',
  eventTime: '20260519T103000.640+0800',
  regionId: 'cn-shanghai',
  content: said,
};
const saying = (changes: object) => ({ ...ofBus, data: { ...said, ...changes } });

function heard(content: unknown): SystemEvent {
  const event = read(content);
  if (event.kind !== 'system-event') throw new Error(`read as ${JSON.stringify(event)}`);
  return event;
}

describe('a system event', () => {
  it.each(inEveryCarrier(ofBus))('is read from the event bus %s', (_carrier, payload) => {
    expect(read(payload)).toEqual({
      kind: 'system-event',
      key: 'system-event/e-uf6fictional000041/Scheduled',
      instanceId,
      eventId: 'e-uf6fictional000041',
      eventType: 'SystemMaintenance.Reboot',
      phase: 'planned',
      status: 'Scheduled',
      notBeforeMs: Date.UTC(2026, 4, 22, 18),
      atMs: Date.UTC(2026, 4, 19, 2, 30),
      regionId: 'cn-shanghai',
      payloadHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it.each(inEveryCarrier(ofMonitor))('is the same event from CloudMonitor %s', (_carrier, payload) => {
    const { key, payloadHash } = heard(ofBus);

    expect(heard(payload)).toMatchObject({ key, payloadHash, atMs: Date.UTC(2026, 4, 19, 2, 30, 0, 640) });
  });

  it.each([
    ['Scheduled', 'planned'],
    ['Inquiring', 'planned'],
    ['Executing', 'executing'],
    ['Executed', 'over'],
    ['Avoided', 'over'],
    ['Canceled', 'over'],
    ['Failed', 'over'],
  ])('that is %s is %s, whatever its name says', (eventStatus, phase) => {
    const notice = { ...ofMonitor, content: { ...said, eventStatus } };

    expect(heard(notice)).toMatchObject({
      phase,
      status: eventStatus,
      key: `system-event/e-uf6fictional000041/${eventStatus}`,
    });
  });

  it.each(['Sleeping', 'scheduled', 'constructor', '', 3, null, undefined])(
    'with the status %j, which nobody knows, is not understood',
    (eventStatus) => {
      expect(read(saying({ eventStatus }))).toMatchObject({ kind: 'not-understood' });
    },
  );

  it.each([
    'SystemMaintenance.Redeploy',
    'SystemMaintenance.RebootAndIsolateErrorDisk',
    'SystemFailure.Delete',
    'InstanceFailure.Reboot',
  ])('of type %s is read', (eventType) => {
    const notice = { ...saying({ eventType }), type: `ecs:Instance:${eventType}` };

    expect(heard(notice)).toMatchObject({ eventType });
  });

  it('has its type from the name where the payload does not say it', () => {
    expect(heard({ ...ofMonitor, content: { ...said, eventType: undefined } }).eventType).toBe(
      'SystemMaintenance.Reboot',
    );
  });

  it.each([
    ['not at all', undefined],
    ['unreadably', 'soon'],
  ])('that says its time %s is read without one', (_how, notBefore) => {
    expect(heard(saying({ notBefore })).notBeforeMs).toBeNull();
  });

  it.each([
    ['a placeholder for an instance', saying({ instanceId: '<instance-id>' })],
    ['no instance', saying({ instanceId: undefined })],
    ['no payload', { ...ofBus, data: 'none' }],
  ])('about %s is not understood', (_name, content) => {
    expect(read(content)).toMatchObject({ kind: 'not-understood', text: JSON.stringify(content) });
  });

  it.each([undefined, null, '', 7, '<event-id>'])(
    'whose id is %j has the key of its envelope, and another one for each status',
    (eventId) => {
      const scheduled = heard(saying({ eventId }));
      const avoided = heard({ ...saying({ eventId, eventStatus: 'Avoided' }), id: '7d1c02ae-0010' });

      expect([scheduled.eventId, scheduled.key]).toEqual([null, 'event/acs.ecs/7d1c02ae-0009']);
      expect(avoided.key).toBe('event/acs.ecs/7d1c02ae-0010');
      expect(avoided.payloadHash).not.toBe(scheduled.payloadHash);
    },
  );
});

describe('the payload hash of a system event', () => {
  it('does not depend on what senders add, or on when they say it', () => {
    const resent = saying({ publishTime: '2026-05-19T02:31:00Z', executeStartTime: '2026-05-19T02:31:00Z' });

    expect(heard(resent).payloadHash).toBe(heard(ofBus).payloadHash);
  });

  it('differs for another instance, so that nobody can hide behind a known event', () => {
    const forged = heard(saying({ instanceId: 'i-uf6fictional00000web1' }));

    expect(forged.key).toBe(heard(ofBus).key);
    expect(forged.payloadHash).not.toBe(heard(ofBus).payloadHash);
  });
});
