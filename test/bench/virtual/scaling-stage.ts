import type { Switches } from '../../../infra/local/world/switches.ts';
import { HOOK_QUEUE } from '../../../shared/scaling/model.ts';
import { GROUP, LB, SCALING_GROUP } from '../../support/builders.ts';
import { readTable } from '../../support/stage.ts';
import { setVirtualStage, type VirtualStage } from './stage.ts';

/** What a test says about its scaling group and the binding that selects by it. */
export interface ScalingStageOptions {
  /** Instances in service at the beginning. @default 3 */
  readonly size?: number;
  /** Without one a group rejects an activity while another one is in progress. @default null */
  readonly desiredCapacity?: number | null;
  readonly drainTime?: string;
  readonly guards?: { readonly minInService?: number; readonly maxDisruption?: number };
  readonly readiness?: object;
  readonly scaling?: object;
  readonly assume?: object;
  /** Of both hooks. @default 600 */
  readonly timeoutSeconds?: number;
  readonly defaultResult?: 'CONTINUE' | 'ABANDON' | 'ROLLBACK';
  readonly switches?: Partial<Switches>;
  /** Where the hooks are told. @default our queue */
  readonly notificationArn?: string;
  /** Selects by tags instead of by scaling group. */
  readonly byTags?: boolean;
}

/** Hooks of the stage. */
export const HOOK_IN = 'ash-bp1scaleout001';
export const HOOK_OUT = 'ash-bp1scalein0001';

/** The product beside a scaling group with a hook each way, in virtual time. */
export interface ScalingStage extends VirtualStage {
  readonly ess: VirtualStage['clouds']['ess'];
  /** `i-…=100` for each backend of the group. */
  weights(): ReadonlyArray<string>;
  /** `31s CONTINUE by caller` for each wait that has ended, counted from the stage's beginning. */
  ends(): ReadonlyArray<string>;
  /** Heartbeats that ESS has granted. */
  beats(): number;
  /** What the product has noted about hooks, in order: `hook-adopted`, `hook-ordered`, … */
  audit(): ReadonlyArray<string>;
  /** Instances that are in service for the scaling group. */
  inService(): ReadonlyArray<string>;
  scale(by: number): string;
  /** Lets the world live until the scaling group has nothing in progress, `limitMs` at most. */
  settle(limitMs: number): Promise<void>;
}

/** Sets the stage; the instances that it begins with are backends already. */
export async function setScalingStage(options: ScalingStageOptions = {}): Promise<ScalingStage> {
  const { size = 3, desiredCapacity = null, timeoutSeconds = 600, defaultResult = 'CONTINUE' } = options;
  const { drainTime = '30s', guards = {}, readiness = {}, scaling, assume, byTags = false } = options;
  const selector = byTags ? { tags: { role: 'web' } } : { scalingGroup: SCALING_GROUP };
  const stage = await setVirtualStage({
    configuration: {
      version: 1,
      region: 'cn-hangzhou',
      bindings: [
        {
          name: 'web',
          loadBalancer: LB,
          vServerGroup: GROUP,
          selector,
          ports: [{ port: 8080 }],
          drain: { time: drainTime },
          guards: { maxDisruption: 100, ...guards },
          ...readiness,
        },
      ],
      ...(scaling === undefined ? {} : { scaling }),
      ...(assume === undefined ? {} : { assume }),
    },
    latencyMs: 20,
    seed: 7,
    ...(options.switches === undefined ? {} : { switches: options.switches }),
  });
  const { clouds, clock } = stage;
  const { ess, ecs } = clouds;
  const { accountId } = clouds.foundation.identities;
  const notificationArn =
    options.notificationArn ?? `acs:mns:${clouds.foundation.region}:${accountId}:queue/${HOOK_QUEUE}`;
  ess.seedScalingGroup({
    scalingGroupId: SCALING_GROUP,
    minSize: 0,
    maxSize: 1_000,
    instanceTags: [{ key: 'role', value: 'web' }],
    ...(desiredCapacity === null ? {} : { desiredCapacity: size }),
  });
  const hook = {
    scalingGroupId: SCALING_GROUP,
    heartbeatTimeoutSeconds: timeoutSeconds,
    defaultResult,
    notificationArn,
  };
  ess.seedLifecycleHook({ ...hook, lifecycleHookId: HOOK_IN, lifecycleTransition: 'SCALE_OUT' });
  ess.seedLifecycleHook({ ...hook, lifecycleHookId: HOOK_OUT, lifecycleTransition: 'SCALE_IN' });
  // As many at a time as one RunInstances takes.
  const instanceIds: Array<string> = [];
  while (instanceIds.length < size) {
    const amount = Math.min(100, size - instanceIds.length);
    instanceIds.push(...ecs.runInstances({ amount, tags: [{ key: 'role', value: 'web' }] }));
  }
  await stage.pass(20_000);
  ess.attachInstances({ scalingGroupId: SCALING_GROUP, instanceIds });
  // The comparison finds them at the latest: nobody tells of an attachment by hand.
  await stage.pass(6 * 60_000);
  const begunAtMs = clock.nowMs();
  return {
    ...stage,
    ess,
    weights: () =>
      (clouds.slb.group(GROUP)?.backends ?? []).map(({ serverId, weight }) => `${serverId}=${weight}`).sort(),
    ends: () =>
      clouds.foundation.timeline.entries
        .filter(({ source, kind }) => source === 'ess' && kind === 'hook-completed')
        .map(({ atMs, details }) => {
          const seconds = Math.round((atMs - begunAtMs) / 1_000);
          return `${seconds}s ${String(details?.result)} by ${String(details?.by)}`;
        }),
    beats: () => clouds.foundation.timeline.entries.filter(({ kind }) => kind === 'hook-heartbeat').length,
    audit: () =>
      readTable(clouds, 'audit')
        .filter(({ subject }) => String(subject).startsWith('hook:'))
        .sort((a, b) => Number(a.at) - Number(b.at))
        .map(({ action }) => String(action)),
    inService: () =>
      ess
        .members(SCALING_GROUP)
        .filter(({ lifecycleState }) => lifecycleState === 'InService')
        .map(({ instanceId }) => instanceId),
    scale: (by) =>
      ess.scaleWithAdjustment({
        scalingGroupId: SCALING_GROUP,
        adjustmentType: 'QuantityChangeInCapacity',
        adjustmentValue: by,
      }),
    async settle(limitMs) {
      const untilMs = clock.nowMs() + limitMs;
      const isActive = () =>
        ess.describeScalingActivities({ scalingGroupId: SCALING_GROUP, statusCode: 'InProgress' })
          .totalCount > 0;
      while (isActive() && clock.nowMs() < untilMs) await stage.pass(1_000);
    },
  };
}
