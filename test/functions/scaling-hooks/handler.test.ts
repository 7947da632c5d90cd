import { describe, expect, it } from 'vitest';
import { HOOK_OUT, type ScalingStage } from '../../bench/virtual/scaling-stage.ts';
import { GROUP, LB, SCALING_GROUP } from '../../support/builders.ts';
import { aScalingStage } from './scaling-stage.ts';

const MINUTE_MS = 60_000;

/** `[seconds, result, by]` of each end. */
const endsOf = (stage: ScalingStage) =>
  stage.ends().map((end) => {
    const [, seconds, result, by] = /^(\d+)s (\S+) by (\S+)$/.exec(end) ?? [];
    return { seconds: Number(seconds), result, by };
  });
const zeros = (stage: ScalingStage) => stage.weights().filter((each) => each.endsWith('=0'));

describe('a scale-in', () => {
  it('is answered once its instances are drained and removed, and not before', async () => {
    const stage = await aScalingStage();

    stage.scale(-1);
    await stage.pass(10_000);
    expect(zeros(stage)).toHaveLength(1);
    expect(stage.ends()).toEqual([]);

    await stage.settle(2 * MINUTE_MS);
    const [end] = endsOf(stage);
    expect(end).toMatchObject({ result: 'CONTINUE', by: 'caller' });
    expect(end?.seconds).toBeGreaterThanOrEqual(30);
    expect(end?.seconds).toBeLessThanOrEqual(36);
    expect(stage.weights()).toHaveLength(2);
    expect(stage.beats()).toBe(0);
  });

  it('of several instances has one answer, when the last of them is out', async () => {
    const stage = await aScalingStage({ size: 30 });

    stage.scale(-25);
    await stage.settle(3 * MINUTE_MS);

    expect(endsOf(stage)).toMatchObject([{ result: 'CONTINUE', by: 'caller' }]);
    expect(stage.weights()).toHaveLength(5);
    expect(stage.inService()).toHaveLength(5);
  });

  it('is answered at once when its instances are in none of our groups', async () => {
    const stage = await aScalingStage({ readiness: { selector: { tags: { role: 'other' } } } });
    expect(stage.weights()).toEqual([]);

    stage.scale(-2);
    await stage.settle(2 * MINUTE_MS);

    const [end] = endsOf(stage);
    expect(end).toMatchObject({ result: 'CONTINUE', by: 'caller' });
    expect(end?.seconds).toBeLessThanOrEqual(5);
  });

  it('works the same for instances that are selected by tags', async () => {
    const stage = await aScalingStage({ byTags: true });

    stage.scale(-1);
    await stage.settle(2 * MINUTE_MS);

    expect(endsOf(stage)).toMatchObject([{ result: 'CONTINUE', by: 'caller' }]);
    expect(stage.weights()).toHaveLength(2);
  });

  it('keeps its hook waiting for a drain that is longer than the timeout', async () => {
    const stage = await aScalingStage({ drainTime: '30m', timeoutSeconds: 180 });

    stage.scale(-1);
    await stage.settle(40 * MINUTE_MS);

    expect(endsOf(stage)).toMatchObject([{ result: 'CONTINUE', by: 'caller' }]);
    expect(endsOf(stage)[0]?.seconds).toBeGreaterThanOrEqual(1_800);
    expect(stage.beats()).toBeLessThanOrEqual(20);
  });

  it('of five and a half hours is answered in time, with twenty heartbeats at most', async () => {
    const stage = await aScalingStage({ drainTime: '330m', timeoutSeconds: 1_800 });

    stage.scale(-1);
    await stage.settle(6 * 60 * MINUTE_MS);

    expect(endsOf(stage)).toMatchObject([{ result: 'CONTINUE', by: 'caller' }]);
    expect(endsOf(stage)[0]?.seconds).toBeGreaterThanOrEqual(19_800);
    // ⌈(19,800 + 120) ÷ (1,800 − 120)⌉ − 1
    expect(stage.beats()).toBeLessThanOrEqual(11);
  });

  it.each(['now', 'old-deadline'] as const)(
    'takes both meanings of a heartbeat: from %s on',
    async (from) => {
      const stage = await aScalingStage({
        drainTime: '330m',
        timeoutSeconds: 1_800,
        switches: { essHeartbeatCountsFrom: from },
        assume: { heartbeatCountsFrom: from },
      });

      stage.scale(-1);
      await stage.settle(6 * 60 * MINUTE_MS);

      expect(endsOf(stage)).toMatchObject([{ result: 'CONTINUE', by: 'caller' }]);
      expect(stage.beats()).toBeLessThanOrEqual(11);
    },
  );

  it('gets through although nobody knows from when a heartbeat counts, and it is the longer way', async () => {
    const stage = await aScalingStage({
      drainTime: '330m',
      timeoutSeconds: 1_800,
      switches: { essHeartbeatCountsFrom: 'old-deadline' },
    });

    stage.scale(-1);
    await stage.settle(6 * 60 * MINUTE_MS);

    expect(endsOf(stage)).toMatchObject([{ result: 'CONTINUE', by: 'caller' }]);
  });
});

