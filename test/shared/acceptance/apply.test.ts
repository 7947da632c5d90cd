import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AcceptDeps, acceptBatch } from '../../../shared/acceptance/apply.ts';
import type {
  AcceptReport,
  DoneRecord,
  InboxEntry,
  NoticedHook,
  QuarantineItem,
} from '../../../shared/acceptance/model.ts';
import type { InboundEvent } from '../../../shared/events/model.ts';
import { ASSUME, aBinding, anInstance, LB, MAINTENANCE, NOW_MS } from '../../support/builders.ts';
import { createMemoryLanes } from '../../support/memory-lanes.ts';

/** Ports in memory: i-1 and i-2 are selected, i-3 is not, i-4 is gone but a member. */
function memoryPorts() {
  const done = new Map<string, DoneRecord>();
  const inbox = new Map<string, InboxEntry>();
  const noticed = new Map<string, NoticedHook>();
  const quarantine: Array<QuarantineItem> = [];
  const { lanes, row } = createMemoryLanes();
  const instances = [anInstance('i-1'), anInstance('i-2'), anInstance('i-3', { tags: {} })];
  const calls: Array<string> = [];
  const deps: AcceptDeps = {
    done: {
      async read(keys) {
        calls.push('done.read');
        return new Map(
          keys.flatMap((key) => [...[done.get(key)]].flatMap((known) => (known ? [[key, known]] : []))),
        );
      },
      async write(records) {
        calls.push('done.write');
        for (const record of records) done.set(record.key, record);
      },
    },
    inbox: {
      async put(entries) {
        calls.push('inbox.put');
        for (const entry of entries) {
          const key = `${entry.laneId} ${entry.signal.key}`;
          if (!inbox.has(key)) inbox.set(key, entry);
        }
      },
      read: async () => [],
      remove: async () => {},
    },
    hooks: {
      async notice(hooks) {
        calls.push('hooks.notice');
        for (const hook of hooks) noticed.set(hook.token, hook);
      },
    },
    assume: ASSUME,
    lanes,
    members: { lanesOf: async () => new Map([['i-4', new Set([LB])]]) },
    instances: {
      describe: async (ids) => instances.filter(({ instanceId }) => ids.includes(instanceId)),
      provePermission: async () => {},
    },
    quarantine: {
      async put(items) {
        calls.push('quarantine.put');
        quarantine.push(...items);
      },
    },
    clock: { nowMs: () => NOW_MS },
    bindings: [aBinding()],
    pairs: [],
    regionId: 'cn-hangzhou',
    maintenance: MAINTENANCE,
  };
  return { deps, done, inbox, noticed, quarantine, calls, row };
}

const event: fc.Arbitrary<InboundEvent> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        n: fc.nat({ max: 5 }),
        instanceId: fc.constantFrom('i-1', 'i-2', 'i-3', 'i-4'),
        state: fc.constantFrom('Running', 'Stopped', 'Deleted', 'Pending'),
        regionId: fc.constantFrom('cn-hangzhou', 'cn-hangzhou', null, 'cn-beijing'),
      })
      .map(({ n, ...rest }) => ({
        kind: 'instance-state-changed' as const,
        key: `event/${n}`,
        atMs: null,
        // The same key comes with other content now and then.
        payloadHash: `${rest.instanceId} ${rest.state}`,
        ...rest,
      })) as fc.Arbitrary<InboundEvent>,
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ n: fc.nat({ max: 5 }), instanceId: fc.constantFrom('i-1', 'i-3', 'i-4') })
      .map(({ n, instanceId }) => ({
        kind: 'instance-interrupted' as const,
        key: `event/${n}`,
        instanceId,
        atMs: null,
        regionId: 'cn-hangzhou',
        payloadHash: `${instanceId} interrupted`,
      })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ n: fc.nat({ max: 2 }), phase: fc.constantFrom('planned', 'executing', 'over') })
      .map(({ n, phase }) => ({
        kind: 'system-event' as const,
        key: `system-event/${n}/${phase}`,
        instanceId: `i-${n + 1}`,
        eventId: `e-${n}`,
        eventType: 'SystemMaintenance.Reboot',
        phase,
        status: phase,
        notBeforeMs: NOW_MS,
        atMs: null,
        regionId: null,
        payloadHash: `e-${n} ${phase}`,
      })),
  },
  fc.constantFrom('t-1', 't-2').map((token) => ({
    kind: 'lifecycle-hook' as const,
    key: `hook/ash-1/${token}`,
    carrier: 'message' as const,
    scalingGroupId: 'asg-1',
    scalingActivityId: 'asa-1',
    lifecycleHookId: 'ash-1',
    lifecycleActionToken: token,
    transition: null,
    instanceIds: ['i-1'],
    regionId: null,
    payloadHash: token,
  })),
  fc.constantFrom('a', 'b', 'c').map((reason) => ({ kind: 'ignored' as const, reason })),
  fc
    .constantFrom('x', 'y', '')
    .map((text) => ({ kind: 'not-understood' as const, reason: 'r', text, messageId: null })),
);
const batch = fc.array(event, { maxLength: 25, size: 'max' });

