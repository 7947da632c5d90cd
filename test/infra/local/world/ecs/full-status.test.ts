import { describe, expect, it } from 'vitest';
import type { FoundationOptions } from '../../../../../infra/local/world/foundation.ts';
import { anEcsWorld, codeOf, START_MS } from './world.ts';

/** Three that run: a reboot is scheduled for the first, the second is asked about a redeployment, the third has peace. */
function aWorldWithEvents(switches: FoundationOptions['switches'] = {}) {
  const world = anEcsWorld({ switches });
  const { ecs, running } = world;
  const ids = [running(), running(), running()] as const;
  const schedule = (instanceId: string, eventType: string, inMs: number, isInquiring = false) =>
    ecs.scheduleSystemEvent({ instanceId, eventType, notBeforeMs: START_MS + inMs, isInquiring });
  const rebootId = schedule(ids[0], 'SystemMaintenance.Reboot', 60_000);
  const redeployId = schedule(ids[1], 'SystemMaintenance.Redeploy', 120_000, true);
  const shown = (query: Parameters<typeof ecs.describeInstancesFullStatus>[0] = {}) =>
    ecs
      .describeInstancesFullStatus(query)
      .instances.map(
        ({ instance, healthStatus, events }) =>
          `${ids.indexOf(instance.instanceId)} ${healthStatus} ${events.map(({ status }) => status).join()}`,
      );
  return { ...world, ids, rebootId, redeployId, shown };
}

describe('DescribeInstancesFullStatus', () => {
  it('shows how instances are doing and what is ahead of them', () => {
    const { shown } = aWorldWithEvents();

    expect(shown()).toEqual(['0 Maintaining Scheduled', '1 Maintaining Inquiring', '2 OK ']);
  });

  it('lists an event that is being carried out by the switch only, and calls a failure by its name', () => {
    const usual = aWorldWithEvents();
    const open = aWorldWithEvents({ ecsFullStatusEvents: 'all-open' });
    const narrow = aWorldWithEvents({ ecsFullStatusEvents: 'scheduled-only' });
    for (const { ecs, ids, clock } of [usual, open]) {
      ecs.scheduleSystemEvent({ instanceId: ids[2], eventType: 'SystemFailure.Reboot' });
      clock.advanceBy(100);
    }

    expect(usual.shown({ instanceIds: [usual.ids[2]] })).toEqual(['2 Impaired ']);
    expect(open.shown({ instanceIds: [open.ids[2]] })).toEqual(['2 Impaired Executing']);
    expect(narrow.shown({ instanceIds: [narrow.ids[1]] })).toEqual(['1 Maintaining ']);
  });

  it('warns of a failure that is scheduled, and knows the new ones', () => {
    const { ecs, ids } = aWorldWithEvents();
    ecs.scheduleSystemEvent({
      instanceId: ids[2],
      eventType: 'SystemFailure.Redeploy',
      notBeforeMs: START_MS + 60_000,
    });
    const [young = ''] = ecs.runInstances({ amount: 1 });

    const health = (instanceId: string) =>
      ecs.describeInstancesFullStatus({ instanceIds: [instanceId] }).instances[0]?.healthStatus;

    expect([health(ids[2]), health(young)]).toEqual(['Warning', 'Initializing']);
  });

  it('leaves events out by their filters, and instances as well by the switch', () => {
    const usual = aWorldWithEvents();
    const narrow = aWorldWithEvents({ ecsFullStatusEventFilters: 'instances-too' });
    const filters = ({ rebootId }: { readonly rebootId: string }) => [
      { eventTypes: ['SystemMaintenance.Reboot'] },
      { eventIds: [rebootId] },
      { eventCycleStatuses: ['Scheduled'] as const },
      { notBefore: { endMs: START_MS + 90_000 } },
    ];

    for (const filter of filters(usual)) {
      expect(usual.shown(filter)).toEqual(['0 Maintaining Scheduled', '1 Maintaining ', '2 OK ']);
    }
    for (const filter of filters(narrow)) expect(narrow.shown(filter)).toEqual(['0 Maintaining Scheduled']);
    expect(narrow.shown({ publishTime: { startMs: START_MS + 60_000 } })).toEqual([]);
  });

  it('compares times in the whole seconds that it shows', () => {
    const { shown } = aWorldWithEvents({ ecsFullStatusEventFilters: 'instances-too' });

    expect(shown({ publishTime: { startMs: START_MS, endMs: START_MS } })).toHaveLength(2);
  });

  it('filters instances by id, status and health, and pages through them', () => {
    const { ecs, ids, shown } = aWorldWithEvents();
    ecs.stopInstance({ instanceId: ids[2] });

    expect(shown({ instanceIds: [ids[1], 'i-unknown'] })).toEqual(['1 Maintaining Inquiring']);
    expect(shown({ status: 'Stopping' })).toEqual(['2 OK ']);
    expect(shown({ healthStatus: 'Maintaining' })).toHaveLength(2);
    const second = ecs.describeInstancesFullStatus({ pageNumber: 2, pageSize: 2 });
    expect(second).toMatchObject({ totalCount: 3, pageNumber: 2, pageSize: 2 });
    expect(second.instances.map(({ instance }) => instance.instanceId)).toEqual([ids[2]]);
  });

  it('refuses more than 100 ids and pages that cannot be, in its own words', () => {
    const { ecs } = aWorldWithEvents();
    const code = (query: Parameters<typeof ecs.describeInstancesFullStatus>[0]) =>
      codeOf(() => ecs.describeInstancesFullStatus(query));

    expect(code({ instanceIds: Array(101).fill('i-1') })).toBe('InstanceIdLimitExceeded');
    expect(code({ eventIds: Array(101).fill('e-1') })).toBe('EventIdLimitExceeded');
    expect(code({ eventTypes: Array(31).fill('SystemFailure.Stop') })).toBe('InvalidParameter');
    expect([code({ pageSize: 101 }), code({ pageNumber: 0 }), code({ status: 'Released' })]).toEqual(
      Array(3).fill('InvalidParameter'),
    );
    expect(code({ instanceIds: Array(100).fill('i-1'), pageSize: 100 })).toBe('none');
  });
});
