import { VirtualClock } from '../../../../../infra/local/world/clock.ts';
import { createEcs } from '../../../../../infra/local/world/ecs/ecs.ts';
import { createEss } from '../../../../../infra/local/world/ess/ess.ts';
import type { CreateScalingGroupInput } from '../../../../../infra/local/world/ess/groups.ts';
import type { CreateLifecycleHookInput } from '../../../../../infra/local/world/ess/hooks.ts';
import { createEventBridge } from '../../../../../infra/local/world/eventbridge/event-bridge.ts';
import { createFoundation } from '../../../../../infra/local/world/foundation.ts';
import { createMns } from '../../../../../infra/local/world/mns/mns.ts';
import { createSlb } from '../../../../../infra/local/world/slb/slb.ts';
import { memoryStore, type WorldStore } from '../../../../../infra/local/world/store.ts';
import type { Switches } from '../../../../../infra/local/world/switches.ts';

/** When every world of these tests begins. */
export const START_MS = Date.parse('2026-11-20T08:00:00Z');
/** The scaling group of {@link essWorld}. */
export const ASG = 'asg-bp1web';
/** The queue that hooks may tell. */
export const QUEUE_ARN = 'acs:mns:cn-hangzhou:1234567890123456:queue/ess-hooks';
/** From RunInstances until Running. */
export const BOOT_MS = 300;
/** From the forced release until the instance is gone. */
export const RELEASE_MS = 100;
/** Between two looks of a group at itself. */
export const CHECK_MS = 5_000;
/** How long an instance is not Running before it is removed. */
export const UNHEALTHY_MS = 2_000;
/** Between two tries to write to a busy vServer group. */
export const RETRY_MS = 500;

/** A world in virtual time with one empty scaling group that takes 0 to 10 instances. */
export function essWorld(
  options: {
    readonly switches?: Partial<Switches>;
    readonly store?: WorldStore;
    readonly group?: Partial<CreateScalingGroupInput>;
    readonly startMs?: number;
    readonly seed?: number;
  } = {},
) {
  const clock = new VirtualClock(options.startMs ?? START_MS);
  const foundation = createFoundation({
    clock,
    store: options.store ?? memoryStore(),
    seed: options.seed ?? 1,
    ...(options.switches === undefined ? {} : { switches: options.switches }),
  });
  const ecs = createEcs(foundation, {
    pendingMs: 100,
    startingMs: 200,
    stoppingMs: 400,
    releasingMs: RELEASE_MS,
  });
  const slb = createSlb(foundation, { ecs });
  const mns = createMns(foundation);
  const eventBridge = createEventBridge(foundation, { mns });
  const ess = createEss(
    foundation,
    { ecs, slb, mns, eventBridge },
    { checkIntervalMs: CHECK_MS, healthCheckDelayMs: UNHEALTHY_MS, attachmentRetryMs: RETRY_MS },
  );
  mns.createQueue('ess-hooks');
  ess.seedScalingGroup({
    scalingGroupId: ASG,
    scalingGroupName: 'web-asg',
    minSize: 0,
    maxSize: 10,
    ...options.group,
  });

  const scale = (adjustmentValue: number, adjustmentType = 'QuantityChangeInCapacity') =>
    ess.scaleWithAdjustment({ scalingGroupId: ASG, adjustmentType, adjustmentValue });
  /** Instances in service, made by the group itself before it had hooks. */
  const filled = (amount: number) => {
    scale(amount);
    clock.advanceBy(BOOT_MS);
    return ess.members(ASG).map(({ instanceId }) => instanceId);
  };
  const hook = (transition: 'SCALE_OUT' | 'SCALE_IN', more: Partial<CreateLifecycleHookInput> = {}): string =>
    ess.createLifecycleHook({ scalingGroupId: ASG, lifecycleTransition: transition, ...more });
  /** The pending waits, oldest first. */
  const waits = () => ess.lifecycleActions().filter(({ status }) => status === 'Pending');
  /** Answers the wait of that hook. */
  const complete = (lifecycleHookId: string, lifecycleActionResult?: string, clientToken?: string) => {
    const wait = ess.lifecycleActions().findLast((action) => action.lifecycleHookId === lifecycleHookId);
    const { lifecycleActionToken = '' } = wait ?? {};
    ess.completeLifecycleAction({
      lifecycleHookId,
      lifecycleActionToken,
      lifecycleActionResult,
      clientToken,
    });
  };
  /** The states of the group's instances, in order of joining. */
  const states = () => ess.members(ASG).map(({ lifecycleState }) => lifecycleState);
  /** `SCALE_IN Successful` for each activity, in order of beginning. */
  const activities = () =>
    ess
      .describeScalingActivities({ scalingGroupId: ASG, pageSize: 50 })
      .items.map(({ transition, statusCode }) => `${transition} ${statusCode}`)
      .reverse();
  /** What the timeline has of that kind. */
  const told = (kind: string) =>
    foundation.timeline.entries
      .filter((entry) => entry.source === 'ess' && entry.kind === kind)
      .map(({ details }) => details);
  /** The bodies on the hooks' queue, which are taken off it. */
  const messages = async () => {
    const received = await mns.receiveMessages('ess-hooks', { count: 16, waitSeconds: 0 });
    for (const { receiptHandle } of received) mns.deleteMessage('ess-hooks', receiptHandle);
    return received.map(({ body }) => body);
  };
  return {
    clock,
    foundation,
    ecs,
    slb,
    mns,
    eventBridge,
    ess,
    scale,
    filled,
    hook,
    waits,
    complete,
    states,
    activities,
    told,
    messages,
  };
}
