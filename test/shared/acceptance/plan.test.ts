import { describe, expect, it } from 'vitest';
import type { DoneRecord } from '../../../shared/acceptance/model.ts';
import type { InstanceEvent } from '../../../shared/acceptance/news.ts';
import {
  foldBatch,
  keysOf,
  keysOfReuse,
  routeEvents,
  withoutKnown,
} from '../../../shared/acceptance/plan.ts';
import type {
  InboundEvent,
  InstanceInterrupted,
  InstanceStateChanged,
  LifecycleHookReached,
  SystemEvent,
} from '../../../shared/events/model.ts';
import {
  ASSUME,
  aBinding,
  anInstance,
  instancesSeen,
  LB,
  MAINTENANCE,
  NOW_MS,
} from '../../support/builders.ts';

const REGION = 'cn-hangzhou';
const POLICY = { regionId: REGION, maintenance: MAINTENANCE, assume: ASSUME };
const changed = (overrides: Partial<InstanceStateChanged> = {}): InstanceStateChanged => ({
  kind: 'instance-state-changed',
  key: 'event/acs.ecs/1',
  instanceId: 'i-1',
  state: 'Running',
  atMs: NOW_MS - 5_000,
  regionId: REGION,
  payloadHash: 'hash-1',
  ...overrides,
});
const interrupted = (overrides: Partial<InstanceInterrupted> = {}): InstanceInterrupted => ({
  kind: 'instance-interrupted',
  key: 'event/acs.ecs/spot',
  instanceId: 'i-1',
  atMs: NOW_MS - 5_000,
  regionId: REGION,
  payloadHash: 'hash-spot',
  ...overrides,
});
const systemEvent = (overrides: Partial<SystemEvent> = {}): SystemEvent => ({
  kind: 'system-event',
  key: 'system-event/e-1/Scheduled',
  instanceId: 'i-1',
  eventId: 'e-1',
  eventType: 'SystemMaintenance.Reboot',
  phase: 'planned',
  status: 'Scheduled',
  notBeforeMs: NOW_MS + 3_600_000,
  atMs: NOW_MS - 5_000,
  regionId: REGION,
  payloadHash: 'hash-e-1',
  ...overrides,
});
const hook: LifecycleHookReached = {
  kind: 'lifecycle-hook',
  key: 'hook/ash-1/token',
  carrier: 'message',
  scalingGroupId: 'asg-1',
  scalingActivityId: null,
  lifecycleHookId: 'ash-1',
  lifecycleActionToken: 'token',
  transition: 'SCALE_IN',
  instanceIds: ['i-1'],
  regionId: REGION,
  payloadHash: 'hash-hook',
};
const unknown = (text: string): InboundEvent => ({
  kind: 'not-understood',
  reason: 'of no known shape',
  text,
  messageId: 'm-1',
});
const fold = (...batch: ReadonlyArray<InboundEvent>) => foldBatch(batch, POLICY, NOW_MS);
const knownAs = (...entries: ReadonlyArray<readonly [string, string]>) =>
  new Map(
    entries.map(([key, payloadHash]): [string, DoneRecord] => [
      key,
      { key, payloadHash, result: 'not selected', atMs: NOW_MS },
    ]),
  );

