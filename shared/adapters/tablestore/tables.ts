/** A table as it must exist: its name, its primary key in order, and how long its cells live. */
export interface TableDefinition {
  readonly name: string;
  readonly key: ReadonlyArray<{ readonly name: string; readonly type: 'STRING' | 'INTEGER' }>;
  /** Seconds, at least 86,400; -1 = for ever. Garbage collection only: no logic depends on it. */
  readonly timeToLiveSeconds: number;
  /** What a row says, for the operator. */
  readonly holds: string;
}

const DAY_SECONDS = 86_400;

/** Longer than a queue's retention and its dead letter queue's together (4 + 7 days). */
const DONE_DAYS = 14;

/**
 * Every table of the product. The deployment template creates them under these names, and a test compares the two.
 *
 * @see https://www.alibabacloud.com/help/en/tablestore/product-overview/limits-on-widecolumn-model
 */
export const TABLES = {
  done: {
    name: 'done',
    key: [{ name: 'key', type: 'STRING' }],
    timeToLiveSeconds: DONE_DAYS * DAY_SECONDS,
    holds: 'messages that need nothing more: hash of the content, result, end of life',
  },
  lanes: {
    name: 'lanes',
    key: [{ name: 'lane', type: 'STRING' }],
    timeToLiveSeconds: -1,
    holds:
      'one row per load balancer, scaling group or pair: owner, lease, fence, dirty, handled, next wake-up, notes',
  },
  inbox: {
    name: 'inbox',
    key: [
      { name: 'lane', type: 'STRING' },
      { name: 'key', type: 'STRING' },
    ],
    timeToLiveSeconds: -1,
    holds: 'signals that a lane has not handled',
  },
  backends: {
    name: 'backends',
    key: [
      { name: 'group', type: 'STRING' },
      { name: 'backend', type: 'STRING' },
    ],
    timeToLiveSeconds: -1,
    holds: 'what was decided about each backend: phase, cause, generation, deadlines, revision, fence',
  },
  members: {
    name: 'members',
    key: [{ name: 'server', type: 'STRING' }],
    timeToLiveSeconds: -1,
    holds:
      'the lanes that an instance is a member of, one column each, so that a released one is still found',
  },
  hooks: {
    name: 'hooks',
    key: [
      { name: 'lane', type: 'STRING' },
      { name: 'key', type: 'STRING' },
    ],
    timeToLiveSeconds: -1,
    holds: 'lifecycle hooks that wait: instances, heartbeats, orders, the answer before it is sent',
  },
  promotions: {
    name: 'promotions',
    key: [
      { name: 'pair', type: 'STRING' },
      { name: 'entry', type: 'STRING' },
    ],
    timeToLiveSeconds: -1,
    holds: 'primary/secondary pairs: what observers say, the journal of the last change, orders that wait',
  },
  declarations: {
    name: 'declarations',
    key: [
      { name: 'loadBalancer', type: 'STRING' },
      { name: 'entry', type: 'STRING' },
    ],
    timeToLiveSeconds: -1,
    holds:
      'declared vServer groups: which group of SLB each is, the call that is under way, orders that wait',
  },
  requests: {
    name: 'requests',
    key: [
      { name: 'subject', type: 'STRING' },
      { name: 'entry', type: 'STRING' },
    ],
    timeToLiveSeconds: -1,
    holds:
      'change requests by id and content, the open ones of each lane, those of each day, and the ids that are taken',
  },
  budget: {
    name: 'budget',
    key: [
      { name: 'region', type: 'STRING' },
      { name: 'api', type: 'STRING' },
      { name: 'slot', type: 'INTEGER' },
    ],
    timeToLiveSeconds: DAY_SECONDS,
    holds: 'how many calls of an operation all workers have taken in a slot of some seconds',
  },
  audit: {
    name: 'audit',
    key: [
      { name: 'subject', type: 'STRING' },
      { name: 'at', type: 'INTEGER' },
      { name: 'id', type: 'STRING' },
    ],
    timeToLiveSeconds: 90 * DAY_SECONDS,
    holds: 'what was decided and done, why, and the request ids',
  },
  quarantine: {
    name: 'quarantine',
    key: [{ name: 'key', type: 'STRING' }],
    timeToLiveSeconds: 30 * DAY_SECONDS,
    holds: 'messages that could not be understood, in the original',
  },
} as const satisfies Readonly<Record<string, TableDefinition>>;

/** How long a done-key is believed, in seconds. */
export const DONE_LIFE_SECONDS: number = TABLES.done.timeToLiveSeconds;
