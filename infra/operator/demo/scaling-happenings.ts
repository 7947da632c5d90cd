import type { EndedBy, LifecycleResult, LifecycleTransition } from '../../local/world/ess/model.ts';
import type { TimelineEntry } from '../../local/world/timeline.ts';
import { counted, type Happening, seconds, single, someOf, type Telling } from './telling.ts';

/** What Auto Scaling's entries say, as far as it is told here; which of it is there depends on their kind. */
interface Details {
  readonly scalingGroupId: string;
  readonly scalingGroupName: string;
  readonly transition: LifecycleTransition;
  readonly instanceIds: ReadonlyArray<string>;
  readonly lifecycleHookName: string;
  readonly deadlineMs: number;
  readonly result: LifecycleResult;
  readonly by: EndedBy;
  readonly waitedMs: number;
  readonly statusCode: string;
  readonly tookMs: number;
}

/** How a wait ended that nobody answered. */
const ENDS: Readonly<Record<Exclude<EndedBy, 'caller'>, string>> = {
  timeout: 'timed out',
  'other-hook': 'ended with another hook',
  'hook-deleted': 'ended with the hook',
  'group-deleted': 'ended with the scaling group',
};

/** The line for something that happened in Auto Scaling; `null` for what would only be noise. */
export function ofScaling(entry: TimelineEntry): Telling | null {
  const details = entry.details as unknown as Details;
  const { scalingGroupName, transition, instanceIds = [], lifecycleHookName: hook } = details;
  const told = (words: string, tone: Happening['tone']): Telling => ({
    ...single(entry, 'ESS', tone),
    text: () => `${scalingGroupName}: ${words}`,
  });
  const isOut = transition === 'SCALE_OUT';
  const count = instanceIds.length;
  switch (entry.kind) {
    case 'hook-notified':
      return null;
    case 'activity-started':
      return told(
        `scales ${isOut ? 'out' : 'in'} by ${count}: ${someOf(instanceIds)}`,
        isOut ? 'plain' : 'leaving',
      );
    case 'hook-waiting':
      return told(
        isOut
          ? `hook ${hook} holds back ${counted(count, 'new instance')}`
          : `hook ${hook} keeps ${counted(count, 'leaving instance')}`,
        'plain',
      );
    case 'hook-heartbeat':
      return told(`hook ${hook} waits on, until ${new Date(details.deadlineMs).toISOString()}`, 'quiet');
    case 'hook-completed':
      return ofEnd(details, told);
    case 'instances-in-service':
      return told(`${counted(count, 'instance')} in service: ${someOf(instanceIds)}`, 'good');
    case 'activity-ended': {
      const words = `scaling ${isOut ? 'out' : 'in'} by ${count} ended as ${details.statusCode} after ${seconds(details.tookMs)}`;
      return told(words, details.statusCode === 'Successful' ? 'good' : 'bad');
    }
    case 'instance-unhealthy':
      return single(entry, 'ESS', 'leaving');
    default:
      // Notifications that were lost or could not be delivered.
      return single(entry, 'ESS', 'bad');
  }
}

function ofEnd(
  { lifecycleHookName: hook, result, by, waitedMs }: Details,
  told: (words: string, tone: Happening['tone']) => Telling,
): Telling {
  const after = `after ${seconds(waitedMs)}`;
  if (by !== 'caller') {
    const words = `hook ${hook} ${ENDS[by]} ${after}, as ${result}`;
    return told(words, by === 'timeout' ? 'bad' : 'leaving');
  }
  return told(`hook ${hook} was answered ${result} ${after}`, result === 'CONTINUE' ? 'good' : 'leaving');
}
