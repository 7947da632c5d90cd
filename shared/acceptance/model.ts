import type { WeightsBy } from '../config/weights.ts';
import type { InstanceState } from '../events/model.ts';

/** One thing that happened, as a lane's inbox keeps it. It says where to look, never what to do. */
export interface Signal {
  /** The event's own key: the same for every copy of the event. */
  readonly key: string;
  readonly instanceId: string;
  readonly news: News;
  /** When the event says it happened; `null` = it did not say it readably. */
  readonly eventAtMs: number | null;
  /** Table time of the acceptance. */
  readonly acceptedAtMs: number;
}

/** What a signal says about its instance. */
export type News =
  | { readonly kind: 'state'; readonly state: InstanceState }
  /** It is to leave, though ECS may show it as Running until it is gone. */
  | {
      readonly kind: 'leave';
      readonly cause: OrderCause;
      /** What orders it, where that has a name: the id of a system event; `null` = its cause is all that is known. */
      readonly ref: string | null;
      /** The order counts from then on; `null` = at once. */
      readonly fromMs: number | null;
      /** It must be out by then; `null` = the binding's drain time decides. */
      readonly deadlineAtMs: number | null;
      /** The order ends by itself then; `null` = only what its cause says ends it. */
      readonly untilMs: number | null;
      readonly scope?: Scope;
    }
  /** What made it leave is over: that of this `ref`; `null` = all of its cause. */
  | {
      readonly kind: 'return';
      readonly cause: OrderCause;
      readonly ref: string | null;
      readonly scope?: Scope;
    }
  /** A person wants it in, or at another weight than its binding says, until then. */
  | {
      readonly kind: 'override';
      /** The change request. */
      readonly ref: string;
      readonly joins: boolean;
      readonly weight: { readonly is: number } | { readonly percent: number } | AskedWeights | null;
      readonly untilMs: number;
      readonly scope: Scope;
    }
  /** A person lets it go although a guard forbids that, once, until then. */
  | {
      readonly kind: 'lift-guard';
      /** The change request. */
      readonly ref: string;
      readonly guard: LiftableGuard;
      readonly untilMs: number;
      readonly scope: Scope;
    }
  /** A person lets nothing correct the differences of a whole binding until then; `null` = takes that back. */
  | {
      readonly kind: 'pause';
      readonly binding: string;
      readonly reason: string;
      readonly untilMs: number | null;
    };

/** Weights by what an instance is. */
export interface AskedWeights {
  readonly by: WeightsBy;
  /** Of whom none of them is about; `null` = it stays as it is. */
  readonly others: number | null;
}

/** The backends of an instance that something is said about; left out = all of the lane. */
export interface Scope {
  /** The name of their binding. */
  readonly binding: string;
  /** `null` = all of the binding's. */
  readonly ports: ReadonlyArray<number> | null;
}

/** A guard that a person may lift. */
export type LiftableGuard = 'min-in-service' | 'max-disruption' | 'unsure';

/** Why somebody orders an instance out, beyond what its state says. */
export type OrderCause = 'scale-in' | 'spot-reclaim' | 'maintenance' | 'change-request' | 'health-alarm';

/** A signal in the inbox of one lane. */
export interface InboxEntry {
  readonly laneId: string;
  readonly signal: Signal;
}

/** A lifecycle hook that a message says is waiting: a scaling group's lane finds out whether and for what. */
export interface NoticedHook {
  /** The group's lane. */
  readonly scalingGroupId: string;
  readonly lifecycleHookId: string;
  /** `''` = the message did not say it; it said the activity then. */
  readonly token: string;
  readonly activityId: string | null;
  /** Empty = the message did not say them. */
  readonly instanceIds: ReadonlyArray<string>;
  readonly noticedAtMs: number;
}

/** What the table of done-keys remembers of a message. */
export interface DoneRecord {
  readonly key: string;
  /** Over the canonical content; other content under the same key is refused. */
  readonly payloadHash: string;
  /** What became of it, for people: `accepted for lb-…`, `not selected`, `quarantined: …`. */
  readonly result: string;
  readonly atMs: number;
}

/** A message that nobody could work with, with the reason. */
export interface QuarantineItem {
  /** `quarantine:` and the hash of the text: the same text is kept once. */
  readonly key: string;
  readonly reason: string;
  /** The original as far as it was readable. */
  readonly text: string;
  readonly messageId: string | null;
  readonly atMs: number;
}

/** Which of the functions' queues a message belongs on. */
export type ReplayPlace = 'instance-events' | 'scaling-hooks' | 'change-requests';

/** What can be done with a quarantined text today. */
export type ReplayPlan =
  /** It is understood: these messages, in order. Several only if several were put aside as one text. */
  | {
      readonly kind: 'send';
      readonly messages: ReadonlyArray<{ readonly place: ReplayPlace; readonly text: string }>;
    }
  /** It stays where it is, for this reason. */
  | { readonly kind: 'refused'; readonly reason: string };

/** What became of a batch. Every message is counted exactly once. */
export interface AcceptReport {
  /** Lanes that have a new signal. */
  readonly lanes: ReadonlyArray<string>;
  readonly accepted: number;
  /** Copies inside the batch and messages known from before. */
  readonly duplicates: number;
  /** About instances that no binding selects. Hooks are always accepted: somebody waits for an answer. */
  readonly notSelected: number;
  readonly quarantined: number;
  /** By reason. */
  readonly ignored: Readonly<Record<string, number>>;
}
