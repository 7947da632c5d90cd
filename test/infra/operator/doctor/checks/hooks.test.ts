import { describe, expect, it } from 'vitest';
import { hookFindings } from '../../../../../infra/operator/doctor/checks/hooks.ts';
import type { Config } from '../../../../../shared/config/load.ts';
import type { LifecycleHook } from '../../../../../shared/scaling/model.ts';
import { ASSUME, SCALING, SCALING_GROUP } from '../../../../support/builders.ts';
import { ACCOUNT, ANOTHER_QUEUE, aConfig, aHook, aHookIn, OUR_QUEUE } from '../facts.ts';

const BUS = `acs:eventbridge:cn-hangzhou:${ACCOUNT}:eventbus/default`;

const findingsOf = (hooks: ReadonlyArray<LifecycleHook>, config: Partial<Config> = {}) =>
  hookFindings({ config: aConfig(config), accountId: ACCOUNT }, SCALING_GROUP, hooks);
const troubles = (...args: Parameters<typeof findingsOf>) =>
  findingsOf(...args).filter(({ severity }) => severity !== 'ok');

describe('a hook that is missing', () => {
  it('is a warning each way, with the call that creates it', () => {
    expect(troubles([])).toEqual([
      {
        severity: 'warning',
        check: 'hook-missing',
        where: { scalingGroup: SCALING_GROUP },
        found:
          'no SCALE_OUT hook notifies the queue slb-autopilot-scaling-hooks: instances come into service before they have proven that they serve',
        fix: 'create it',
        call: {
          api: 'CreateLifecycleHook',
          parameters: {
            RegionId: 'cn-hangzhou',
            ScalingGroupId: SCALING_GROUP,
            LifecycleHookName: 'slb-autopilot-scale-out',
            LifecycleTransition: 'SCALE_OUT',
            HeartbeatTimeout: 600,
            DefaultResult: 'ABANDON',
            NotificationArn: OUR_QUEUE,
          },
        },
      },
      expect.objectContaining({
        found:
          'no SCALE_IN hook notifies the queue slb-autopilot-scaling-hooks: instances are released without being drained',
        call: {
          api: 'CreateLifecycleHook',
          parameters: {
            RegionId: 'cn-hangzhou',
            ScalingGroupId: SCALING_GROUP,
            LifecycleHookName: 'slb-autopilot-scale-in',
            LifecycleTransition: 'SCALE_IN',
            HeartbeatTimeout: 600,
            DefaultResult: 'ROLLBACK',
            NotificationArn: OUR_QUEUE,
          },
        },
      }),
    ]);
  });

  it('is to have the timeout that the file says, and the results of its policy', () => {
    const scaling = {
      policy: { whenNotReady: 'continue', whenForbidden: 'hold', whenTimeIsUp: 'continue' },
      groups: [{ scalingGroupId: SCALING_GROUP, hookTimeoutMs: 900_000 }],
    } as const;

    const calls = troubles([], { scaling }).map(({ call }) => call?.parameters);

    expect(calls).toMatchObject([
      { LifecycleTransition: 'SCALE_OUT', HeartbeatTimeout: 900, DefaultResult: 'CONTINUE' },
      { LifecycleTransition: 'SCALE_IN', HeartbeatTimeout: 900, DefaultResult: 'CONTINUE' },
    ]);
  });

  it('is not replaced by one on another queue, which is a neighbour', () => {
    const findings = findingsOf([aHookIn(), aHook({ notificationArn: ANOTHER_QUEUE })]);

    expect(findings.filter(({ check }) => check === 'hook-missing')).toHaveLength(1);
    expect(findings.find(({ check }) => check === 'hook-neighbour')).toMatchObject({
      severity: 'ok',
      where: { hook: 'drain (ash-bp1scalein0001)' },
      found: `a neighbour: a SCALE_IN hook that notifies ${ANOTHER_QUEUE} and that we leave alone`,
    });
  });

  it('is there but asleep: then it only needs to be activated', () => {
    expect(troubles([aHookIn({ isActive: false }), aHook()])).toMatchObject([
      {
        severity: 'warning',
        check: 'hook-missing',
        fix: 'activate it',
        call: {
          api: 'ModifyLifecycleHook',
          parameters: { LifecycleHookId: 'ash-bp1scaleout001', LifecycleHookStatus: 'Active' },
        },
      },
    ]);
  });

  it('may be on the event bus, where the file says that those are read', () => {
    const hooks = [aHookIn({ notificationArn: BUS }), aHook({ notificationArn: BUS })];

    expect(troubles(hooks, { assume: { ...ASSUME, hookEvents: 'read' } })).toEqual([]);
    const ignored = findingsOf(hooks);
    expect(ignored.map(({ check }) => check)).toEqual([
      'hook-missing',
      'hook-missing',
      'hook-neighbour',
      'hook-neighbour',
    ]);
    expect(ignored[2]?.found).toContain('with assume.hookEvents: read it would be ours');
  });
});

