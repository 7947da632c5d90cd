import { describe, expect, it } from 'vitest';
import type { DoneRecord } from '../../../shared/acceptance/model.ts';
import {
  foldBatch,
  keysOf,
  keysOfReuse,
  routeEvents,
  withoutKnown,
} from '../../../shared/acceptance/plan.ts';
import type { InboundEvent, InstanceStateChanged } from '../../../shared/events/model.ts';
import { aBinding, anInstance, instancesSeen, LB, NOW_MS } from '../../support/builders.ts';

const REGION = 'cn-hangzhou';
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
const unknown = (text: string): InboundEvent => ({
  kind: 'not-understood',
  reason: 'of no known shape',
  text,
  messageId: 'm-1',
});
const fold = (...batch: ReadonlyArray<InboundEvent>) => foldBatch(batch, REGION, NOW_MS);
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
    event: InstanceStateChanged,
    seen: ReturnType<typeof instancesSeen>,
    members: ReadonlyArray<string> = [],
  ) =>
    (routeEvents([event], seen, new Map([['i-1', new Set(members)]]), bindings, NOW_MS).get(event.key) ?? [])
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

  it('makes a signal of what the event says and when it was accepted', () => {
    const event = changed({ state: 'Stopping', atMs: null });
    const routes = routeEvents([event], web, new Map(), bindings, NOW_MS);

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
