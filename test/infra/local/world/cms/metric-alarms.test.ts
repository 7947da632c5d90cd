import { describe, expect, it } from 'vitest';
import { createMetricAlarms } from '../../../../../infra/local/world/cms/metric-alarms.ts';
import { createMns } from '../../../../../infra/local/world/mns/mns.ts';
import { memoryStore, type WorldStore } from '../../../../../infra/local/world/store.ts';
import type { Switches } from '../../../../../infra/local/world/switches.ts';
import { GROUP, LB, slbWorld } from '../slb/slb-world.ts';

const PAIR = 'rsp-bp1pair';
const QUEUE = 'alarms';
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
// With the defaults of TCP.
const BAD_AFTER_MS = 19_000;

const tcp80 = { loadBalancerId: LB, listenerPort: 80, listenerProtocol: 'tcp' } as const;
const RULE = {
  ruleId: 'unhealthy-80',
  ruleName: 'slb-unhealthy',
  loadBalancerId: LB,
  listenerPort: 80,
  metricName: 'UnhealthyServerCount',
  threshold: 0,
  comparison: 'GreaterThanThreshold',
  periodMs: MINUTE_MS,
  times: 1,
  silenceMs: DAY_MS,
  target: { queueName: QUEUE },
} as const;

type Body = Record<string, unknown>;

/** A pair behind a listener; its first check has been over for a minute, which ends now. */
function alarmWorld(options: { switches?: Partial<Switches>; store?: WorldStore } = {}) {
  const world = slbWorld(options.switches, options.store);
  const { slb, clock, run, foundation } = world;
  const mns = createMns(foundation);
  mns.createQueue(QUEUE);
  const alarms = createMetricAlarms(foundation, { slb, mns });
  const [a = '', b = ''] = run(2);
  slb.seedMasterSlaveServerGroup({
    masterSlaveServerGroupId: PAIR,
    loadBalancerId: LB,
    name: 'orders',
    backends: [
      { serverId: a, port: 8080 },
      { serverId: b, port: 8080, serverType: 'Slave' },
    ],
  });
  slb.seedListener({ ...tcp80, masterSlaveServerGroupId: PAIR });
  clock.advanceBy(MINUTE_MS);
  const received = async (): Promise<ReadonlyArray<Body>> => {
    const messages = await mns.receiveMessages(QUEUE, { count: 16 });
    for (const { receiptHandle } of messages) mns.deleteMessage(QUEUE, receiptHandle);
    return messages.map(({ body }) => JSON.parse(body) as Body);
  };
  const levels = async () => (await received()).map(({ preLevel, curLevel }) => `${preLevel}>${curLevel}`);
  return { ...world, mns, alarms, a, b, received, levels };
}

