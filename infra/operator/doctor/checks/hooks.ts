import { formatDuration } from '../../../../shared/config/duration.ts';
import type { Config } from '../../../../shared/config/load.ts';
import { HEARTBEAT_MARGIN_MS, HOOK_TIMEOUT_LEAST_SECONDS } from '../../../../shared/scaling/limits.ts';
import { HOOK_QUEUE, type HookResult, isOurs, type LifecycleHook } from '../../../../shared/scaling/model.ts';
import { anError, aWarning, type Call, type Facts, type Finding, fine } from '../model.ts';
import { whereOf } from '../relations.ts';

type Transition = LifecycleHook['transition'];

/** ESS' own default, which leaves time for a heartbeat that is late. */
const TIMEOUT_SECONDS = 600;

/** Whether a scaling group's hooks tell us, wait long enough for us, and do no harm without us. */
export function hookFindings(
  { config, accountId }: Pick<Facts, 'config' | 'accountId'>,
  scalingGroupId: string,
  hooks: ReadonlyArray<LifecycleHook>,
): ReadonlyArray<Finding> {
  const ours = hooks.filter((hook) => isOurs(hook, config.assume));
  const isOfNone = (hook: LifecycleHook) =>
    !hook.isActive && isOurs({ ...hook, isActive: true }, config.assume);
  return [
    ...(['SCALE_OUT', 'SCALE_IN'] as const).flatMap((transition) => {
      if (ours.some((hook) => hook.transition === transition)) return [];
      const asleep = hooks.find((hook) => hook.transition === transition && isOfNone(hook));
      if (asleep !== undefined) return [inactive(config, scalingGroupId, asleep)];
      return [missing(config, accountId, scalingGroupId, transition)];
    }),
    ...ours.flatMap((hook) => [
      timeoutOf(config, scalingGroupId, hook),
      ...saidOtherwise(config, scalingGroupId, hook),
      ...defaultOf(config, scalingGroupId, hook),
    ]),
    ...hooks
      .filter((hook) => hook.isActive && !isOurs(hook, config.assume))
      .map((hook) => neighbour(scalingGroupId, hook)),
  ];
}

const MEANING: Readonly<Record<Transition, string>> = {
  SCALE_OUT: 'instances come into service before they have proven that they serve',
  SCALE_IN: 'instances are released without being drained',
};

function missing(config: Config, accountId: string, scalingGroupId: string, transition: Transition): Finding {
  const { regionId, scaling } = config;
  const saidMs = scaling.groups.find((group) => group.scalingGroupId === scalingGroupId)?.hookTimeoutMs;
  const call = {
    api: 'CreateLifecycleHook',
    parameters: {
      RegionId: regionId,
      ScalingGroupId: scalingGroupId,
      LifecycleHookName: `slb-autopilot-${transition === 'SCALE_OUT' ? 'scale-out' : 'scale-in'}`,
      LifecycleTransition: transition,
      HeartbeatTimeout: saidMs == null ? TIMEOUT_SECONDS : saidMs / 1_000,
      DefaultResult: safeResult(config, transition),
      NotificationArn: `acs:mns:${regionId}:${accountId}:queue/${HOOK_QUEUE}`,
    },
  };
  const found = `no ${transition} hook notifies the queue ${HOOK_QUEUE}: ${MEANING[transition]}`;
  return aWarning('hook-missing', whereOf(scalingGroupId), found, 'create it', call);
}

function inactive({ regionId }: Config, scalingGroupId: string, hook: LifecycleHook): Finding {
  const found = `the ${hook.transition} hook is InActive: ${MEANING[hook.transition]}`;
  const call = change(regionId, hook, { LifecycleHookStatus: 'Active' });
  return aWarning('hook-missing', whereOf(scalingGroupId, hook), found, 'activate it', call);
}

