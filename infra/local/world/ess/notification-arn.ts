import type { Foundation } from '../foundation.ts';
import type { Mns } from '../mns/mns.ts';
import { essRefusals } from './refusals.ts';

/** Whom a hook tells of its waits. */
export type NotificationTarget =
  | { readonly kind: 'queue'; readonly queueName: string }
  | { readonly kind: 'event-bus' }
  | { readonly kind: 'nobody' };

type Place = Pick<Foundation, 'region' | 'identities'>;

/** How a hook that tells nobody reads. */
export function nobodyArn({ region, identities }: Place): string {
  return `acs:ess:${region}:${identities.accountId}:null/null`;
}

/** The target that an ARN names. Throws `InvalidNotificationArn`, `UnsupportedNotificationType.CurrentRegion` (400). */
export function notificationTarget(place: Place, arn: string): NotificationTarget {
  if (arn === nobodyArn(place)) return { kind: 'nobody' };
  const parts = /^acs:(mns|eventbridge|oos):([^:]+):([^:]+):([^:/]+)\/([^:/]+)$/.exec(arn);
  if (parts?.[2] !== place.region || parts[3] !== place.identities.accountId) {
    throw essRefusals.invalidNotificationArn();
  }
  const [, product, , , kind, name = ''] = parts;
  if (product === 'mns' && kind === 'queue') return { kind: 'queue', queueName: name };
  if (product === 'eventbridge' && kind === 'eventbus' && name === 'default') return { kind: 'event-bus' };
  // Real targets that this world has nobody behind.
  if ((product === 'mns' && kind === 'topic') || (product === 'oos' && kind === 'template')) {
    throw essRefusals.unsupportedNotification();
  }
  throw essRefusals.invalidNotificationArn();
}

/** As {@link notificationTarget}, for a hook that is being written: a queue must be there (`QueueNotExist`, 400). */
export function requireNotificationTarget(place: Place, mns: Mns, arn: string): NotificationTarget {
  const target = notificationTarget(place, arn);
  if (target.kind !== 'queue') return target;
  try {
    mns.getQueueAttributes(target.queueName);
  } catch {
    throw essRefusals.queueNotFound();
  }
  return target;
}
