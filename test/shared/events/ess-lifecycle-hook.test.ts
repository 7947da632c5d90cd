import { describe, expect, it } from 'vitest';
import type { LifecycleHookReached } from '../../../shared/events/model.ts';
import { inEveryCarrier, read } from './reading.ts';

const content = {
  lifecycleHookId: 'ash-uf6fictional00in1',
  lifecycleActionToken: '7F3A91C2-01',
  lifecycleHookName: 'leave-gently',
  scalingGroupId: 'asg-uf6fictional0001',
  lifecycleTransition: 'SCALE_IN',
  defaultResult: 'CONTINUE',
  scalingActivityId: 'asa-uf6fictional0000in1',
  instanceIds: ['i-uf6fictional00000web1'],
};
const message = { userId: '1098765432109876', regionId: 'cn-shanghai', content };
const ofBus = {
  id: '7d1c02ae-0011',
  source: 'acs.ess',
  specversion: '1.0',
  type: 'ess:LifecycleHook:ScaleIn',
  aliyunregionid: 'cn-shanghai',
  data: content,
};
const saying = (changes: object) => ({ ...message, content: { ...content, ...changes } });

function heard(payload: unknown): LifecycleHookReached {
  const event = read(payload);
  if (event.kind !== 'lifecycle-hook') throw new Error(`read as ${JSON.stringify(event)}`);
  return event;
}

const asRead = {
  kind: 'lifecycle-hook',
  key: 'hook/ash-uf6fictional00in1/7F3A91C2-01',
  scalingGroupId: 'asg-uf6fictional0001',
  scalingActivityId: 'asa-uf6fictional0000in1',
  lifecycleHookId: 'ash-uf6fictional00in1',
  lifecycleActionToken: '7F3A91C2-01',
  transition: 'SCALE_IN',
  instanceIds: ['i-uf6fictional00000web1'],
  regionId: 'cn-shanghai',
  payloadHash: expect.stringMatching(/^[0-9a-f]{64}$/),
};

describe('a lifecycle hook', () => {
  it.each(inEveryCarrier(message))('is read from its message %s', (_carrier, payload) => {
    expect(read(payload)).toEqual({ ...asRead, carrier: 'message' });
  });

  it.each(inEveryCarrier(ofBus))('is read from the event bus %s', (_carrier, payload) => {
    expect(read(payload)).toEqual({ ...asRead, carrier: 'event-bus' });
  });

  it('may have its fields one level down on the event bus', () => {
    expect(read({ ...ofBus, data: message })).toEqual({ ...asRead, carrier: 'event-bus' });
  });

  it('is the same action from both carriers, with its list of instances or without', () => {
    const { key, payloadHash } = heard(message);
    const { instanceIds: _list, ...unlisted } = content;

    expect(heard({ ...ofBus, data: unlisted })).toMatchObject({ key, payloadHash });
  });

  it.each([
    ['ess:LifecycleHook:ScaleIn', 'SCALE_IN'],
    ['ess:LifecycleHook:ScaleOut', 'SCALE_OUT'],
  ])('of type %s has the transition from there when it says none', (type, transition) => {
    const { lifecycleTransition: _transition, ...silent } = content;

    expect(heard({ ...ofBus, type, data: silent }).transition).toBe(transition);
  });

  it.each([undefined, null, 'SCALE_SIDEWAYS', 1])(
    'whose message says the transition %j says none',
    (said) => {
      expect(heard(saying({ lifecycleTransition: said })).transition).toBeNull();
    },
  );

  it.each([undefined, null, '', 5, 'a token'])(
    'with the token %j goes by its activity',
    (lifecycleActionToken) => {
      expect(heard(saying({ lifecycleActionToken }))).toMatchObject({
        key: 'hook/ash-uf6fictional00in1/asa-uf6fictional0000in1',
        lifecycleActionToken: null,
      });
    },
  );

  it('needs no activity where it has a token', () => {
    expect(heard(saying({ scalingActivityId: undefined }))).toMatchObject({
      key: 'hook/ash-uf6fictional00in1/7F3A91C2-01',
      scalingActivityId: null,
    });
  });

  it.each([
    ['is left out', undefined],
    ['is no list', 'i-uf6fictional00000web1'],
    ['has something else in it', ['i-uf6fictional00000web1', 'eci-uf6fictional00000']],
    ['has more than 1,000', Array.from({ length: 1_001 }, (_, n) => `i-${n}`)],
  ])('whose list of instances %s says nothing of them', (_how, instanceIds) => {
    expect(heard(saying({ instanceIds })).instanceIds).toEqual([]);
  });

  it('names each of up to 1,000 instances once', () => {
    const instanceIds = Array.from({ length: 1_000 }, (_, n) => `i-${n % 999}`);

    expect(heard(saying({ instanceIds })).instanceIds).toHaveLength(999);
  });

  it.each([
    ['a group', { scalingGroupId: undefined }],
    ['a group that is one', { scalingGroupId: 'lb-uf6fictional0001' }],
    ['a hook that is one', { lifecycleHookId: 'no hook' }],
    ['both token and activity', { lifecycleActionToken: undefined, scalingActivityId: undefined }],
  ])('without %s is not understood', (_what, changes) => {
    expect(read(saying(changes))).toMatchObject({ kind: 'not-understood' });
    expect(read({ ...ofBus, data: { ...content, ...changes } })).toMatchObject({ kind: 'not-understood' });
  });

  it('without an id of its own is no hook at all on MNS, and not understood on the bus', () => {
    expect(read(saying({ lifecycleHookId: undefined }))).toMatchObject({
      kind: 'not-understood',
      reason: 'an object of no known shape',
    });
    expect(read({ ...ofBus, data: {} })).toMatchObject({ kind: 'not-understood' });
  });

  it('that is only a test of its setting up is ignored', () => {
    expect(read({ ...ofBus, type: 'ess:LifecycleHook:Test' })).toEqual({
      kind: 'ignored',
      reason: 'ess-lifecycle-hook-test',
    });
  });
});

describe('the payload hash of a hook', () => {
  it('is over what identifies the action and nothing else', () => {
    const again = saying({ lifecycleHookName: 'renamed', defaultResult: 'ABANDON', requestId: 'R' });

    expect(heard(again).payloadHash).toBe(heard(message).payloadHash);
    expect(heard(saying({ scalingGroupId: 'asg-other' })).payloadHash).not.toBe(heard(message).payloadHash);
  });
});
