/** What a system event goes through; an event is over at the last four. */
export const SYSTEM_EVENT_STATUSES = [
  'Scheduled',
  'Inquiring',
  'Executing',
  'Executed',
  'Avoided',
  'Canceled',
  'Failed',
] as const;
/** @see SYSTEM_EVENT_STATUSES */
export type SystemEventStatus = (typeof SYSTEM_EVENT_STATUSES)[number];

/** What ECS has to say about an instance besides its state, before any carrier has wrapped it. */
export interface InstanceNotice {
  readonly instanceId: string;
  /** What stands behind `Instance:` in every carrier: `PreemptibleInstanceInterruption`, `SystemMaintenance.Reboot`. */
  readonly name: string;
  readonly atMs: number;
  /** Where the notice is one of several about one thing; `null` = it is the only one. */
  readonly series: NoticeSeries | null;
  /** The members of `data` on the bus and of `content` at CloudMonitor, in their order. */
  readonly members: Readonly<Record<string, string>>;
}

/** The course of a system event, as far as carriers make use of it. */
export interface NoticeSeries {
  /** An envelope id that all notices of the event may share. */
  readonly id: string;
  readonly firstStatus: SystemEventStatus;
  readonly status: SystemEventStatus;
}
