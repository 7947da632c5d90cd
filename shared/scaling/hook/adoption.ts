import {
  type HookRow,
  hookKey,
  isOurs,
  type LifecycleAction,
  type LifecycleHook,
  noticedRow,
  type ScalingInput,
} from '../model.ts';

/** A hook that ESS waits for and that we take up. */
export interface Adoption {
  /** The row of the message that told of it; `null` = no message did, or none that we have seen. */
  readonly before: HookRow | null;
  readonly row: HookRow;
  readonly reason: string;
}

const SECOND_MS = 1_000;

type Known = Pick<ScalingInput, 'rows' | 'hooks' | 'actions' | 'assume'>;

/** Every wait that ESS shows and that nobody works on yet: with a message or, for the hooks that are ours, without. */
export function toAdopt({ rows, hooks, actions, assume }: Known): ReadonlyArray<{
  readonly action: LifecycleAction;
  readonly hook: LifecycleHook;
  /** The row of the message that told of it; `null` = none did, or none that we have seen. */
  readonly named: HookRow | null;
}> {
  const known = new Map(rows.map((row) => [hookKey(row), row]));
  return actions.flatMap((action) => {
    if (action.status !== 'Pending') return [];
    const named = known.get(hookKey(action)) ?? known.get(hookKey({ ...action, token: '' })) ?? null;
    const hook = hooks.find(({ lifecycleHookId }) => lifecycleHookId === action.lifecycleHookId);
    if (hook === undefined || (named === null && !isOurs(hook, assume))) return [];
    return named === null || named.phase === 'noticed' ? [{ action, hook, named }] : [];
  });
}

/** Takes all of these up. */
export function adoptions(input: ScalingInput): ReadonlyArray<Adoption> {
  return toAdopt(input).map(({ action, hook, named }) => {
    const row = adopted(input, action, named, hook);
    const how = named === null ? 'found waiting, no message came' : 'a message told of it';
    const count = `${row.instanceIds.length} instances of ${action.activityId}`;
    return { before: named, row, reason: `${hook.transition} of ${count}: ${how}` };
  });
}

function adopted(
  { scalingGroupId, activities, nowMs }: ScalingInput,
  { lifecycleHookId, token, activityId, instanceIds }: LifecycleAction,
  named: HookRow | null,
  hook: LifecycleHook,
): HookRow {
  const noticedAtMs = named?.noticedAtMs ?? nowMs;
  const saidMs = activities.find((activity) => activity.activityId === activityId)?.startedAtMs ?? null;
  // An activity of unknown beginning may be about to run into the timeout, so the first heartbeat goes at once.
  const startedAtMs = Math.min(noticedAtMs, saidMs ?? noticedAtMs - hook.timeoutSeconds * SECOND_MS);
  const who = instanceIds.length > 0 ? instanceIds : (named?.instanceIds ?? []);
  const noticed = { scalingGroupId, lifecycleHookId, token, activityId, instanceIds: who, noticedAtMs };
  return {
    ...noticedRow(noticed),
    transition: hook.transition,
    phase: 'waiting',
    startedAtMs,
    deadlineMs: startedAtMs + hook.timeoutSeconds * SECOND_MS,
    revision: named !== null && named.token === token ? named.revision : 0,
  };
}