describe('a hook that waits too short', () => {
  it('is an error with the numbers, from 179 s down', () => {
    expect(troubles([aHookIn(), aHook({ timeoutSeconds: 179 })])).toEqual([
      {
        severity: 'error',
        check: 'hook-timeout',
        where: { scalingGroup: SCALING_GROUP, hook: 'drain (ash-bp1scalein0001)' },
        found:
          'its timeout is 179 s, less than 180 s: when its message is lost, the tick takes up to 60 s to find it, and 120 s, two ticks, are the margin to answer or to prolong it',
        fix: 'set it to 600 s',
        call: {
          api: 'ModifyLifecycleHook',
          parameters: {
            RegionId: 'cn-hangzhou',
            LifecycleHookId: 'ash-bp1scalein0001',
            HeartbeatTimeout: 600,
          },
        },
      },
    ]);
    expect(troubles([aHookIn(), aHook({ timeoutSeconds: 180 })])).toEqual([]);
  });

  it('is no concern of ours on another queue', () => {
    const neighbour = aHook({
      lifecycleHookId: 'ash-other',
      notificationArn: ANOTHER_QUEUE,
      timeoutSeconds: 30,
    });

    expect(troubles([aHookIn(), aHook(), neighbour])).toEqual([]);
  });
});

describe('a hook that is not as the file says', () => {
  it('is a warning, since what ESS says counts', () => {
    const scaling = { ...SCALING, groups: [{ scalingGroupId: SCALING_GROUP, hookTimeoutMs: 900_000 }] };

    expect(troubles([aHookIn({ timeoutSeconds: 900 }), aHook()], { scaling })).toMatchObject([
      {
        severity: 'warning',
        check: 'hook-timeout-said',
        found: 'ESS says 600 s, scaling.groups says hookTimeout: 15m; what counts is what ESS says',
        fix: 'correct the file (hookTimeout: 10m), or the hook',
      },
    ]);
  });
});

describe('what happens when nobody answers', () => {
  it('must not let unready instances in where the policy abandons them', () => {
    const hooks = [aHookIn({ defaultResult: 'CONTINUE' }), aHook()];

    expect(troubles(hooks)).toMatchObject([
      {
        severity: 'warning',
        check: 'hook-default',
        fix: 'set DefaultResult to ABANDON',
        call: { parameters: { LifecycleHookId: 'ash-bp1scaleout001', DefaultResult: 'ABANDON' } },
      },
    ]);
    const policy = { ...SCALING.policy, whenNotReady: 'continue' } as const;
    expect(troubles(hooks, { scaling: { ...SCALING, policy } })).toEqual([]);
  });

  it.each(['CONTINUE', 'ABANDON'] as const)(
    'must not let instances go by %s where the policy keeps them',
    (defaultResult) => {
      const hooks = [aHookIn(), aHook({ defaultResult })];

      expect(troubles(hooks)).toMatchObject([
        {
          severity: 'warning',
          check: 'hook-default',
          found: `DefaultResult is ${defaultResult} while scaling.whenTimeIsUp is rollback: when nobody answers, instances are released without their drain`,
        },
      ]);
      const policy = { ...SCALING.policy, whenTimeIsUp: 'continue' } as const;
      expect(troubles(hooks, { scaling: { ...SCALING, policy } })).toEqual([]);
    },
  );

  it('is the same for a rollback on the way in as for abandoning', () => {
    expect(troubles([aHookIn({ defaultResult: 'ROLLBACK' }), aHook()])).toEqual([]);
  });
});
