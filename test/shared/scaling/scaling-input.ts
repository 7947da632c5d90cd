import type { HookRow, LifecycleAction, LifecycleHook, ScalingInput } from '../../../shared/scaling/model.ts';
import type { Place, PlacePolicy, PlaceRecord } from '../../../shared/scaling/places.ts';
import { ASSUME, aHookRow, GROUP, LB, NOW_MS, SCALING, SCALING_GROUP } from '../../support/builders.ts';

/** The hook of `aHookRow`: on the way out, 600 s, notifying our queue. */
export function aHook(overrides: Partial<LifecycleHook> = {}): LifecycleHook {
  return {
    lifecycleHookId: aHookRow().lifecycleHookId,
    name: 'drain',
    transition: 'SCALE_IN',
    timeoutSeconds: 600,
    defaultResult: 'CONTINUE',
    isActive: true,
    notificationArn: 'acs:mns:cn-hangzhou:1234567890123456:queue/slb-autopilot-scaling-hooks',
    ...overrides,
  };
}

/** What ESS shows of `aHookRow`'s wait. */
export function anAction(overrides: Partial<LifecycleAction> = {}): LifecycleAction {
  const { lifecycleHookId, token, activityId, instanceIds } = aHookRow();
  return {
    activityId: activityId ?? '',
    lifecycleHookId,
    token,
    status: 'Pending',
    result: null,
    instanceIds,
    ...overrides,
  };
}

const POLICY: PlacePolicy = {
  weight: 100,
  unprovenWeight: 0,
  drainTimeMs: 30_000,
  mayEndEarly: false,
  readyWithinMs: 300_000,
  adopts: false,
};

/** A record in service. */
export function aRecord(overrides: Partial<PlaceRecord> = {}): PlaceRecord {
  return { phase: 'in-service', cause: null, held: null, weightZeroAtMs: null, scaleIn: null, ...overrides };
}

/** A place where the instance serves, unless said otherwise. */
export function aPlace(overrides: Partial<Place> = {}): Place {
  return {
    laneId: LB,
    vServerGroupId: GROUP,
    port: 8080,
    isWanted: true,
    policy: POLICY,
    record: aRecord(),
    backend: { weight: 100, isOurs: true },
    ...overrides,
  };
}

/** Who has left. */
export const LEFT: Pick<Place, 'record' | 'backend'> = {
  record: aRecord({ phase: 'removed', cause: 'scale-in', scaleIn: { deadlineAtMs: null } }),
  backend: null,
};

/** A wait on the way out that has just been taken up; what is left out is as it was then. */
export function aScalingInput(
  overrides: Partial<Omit<ScalingInput, 'places' | 'states'>> & {
    readonly row?: Partial<HookRow> | null;
    readonly places?: ReadonlyArray<Place>;
    readonly states?: Readonly<Record<string, string>>;
  } = {},
): ScalingInput {
  const { row = {}, places = [aPlace()], states = { 'i-web0001': 'Removing:Wait' }, ...rest } = overrides;
  return {
    scalingGroupId: SCALING_GROUP,
    rows: row === null ? [] : [aHookRow(row)],
    hooks: [aHook()],
    activities: [{ activityId: aHookRow().activityId ?? '', startedAtMs: NOW_MS }],
    actions: [anAction()],
    states: new Map(Object.entries(states)) as ScalingInput['states'],
    attachments: null,
    places: new Map([['i-web0001', places]]),
    unhandled: new Set(),
    unseen: new Set(),
    isBlind: false,
    policy: SCALING.policy,
    assume: ASSUME,
    nowMs: NOW_MS,
    ...rest,
  };
}
