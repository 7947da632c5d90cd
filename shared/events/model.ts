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

/** A delayed message of our own: look at this load balancer's lane, nothing more. */
export interface WakeUpDue {
  readonly kind: 'wake-up';
  readonly laneId: string;
  readonly dueAtMs: number;
}

/** The minute timer fired. */
export interface Tick {
  readonly kind: 'tick';
  /** When by its schedule it fired, however late it came; left out when it does not say so readably. */
  readonly triggeredAtMs?: number;
}

/** A message that is understood and does not concern us: acknowledged and counted under its reason. */
export interface IgnoredEvent {
  readonly kind: 'ignored';
  /** Name of the kind, such as `ess-lifecycle-hook`, or `other event …` with its type; at most 120 characters. */
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
}

/** Everything a function can be handed. */
export type InboundEvent = InstanceStateChanged | WakeUpDue | Tick | IgnoredEvent | NotUnderstood;
