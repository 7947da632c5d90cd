import type { Cancel } from '../clock.ts';
import type { Foundation } from '../foundation.ts';
import type { EndedBy, LifecycleAction, LifecycleHook, LifecycleResult, ScalingActivity } from './model.ts';
import { LIFECYCLE_RESULTS } from './model.ts';
import type { Notifications } from './notifications.ts';
import { essRefusals } from './refusals.ts';
import { actionKey, type EssState } from './state.ts';

/** What CompleteLifecycleAction is given. */
export interface CompleteLifecycleActionInput {
  readonly lifecycleHookId: string;
  readonly lifecycleActionToken: string;
  /** Left out = by the switch `essCompleteWithoutResult`. */
  readonly lifecycleActionResult?: string | undefined;
  /** At most 64 ASCII characters; a repeat with the completing call's token succeeds. */
  readonly clientToken?: string | undefined;
}

/** What RecordLifecycleActionHeartbeat is given. */
export interface HeartbeatInput {
  readonly lifecycleHookId: string;
  readonly lifecycleActionToken: string;
  /** 30–21,600, default 600. */
  readonly heartbeatTimeoutSeconds?: number | undefined;
}

/** The waits of activities for their hooks. */
export interface Waits {
  /** Begins one wait for each hook and tells of them. There must be a hook. */
  begin(activity: ScalingActivity, hooks: ReadonlyArray<LifecycleHook>): void;
  /**
   * CompleteLifecycleAction. Throws `InvalidParamter`, or `LifecycleHookIdAndLifecycleActionToken.Invalid` for a wait
   * that is unknown or over.
   */
  complete(input: CompleteLifecycleActionInput): void;
  /**
   * RecordLifecycleActionHeartbeat. Throws as {@link Waits.complete}, and `LifecycleAction.RecordTimesExceeded` or
   * `LifecycleAction.TimeExceeded`.
   */
  heartbeat(input: HeartbeatInput): void;
  /** Ends the hook's waits, as its deletion does; what they come to is the switch `essDeletedHookResult`. */
  endOfHook(lifecycleHookId: string): void;
  /** Ends the activity's waits without telling what they come to. */
  drop(scalingActivityId: string): void;
  /** What the activity's waits came to; `null` while one is pending, or when there was none. */
  resultOf(scalingActivityId: string): LifecycleResult | null;
}

/** Bounds of `HeartbeatTimeout`. */
export const HEARTBEAT_SECONDS = { min: 30, max: 21_600, default: 600 } as const;
/** Heartbeats that one wait takes. */
const EXTENSIONS_MAX = 20;
/** How long one wait lasts at most. */
const WAIT_MAX_MS = 6 * 60 * 60_000;

/**
 * The waits in the foundation's store; deadlines that passed while the world was down are met at once. `onOver` is called
 * when an activity has nothing left to wait for.
 */
