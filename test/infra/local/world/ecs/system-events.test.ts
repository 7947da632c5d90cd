import { describe, expect, it } from 'vitest';
import { SYSTEM_EVENTS, type SystemEventType } from '../../../../../infra/local/world/ecs/system-event.ts';
import { memoryStore } from '../../../../../infra/local/world/store.ts';
import { anEcsWorld, codeOf, START_MS } from './world.ts';

const IN_TEN_SECONDS_MS = START_MS + 10_000;

describe('planned maintenance', () => {
  it('is announced, carried out at its time, and over when the instance runs again', () => {
    const { clock, ecs, said, running } = anEcsWorld();
    const instanceId = running();

    ecs.scheduleSystemEvent({
      instanceId,
      eventType: 'SystemMaintenance.Reboot',
      notBeforeMs: IN_TEN_SECONDS_MS,
    });
    clock.advanceBy(60_000);

    expect(said).toEqual([
      'SystemMaintenance.Reboot Scheduled +300',
      'SystemMaintenance.Reboot Executing +10000',
      'Stopping +10000',
      'Starting +10400',
      'Running +10600',
      'SystemMaintenance.Reboot Executed +10600',
    ]);
    expect(ecs.systemEvents()).toEqual([]);
  });

  it('says what is documented for each status, in UTC and whole seconds', () => {
    const { clock, ecs, notices, running } = anEcsWorld();
    const instanceId = running();

    const eventId = ecs.scheduleSystemEvent({
      instanceId,
      eventType: 'SystemMaintenance.Reboot',
      notBeforeMs: IN_TEN_SECONDS_MS,
    });
    clock.advanceBy(60_000);

    const common = {
      eventId,
      publishTime: '2026-11-20T08:00:30Z',
      notBefore: '2026-11-20T08:00:40Z',
      instanceId,
      eventType: 'SystemMaintenance.Reboot',
    };
    const executeStartTime = '2026-11-20T08:00:40Z';
    expect(notices.map(({ members }) => members)).toEqual([
      { ...common, eventStatus: 'Scheduled' },
      { ...common, eventStatus: 'Executing', executeStartTime },
      { ...common, eventStatus: 'Executed', executeStartTime, executeFinishTime: executeStartTime },
    ]);
    expect(eventId).toMatch(/^e-bp1/);
  });

  it('asks first where it is told to, or can do nothing else', () => {
    const { ecs, notices, running } = anEcsWorld();
    const instanceId = running();
    const schedule = (eventType: string, isInquiring?: boolean) =>
      ecs.scheduleSystemEvent({ instanceId, eventType, notBeforeMs: IN_TEN_SECONDS_MS, isInquiring });

    schedule('SystemMaintenance.Redeploy', true);
    schedule('SystemMaintenance.IsolateErrorDisk');

    expect(notices.map(({ series }) => series?.status)).toEqual(['Inquiring', 'Inquiring']);
    expect(codeOf(() => schedule('SystemMaintenance.Stop', true))).toBe('InvalidParameter');
    expect(codeOf(() => schedule('InstanceFailure.Reboot', true))).toBe('InvalidParameter');
  });

  it.each([
    ['Canceled', 'cancelSystemEvent'],
    ['Avoided', 'avoidSystemEvent'],
  ] as const)('can be %s before it begins, and leaves the instance alone', (status, end) => {
    const { clock, ecs, said, notices, running } = anEcsWorld();
    const instanceId = running();
    const eventId = ecs.scheduleSystemEvent({
      instanceId,
      eventType: 'SystemMaintenance.Redeploy',
      notBeforeMs: IN_TEN_SECONDS_MS,
    });
    clock.advanceBy(5_000);

    ecs[end](eventId);
    clock.advanceBy(60_000);

    expect(said.slice(1)).toEqual([`SystemMaintenance.Redeploy ${status} +5300`]);
    const instant = '2026-11-20T08:00:35Z';
    expect(notices[1]?.members).toMatchObject({ executeStartTime: instant, executeFinishTime: instant });
    expect(codeOf(() => ecs[end](eventId))).toBe('InvalidEventId.NotFound');
  });

  it('cannot be called off once it has begun', () => {
    const { clock, ecs, running } = anEcsWorld();
    const instanceId = running();
    const eventId = ecs.scheduleSystemEvent({ instanceId, eventType: 'SystemMaintenance.Reboot' });
    clock.advanceBy(100);

    expect(codeOf(() => ecs.cancelSystemEvent(eventId))).toBe('IncorrectEventStatus');
    expect(codeOf(() => ecs.avoidSystemEvent(eventId))).toBe('IncorrectEventStatus');
  });

  it('that is a reboot is avoided by a reboot of the owner before its time; other maintenance is not', () => {
    const { clock, ecs, said, running } = anEcsWorld();
    const instanceId = running();
    for (const eventType of ['SystemMaintenance.Reboot', 'SystemMaintenance.Stop']) {
      ecs.scheduleSystemEvent({ instanceId, eventType, notBeforeMs: IN_TEN_SECONDS_MS });
    }
    said.length = 0;

    ecs.rebootInstance({ instanceId });
    clock.advanceBy(600);

    expect(said).toEqual([
      'SystemMaintenance.Reboot Avoided +300',
      'Stopping +300',
      'Starting +700',
      'Running +900',
    ]);
    expect(ecs.systemEvents().map(({ eventType }) => eventType)).toEqual(['SystemMaintenance.Stop']);
  });

  it('does nothing to an instance that its owner has stopped, or is stopping', () => {
    const { clock, ecs, said, running } = anEcsWorld();
    const instanceId = running();
    ecs.stopInstance({ instanceId });
    said.length = 0;

    ecs.scheduleSystemEvent({ instanceId, eventType: 'SystemMaintenance.Reboot' });
    clock.advanceBy(1_000);
    ecs.scheduleSystemEvent({ instanceId, eventType: 'SystemMaintenance.Redeploy' });
    clock.advanceBy(1_000);

    expect(said).toEqual([
      'SystemMaintenance.Reboot Scheduled +300',
      'SystemMaintenance.Reboot Executing +300',
      'SystemMaintenance.Reboot Executed +300',
      'Stopped +700',
      'SystemMaintenance.Redeploy Scheduled +1300',
      'SystemMaintenance.Redeploy Executing +1300',
      'SystemMaintenance.Redeploy Executed +1300',
    ]);
  });
});

