import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CloudMonitorEventSchema } from '../shared/events/cloudmonitor-event.ts';
import { EcsInstanceStateChangeSchema } from '../shared/events/ecs-instance-state-change.ts';
import { EcsSpotInterruptionSchema } from '../shared/events/ecs-spot-interruption.ts';
import { EcsSystemEventSchema } from '../shared/events/ecs-system-event.ts';
import { EssLifecycleHookSchema } from '../shared/events/ess-lifecycle-hook.ts';
import { parseBatch } from '../shared/events/interpret.ts';
import { ReconcileSchema } from '../shared/events/reconcile.ts';
import { TimerTickSchema } from '../shared/events/timer-tick.ts';
import { WakeUpSchema } from '../shared/events/wake-up.ts';
import { CHANGE_KINDS, ChangeRequestSchema } from '../shared/requests/document.ts';
import { checkSignature } from '../shared/requests/signature.ts';
import { NOW_MS } from './support/builders.ts';
import { aRequester } from './support/requests.ts';

const folder = fileURLToPath(new URL('../events/', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
const kinds = files.filter((name) => !name.endsWith('.schema.json'));
const carriers = readdirSync(join(folder, 'carriers')).map((name) => `carriers/${name}`);
const readme = readFileSync(join(folder, 'README.md'), 'utf8');

/** What each kind of file is read as: an acted-on kind, or the reason under which it is ignored. */
const readAs: Readonly<Record<string, string>> = {
  'ecs-instance-state-change': 'instance-state-changed',
  'ecs-spot-interruption': 'instance-interrupted',
  'ecs-system-event': 'system-event',
  'cloudmonitor-event': 'instance-state-changed',
  'cloudmonitor-event.live-migration': 'other event ecs:Instance:LiveMigrationAcrossDDH',
  'cloudmonitor-event.spot-interruption': 'instance-interrupted',
  'cloudmonitor-event.spot-interruption-debug': 'instance-interrupted',
  'cloudmonitor-event.system-failure': 'system-event',
  'cloudmonitor-event.system-maintenance': 'system-event',
  'cloudmonitor-event.system-maintenance-avoided': 'system-event',
  'cloudmonitor-event.system-maintenance-canceled': 'system-event',
  'cloudmonitor-event.system-maintenance-executed': 'system-event',
  'cloudmonitor-event.system-maintenance-executing': 'system-event',
  'cloudmonitor-event.system-maintenance-failed': 'system-event',
  'cloudmonitor-event.system-maintenance-inquiring': 'system-event',
  'cloudmonitor-alarm': 'cloudmonitor-alarm',
  'cloudmonitor-alarm.slb-unhealthy': 'health-alarm',
  'cloudmonitor-alarm-webhook': 'cloudmonitor-alarm-webhook',
  'cloudmonitor-alarm-webhook.slb-unhealthy': 'health-alarm',
  'ess-lifecycle-hook': 'lifecycle-hook',
  'ess-lifecycle-hook-test': 'ess-lifecycle-hook-test',
  'change-request': 'change-request',
  'timer-tick': 'tick',
  'wake-up': 'wake-up',
  reconcile: 'reconcile',
};

describe('events/', () => {
  it.each(kinds)('%s is read as the kind of its name', (name) => {
    const [kind = '', variant = ''] = name.split('.');
    const expected = readAs[`${kind}.${variant}`] ?? readAs[kind];

    const events = parseBatch(readFileSync(join(folder, name)));

    expect(expected).toBeDefined();
    expect(events).toHaveLength(1);
    expect(events.map((event) => (event.kind === 'ignored' ? event.reason : event.kind))).toEqual([expected]);
  });

  it.each(kinds.flatMap(withSchema))('%s parses with the schema of its name', (_name, schema, input) => {
    expect(schema.safeParse(input).success).toBe(true);
  });

  it.each([
    ['ecs-instance-state-change.created.json', 'Created'],
    ['ecs-instance-state-change.pending.json', 'Pending'],
    ['ecs-instance-state-change.starting.json', 'Starting'],
    ['ecs-instance-state-change.json', 'Running'],
    ['ecs-instance-state-change.stopping.json', 'Stopping'],
    ['ecs-instance-state-change.stopped.json', 'Stopped'],
    ['ecs-instance-state-change.deleted.json', 'Deleted'],
    ['cloudmonitor-event.json', 'Running'],
    ['cloudmonitor-event.stopping.json', 'Stopping'],
    ['cloudmonitor-event.stopped.json', 'Stopped'],
    ['cloudmonitor-event.deleted.json', 'Deleted'],
  ])('%s says %s, when and where', (name, state) => {
    expect(parseBatch(readFileSync(join(folder, name)))).toMatchObject([
      { instanceId: 'i-uf6fictional00000web1', state, atMs: expect.any(Number), regionId: 'cn-shanghai' },
    ]);
  });

  it.each([
    ['ecs-system-event.json', 'planned'],
    ['ecs-system-event.executing.json', 'executing'],
    ['ecs-system-event.executed.json', 'over'],
    ['ecs-system-event.failure.json', 'executing'],
    ['cloudmonitor-event.system-maintenance.json', 'planned'],
    ['cloudmonitor-event.system-maintenance-inquiring.json', 'planned'],
    ['cloudmonitor-event.system-maintenance-avoided.json', 'over'],
    ['cloudmonitor-event.system-failure.json', 'executing'],
  ])('%s says that its event is %s, which one and where', (name, phase) => {
    expect(parseBatch(readFileSync(join(folder, name)))).toMatchObject([
      {
        instanceId: 'i-uf6fictional00000api1',
        eventId: expect.stringMatching(/^e-uf6fictional0000\d\d$/),
        phase,
        atMs: expect.any(Number),
        regionId: 'cn-shanghai',
      },
    ]);
  });

  it.each([
    ['ess-lifecycle-hook.json', 'SCALE_IN', 1],
    ['ess-lifecycle-hook.scale-out.json', 'SCALE_OUT', 2],
    ['ess-lifecycle-hook.eventbridge.json', 'SCALE_IN', 1],
    ['ess-lifecycle-hook.eventbridge-scale-out.json', 'SCALE_OUT', 2],
    ['ess-lifecycle-hook.eventbridge-content.json', 'SCALE_IN', 1],
  ])('%s says %s and names %i instances', (name, transition, count) => {
    const [event] = parseBatch(readFileSync(join(folder, name)));

    expect(event).toMatchObject({ transition, scalingGroupId: 'asg-uf6fictional0001' });
    expect(event?.kind === 'lifecycle-hook' ? event.instanceIds : []).toHaveLength(count);
  });

  it('has a change request of each kind, and a signed one with the signature of its requester', () => {
    const requests = kinds.flatMap((name) => {
      const [event] = parseBatch(readFileSync(join(folder, name)));
      return event?.kind === 'change-request' ? [event.request] : [];
    });
    const [signedOne] = requests.filter(({ signature }) => signature !== undefined);

    expect(new Set(requests.map(({ change }) => change.kind))).toEqual(new Set(CHANGE_KINDS));
    expect(signedOne && checkSignature(signedOne, [aRequester()], NOW_MS).kind).toBe('good');
  });

  it.each([...files, ...carriers])('the README names %s', (name) => {
    expect(readme).toContain(`\`${name}\``);
  });

  it.each([...kinds, ...carriers])('%s has the fictional account and no other', (name) => {
    const accounts = readFileSync(join(folder, name), 'utf8').match(/(?<![\w-])\d{16}(?![\w-])/g) ?? [];

    expect(accounts.filter((account) => account !== '1098765432109876')).toEqual([]);
  });
});

interface Parser {
  safeParse(input: unknown): { success: boolean };
}

/** The file, its schema and the part of the file that the schema describes; nothing for kinds without a schema. */
function withSchema(name: string): Array<[string, Parser, unknown]> {
  const content = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const schemas: Readonly<Record<string, [Parser, unknown]>> = {
    'ecs-instance-state-change': [EcsInstanceStateChangeSchema, content.data],
    'ecs-spot-interruption': [EcsSpotInterruptionSchema, content.data],
    'ecs-system-event': [EcsSystemEventSchema, content.data],
    'cloudmonitor-event': [CloudMonitorEventSchema, content],
    'ess-lifecycle-hook': [EssLifecycleHookSchema, content.data?.content ?? content.data ?? content.content],
    'change-request': [ChangeRequestSchema, content],
    'timer-tick': [TimerTickSchema, content],
    'wake-up': [WakeUpSchema, content],
    reconcile: [ReconcileSchema, content],
  };
  const schema = schemas[name.split('.')[0] ?? ''];
  return schema === undefined ? [] : [[name, ...schema]];
}