function timeoutOf({ regionId }: Config, scalingGroupId: string, hook: LifecycleHook): Finding {
  const { timeoutSeconds } = hook;
  const where = whereOf(scalingGroupId, hook);
  if (timeoutSeconds >= HOOK_TIMEOUT_LEAST_SECONDS) {
    return fine(
      'hook-timeout',
      where,
      `${hook.transition}, waits ${timeoutSeconds} s before it needs a heartbeat`,
    );
  }
  const marginSeconds = HEARTBEAT_MARGIN_MS / 1_000;
  const tickSeconds = HOOK_TIMEOUT_LEAST_SECONDS - marginSeconds;
  const found =
    `its timeout is ${timeoutSeconds} s, less than ${HOOK_TIMEOUT_LEAST_SECONDS} s: when its message is lost, the tick takes ` +
    `up to ${tickSeconds} s to find it, and ${marginSeconds} s, two ticks, are the margin to answer or to prolong it`;
  const call = change(regionId, hook, { HeartbeatTimeout: TIMEOUT_SECONDS });
  return anError('hook-timeout', where, found, `set it to ${TIMEOUT_SECONDS} s`, call);
}

/** The file says what the hook's timeout is only to have it checked. */
function saidOtherwise(
  { scaling, regionId }: Config,
  scalingGroupId: string,
  hook: LifecycleHook,
): ReadonlyArray<Finding> {
  const saidMs = scaling.groups.find((group) => group.scalingGroupId === scalingGroupId)?.hookTimeoutMs;
  if (saidMs == null || saidMs === hook.timeoutSeconds * 1_000) return [];
  const found = `ESS says ${hook.timeoutSeconds} s, scaling.groups says hookTimeout: ${formatDuration(saidMs)}; what counts is what ESS says`;
  const fix = `correct the file (hookTimeout: ${formatDuration(hook.timeoutSeconds * 1_000)}), or the hook`;
  const call = change(regionId, hook, { HeartbeatTimeout: saidMs / 1_000 });
  return [aWarning('hook-timeout-said', whereOf(scalingGroupId, hook), found, fix, call)];
}

/** What ESS does when nobody answers should be what the policy would have been. */
function defaultOf(config: Config, scalingGroupId: string, hook: LifecycleHook): ReadonlyArray<Finding> {
  const harm = harmOf(config, hook);
  if (harm === null) return [];
  const result = safeResult(config, hook.transition);
  const call = change(config.regionId, hook, { DefaultResult: result });
  return [
    aWarning('hook-default', whereOf(scalingGroupId, hook), harm, `set DefaultResult to ${result}`, call),
  ];
}

function harmOf({ scaling }: Config, { transition, defaultResult }: LifecycleHook): string | null {
  const { whenNotReady, whenTimeIsUp } = scaling.policy;
  if (transition === 'SCALE_OUT') {
    return defaultResult === 'CONTINUE' && whenNotReady === 'abandon'
      ? 'DefaultResult is CONTINUE while scaling.whenNotReady is abandon: when nobody answers, instances that are not ready come into service'
      : null;
  }
  if (defaultResult === 'ROLLBACK' || whenTimeIsUp !== 'rollback') return null;
  return `DefaultResult is ${defaultResult} while scaling.whenTimeIsUp is rollback: when nobody answers, instances are released without their drain`;
}

function safeResult({ scaling }: Config, transition: Transition): HookResult {
  const { whenNotReady, whenTimeIsUp } = scaling.policy;
  if (transition === 'SCALE_OUT') return whenNotReady === 'abandon' ? 'ABANDON' : 'CONTINUE';
  return whenTimeIsUp === 'rollback' ? 'ROLLBACK' : 'CONTINUE';
}

/** Somebody else's: nothing is wrong with it, but the scaling activity waits for it too. */
function neighbour(scalingGroupId: string, { transition, notificationArn, ...hook }: LifecycleHook): Finding {
  const isOnBus = notificationArn.endsWith(':eventbus/default');
  const target = /:null\/null$/.test(notificationArn) || notificationArn === '' ? 'nobody' : notificationArn;
  const hint = isOnBus ? '; with assume.hookEvents: read it would be ours' : '';
  const found = `a neighbour: a ${transition} hook that notifies ${target} and that we leave alone${hint}`;
  return fine('hook-neighbour', whereOf(scalingGroupId, hook), found);
}

function change(regionId: string, { lifecycleHookId }: LifecycleHook, parameters: Call['parameters']): Call {
  return {
    api: 'ModifyLifecycleHook',
    parameters: { RegionId: regionId, LifecycleHookId: lifecycleHookId, ...parameters },
  };
}