describe('folding', () => {
  it('keeps the first of each key and counts its copies', () => {
    const folded = fold(changed(), changed({ atMs: null }), changed({ key: 'event/acs.ecs/2' }), changed());

    expect([...folded.events]).toEqual([
      ['event/acs.ecs/1', [changed()]],
      ['event/acs.ecs/2', [changed({ key: 'event/acs.ecs/2' })]],
    ]);
    expect(folded.duplicates).toBe(2);
    expect(keysOf(folded)).toEqual(['event/acs.ecs/1', 'event/acs.ecs/2']);
  });

  it('sets other content under the same key aside, in the original, once', () => {
    const other = changed({ payloadHash: 'hash-2', state: 'Deleted' });
    const folded = fold(changed(), other, other);
    const { events, quarantine } = withoutKnown(folded, new Map(), NOW_MS);

    expect(events).toEqual([changed()]);
    expect(quarantine).toMatchObject([
      {
        key: expect.stringMatching(/^quarantine:[0-9a-f]{64}$/),
        reason: 'the event id event/acs.ecs/1 was used before for other content',
        atMs: NOW_MS,
      },
    ]);
    expect(JSON.parse(quarantine[0]?.text ?? '')).toEqual(other);
    expect(folded.duplicates).toBe(1);
  });

  it('never sets the known content aside because a forged copy of its key came first', () => {
    const forged = changed({ payloadHash: 'hash-2', state: 'Deleted' });
    const known = new Map([
      ['event/acs.ecs/1', { key: 'event/acs.ecs/1', payloadHash: 'hash-1', result: '', atMs: 0 }],
    ]);
    const { events, quarantine, duplicates } = withoutKnown(fold(forged, changed()), known, NOW_MS);

    expect([events, duplicates]).toEqual([[], 1]);
    expect(quarantine.map(({ text }) => JSON.parse(text))).toEqual([forged]);
  });

  it('keeps the same text in quarantine once, another one beside it', () => {
    const folded = fold(unknown('a'), unknown('b'), unknown('a'));

    expect([...folded.quarantine.values()].map(({ text }) => text)).toEqual(['a', 'b']);
    expect(folded.duplicates).toBe(1);
  });

  it('ignores other regions, states on the way and what is none of ours, by reason', () => {
    const folded = fold(
      changed({ regionId: 'cn-beijing' }),
      changed({ regionId: null, key: 'event/here' }),
      changed({ state: 'Pending' }),
      changed({ state: 'Starting' }),
      changed({ state: 'Created' }),
      { kind: 'ignored', reason: 'ess-lifecycle-hook' },
      { kind: 'ignored', reason: 'ess-lifecycle-hook' },
      { kind: 'ignored', reason: '__proto__' },
    );

    expect([...folded.events.keys()]).toEqual(['event/here']);
    expect(Object.entries(folded.ignored)).toEqual([
      ['region cn-beijing', 1],
      ['instance is Pending', 1],
      ['instance is Starting', 1],
      ['instance is Created', 1],
      ['ess-lifecycle-hook', 2],
      ['__proto__', 1],
    ]);
  });

  it('keeps interruptions and system events beside state changes, and copies of them once', () => {
    const folded = fold(changed(), interrupted(), systemEvent(), interrupted(), systemEvent({ atMs: null }));

    expect([...folded.events.values()].flat()).toEqual([changed(), interrupted(), systemEvent()]);
    expect(folded.duplicates).toBe(2);
  });

  it('sets an event aside that uses the key of one of another kind', () => {
    const forged = interrupted({ key: changed().key });
    const { events, quarantine } = withoutKnown(fold(changed(), forged), new Map(), NOW_MS);

    expect(events).toEqual([changed()]);
    expect(quarantine.map(({ text }) => JSON.parse(text))).toEqual([forged]);
  });

  it('ignores interruptions and system events of other regions', () => {
    const regionId = 'cn-beijing';

    expect(fold(interrupted({ regionId }), systemEvent({ regionId }))).toMatchObject({
      events: new Map(),
      ignored: { 'region cn-beijing': 2 },
    });
  });

  it('ignores what is only planned where nobody wants to drain ahead', () => {
    const never = { ...POLICY, maintenance: { drainAheadMs: 0 } };
    const inquiring = systemEvent({ status: 'Inquiring', key: 'system-event/e-1/Inquiring' });
    const executing = systemEvent({ phase: 'executing', status: 'Executing', key: 'system-event/e-1/E' });
    const folded = foldBatch([systemEvent(), inquiring, executing], never, NOW_MS);

    expect([...folded.events.values()].flat()).toEqual([executing]);
    expect(folded.ignored).toEqual({ 'system event is Scheduled': 1, 'system event is Inquiring': 1 });
  });

  it('takes a hook up once, whatever carries it', () => {
    const again = { ...hook, carrier: 'event-bus' } as const;
    const { events, duplicates } = foldBatch(
      [hook, again],
      { ...POLICY, assume: { hookEvents: 'read' } },
      NOW_MS,
    );

    expect([...events.values()]).toEqual([[hook]]);
    expect(duplicates).toBe(1);
  });

  it('ignores hooks of other regions, and those on the event bus unless somebody has seen what they look like', () => {
    const { events, ignored } = fold({ ...hook, regionId: 'cn-beijing' }, { ...hook, carrier: 'event-bus' });

    expect(events.size).toBe(0);
    expect(ignored).toEqual({ 'region cn-beijing': 1, 'ess-lifecycle-hook on the event bus': 1 });
  });

  it('leaves ticks and wake-ups to the function that ticks, and counts them', () => {
    const wakeUp: InboundEvent = { kind: 'wake-up', laneId: LB, dueAtMs: NOW_MS };

    expect(Object.entries(fold(wakeUp, { kind: 'tick' }, wakeUp).ignored)).toEqual([
      ['wake-up', 2],
      ['tick', 1],
    ]);
  });
});