describe('a failure', () => {
  it('is there at once, whatever the time it was given, and says no notBefore', () => {
    const { clock, ecs, said, notices, running } = anEcsWorld();
    const instanceId = running();

    ecs.scheduleSystemEvent({
      instanceId,
      eventType: 'SystemFailure.Reboot',
      notBeforeMs: IN_TEN_SECONDS_MS,
    });
    clock.advanceBy(60_000);

    expect(said).toEqual([
      'SystemFailure.Reboot Executing +300',
      'Stopping +300',
      'Starting +300',
      'Running +500',
      'SystemFailure.Reboot Executed +500',
    ]);
    expect(Object.keys(notices[0]?.members ?? {})).toEqual([
      'eventId',
      'publishTime',
      'instanceId',
      'eventType',
      'eventStatus',
      'executeStartTime',
    ]);
  });

  it('can be scheduled where it is a redeployment', () => {
    const { ecs, notices, running } = anEcsWorld();
    const instanceId = running();

    ecs.scheduleSystemEvent({
      instanceId,
      eventType: 'SystemFailure.Redeploy',
      notBeforeMs: IN_TEN_SECONDS_MS,
    });

    expect(notices[0]?.members).toMatchObject({ eventStatus: 'Scheduled' });
    expect(notices[0]?.members).not.toHaveProperty('notBefore');
  });
});