describe('a metric alarm', () => {
  it('is sent in the form of the vendor when the primary fails', async () => {
    const { alarms, ecs, clock, a, received, slb, foundation } = alarmWorld();
    alarms.putMetricAlarm(RULE);
    ecs.stopInstance({ instanceId: a });
    clock.advanceBy(MINUTE_MS);

    const [alarm, ...more] = await received();

    const userId = '1234567890123456';
    const vip = slb.loadBalancers.get(LB).address;
    const time = Date.parse('2026-11-20T08:01:00Z');
    expect(more).toEqual([]);
    expect(alarm).toEqual({
      ruleId: 'unhealthy-80',
      ruleName: 'slb-unhealthy',
      curLevel: 'CRITICAL',
      preLevel: 'OK',
      resources: `{"instanceId": "${LB}", "port": "80", "vip": "${vip}"}`,
      escalation: {
        comparisonOperator: 'GreaterThanThreshold',
        level: 2,
        statistics: 'Maximum',
        tag: 'CRITICAL',
        threshold: '0',
        times: 1,
      },
      metricData: {
        timestamp: time,
        userId,
        instanceId: LB,
        port: '80',
        vip,
        Average: 1,
        Maximum: 1,
        Minimum: 1,
      },
      metricName: 'UnhealthyServerCount#60',
      namespace: 'acs_slb_dashboard',
      period: '60',
      groupBy: '',
      productGroupName: '',
      groupId: '',
      lastTime: MINUTE_MS,
      time,
      userId,
      eventName: 'AlertOk',
      eventType: 'Alert',
      batchId: expect.stringMatching(/^\d{7}-\d{12}-0$/),
      version: '1.0',
    });
    expect(foundation.timeline.entries.at(-1)).toMatchObject({
      source: 'cms',
      kind: 'alarm-sent',
      text: 'slb-unhealthy: OK → CRITICAL, to alarms',
    });
  });

  it('says when it is over, and begins again', async () => {
    const { alarms, ecs, clock, a, received, levels } = alarmWorld();
    alarms.putMetricAlarm(RULE);
    ecs.stopInstance({ instanceId: a });
    clock.advanceBy(2 * MINUTE_MS);
    ecs.startInstance({ instanceId: a });
    clock.advanceBy(2 * MINUTE_MS);
    const [, recovered, ...more] = await received();
    ecs.stopInstance({ instanceId: a });
    clock.advanceBy(MINUTE_MS);

    expect(more).toEqual([]);
    expect(recovered).toMatchObject({
      curLevel: 'OK',
      preLevel: 'CRITICAL',
      escalation: { tag: 'CRITICAL' },
      metricData: { Maximum: 0 },
    });
    expect(await levels()).toEqual(['OK>CRITICAL']);
  });

  it('fires after so many periods in a row, and not for less', async () => {
    const { alarms, slb, clock, a, levels, received } = alarmWorld();
    alarms.putMetricAlarm({ ...RULE, times: 3, level: 'WARN' });
    const fail = (periods: number) => {
      slb.setHealth({ serverId: a }, 'abnormal');
      clock.advanceBy(periods * MINUTE_MS);
      slb.setHealth({ serverId: a }, null);
    };
    fail(2);
    clock.advanceBy(MINUTE_MS);
    const short = await levels();
    fail(3);

    expect(short).toEqual([]);
    expect(await received()).toMatchObject([
      { curLevel: 'WARN', escalation: { level: 3, tag: 'WARN', times: 3 }, lastTime: 3 * MINUTE_MS },
    ]);
  });

  it('is sent again after the silence while it lasts', async () => {
    const { alarms, slb, clock, a, levels } = alarmWorld();
    alarms.putMetricAlarm({ ...RULE, silenceMs: 10 * MINUTE_MS });
    slb.setHealth({ serverId: a }, 'abnormal');
    clock.advanceBy(10 * MINUTE_MS);
    const silent = await levels();
    clock.advanceBy(MINUTE_MS);

    expect(silent).toEqual(['OK>CRITICAL']);
    expect(await levels()).toEqual(['CRITICAL>CRITICAL']);
  });

  it.each([
    ['HeathyServerCount', 'LessThanThreshold', 1, true],
    ['HeathyServerCount', 'LessThanOrEqualToThreshold', 0, true],
    ['HeathyServerCount', 'LessThanThreshold', 0, false],
    ['UnhealthyServerCount', 'GreaterThanOrEqualToThreshold', 1, true],
    ['UnhealthyServerCount', 'GreaterThanThreshold', 1, false],
  ] as const)('compares %s %s %d', async (metricName, comparison, threshold, fires) => {
    const { alarms, slb, clock, a, levels } = alarmWorld();
    alarms.putMetricAlarm({ ...RULE, metricName, comparison, threshold });
    slb.setHealth({ serverId: a }, 'abnormal');
    clock.advanceBy(MINUTE_MS);

    expect(await levels()).toEqual(fires ? ['OK>CRITICAL'] : []);
  });

  it('counts the servers of a vServer group, and nothing where nothing is checked', async () => {
    const { alarms, slb, ecs, clock, add, a, b, received } = alarmWorld();
    add({ vServerGroupId: GROUP, backendServers: [a, b].map((serverId) => ({ serverId, port: 80 })) });
    slb.seedListener({ ...tcp80, listenerPort: 81, vServerGroupId: GROUP });
    slb.seedListener({
      ...tcp80,
      listenerPort: 82,
      vServerGroupId: GROUP,
      settings: { HealthCheck: 'off' },
    });
    for (const listenerPort of [81, 82, 83]) {
      alarms.putMetricAlarm({ ...RULE, ruleId: `port-${listenerPort}`, listenerPort });
    }
    alarms.putMetricAlarm({ ...RULE, ruleId: 'no-balancer', loadBalancerId: 'lb-none' });
    for (const instanceId of [a, b]) ecs.stopInstance({ instanceId });
    clock.advanceBy(3 * MINUTE_MS);

    expect(await received()).toMatchObject([{ ruleId: 'port-81', metricData: { port: '81', Maximum: 2 } }]);
  });

  it('comes no earlier than the checks know, at the end of a period', async () => {
    const { alarms, ecs, clock, a, levels } = alarmWorld();
    alarms.putMetricAlarm({ ...RULE, periodMs: 2 * MINUTE_MS });
    clock.advanceBy(MINUTE_MS - BAD_AFTER_MS + 1);
    ecs.stopInstance({ instanceId: a });
    clock.advanceBy(BAD_AFTER_MS - 1);
    const tooEarly = await levels();
    clock.advanceBy(2 * MINUTE_MS - 1);
    const before = await levels();
    clock.advanceBy(1);

    expect([tooEarly, before]).toEqual([[], []]);
    expect(await levels()).toEqual(['OK>CRITICAL']);
  });

  it('goes on after a restart where it was, and stays silent about what it has said', async () => {
    const store = memoryStore();
    const before = alarmWorld({ store });
    before.alarms.putMetricAlarm(RULE);
    before.slb.setHealth({ serverId: before.a }, 'abnormal');
    before.clock.advanceBy(MINUTE_MS);
    const said = await before.levels();
    before.alarms.close();
    before.clock.advanceBy(2 * DAY_MS);
    const closed = await before.levels();

    const after = alarmWorld({ store });
    after.alarms.putMetricAlarm(RULE);
    after.clock.advanceBy(10 * MINUTE_MS);
    const silent = await after.levels();
    after.slb.setHealth({ serverId: before.a }, null);
    after.clock.advanceBy(MINUTE_MS);

    expect([said, closed, silent]).toEqual([['OK>CRITICAL'], [], []]);
    expect(await after.levels()).toEqual(['CRITICAL>OK']);
  });

  it('begins anew with a rule that says something else, and ends with its rule', async () => {
    const { alarms, slb, clock, a, levels } = alarmWorld();
    slb.setHealth({ serverId: a }, 'abnormal');
    alarms.putMetricAlarm(RULE);
    clock.advanceBy(MINUTE_MS);
    alarms.putMetricAlarm({ ...RULE, ruleName: 'renamed' });
    clock.advanceBy(MINUTE_MS);
    const renamed = await levels();
    alarms.deleteMetricAlarm(RULE.ruleId);
    alarms.deleteMetricAlarm('none');
    slb.setHealth({ serverId: a }, null);
    clock.advanceBy(5 * MINUTE_MS);

    expect(renamed).toEqual(['OK>CRITICAL', 'OK>CRITICAL']);
    expect(await levels()).toEqual([]);
    expect(alarms.metricAlarms()).toEqual([]);
  });

  it('is lost where there is no queue, and the timeline tells', () => {
    const { alarms, slb, clock, a, foundation } = alarmWorld();
    alarms.putMetricAlarm({ ...RULE, target: { queueName: 'nowhere' } });
    slb.setHealth({ serverId: a }, 'abnormal');
    clock.advanceBy(2 * MINUTE_MS);

    const lost = foundation.timeline.entries.filter(({ kind }) => kind === 'alarm-undeliverable');
    expect(lost).toMatchObject([{ source: 'cms', details: { queueName: 'nowhere' } }]);
  });

  it('is refused with a period or a number of times that cannot be', () => {
    const { alarms } = alarmWorld();

    expect(() => alarms.putMetricAlarm({ ...RULE, periodMs: 30_000 })).toThrow(RangeError);
    expect(() => alarms.putMetricAlarm({ ...RULE, periodMs: 0 })).toThrow(RangeError);
    expect(() => alarms.putMetricAlarm({ ...RULE, times: 0 })).toThrow(RangeError);
  });

  it('has the event name of its level by the switch', async () => {
    const { alarms, slb, clock, a, received } = alarmWorld({ switches: { cmsAlarmEventName: 'by-level' } });
    alarms.putMetricAlarm(RULE);
    slb.setHealth({ serverId: a }, 'abnormal');
    clock.advanceBy(MINUTE_MS);
    slb.setHealth({ serverId: a }, null);
    clock.advanceBy(MINUTE_MS);

    expect((await received()).map(({ eventName }) => eventName)).toEqual(['AlertCritical', 'AlertOk']);
  });
});

describe('a forged alarm', () => {
  it('says whatever it is told, at once', async () => {
    const { alarms, received } = alarmWorld();
    const target = { queueName: QUEUE, loadBalancerId: LB, listenerPort: 80 };

    alarms.sendAlarm(target);
    alarms.sendAlarm({
      ...target,
      loadBalancerId: 'lb-none',
      ruleId: 'stale',
      curLevel: 'OK',
      preLevel: 'WARN',
      value: 0,
      atMs: 1_775_711_880_000,
      changes: { version: '9.9', resources: 'no JSON' },
    });

    expect(await received()).toMatchObject([
      { ruleId: 'forged', curLevel: 'CRITICAL', preLevel: 'OK', time: Date.parse('2026-11-20T08:01:00Z') },
      {
        ruleId: 'stale',
        curLevel: 'OK',
        preLevel: 'WARN',
        escalation: { tag: 'WARN', level: 3 },
        metricData: { instanceId: 'lb-none', vip: '', Maximum: 0 },
        time: 1_775_711_880_000,
        version: '9.9',
        resources: 'no JSON',
      },
    ]);
  });
});