const counted = ({ accepted, duplicates, notSelected, quarantined, ignored }: AcceptReport) =>
  accepted + duplicates + notSelected + quarantined + Object.values(ignored).reduce((a, b) => a + b, 0);

describe('accepting', () => {
  it('counts every message of every batch exactly once, and keeps a record of each', async () => {
    const totals = { accepted: 0, duplicates: 0, notSelected: 0, quarantined: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 4 }), async (batches) => {
        const { deps, done, noticed, quarantine, inbox, row } = memoryPorts();
        let accepted = 0;
        for (const events of batches) {
          const report = await acceptBatch(deps, events);
          expect(counted(report)).toBe(events.length);
          for (const name of ['accepted', 'duplicates', 'notSelected', 'quarantined'] as const) {
            totals[name] += report[name];
          }
          accepted += report.accepted;
        }
        expect(inbox.size + noticed.size).toBe(accepted);
        expect(new Set(quarantine.map(({ key }) => key)).size).toBe(quarantine.length);
        for (const { key } of quarantine) expect(done.has(key)).toBe(true);
        for (const { signal } of inbox.values()) expect(done.has(signal.key)).toBe(true);
        for (const token of noticed.keys()) expect(done.has(`hook/ash-1/${token}`)).toBe(true);
        expect(row(LB).dirty > 0).toBe(inbox.size > 0);
        expect(row('asg-1').dirty > 0).toBe(noticed.size > 0);
      }),
      { numRuns: 300, seed: 20260409 },
    );
    for (const total of Object.values(totals)) expect(total).toBeGreaterThan(50);
  });

  it('of a batch a second time changes nothing and calls nothing new', async () => {
    await fc.assert(
      fc.asyncProperty(batch, async (events) => {
        const { deps, done, inbox, quarantine, calls, row } = memoryPorts();
        const first = await acceptBatch(deps, events);
        const before = structuredClone([done, inbox, quarantine, row(LB)]);
        calls.length = 0;

        const second = await acceptBatch(deps, events);

        expect(second).toMatchObject({ lanes: [], accepted: 0, notSelected: 0, quarantined: 0 });
        expect(second.duplicates).toBe(
          first.accepted + first.duplicates + first.notSelected + first.quarantined,
        );
        expect([done, inbox, quarantine, row(LB)]).toEqual(before);
        expect(new Set(calls).has('done.write')).toBe(false);
        expect(calls.filter((call) => call !== 'done.read')).toEqual([]);
      }),
      { numRuns: 300, seed: 20260410 },
    );
  });

  it('of nothing but ticks and wake-ups makes no call', async () => {
    const { deps, calls } = memoryPorts();

    const report = await acceptBatch(deps, [{ kind: 'tick' }, { kind: 'wake-up', laneId: LB, dueAtMs: 0 }]);

    expect(report).toMatchObject({ ignored: { tick: 1, 'wake-up': 1 }, lanes: [] });
    expect(calls).toEqual([]);
  });

  it('that cannot see the instances throws, and leaves nothing written', async () => {
    const { deps, calls } = memoryPorts();
    const blind = {
      ...deps,
      instances: {
        describe: async () => [],
        provePermission: async () => {
          throw new Error('not allowed');
        },
      },
    };

    await expect(
      acceptBatch(blind, [
        {
          kind: 'instance-state-changed',
          key: 'event/1',
          instanceId: 'i-1',
          state: 'Running',
          atMs: null,
          regionId: null,
          payloadHash: 'h',
        },
      ]),
    ).rejects.toThrow('not allowed');
    expect(calls).toEqual(['done.read']);
  });
});