describe('the execution', () => {
  const statesOf = (
    eventType: string,
    options: { isFailing?: boolean; ecsDiskEventsReboot?: boolean } = {},
  ) => {
    const { isFailing, ecsDiskEventsReboot = true } = options;
    const { clock, ecs, said, running } = anEcsWorld({ switches: { ecsDiskEventsReboot } });
    const instanceId = running();
    ecs.scheduleSystemEvent({ instanceId, eventType, isFailing });
    clock.advanceBy(60_000);
    const words = said.map((line) => line.split(' ').slice(0, -1).at(-1));
    return words.slice(words.indexOf('Executing') + 1).join(' ');
  };

  it.each([
    ['InstanceFailure.Reboot', 'Stopping Starting Running Executed'],
    ['SystemFailure.Redeploy', 'Stopping Stopped Starting Running Executed'],
    ['SystemFailure.Stop', 'Stopping Stopped Executed'],
    ['SystemFailure.Delete', 'Stopping Stopped Deleted Executed'],
    ['SystemMaintenance.Stop', 'Stopping Stopped Executed'],
    ['SystemMaintenance.Redeploy', 'Stopping Stopped Starting Running Executed'],
    ['SystemMaintenance.RebootAndReInitErrorDisk', 'Stopping Starting Running Executed'],
    ['SystemMaintenance.IsolateErrorDisk', 'Stopping Starting Running Executed'],
  ])('of %s does to the instance what the type says', (eventType, states) => {
    expect(statesOf(eventType)).toBe(states);
  });

  it('of a disk event without Reboot in its name leaves the instance alone by the switch', () => {
    const ecsDiskEventsReboot = false;

    expect(statesOf('SystemMaintenance.IsolateErrorDisk', { ecsDiskEventsReboot })).toBe('Executed');
    expect(statesOf('SystemMaintenance.RebootAndIsolateErrorDisk', { ecsDiskEventsReboot })).toBe(
      'Stopping Starting Running Executed',
    );
  });

  it('that fails leaves a reboot down and a stop undone', () => {
    expect(statesOf('SystemFailure.Reboot', { isFailing: true })).toBe('Stopping Stopped Failed');
    expect(statesOf('SystemMaintenance.Stop', { isFailing: true })).toBe('Failed');
  });

  it('never gets into a status that is not listed for the type', () => {
    for (const [eventType, { statuses }] of Object.entries(SYSTEM_EVENTS)) {
      const { clock, ecs, notices, running } = anEcsWorld();
      const canFail = statuses.some((status) => status === 'Failed');
      for (const isFailing of canFail ? [false, true] : [false]) {
        ecs.scheduleSystemEvent({ instanceId: running(), eventType, isFailing });
        clock.advanceBy(5_000);
      }
      const seen = notices.map(({ series }) => series?.status);

      expect(statuses, eventType).toEqual(expect.arrayContaining(seen));
    }
  });

  it('cannot fail, nor be of a kind, that is not listed', () => {
    const { ecs, running } = anEcsWorld();
    const instanceId = running();
    const codes = (
      ['InstanceFailure.Reboot', 'SystemMaintenance.Redeploy'] as ReadonlyArray<SystemEventType>
    ).map((eventType) => codeOf(() => ecs.scheduleSystemEvent({ instanceId, eventType, isFailing: true })));

    expect(codes).toEqual(['InvalidParameter', 'InvalidParameter']);
    expect(codeOf(() => ecs.scheduleSystemEvent({ instanceId, eventType: 'toString' }))).toBe(
      'InvalidParameter',
    );
    expect(
      codeOf(() => ecs.scheduleSystemEvent({ instanceId: 'i-0', eventType: 'SystemFailure.Stop' })),
    ).toBe('InvalidInstanceId.NotFound');
  });
});

