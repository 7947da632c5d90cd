import type { NoticedHook, Signal } from '../acceptance/model.ts';
import type { AuditAction } from '../audit/model.ts';
import type { Assumptions } from '../config/load.ts';
import type { ScalingPolicy } from '../config/scaling.ts';
import type { LifecycleTransition } from '../events/model.ts';
import type { LifecycleState } from '../instances/model.ts';
import type { MetricName } from '../metrics.ts';
import type { Place } from './places.ts';

/**
 * What a hook is answered with. `CONTINUE`: go on; `ABANDON`: on the way in the instances are released, on the way out it is
 * CONTINUE without waiting for other hooks; `ROLLBACK`: on the way out the instances stay, on the way in as ABANDON.
 */
export type HookResult = 'CONTINUE' | 'ABANDON' | 'ROLLBACK';

/** A lifecycle hook, as DescribeLifecycleHooks shows it. */
export interface LifecycleHook {
  readonly lifecycleHookId: string;
  readonly name: string;
  readonly transition: LifecycleTransition;
  /** 30 to 21,600. */
  readonly timeoutSeconds: number;
  readonly defaultResult: HookResult;
  readonly isActive: boolean;
  /** `acs:mns:{region}:{account}:queue/{name}` and the like. */
  readonly notificationArn: string;
}

/** A scaling activity. */
export interface ScalingActivity {
  readonly activityId: string;
  /** When it began, at the latest that this can be known from below; `null` = not said readably. */
  readonly startedAtMs: number | null;
}

/** One hook waiting in one activity: a token, for all instances of the activity. */
export interface LifecycleAction {
  readonly activityId: string;
  readonly lifecycleHookId: string;
  readonly token: string;
  readonly status: 'Pending' | 'Timeout' | 'Completed';
  /** `null` while it is pending, or where nothing is said. */
  readonly result: HookResult | null;
  readonly instanceIds: ReadonlyArray<string>;
}

/** A vServer group that the scaling group itself puts its instances into. */
export interface NativeAttachment {
  readonly loadBalancerId: string;
  readonly vServerGroupId: string;
  readonly port: number;
}

/** An answer, decided and journalled before it is sent. */
export interface Answer {
  readonly result: HookResult;
  readonly reason: string;
  /** The same for every repeat, so that only one takes effect. At most 64 characters. */
  readonly clientToken: string;
  readonly decidedAtMs: number;
}

/** Where we stand with a hook. `noticed`: a message named it; `waiting`: ESS waits for our answer; `ending`: a scale-in is answered or over, and its instances are not gone or back yet. */
export type HookPhase = 'noticed' | 'waiting' | 'ending';

/** What makes a waiting hook one. */
export interface HookIdentity {
  /** `asg-…` */
  readonly scalingGroupId: string;
  readonly lifecycleHookId: string;
  /** `''` = the message did not say it; the activity is known then. */
  readonly token: string;
}

/** What we know and decided about a waiting hook. Instants are table time. */
export interface HookRow extends HookIdentity {
  readonly activityId: string | null;
  /** `null` = not yet known. */
  readonly transition: LifecycleTransition | null;
  /** Empty = not yet known. */
  readonly instanceIds: ReadonlyArray<string>;
  readonly phase: HookPhase;
  readonly noticedAtMs: number;
  /** Its wait began at this instant or later; `null` = not yet known. */
  readonly startedAtMs: number | null;
  /** ESS waits at least until then; `null` = not yet known. */
  readonly deadlineMs: number | null;
  /** Heartbeats that were sent, or may have been. */
  readonly heartbeats: number;
  /** Longer ones were refused; `null` = none was. Seconds. */
  readonly heartbeatMaxSeconds: number | null;
  /** When the lanes were last told what to do with its instances; `null` = not yet. */
  readonly orderedAtMs: number | null;
  readonly answer: Answer | null;
  /** When we saw that ESS does not wait any more; `null` = it does. */
  readonly endedAtMs: number | null;
  /** Why it is not answered although it could be, for people; `null` = it takes its course. */
  readonly held: string | null;
  /** Calls for it that were refused in a row. */
  readonly refusals: number;
  /** No call for it before this instant; `null` = at once. */
  readonly notBeforeMs: number | null;
  /** Grows with every write of the row. 0 = not yet written. */
  readonly revision: number;
  /** The lane's fence at the last write; 0 = written with a message. */
  readonly fence: number;
}

