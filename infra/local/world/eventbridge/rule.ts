import { CloudError } from '../errors.ts';
import type { Foundation } from '../foundation.ts';
import type { PushRetryStrategy } from './push-retry.ts';

/** A queue that gets the events of a rule whole (`Body` ORIGINAL). */
export interface RuleTarget {
  readonly id: string;
  /** `acs:mns:{region}:{account}:queues/{queue}`, in the bus's own region and account. */
  readonly endpoint: string;
  /** The target's `IsBase64Encode`; `false` = the event goes onto the queue as JSON text. */
  readonly isBase64Encode: boolean;
  /** @default 'BACKOFF_RETRY' */
  readonly pushRetryStrategy?: PushRetryStrategy;
  /** Where events go that could not be delivered, `acs:mns:{region}:{account}:/queues/{queue}`; left out = lost. */
  readonly deadLetterQueue?: string;
}

/** A rule of the default bus. */
export interface EventRule {
  readonly name: string;
  /** A JSON pattern; `{}` = every event. */
  readonly filterPattern: string;
  /** At most 5. */
  readonly targets: ReadonlyArray<RuleTarget>;
}

/** Rules of one bus. */
export const RULES_PER_BUS_MAX = 50;
const TARGETS_PER_RULE_MAX = 5;

/** Throws `LimitExceeded` or `InvalidArgument` (400) when the rule's targets are not acceptable. */
export function requireTargets(foundation: Pick<Foundation, 'region' | 'identities'>, rule: EventRule): void {
  if (rule.targets.length > TARGETS_PER_RULE_MAX) {
    throw new CloudError(400, 'LimitExceeded', `A rule has at most ${TARGETS_PER_RULE_MAX} targets.`);
  }
  if (new Set(rule.targets.map(({ id }) => id)).size !== rule.targets.length) {
    throw new CloudError(400, 'InvalidArgument', 'Two targets have the same id.');
  }
  for (const { endpoint, deadLetterQueue } of rule.targets) {
    queueNameOf(foundation, endpoint);
    if (deadLetterQueue !== undefined) queueNameOf(foundation, deadLetterQueue);
  }
}

/** The queue that an ARN names, with or without a slash before `queues`. Throws `InvalidArgument` (400). */
export function queueNameOf(
  { region, identities }: Pick<Foundation, 'region' | 'identities'>,
  arn: string,
): string {
  const parts = /^acs:mns:([^:]*):([^:]*):\/?queues\/([A-Za-z0-9-]+)$/.exec(arn);
  if (parts?.[1] === region && parts[2] === identities.accountId && parts[3] !== undefined) return parts[3];
  throw new CloudError(400, 'InvalidArgument', `${arn} is not a queue of this region and account.`);
}