describe('two events of one instance', () => {
  it('both end when the one keeps from the other what it waits for', () => {
    const { clock, ecs, said, running } = anEcsWorld();
    const instanceId = running();
    const leadsElsewhere = 'SystemMaintenance.ReInitErrorDisk';

    ecs.scheduleSystemEvent({ instanceId, eventType: 'SystemMaintenance.Redeploy', isInquiring: true });
    ecs.scheduleSystemEvent({
      instanceId,
      eventType: leadsElsewhere,
      notBeforeMs: START_MS + 350,
      isFailing: true,
    });
    clock.advanceBy(60_000);

    expect(said.at(-3)).toMatch(/^Stopped /);
    expect(said.slice(-2).map((line) => line.replace(/ \+\d+$/, ''))).toEqual([
      'SystemMaintenance.Redeploy Executed',
      `${leadsElsewhere} Failed`,
    ]);
    expect(ecs.systemEvents()).toEqual([]);
  });
});

describe('an instance that is released', () => {
  it.each([
    ['silently', []],
    ['Canceled', ['SystemMaintenance.Reboot Canceled']],
    ['Avoided', ['SystemMaintenance.Reboot Avoided']],
  ] as const)('ends its system events %s', (ecsReleaseEndsSystemEvents, heard) => {
    const { clock, ecs, said, running } = anEcsWorld({ switches: { ecsReleaseEndsSystemEvents } });
    const instanceId = running();
    const eventType = 'SystemMaintenance.Reboot';
    ecs.scheduleSystemEvent({ instanceId, eventType, notBeforeMs: IN_TEN_SECONDS_MS });
    said.length = 0;

    ecs.deleteInstance({ instanceId, force: true });
    clock.advanceBy(60_000);

    expect(said.slice(0, 3)).toEqual(['Stopping +300', 'Stopped +300', 'Deleted +1100']);
    expect(said.slice(3)).toEqual(heard.map((line) => `${line} +1100`));
    expect(ecs.systemEvents()).toEqual([]);
  });
});

describe('system events of a world that is opened again', () => {
  const reopen = (store: ReturnType<typeof memoryStore>, atMs: number) =>
    anEcsWorld({ store }, START_MS + atMs);

  it('are carried out late rather than never', () => {
    const store = memoryStore();
    const before = anEcsWorld({ store });
    const instanceId = before.running();
    const eventType = 'SystemMaintenance.Reboot';
    before.ecs.scheduleSystemEvent({ instanceId, eventType, notBeforeMs: IN_TEN_SECONDS_MS });
    before.ecs.close();

    const after = reopen(store, 20_000);
    after.clock.advanceBy(1_000);

    expect(after.said[0]).toBe('SystemMaintenance.Reboot Executing +20000');
    expect(after.said.at(-1)).toBe('SystemMaintenance.Reboot Executed +20600');
  });

  it('end when the instance comes up that was on its way', () => {
    const store = memoryStore();
    const before = anEcsWorld({ store });
    before.ecs.scheduleSystemEvent({ instanceId: before.running(), eventType: 'SystemFailure.Redeploy' });
    before.clock.advanceBy(50);
    before.ecs.close();

    const after = reopen(store, 350);
    after.clock.advanceBy(1_000);

    expect(after.said).toEqual(['Running +500', 'SystemFailure.Redeploy Executed +500']);
  });

  it('end at once where the end was all that was missing', () => {
    const store = memoryStore();
    const before = anEcsWorld({ store });
    before.ecs.scheduleSystemEvent({ instanceId: before.running(), eventType: 'SystemFailure.Reboot' });
    // The world ends between the instance's last step and the end of its event.
    before.ecs.onStateChange(({ state }) => {
      if (state === 'Running') before.ecs.close();
    });
    before.clock.advanceBy(1_000);

    const after = reopen(store, 2_000);
    after.clock.advanceBy(0);

    expect(before.said.at(-1)).toBe('Running +500');
    expect(after.said).toEqual(['SystemFailure.Reboot Executed +2000']);
  });
});
