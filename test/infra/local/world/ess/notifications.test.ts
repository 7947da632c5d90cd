import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../../../../infra/local/world/eventbridge/cloud-event.ts';
import { ASG, BOOT_MS, essWorld, QUEUE_ARN } from './ess-world.ts';

const BUS_TARGET = 'acs:mns:cn-hangzhou:1234567890123456:queues/ess-hooks';
const BUS_ARN = 'acs:eventbridge:cn-hangzhou:1234567890123456:eventbus/default';

/** A world whose bus sends Auto Scaling's events to the hooks' queue. */
function withRule(world: ReturnType<typeof essWorld>) {
  world.eventBridge.putRule({
    name: 'hooks',
    filterPattern: '{"source":["acs.ess"]}',
    targets: [{ id: 'queue', endpoint: BUS_TARGET, isBase64Encode: false }],
  });
  return world;
}
const waiting = (switches = {}, more: object = {}) => {
  const world = essWorld({ switches });
  const lifecycleHookId = world.hook('SCALE_OUT', {
    lifecycleHookName: 'register-backends',
    notificationArn: QUEUE_ARN,
    defaultResult: 'ABANDON',
    ...more,
  });
  world.scale(2);
  world.clock.advanceBy(BOOT_MS);
  return { ...world, lifecycleHookId };
};

describe('a notification on a queue', () => {
  it('says what the vendor’s own model says', async () => {
    const { ess, messages, lifecycleHookId } = waiting();
    const [wait] = ess.lifecycleActions();

    const [body = '', ...others] = await messages();

    expect(others).toEqual([]);
    expect(JSON.parse(body)).toEqual({
      userId: '1234567890123456',
      regionId: 'cn-hangzhou',
      resourceArn: `acs:ess:cn-hangzhou:1234567890123456:scalinggroup/${ASG}`,
      content: {
        lifecycleHookId,
        lifecycleActionToken: wait?.lifecycleActionToken,
        lifecycleHookName: 'register-backends',
        scalingGroupId: ASG,
        scalingGroupName: 'web-asg',
        lifecycleTransition: 'SCALE_OUT',
        defaultResult: 'ABANDON',
        requestId: expect.stringMatching(/^[0-9A-F-]{36}$/),
        scalingActivityId: wait?.scalingActivityId,
        instanceIds: ess.members(ASG).map(({ instanceId }) => instanceId),
      },
    });
  });

  it('is Base64 by the switch', async () => {
    const { messages, lifecycleHookId } = waiting({ essHookMessageEncoding: 'base64' });

    const [body = ''] = await messages();

    expect(body).toMatch(/^[A-Za-z0-9+/]+=*$/);
    expect(JSON.parse(Buffer.from(body, 'base64').toString()).content.lifecycleHookId).toBe(lifecycleHookId);
  });

  it('leaves the instances out by the switch', async () => {
    const { messages } = waiting({ essHookMessageInstanceIds: 'left-out' });

    const [body = ''] = await messages();

    expect(JSON.parse(body).content).not.toHaveProperty('instanceIds');
  });

  it.each([
    ['left-out', undefined],
    ['in-content', 'drain=60'],
  ] as const)('has the metadata %s by the switch', async (essHookMessageMetadata, expected) => {
    const { messages } = waiting({ essHookMessageMetadata }, { notificationMetadata: 'drain=60' });

    const [body = ''] = await messages();

    expect(JSON.parse(body).content.notificationMetadata).toBe(expected);
  });

  it('is sent to nobody when the hook names nobody', async () => {
    const { messages, told } = waiting({}, { notificationArn: undefined });

    expect(await messages()).toEqual([]);
    expect(told('hook-notified')).toEqual([]);
  });

  it('fails without harm when the queue is gone', () => {
    const world = essWorld();
    const { mns, clock, hook, scale, states, told } = world;
    hook('SCALE_OUT', { notificationArn: QUEUE_ARN });
    mns.deleteQueue('ess-hooks');

    scale(1);
    clock.advanceBy(BOOT_MS);

    expect(states()).toEqual(['Pending:Wait']);
    expect(told('hook-notification-failed')).toHaveLength(1);
  });
});