export function createWaits(
  foundation: Foundation,
  deps: {
    readonly state: EssState;
    readonly notifications: Notifications;
    readonly onOver: (scalingActivityId: string, result: LifecycleResult) => void;
  },
): Waits {
  const { clock, ids, switches, timeline } = foundation;
  const { state, notifications, onOver } = deps;
  const timers = new Map<string, Cancel>();

  const record = (action: LifecycleAction, kind: string, text: string, details: object) =>
    timeline.record({
      source: 'ess',
      kind,
      text: `${action.lifecycleHookName} (${action.lifecycleHookId}): ${text}`,
      details: {
        scalingGroupId: action.scalingGroupId,
        scalingGroupName: state.groups.get(action.scalingGroupId)?.scalingGroupName ?? '',
        scalingActivityId: action.scalingActivityId,
        transition: action.transition,
        lifecycleHookId: action.lifecycleHookId,
        lifecycleHookName: action.lifecycleHookName,
        lifecycleActionToken: action.lifecycleActionToken,
        instanceIds: action.instanceIds,
        ...details,
      },
    });
  const keep = (action: LifecycleAction) => {
    const key = actionKey(action.lifecycleHookId, action.lifecycleActionToken);
    state.actions.set(key, action);
    timers.get(key)?.();
    timers.delete(key);
    if (action.status === 'Pending') arm(key, action);
  };
  const arm = (key: string, { deadlineMs }: LifecycleAction) => {
    timers.set(
      key,
      clock.at(deadlineMs, () => timeOut(key)),
    );
  };
  const timeOut = (key: string) => {
    const action = state.actions.get(key);
    if (action?.status === 'Pending') settle(action, action.result, 'timeout');
  };

  /** Ends one wait without looking at the others. */
  const end = (action: LifecycleAction, result: LifecycleResult, by: EndedBy, clientToken?: string) => {
    const status = by === 'timeout' ? 'Timeout' : 'Completed';
    keep({ ...action, status, result, endedAtMs: clock.nowMs(), clientToken: clientToken ?? null });
    const waitedMs = clock.nowMs() - action.startedAtMs;
    record(action, 'hook-completed', `${result} by ${by}`, { result, by, waitedMs });
  };
  const pendingOf = (scalingActivityId: string) =>
    state.actionsOf(scalingActivityId).filter(({ status }) => status === 'Pending');
  /** Ends one wait, and the activity's others where the vendor says so; the last one to end decides. */
  const settle = (action: LifecycleAction, result: LifecycleResult, by: EndedBy, clientToken?: string) => {
    end(action, result, by, clientToken);
    if (action.transition === 'SCALE_IN' && result !== 'CONTINUE') {
      for (const other of pendingOf(action.scalingActivityId)) end(other, result, 'other-hook');
    }
    if (pendingOf(action.scalingActivityId).length === 0) onOver(action.scalingActivityId, result);
  };

  const pending = (lifecycleHookId: string, lifecycleActionToken: string): LifecycleAction => {
    const action = state.actions.get(actionKey(lifecycleHookId, lifecycleActionToken));
    if (action?.status !== 'Pending') throw essRefusals.noActionInProcess();
    return action;
  };
  const resultFor = (action: LifecycleAction, given: string | undefined): LifecycleResult => {
    const named = LIFECYCLE_RESULTS.find((result) => result === given);
    if (named !== undefined) return named;
    return switches.essCompleteWithoutResult === 'continue' ? 'CONTINUE' : action.result;
  };

  for (const [key, action] of state.actions.entries()) if (action.status === 'Pending') arm(key, action);

  return {
    begin(activity, hooks) {
      const nowMs = clock.nowMs();
      const begun = hooks.map((hook) => {
        const action: LifecycleAction = {
          lifecycleHookId: hook.lifecycleHookId,
          lifecycleHookName: hook.lifecycleHookName,
          lifecycleActionToken: ids.requestId(),
          scalingActivityId: activity.scalingActivityId,
          scalingGroupId: activity.scalingGroupId,
          transition: activity.transition,
          instanceIds: activity.instanceIds,
          status: 'Pending',
          result: hook.defaultResult,
          startedAtMs: nowMs,
          deadlineMs: nowMs + hook.heartbeatTimeoutSeconds * 1_000,
          extensions: 0,
          clientToken: null,
          endedAtMs: null,
        };
        keep(action);
        const { deadlineMs } = action;
        record(action, 'hook-waiting', `waits for ${activity.instanceIds.join(', ')}`, { deadlineMs });
        return { hook, action };
      });
      // All of them are there before anybody hears of one and answers it.
      for (const { hook, action } of begun) notifications.tell(hook, action);
    },
    complete({ lifecycleHookId, lifecycleActionToken, lifecycleActionResult, clientToken }) {
      const isResult = LIFECYCLE_RESULTS.some((result) => result === lifecycleActionResult);
      if (lifecycleActionResult !== undefined && !isResult) throw essRefusals.invalidParamter();
      if (clientToken !== undefined && !/^[\x20-\x7e]{1,64}$/.test(clientToken)) {
        throw essRefusals.invalidParamter();
      }
      const known = state.actions.get(actionKey(lifecycleHookId, lifecycleActionToken));
      if (clientToken !== undefined && known?.clientToken === clientToken) return;
      const action = pending(lifecycleHookId, lifecycleActionToken);
      settle(action, resultFor(action, lifecycleActionResult), 'caller', clientToken);
    },
    heartbeat({ lifecycleHookId, lifecycleActionToken, heartbeatTimeoutSeconds }) {
      const seconds = heartbeatTimeoutSeconds ?? HEARTBEAT_SECONDS.default;
      if (!isHeartbeatTimeout(seconds)) throw essRefusals.invalidParamter();
      const action = pending(lifecycleHookId, lifecycleActionToken);
      if (action.extensions >= EXTENSIONS_MAX) throw essRefusals.tooManyHeartbeats();
      const fromMs = switches.essHeartbeatCountsFrom === 'now' ? clock.nowMs() : action.deadlineMs;
      const deadlineMs = fromMs + seconds * 1_000;
      if (deadlineMs - action.startedAtMs > WAIT_MAX_MS) throw essRefusals.waitTooLong();
      const extensions = action.extensions + 1;
      keep({ ...action, extensions, deadlineMs });
      const until = new Date(deadlineMs).toISOString();
      record(action, 'hook-heartbeat', `waits until ${until}`, { extensions, deadlineMs });
    },
    endOfHook(lifecycleHookId) {
      for (const action of [...state.actions.values()]) {
        if (action.lifecycleHookId !== lifecycleHookId) continue;
        // Ending one can end others: what counts is how it stands now.
        const now = state.actions.get(actionKey(lifecycleHookId, action.lifecycleActionToken));
        if (now?.status !== 'Pending') continue;
        settle(now, switches.essDeletedHookResult === 'continue' ? 'CONTINUE' : now.result, 'hook-deleted');
      }
    },
    drop(scalingActivityId) {
      for (const action of pendingOf(scalingActivityId)) end(action, action.result, 'group-deleted');
    },
    resultOf(scalingActivityId) {
      const actions = state.actionsOf(scalingActivityId);
      if (actions.some(({ status }) => status === 'Pending')) return null;
      const last = actions.reduce<LifecycleAction | null>(
        (latest, action) => ((action.endedAtMs ?? 0) >= (latest?.endedAtMs ?? 0) ? action : latest),
        null,
      );
      return last?.result ?? null;
    },
  };
}

/** Whether the number of seconds is one that hooks and heartbeats take. */
export function isHeartbeatTimeout(seconds: number): boolean {
  return Number.isInteger(seconds) && seconds >= HEARTBEAT_SECONDS.min && seconds <= HEARTBEAT_SECONDS.max;
}
