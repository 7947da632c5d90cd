import { CloudError } from '../errors.ts';
import { invalidArgument, requireWithin } from './errors.ts';

/** Where messages go that were received too often. */
export interface DlqPolicy {
  readonly Enabled: boolean;
  /** The name of the dead-letter queue; never the queue itself. */
  readonly DeadLetterTargetQueue: string;
  /** Receives that a message may have had; it moves when it would become visible after that many. 1 to 1,000. */
  readonly MaxReceiveCount: number;
}

/** What can be set on a queue, under the vendor's names. */
export interface QueueAttributes {
  /** Delay of messages that bring none, in seconds: 0 to 604,800. */
  readonly DelaySeconds: number;
  /** Longest message body, in bytes: 1,024 to 65,536. */
  readonly MaximumMessageSize: number;
  /** Life of a message from its sending, in seconds: 60 to 604,800. */
  readonly MessageRetentionPeriod: number;
  /** How long a received message stays hidden, in seconds: 1 to 43,200. */
  readonly VisibilityTimeout: number;
  /** Long poll of receives that ask for none, in seconds: 0 to 30. */
  readonly PollingWaitSeconds: number;
  readonly LoggingEnabled: boolean;
  /** `null` = no dead-letter queue was ever set. */
  readonly DlqPolicy: DlqPolicy | null;
}

/** The attributes of a queue that was created without any. */
export const DEFAULT_QUEUE_ATTRIBUTES: QueueAttributes = {
  DelaySeconds: 0,
  MaximumMessageSize: 65_536,
  MessageRetentionPeriod: 345_600,
  VisibilityTimeout: 30,
  PollingWaitSeconds: 0,
  LoggingEnabled: false,
  DlqPolicy: null,
};

const QUEUE_NAME_LENGTH_MAX = 120;

/** Throws `QueueNameLengthError` or `InvalidQueueName` (400). Letters, digits and dashes, at most 120. */
export function requireQueueName(name: string): void {
  if (name.length === 0 || name.length > QUEUE_NAME_LENGTH_MAX) {
    throw new CloudError(
      400,
      'QueueNameLengthError',
      `Queue name length should between 1 and ${QUEUE_NAME_LENGTH_MAX}.`,
    );
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9-]*$/.test(name)) {
    throw new CloudError(400, 'InvalidQueueName', 'Queue name is invalid.');
  }
}

/** Throws `InvalidArgument` when an attribute is out of bounds or the policy names the queue itself. */
export function requireQueueAttributes(queueName: string, attributes: QueueAttributes): void {
  requireWithin('DelaySeconds', attributes.DelaySeconds, 0, 604_800, 'seconds');
  requireWithin('MaximumMessageSize', attributes.MaximumMessageSize, 1_024, 65_536, 'bytes');
  requireWithin('MessageRetentionPeriod', attributes.MessageRetentionPeriod, 60, 604_800, 'seconds');
  requireWithin('VisibilityTimeout', attributes.VisibilityTimeout, 1, 43_200, 'seconds');
  requireWithin('PollingWaitSeconds', attributes.PollingWaitSeconds, 0, 30, 'seconds');
  const policy = attributes.DlqPolicy;
  if (policy === null) return;
  requireWithin('MaxReceiveCount', policy.MaxReceiveCount, 1, 1_000, 'times');
  if (policy.DeadLetterTargetQueue === queueName) {
    throw invalidArgument('A queue cannot be its own dead-letter queue.');
  }
}

/** Whether two sets of attributes are the same in every field. */
export function sameQueueAttributes(a: QueueAttributes, b: QueueAttributes): boolean {
  const policyOf = ({ DlqPolicy }: QueueAttributes) =>
    DlqPolicy === null
      ? ''
      : `${DlqPolicy.Enabled}/${DlqPolicy.MaxReceiveCount}/${DlqPolicy.DeadLetterTargetQueue}`;
  return (
    a.DelaySeconds === b.DelaySeconds &&
    a.MaximumMessageSize === b.MaximumMessageSize &&
    a.MessageRetentionPeriod === b.MessageRetentionPeriod &&
    a.VisibilityTimeout === b.VisibilityTimeout &&
    a.PollingWaitSeconds === b.PollingWaitSeconds &&
    a.LoggingEnabled === b.LoggingEnabled &&
    policyOf(a) === policyOf(b)
  );
}
