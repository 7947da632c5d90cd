import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventOfNotice } from '../../../../../infra/local/world/cms/system-event.ts';
import { cloudEventForNotice } from '../../../../../infra/local/world/eventbridge/cloud-event.ts';
import { anEcsWorld, START_MS } from './world.ts';

const sample = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../../../events/${name}.json`, import.meta.url), 'utf8'));

/** Everything that this world says when an instance goes through one event of each course. */
function everythingSaid() {
  const { clock, foundation, ecs, notices, running } = anEcsWorld();
  ecs.interrupt(running('SpotAsPriceGo'));
  const schedule = (eventType: string, isFailing?: boolean) =>
    ecs.scheduleSystemEvent({ instanceId: running(), eventType, isFailing, notBeforeMs: START_MS + 30_000 });
  ecs.avoidSystemEvent(schedule('SystemMaintenance.Reboot'));
  ecs.cancelSystemEvent(schedule('SystemMaintenance.Reboot'));
  schedule('SystemMaintenance.IsolateErrorDisk');
  schedule('SystemMaintenance.Reboot', true);
  schedule('SystemMaintenance.Reboot');
  schedule('SystemFailure.Reboot');
  clock.advanceBy(60_000);
  return { foundation, notices };
}

describe('what the world says', () => {
  const { foundation, notices } = everythingSaid();
  const find = (name: string, status?: string) => {
    const found = notices.find((notice) => notice.name === name && notice.series?.status === status);
    if (found === undefined) throw new Error(`${name} ${status} was not said`);
    return found;
  };

  it.each([
    ['ecs-spot-interruption', 'PreemptibleInstanceInterruption', undefined],
    ['ecs-system-event', 'SystemMaintenance.Reboot', 'Scheduled'],
    ['ecs-system-event.inquiring', 'SystemMaintenance.IsolateErrorDisk', 'Inquiring'],
    ['ecs-system-event.executing', 'SystemMaintenance.Reboot', 'Executing'],
    ['ecs-system-event.executed', 'SystemMaintenance.Reboot', 'Executed'],
    ['ecs-system-event.avoided', 'SystemMaintenance.Reboot', 'Avoided'],
    ['ecs-system-event.canceled', 'SystemMaintenance.Reboot', 'Canceled'],
    ['ecs-system-event.failed', 'SystemMaintenance.Reboot', 'Failed'],
    ['ecs-system-event.failure', 'SystemFailure.Reboot', 'Executing'],
  ])('on the bus has the type and the members of %s', (file, name, status) => {
    const expected = sample(file);
    const variant = 'subject' in expected ? 'local-time' : 'utc-time';

    const event = cloudEventForNotice(foundation, find(name, status), variant);

    expect(Object.keys(event).sort()).toEqual(Object.keys(expected).sort());
    expect(Object.keys(event.data)).toEqual(Object.keys(expected.data));
    expect([event.type, event.data.eventStatus]).toEqual([expected.type, expected.data.eventStatus]);
  });

  it.each([
    ['spot-interruption', 'PreemptibleInstanceInterruption', undefined],
    ['system-maintenance', 'SystemMaintenance.Reboot', 'Scheduled'],
    ['system-maintenance-inquiring', 'SystemMaintenance.IsolateErrorDisk', 'Inquiring'],
    ['system-maintenance-executing', 'SystemMaintenance.Reboot', 'Executing'],
    ['system-maintenance-executed', 'SystemMaintenance.Reboot', 'Executed'],
    ['system-maintenance-avoided', 'SystemMaintenance.Reboot', 'Avoided'],
    ['system-maintenance-canceled', 'SystemMaintenance.Reboot', 'Canceled'],
    ['system-maintenance-failed', 'SystemMaintenance.Reboot', 'Failed'],
    ['system-failure', 'SystemFailure.Reboot', 'Executing'],
  ])('at CloudMonitor has the name, the level and the members of %s', (file, name, status) => {
    const expected = sample(`cloudmonitor-event.${file}`);

    const event = eventOfNotice(foundation, find(name, status));

    expect(Object.keys(event)).toEqual(Object.keys(expected));
    expect(Object.keys(event.content)).toEqual(Object.keys(expected.content));
    expect([event.name, event.level]).toEqual([expected.name, expected.level]);
  });
});