describe('known messages', () => {
  it('are taken out as duplicates', () => {
    const folded = fold(changed(), changed({ key: 'event/new' }), unknown('a'), unknown('b'));
    const [keyOfA = ''] = folded.quarantine.keys();

    const fresh = withoutKnown(folded, knownAs(['event/acs.ecs/1', 'hash-1'], [keyOfA, keyOfA]), NOW_MS);

    expect(fresh.events.map(({ key }) => key)).toEqual(['event/new']);
    expect(fresh.quarantine.map(({ text }) => text)).toEqual(['b']);
    expect(fresh.duplicates).toBe(2);
  });

  it('with other content go to quarantine, and only once however often they are delivered', () => {
    const folded = fold(changed(), changed({ key: 'event/same', payloadHash: 'same' }));
    const known = knownAs(['event/acs.ecs/1', 'other'], ['event/same', 'same']);

    const [key = '', ...more] = keysOfReuse(folded, known);
    expect(more).toEqual([]);
    const first = withoutKnown(folded, known, NOW_MS);
    expect(first).toMatchObject({ events: [], quarantine: [{ key }], duplicates: 1 });
    const again = withoutKnown(folded, new Map([...known, ...knownAs([key, key])]), NOW_MS);
    expect(again).toEqual({ events: [], quarantine: [], duplicates: 2 });
  });
});

describe('routing', () => {
  const bindings = [
    aBinding(),
    aBinding({ name: 'web2', vServerGroupId: 'rsp-2' }),
    aBinding({
      name: 'api',
      loadBalancerId: 'lb-api',
      vServerGroupId: 'rsp-3',
      selector: { kind: 'tags', tags: { role: 'api' } },
    }),
  ];
  const route = (
    event: InstanceEvent,
    seen: ReturnType<typeof instancesSeen>,
    members: ReadonlyArray<string> = [],
  ) =>
    (
      routeEvents(
        [event],
        seen,
        new Map([['i-1', new Set(members)]]),
        { bindings, pairs: [], maintenance: MAINTENANCE },
        NOW_MS,
      ).get(event.key) ?? []
    )
      .map(({ laneId }) => laneId)
      .sort();
  const web = instancesSeen([anInstance('i-1')]);
  const nobody = instancesSeen([anInstance('i-1', { tags: { role: 'db' } })]);
  const absent = instancesSeen([], ['i-1']);

  it('goes to the lanes of the bindings that select the instance, each once', () => {
    expect(route(changed(), web)).toEqual([LB]);
    expect(route(changed(), nobody)).toEqual([]);
  });

  it('goes to the lanes that know the instance as well, selected or not, listed or not', () => {
    expect(route(changed(), web, ['lb-api'])).toEqual(['lb-api', LB]);
    expect(route(changed(), nobody, ['lb-api'])).toEqual(['lb-api']);
    expect(route(changed({ state: 'Deleted' }), absent, [LB])).toEqual([LB]);
  });

  it('drops lanes that are not configured any more', () => {
    expect(route(changed({ state: 'Deleted' }), absent, ['lb-former'])).toEqual([]);
    expect(route(changed(), web, ['lb-former'])).toEqual([LB]);
  });

  it('goes to every lane while ECS does not list a Running instance yet, to none for one that left', () => {
    expect(route(changed(), absent)).toEqual(['lb-api', LB]);
    expect(route(changed({ state: 'Stopped' }), absent)).toEqual([]);
    expect(route(changed({ state: 'Deleted' }), absent)).toEqual([]);
  });

  it.each([
    ['an interruption', interrupted()],
    ['a system event', systemEvent()],
    ['the end of one', systemEvent({ phase: 'over', status: 'Avoided' })],
  ])('takes %s to the lanes that select or know its instance, and nowhere else', (_what, event) => {
    expect(route(event, web, ['lb-api'])).toEqual(['lb-api', LB]);
    expect(route(event, nobody)).toEqual([]);
    expect(route(event, absent)).toEqual([]);
    expect(route(event, absent, [LB])).toEqual([LB]);
  });

  it('makes an order of a system event, with the time of its notice', () => {
    const event = systemEvent();
    const routes = routeEvents(
      [event],
      web,
      new Map(),
      { bindings, pairs: [], maintenance: MAINTENANCE },
      NOW_MS,
    );

    expect(routes.get(event.key)?.map(({ signal }) => signal)).toEqual([
      {
        key: 'system-event/e-1/Scheduled',
        instanceId: 'i-1',
        news: {
          kind: 'leave',
          cause: 'maintenance',
          ref: 'e-1',
          fromMs: NOW_MS + 45 * 60_000,
          deadlineAtMs: null,
          untilMs: null,
        },
        eventAtMs: NOW_MS - 5_000,
        acceptedAtMs: NOW_MS,
      },
    ]);
  });

  it('makes a signal of what the event says and when it was accepted', () => {
    const event = changed({ state: 'Stopping', atMs: null });
    const routes = routeEvents(
      [event],
      web,
      new Map(),
      { bindings, pairs: [], maintenance: MAINTENANCE },
      NOW_MS,
    );

    expect(routes.get(event.key)).toEqual([
      {
        laneId: LB,
        signal: {
          key: event.key,
          instanceId: 'i-1',
          news: { kind: 'state', state: 'Stopping' },
          eventAtMs: null,
          acceptedAtMs: NOW_MS,
        },
      },
    ]);
  });
});