describe('a notification on the event bus', () => {
  it('is an event with the hook’s fields in its data', async () => {
    const world = withRule(essWorld());
    const { ess, filled, hook, scale, messages } = world;
    const [instanceId] = filled(1);
    const lifecycleHookId = hook('SCALE_IN', {
      lifecycleHookName: 'drain-backends',
      notificationArn: BUS_ARN,
    });
    await messages();

    scale(-1);

    const [wait] = ess.lifecycleActions();
    const [event] = (await messages()).map((body): CloudEvent => JSON.parse(body));
    expect(event).toMatchObject({
      source: 'acs.ess',
      specversion: '1.0',
      type: 'ess:LifecycleHook:ScaleIn',
      subject: `acs:ess:cn-hangzhou:1234567890123456:scalinggroup/${ASG}`,
      time: '2026-11-20T16:00:00+08:00',
      aliyunaccountid: '1234567890123456',
      aliyuneventbusname: 'default',
      aliyunregionid: 'cn-hangzhou',
    });
    expect(event?.data).toEqual({
      lifecycleHookId,
      lifecycleActionToken: wait?.lifecycleActionToken,
      lifecycleHookName: 'drain-backends',
      scalingGroupId: ASG,
      scalingGroupName: 'web-asg',
      lifecycleTransition: 'SCALE_IN',
      defaultResult: 'CONTINUE',
      requestId: expect.any(String),
      scalingActivityId: wait?.scalingActivityId,
      instanceIds: [instanceId],
    });
  });

  it('is named ScaleOut for a scale-out', async () => {
    const { clock, hook, scale, messages } = withRule(essWorld());
    hook('SCALE_OUT', { notificationArn: BUS_ARN });
    await messages();

    scale(1);
    clock.advanceBy(BOOT_MS);

    const [event] = (await messages()).map((body): CloudEvent => JSON.parse(body));
    expect(event?.type).toBe('ess:LifecycleHook:ScaleOut');
  });

  it('is tried out when such a hook is configured, without a token', async () => {
    const { ess, hook, messages } = withRule(essWorld());
    hook('SCALE_IN', { notificationArn: QUEUE_ARN });
    expect(await messages()).toEqual([]);

    const lifecycleHookId = hook('SCALE_IN', { notificationArn: BUS_ARN });
    ess.modifyLifecycleHook({ lifecycleHookId, heartbeatTimeoutSeconds: 60 });

    const events = (await messages()).map((body): CloudEvent => JSON.parse(body));
    expect(events.map(({ type }) => type)).toEqual(['ess:LifecycleHook:Test']);
    expect(events[0]?.data).toMatchObject({ lifecycleHookId, scalingGroupId: ASG });
    expect(events[0]?.data).not.toHaveProperty('lifecycleActionToken');
  });
});

describe('faults of notifications', () => {
  it('lose them', async () => {
    const { ess, clock, hook, scale, waits, messages, told } = essWorld();
    hook('SCALE_OUT', { notificationArn: QUEUE_ARN });
    ess.setNotificationFaults({ lossProbability: 1 });

    scale(1);
    clock.advanceBy(BOOT_MS);

    expect(await messages()).toEqual([]);
    expect(waits()).toHaveLength(1);
    expect(told('hook-notification-lost')).toHaveLength(1);
  });

  it('duplicate and delay them, each with the same token', async () => {
    const { ess, clock, hook, scale, messages, waits } = essWorld();
    hook('SCALE_OUT', { notificationArn: QUEUE_ARN });
    ess.setNotificationFaults({ duplicateTimes: 3, delayMs: 700 });
    scale(1);
    clock.advanceBy(BOOT_MS + 699);
    expect(await messages()).toEqual([]);

    clock.advanceBy(1);

    const tokens = (await messages()).map((body) => JSON.parse(body).content.lifecycleActionToken);
    expect(tokens).toEqual(Array(3).fill(waits()[0]?.lifecycleActionToken));
    expect(ess.notificationFaults).toEqual({ lossProbability: 0, duplicateTimes: 3, delayMs: 700 });
  });
});