describe('a scale-out', () => {
  it('is answered once every instance serves', async () => {
    const stage = await aScalingStage();

    stage.scale(2);
    await stage.settle(2 * MINUTE_MS);

    expect(endsOf(stage)).toMatchObject([{ result: 'CONTINUE', by: 'caller' }]);
    expect(stage.weights()).toHaveLength(5);
    expect(stage.inService()).toHaveLength(5);
  });

  it('is answered when the ramp begins, not when it ends', async () => {
    const stage = await aScalingStage({ readiness: { join: { ramp: { steps: [10, 50], every: '5m' } } } });

    stage.scale(1);
    await stage.settle(5 * MINUTE_MS);

    expect(endsOf(stage)).toMatchObject([{ result: 'CONTINUE', by: 'caller' }]);
    expect(stage.weights().filter((each) => each.endsWith('=10'))).toHaveLength(1);
  });

  describe('whose instances do not become ready in time', () => {
    const notReady = { readiness: 'probe', join: { readyWithin: '60s' } };
    const silent = async (scaling: object) => {
      const stage = await aScalingStage({ readiness: notReady, scaling });
      const { ecs } = stage.clouds;
      ecs.onStateChange(({ instanceId }) => ecs.applications.set({ instanceId }, { kind: 'never' }));
      return stage;
    };

    it.each([
      ['abandon', 'ABANDON', 3],
      ['continue', 'CONTINUE', 5],
    ] as const)('is answered as configured: %s', async (whenNotReady, result, inService) => {
      const stage = await silent({ whenNotReady });

      stage.scale(2);
      await stage.settle(10 * MINUTE_MS);
      await stage.pass(2 * MINUTE_MS);

      expect(endsOf(stage)).toMatchObject([{ result, by: 'caller' }]);
      expect(stage.inService()).toHaveLength(inService);
      expect(stage.weights()).toHaveLength(inService);
    });
  });
});

describe('messages of hooks', () => {
  it.each([
    ['are lost, every one', { lossProbability: 1 }],
    ['come twice', { duplicateTimes: 2 }],
    ['come ten minutes late', { delayMs: 10 * MINUTE_MS }],
  ])('%s: each hook is answered once, before its timeout', async (_, faults) => {
    const stage = await aScalingStage({ timeoutSeconds: 180 });
    stage.ess.setNotificationFaults(faults);

    stage.scale(2);
    await stage.settle(5 * MINUTE_MS);
    stage.scale(-3);
    await stage.settle(5 * MINUTE_MS);
    await stage.pass(15 * MINUTE_MS);

    expect(endsOf(stage)).toMatchObject([
      { result: 'CONTINUE', by: 'caller' },
      { result: 'CONTINUE', by: 'caller' },
    ]);
    expect(stage.weights()).toHaveLength(2);
  });

  it.each([
    ['in Base64', { essHookMessageEncoding: 'base64' }],
    ['without the instances', { essHookMessageInstanceIds: 'left-out' }],
  ] as const)('are read %s', async (_, switches) => {
    const stage = await aScalingStage({ switches });

    stage.scale(-1);
    await stage.settle(2 * MINUTE_MS);

    expect(endsOf(stage)).toMatchObject([{ result: 'CONTINUE', by: 'caller' }]);
  });

  it('say nothing that ESS does not confirm: a made-up token is given up, and nothing is drained', async () => {
    const stage = await aScalingStage();
    const content = {
      lifecycleHookId: HOOK_OUT,
      lifecycleActionToken: '00000000-AAAA-4AAA-8AAA-000000000000',
      scalingGroupId: SCALING_GROUP,
      scalingActivityId: 'asa-bp1madeup00001',
      lifecycleTransition: 'SCALE_IN',
      instanceIds: stage.inService(),
    };
    stage.clouds.mns.sendMessage('slb-autopilot-scaling-hooks', { body: JSON.stringify({ content }) });
    await stage.pass(3 * MINUTE_MS);

    expect(stage.audit()).toEqual(['hook-given-up']);
    expect(zeros(stage)).toEqual([]);
  });
});