/** A hook's key inside its scaling group. */
export function hookKey({
  lifecycleHookId,
  token,
  activityId,
}: Pick<HookRow, 'lifecycleHookId' | 'token' | 'activityId'>): string {
  return token === '' ? `${lifecycleHookId}/activity/${activityId ?? ''}` : `${lifecycleHookId}/${token}`;
}

/** The row of a hook of which no more is known than what a message says. */
export function noticedRow(hook: NoticedHook): HookRow {
  return {
    ...hook,
    transition: null,
    phase: 'noticed',
    startedAtMs: null,
    deadlineMs: null,
    heartbeats: 0,
    heartbeatMaxSeconds: null,
    orderedAtMs: null,
    answer: null,
    endedAtMs: null,
    held: null,
    refusals: 0,
    notBeforeMs: null,
    revision: 1,
    fence: 0,
  };
}

/** A change of one row, as decided from the row of `expectedRevision`; `null` = there was none. */
export interface HookChange {
  readonly kind: 'put' | 'delete';
  readonly row: HookRow;
  readonly expectedRevision: number | null;
}

/** What a load balancer's lane is told. */
export interface LaneOrder {
  readonly laneId: string;
  readonly signal: Signal;
}

/** A call to ESS, for the row as it stands once the plan's changes are written. */
export type HookCall =
  | { readonly kind: 'heartbeat'; readonly row: HookRow; readonly seconds: number }
  | { readonly kind: 'complete'; readonly row: HookRow; readonly answer: Answer };

/** A decision, before it has an id and a time. */
export interface HookDecision {
  readonly subject: string;
  readonly action: AuditAction;
  readonly reason: string;
  readonly inputs: Readonly<Record<string, string | number | boolean | null>>;
  /** The hook's instances: what is decided about the hook is decided about each of them. */
  readonly instanceIds: ReadonlyArray<string>;
  /** What it can be decided from again; `null` = the inputs say all, or it is too much to be kept. */
  readonly recorded: Readonly<Record<string, unknown>> | null;
}

/** Everything a plan is made from. All of it is data: the same input gives the same plan. */
export interface ScalingInput {
  readonly scalingGroupId: string;
  readonly rows: ReadonlyArray<HookRow>;
  readonly hooks: ReadonlyArray<LifecycleHook>;
  /** Those in progress, and those that rows name. */
  readonly activities: ReadonlyArray<ScalingActivity>;
  readonly actions: ReadonlyArray<LifecycleAction>;
  /** Every instance of the scaling group. */
  readonly states: ReadonlyMap<string, LifecycleState>;
  /** `null` = not asked. */
  readonly attachments: ReadonlyArray<NativeAttachment> | null;
  /** By instance: where it is, or is to be, a backend. */
  readonly places: ReadonlyMap<string, ReadonlyArray<Place>>;
  /** Signals that lanes have not handled: `<lane> <key>`. */
  readonly unhandled: ReadonlySet<string>;
  /** Instances of hooks that ECS does not list (yet, or any more): where they belong cannot be told. */
  readonly unseen: ReadonlySet<string>;
  /** Where the instances are, or are to be, backends could not be found out: hooks are only kept waiting. */
  readonly isBlind: boolean;
  readonly policy: ScalingPolicy;
  readonly assume: Assumptions;
  readonly nowMs: number;
}

/** What is to be done, in this order: orders, changes, calls. */
export interface ScalingPlan {
  readonly orders: ReadonlyArray<LaneOrder>;
  readonly changes: ReadonlyArray<HookChange>;
  readonly calls: ReadonlyArray<HookCall>;
  readonly decisions: ReadonlyArray<HookDecision>;
  readonly counts: ReadonlyArray<MetricName>;
  /** Something was decided that leads to more: look and plan again at once. */
  readonly goesOn: boolean;
  /** The earliest instant at which something else is to do; `null` = none. */
  readonly nextLookMs: number | null;
  readonly waitingFor: string | null;
}

/** Whether a lane is that of a scaling group. */
export function isScalingLane(laneId: string): boolean {
  return laneId.startsWith('asg-');
}

/** The queue that lifecycle hooks are to notify. A hook is ours when it does. */
export const HOOK_QUEUE = 'slb-autopilot-scaling-hooks';

/** Whether a hook waits for our answer. */
export function isOurs({ isActive, notificationArn }: LifecycleHook, { hookEvents }: Assumptions): boolean {
  if (!isActive) return false;
  const isOnBus = hookEvents === 'read' && notificationArn.endsWith(':eventbus/default');
  return isOnBus || notificationArn.endsWith(`:queue/${HOOK_QUEUE}`);
}
