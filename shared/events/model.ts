import type { ChangeRequest } from '../requests/document.ts';
/**
 * The states an ECS instance reports. `Created` is sent once at creation, `Deleted` at release; a reboot shows as
 * `Stopping` and then `Running`, so `Stopping` alone does not mean the end.
 */
export type InstanceState =
  | 'Created'
  | 'Pending'
  | 'Starting'
  | 'Running'
  | 'Stopping'
  | 'Stopped'
  | 'Deleted';

/** An instance says that its state changed. A hint where to look: what is done follows from observed state. */
export interface InstanceStateChanged {
  readonly kind: 'instance-state-changed';
  /** Identity of the event over redeliveries and carriers: at most 200 printable ASCII characters. */
  readonly key: string;
  readonly instanceId: string;
  readonly state: InstanceState;
  /** When the event says it happened; `null` when it does not say, or not readably. */
  readonly atMs: number | null;
  /** `null` when the event does not say; it may be another region than the configured one. */
  readonly regionId: string | null;
  /** SHA-256 in hex over the canonical JSON of what the event says, its delivery attributes left out. */
  readonly payloadHash: string;
}

/** ECS says that it takes a spot instance back: about five minutes are left. */
export interface InstanceInterrupted {
  readonly kind: 'instance-interrupted';
  /** As for {@link InstanceStateChanged}. */
  readonly key: string;
  readonly instanceId: string;
  /** When the notice was given; `null` when the event does not say so readably. */
  readonly atMs: number | null;
  readonly regionId: string | null;
  readonly payloadHash: string;
}

/** How far a system event has come: it is announced, it is being carried out, or nothing more will come of it. */
export type SystemEventPhase = 'planned' | 'executing' | 'over';

/** ECS says how far a system event of an instance has come: planned maintenance, or a failure. */
export interface SystemEvent {
  readonly kind: 'system-event';
  /** Of the event's id and its status, the same from every sender; without an id as for {@link InstanceStateChanged}. */
  readonly key: string;
  readonly instanceId: string;
  /** `e-…`; `null` when the notice does not say which event it is about. */
  readonly eventId: string | null;
  /** `SystemMaintenance.Reboot`, `SystemFailure.Stop`, … */
  readonly eventType: string;
  readonly phase: SystemEventPhase;
  /** The vendor's word for it, such as `Inquiring` or `Avoided`. */
  readonly status: string;
  /** Not carried out before; `null` for failures and whenever the notice does not say so readably. */
  readonly notBeforeMs: number | null;
  /** When this status was reached, by the notice. */
  readonly atMs: number | null;
  readonly regionId: string | null;
  /** Over what identifies the notice: senders differ in what else they add. */
  readonly payloadHash: string;
}

/** What a scaling group waits with until the hook's action is completed. */
export type LifecycleTransition = 'SCALE_OUT' | 'SCALE_IN';

/** Auto Scaling waits in the middle of a scaling activity, with all its instances, until somebody completes the action. */
export interface LifecycleHookReached {
  readonly kind: 'lifecycle-hook';
  /** Of the hook's id and the token (or the activity, where there is no token), the same from both carriers. */
  readonly key: string;
  /** A message of the hook's own on MNS, or an event of the bus. */
  readonly carrier: 'message' | 'event-bus';
  /** `asg-…` */
  readonly scalingGroupId: string;
  /** `null` only if there is a token. */
  readonly scalingActivityId: string | null;
  readonly lifecycleHookId: string;
  /** Completes the action; `null` = not said, to be looked up by the activity. */
  readonly lifecycleActionToken: string | null;
  /** `null` = not said. */
  readonly transition: LifecycleTransition | null;
  /** Empty = not said, or not believable; at most 1,000. */
  readonly instanceIds: ReadonlyArray<string>;
  readonly regionId: string | null;
  /** Over group, hook and token (or activity). */
  readonly payloadHash: string;
}

/** CloudMonitor says that servers behind a listener are unhealthy, or well again: a hint where to look. */
export interface HealthAlarm {
  readonly kind: 'health-alarm';
  /** Of the rule, the listener, the level and the time. */
  readonly key: string;
  readonly loadBalancerId: string;
  /** `null` = it does not say which listener. */
  readonly listenerPort: number | null;
  readonly level: string;
  readonly atMs: number | null;
  readonly payloadHash: string;
}

/** Somebody asks for a change of rotation. */
export interface ChangeRequested {
  readonly kind: 'change-request';
  readonly request: ChangeRequest;
  /** Over the canonical JSON of the document, its signature included. */
  readonly payloadHash: string;
  /** How often it could not be taken in and was put on the queue again; 0 = it comes from its sender. */
  readonly attempts: number;
  /** Why, the oldest first. */
  readonly story: ReadonlyArray<string>;
}

/** A delayed message of our own: look at this lane, nothing more. */
export interface WakeUpDue {
  readonly kind: 'wake-up';
  readonly laneId: string;
  readonly dueAtMs: number;
}

/** An order of a sweep: compare this load balancer in full and work it. */
export interface ReconcileDue {
  readonly kind: 'reconcile';
  readonly loadBalancerId: string;
  /** When by its schedule the sweep began. */
  readonly triggeredAtMs: number;
}

/** A timer of ours fired. */
export interface Tick {
  readonly kind: 'tick';
  /** When by its schedule it fired, however late it came; left out when it does not say so readably. */
  readonly triggeredAtMs?: number;
}

/** A message that is understood and does not concern us: acknowledged and counted under its reason. */
export interface IgnoredEvent {
  readonly kind: 'ignored';
  /** Name of the kind, such as `cloudmonitor-alarm`, or `other event …` with its type; at most 120 characters. */
  readonly reason: string;
}

/** A message for quarantine: it is of no shape that we know. */
export interface NotUnderstood {
  readonly kind: 'not-understood';
  readonly reason: string;
  /** The message as it was carried, before any decoding. May be as long as the whole payload. */
  readonly text: string;
  /** The queue's or topic's message id; `null` when the carrier has none. */
  readonly messageId: string | null;
  /** The id of the change request that it was meant to be; left out or `null` = it is none, or does not say. */
  readonly requestId?: string | null;
}

/** Everything a function can be handed. */
export type InboundEvent =
  | InstanceStateChanged
  | InstanceInterrupted
  | SystemEvent
  | LifecycleHookReached
  | HealthAlarm
  | ChangeRequested
  | WakeUpDue
  | ReconcileDue
  | Tick
  | IgnoredEvent
  | NotUnderstood;
