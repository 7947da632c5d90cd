import type { Foundation } from '../foundation.ts';
import type { ActivityStatus, LifecycleTransition, ScalingActivity } from './model.ts';
import type { EssState } from './state.ts';

/** What a new activity is. */
export interface ActivityBeginning
  extends Pick<
    ScalingActivity,
    'scalingActivityId' | 'scalingGroupId' | 'transition' | 'stage' | 'cause' | 'instanceIds'
  > {
  /** Default false. */
  readonly skipsHooks?: boolean | undefined;
  /** Default 0. */
  readonly loweredDesiredBy?: number | undefined;
}

/** The book of scaling activities: their beginnings and their ends. */
export interface Activities {
  begin(beginning: ActivityBeginning): ScalingActivity;
  /** As it is now; throws for an id that was never given out, which is a defect. */
  get(scalingActivityId: string): ScalingActivity;
  change(scalingActivityId: string, changes: Partial<ScalingActivity>): ScalingActivity;
  /** Ends it; one that has ended stays as it is. */
  end(scalingActivityId: string, statusCode: Exclude<ActivityStatus, 'InProgress'>): void;
  /** Called after each end. */
  onEnd(listener: (activity: ScalingActivity) => void): void;
}

/** Ended activities are told of for so long, as the vendor documents. */
const TOLD_FOR_MS = 30 * 24 * 60 * 60_000;

/** The book in the foundation's store. */
export function createActivities(foundation: Foundation, state: EssState): Activities {
  const { clock, timeline } = foundation;
  const listeners: Array<(activity: ScalingActivity) => void> = [];
  let lastSequence = Math.max(0, ...[...state.activities.values()].map(({ sequence }) => sequence));

  const record = (activity: ScalingActivity, kind: string, text: string, details: object = {}) => {
    const { scalingGroupId, scalingActivityId, transition, instanceIds, cause, statusCode } = activity;
    timeline.record({
      source: 'ess',
      kind,
      text: `${scalingGroupId} (${scalingActivityId}): ${text}`,
      details: {
        scalingGroupId,
        scalingGroupName: state.groups.get(scalingGroupId)?.scalingGroupName ?? '',
        scalingActivityId,
        transition,
        instanceIds,
        cause,
        statusCode,
        ...details,
      },
    });
  };
  const get: Activities['get'] = (scalingActivityId) => {
    const found = state.activities.get(scalingActivityId);
    if (found === undefined) throw new Error(`no scaling activity ${scalingActivityId}`);
    return found;
  };
  const change: Activities['change'] = (scalingActivityId, changes) => {
    const changed = { ...get(scalingActivityId), ...changes };
    state.activities.set(scalingActivityId, changed);
    return changed;
  };
  const forgetOld = () => {
    for (const { scalingActivityId, endedAtMs } of [...state.activities.values()]) {
      if (endedAtMs === null || clock.nowMs() - endedAtMs <= TOLD_FOR_MS) continue;
      state.activities.delete(scalingActivityId);
      for (const [key, action] of [...state.actions.entries()]) {
        if (action.scalingActivityId === scalingActivityId) state.actions.delete(key);
      }
    }
  };

  return {
    get,
    change,
    onEnd: (listener) => void listeners.push(listener),
    begin({ skipsHooks = false, loweredDesiredBy = 0, ...beginning }) {
      const count = beginning.instanceIds.length;
      const activity: ScalingActivity = {
        ...beginning,
        skipsHooks,
        loweredDesiredBy,
        description: `${verb(beginning.transition, 'future')} "${count}" ECS instance`,
        statusCode: 'InProgress',
        statusMessage: '',
        result: null,
        endsAs: 'Successful',
        startedAtMs: clock.nowMs(),
        endedAtMs: null,
        sequence: ++lastSequence,
      };
      state.activities.set(activity.scalingActivityId, activity);
      record(activity, 'activity-started', `${activity.description}: ${activity.instanceIds.join(', ')}`);
      return activity;
    },
    end(scalingActivityId, statusCode) {
      const now = get(scalingActivityId);
      if (now.endedAtMs !== null) return;
      const statusMessage =
        statusCode === 'Successful'
          ? `"${now.instanceIds.length}" ECS instances are ${verb(now.transition, 'past')}`
          : `The scaling activity ended as ${statusCode}.`;
      const ended = change(scalingActivityId, {
        stage: 'ended',
        statusCode,
        statusMessage,
        endedAtMs: clock.nowMs(),
      });
      record(ended, 'activity-ended', statusCode, { tookMs: clock.nowMs() - ended.startedAtMs });
      forgetOld();
      for (const listener of listeners) listener(ended);
    },
  };
}

function verb(transition: LifecycleTransition, tense: 'future' | 'past'): string {
  if (transition === 'SCALE_OUT') return tense === 'past' ? 'added' : 'Add';
  return tense === 'past' ? 'removed' : 'Remove';
}
