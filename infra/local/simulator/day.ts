import type { EcsTimings } from '../world/ecs/instance.ts';
import type { Application } from '../world/ecs/serving-spans.ts';
import type { SystemEventType } from '../world/ecs/system-event.ts';
import type { EssTimings } from '../world/ess/model.ts';
import type { NotificationFaults } from '../world/ess/notifications.ts';
import type { Switches } from '../world/switches.ts';
import type { DayPair, PairHappening } from './pair.ts';
import type { RequestHappening } from './request.ts';
import type { DayScalingGroup } from './scaling-group.ts';

/** One day of trouble: plain data, from which everything follows. Instants are ms after the day's beginning. */
export interface Day {
  /** Of the latencies, the workers' clocks and everything else that the list does not say. */
  readonly seed: number;
  /** The text of the `autopilot.yaml` that the functions have. */
  readonly configuration: string;
  readonly switches: Partial<Switches>;
  readonly ecsTimings: EcsTimings;
  /** @default the world's */
  readonly essTimings?: Partial<EssTimings>;
  /** Workers' clocks are wrong by up to this, each by something else. */
  readonly clocksApartMs: number;
  /** Batches of one stream that are at work together. */
  readonly streamConcurrency: number;
  /** In front of the groups; a group without one has no health checks. */
  readonly listeners: ReadonlyArray<DayListener>;
  /** @default none */
  readonly scalingGroups?: ReadonlyArray<DayScalingGroup>;
  /** Of the pairs of the configuration those that exist. @default none */
  readonly pairs?: ReadonlyArray<DayPair>;
  readonly happenings: ReadonlyArray<Happening>;
  readonly faults: ReadonlyArray<DayFault>;
}

/** A listener that forwards to a group. */
export interface DayListener {
  readonly loadBalancerId: string;
  readonly vServerGroupId: string;
  readonly listenerPort: number;
  readonly listenerProtocol: 'tcp' | 'http';
  readonly scheduler: 'wrr' | 'rr';
  readonly isChecked: boolean;
}

/**
 * What people, instances and other tools do. Instances have names here, their ids are the world's; those of a scaling group
 * are named by their place in it (`memberName`).
 */
export type Happening =
  | ScalingHappening
  | PairHappening
  | RequestHappening
  | {
      readonly atMs: number;
      readonly kind: 'start';
      readonly names: ReadonlyArray<string>;
      readonly tags: Tags;
      /** How their applications behave. */
      readonly application: Application;
      /** Whether the cloud may take them back. @default false */
      readonly isSpot?: boolean;
    }
  | {
      readonly atMs: number;
      readonly kind: 'stop' | 'release';
      readonly name: string;
      readonly force: boolean;
    }
  | { readonly atMs: number; readonly kind: 'start-again' | 'reboot'; readonly name: string }
  | { readonly atMs: number; readonly kind: 'retag'; readonly name: string; readonly tags: Tags }
  /** Another writer: sets the weight of that instance's backends in a group, removes them, or adds them without our mark. */
  | {
      readonly atMs: number;
      readonly kind: 'foreign-weight' | 'foreign-remove' | 'foreign-add';
      readonly name: string;
      readonly vServerGroupId: string;
      readonly weight: number;
    };

/** What happens to scaling groups, and what the cloud does to instances. */
export type ScalingHappening =
  | { readonly atMs: number; readonly kind: 'scale'; readonly scalingGroupId: string; readonly by: number }
  /** Those instances are taken out of their group, in one activity. */
  | {
      readonly atMs: number;
      readonly kind: 'remove-members';
      readonly scalingGroupId: string;
      readonly names: ReadonlyArray<string>;
      readonly isReplaced: boolean;
    }
  /** Instances of the day's own are put into the group. */
  | {
      readonly atMs: number;
      readonly kind: 'attach';
      readonly scalingGroupId: string;
      readonly names: ReadonlyArray<string>;
    }
  | {
      readonly atMs: number;
      readonly kind: 'enter-standby' | 'exit-standby';
      readonly scalingGroupId: string;
    }
  /** A spot instance is taken back. */
  | { readonly atMs: number; readonly kind: 'interrupt'; readonly name: string }
  | {
      readonly atMs: number;
      readonly kind: 'system-event';
      readonly name: string;
      readonly eventType: SystemEventType;
      /** From its announcement to its execution. */
      readonly aheadMs: number;
      readonly isInquiring: boolean;
      readonly isFailing: boolean;
    }
  /** The instance's system events that have not begun are over. */
  | {
      readonly atMs: number;
      readonly kind: 'end-system-events';
      readonly name: string;
      readonly status: 'Canceled' | 'Avoided';
    };

/** Tags by key. */
export type Tags = Readonly<Record<string, string>>;

/** What goes wrong besides. A call fault strikes the first calls of the functions that match from `atMs` on. */
export type DayFault =
  /** Between the bus and the queue, for all events that are published meanwhile. */
  | {
      readonly kind: 'duplicate' | 'reorder' | 'delay' | 'loss';
      readonly atMs: number;
      readonly untilMs: number;
      readonly copies: number;
      readonly ids: 'same' | 'new';
      readonly byMs: number;
      readonly probability: number;
    }
  /** Between Auto Scaling and the queue of hooks, for all messages that are sent meanwhile. */
  | {
      readonly kind: 'hook-loss' | 'hook-duplicate' | 'hook-delay';
      readonly atMs: number;
      readonly untilMs: number;
      readonly notifications: Partial<NotificationFaults>;
    }
  /** The worker is gone: nothing of it goes on, and its delivery fails. */
  | (CallFault & { readonly kind: 'crash'; readonly when: 'before' | 'after' })
  /** The whole worker stands still in a call that has not left yet, and goes on later as if nothing had been. */
  | (CallFault & { readonly kind: 'zombie'; readonly forMs: number; readonly hearsAnswer: boolean })
  | (CallFault & { readonly kind: 'lost-reply' | 'lost-request' })
  /** It takes effect long after the worker has stopped waiting for it. */
  | (CallFault & { readonly kind: 'late-call'; readonly forMs: number })
  | (CallFault & {
      readonly kind: 'throttle' | 'busy' | 'partial-read' | 'table-error' | 'queue-error' | 'api-error';
      readonly status: number;
      readonly code: string;
      readonly retryAfterMs: number | null;
    })
  /** No function can be started. */
  | { readonly kind: 'outage'; readonly atMs: number; readonly untilMs: number };

/** Which calls a fault strikes. */
export interface CallFault {
  readonly atMs: number;
  /** Without effect from then on, struck or not. */
  readonly untilMs: number;
  readonly product: 'slb' | 'ecs' | 'ess' | 'ots' | 'mns' | null;
  /** Begins the operation's name; `null` = any. */
  readonly action: string | null;
  readonly times: number;
}

/** The kinds of faults, for counting. */
export type FaultKind = DayFault['kind'];

/** The instant at which every day begins: 2026-04-09T00:00:00Z. */
export const DAY_BEGINS_MS = 1_775_692_800_000;