describe('a guard that forbids the drain', () => {
  const guards = { minInService: 5 };

  it('has nine of ten in one activity stay as a whole, where so configured, and undoes what was begun', async () => {
    const stage = await aScalingStage({
      size: 10,
      guards,
      scaling: { whenForbidden: 'rollback' },
      switches: { essDesiredCapacityAfterRollback: 'restored' },
    });

    stage.scale(-9);
    await stage.settle(5 * MINUTE_MS);
    await stage.pass(3 * MINUTE_MS);

    expect(endsOf(stage)).toMatchObject([{ result: 'ROLLBACK', by: 'caller' }]);
    expect(stage.inService()).toHaveLength(10);
    expect(stage.weights().filter((each) => each.endsWith('=100'))).toHaveLength(10);
  });

  it('holds nine of ten to the last safe moment otherwise, and then has them stay', async () => {
    const stage = await aScalingStage({ size: 10, guards, timeoutSeconds: 1_800 });

    stage.scale(-9);
    await stage.pass(5 * 60 * MINUTE_MS);
    expect(stage.ends()).toEqual([]);
    await stage.settle(61 * MINUTE_MS);
    await stage.pass(3 * MINUTE_MS);

    const [end] = endsOf(stage);
    expect(end).toMatchObject({ result: 'ROLLBACK', by: 'caller' });
    expect(end?.seconds).toBeGreaterThan(21_600 - 180);
    expect(end?.seconds).toBeLessThan(21_600 - 60);
    expect(stage.beats()).toBeLessThanOrEqual(20);
    expect(stage.weights().filter((each) => each.endsWith('=100'))).toHaveLength(10);
  });

  it('lets five of nine go that leave in nine activities, and has four stay', async () => {
    const stage = await aScalingStage({
      size: 10,
      desiredCapacity: 10,
      guards,
      scaling: { whenForbidden: 'rollback' },
      switches: { essDesiredCapacityAfterRollback: 'restored' },
    });

    for (const instanceId of stage.inService().slice(0, 9)) {
      stage.ess.removeInstances({ scalingGroupId: SCALING_GROUP, instanceIds: [instanceId] });
    }
    await stage.settle(5 * MINUTE_MS);
    await stage.pass(3 * MINUTE_MS);

    const results = endsOf(stage).map(({ result, by }) => `${result} by ${by}`);
    expect(results.filter((each) => each === 'CONTINUE by caller')).toHaveLength(5);
    expect(results.filter((each) => each === 'ROLLBACK by caller')).toHaveLength(4);
    expect(stage.weights().filter((each) => each.endsWith('=100'))).toHaveLength(5);
    expect(stage.inService()).toHaveLength(5);
  });
});

describe('a neighbour', () => {
  /** Two instances leave, drained for five minutes; another hook of theirs is answered after twenty seconds. */
  const answered = async (lifecycleActionResult: 'ROLLBACK' | 'ABANDON') => {
    const stage = await aScalingStage({ drainTime: '5m' });
    const lifecycleHookId = 'ash-bp1neighbour01';
    stage.ess.seedLifecycleHook({
      scalingGroupId: SCALING_GROUP,
      lifecycleHookId,
      lifecycleTransition: 'SCALE_IN',
    });
    stage.scale(-2);
    await stage.pass(20_000);
    expect(zeros(stage)).toHaveLength(2);
    const theirs = stage.ess.lifecycleActions().find((action) => action.lifecycleHookId === lifecycleHookId);
    const lifecycleActionToken = theirs?.lifecycleActionToken ?? '';
    stage.ess.completeLifecycleAction({ lifecycleHookId, lifecycleActionToken, lifecycleActionResult });
    await stage.pass(2 * MINUTE_MS);
    return stage;
  };

  it('whose hook ends the wait with ROLLBACK: the drain is undone', async () => {
    const stage = await answered('ROLLBACK');

    expect(stage.weights().filter((each) => each.endsWith('=100'))).toHaveLength(3);
    expect(stage.audit()).toContain('hook-ended-elsewhere');
  });

  it('whose hook ends the wait with ABANDON: what is left is taken out at once', async () => {
    const stage = await answered('ABANDON');

    expect(stage.weights()).toHaveLength(1);
    expect(stage.audit()).toContain('hook-ended-elsewhere');
  });
});

describe('Auto Scaling that manages a vServer group itself', () => {
  it('is reported at the first hook, with the group and what to do', async () => {
    const stage = await aScalingStage();
    // What Auto Scaling asks of a load balancer before it manages its groups.
    stage.clouds.slb.seedListener({
      loadBalancerId: LB,
      listenerProtocol: 'tcp',
      listenerPort: 80,
      vServerGroupId: GROUP,
    });
    stage.ess.attachVServerGroups({
      scalingGroupId: SCALING_GROUP,
      vServerGroups: [{ loadBalancerId: LB, vServerGroupId: GROUP, port: 8080, weight: 100 }],
    });

    stage.scale(-1);
    await stage.settle(2 * MINUTE_MS);

    expect(stage.audit()).toContain('native-attachment');
  });
});
