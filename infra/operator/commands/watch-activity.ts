import { setTimeout as delay } from 'node:timers/promises';
import type { ListedActivity, ListedWait, ScalingClient } from '../scaling-client.ts';
import type { Screen } from '../terminal.ts';

/** An activity that has ended, with what its hooks were answered. */
export interface EndedActivity extends ListedActivity {
  /** Since it was first looked at. */
  readonly tookMs: number;
  readonly hooks: ReadonlyArray<{
    readonly name: string;
    readonly status: ListedWait['status'];
    readonly result: string;
  }>;
}

const LOOK_EVERY_MS = 300;

/**
 * Shows how an activity goes on, a line for each change, until it has ended; how long it has been going on stands below,
 * where the cursor can be moved. `null` = there is no such activity (any more).
 */
export async function watchActivity(watched: {
  readonly client: ScalingClient;
  readonly scalingGroupId: string;
  readonly scalingActivityId: string;
  readonly screen: Screen;
}): Promise<EndedActivity | null> {
  const { client, scalingGroupId, scalingActivityId, screen } = watched;
  const { colors } = screen;
  const startedAtMs = Date.now();
  const names = await client.hookNames(scalingGroupId);
  const shown = new Set<string>();
  const erase = screen.isInteractive ? '\r\x1b[K' : '';
  const time = () => `${((Date.now() - startedAtMs) / 1_000).toFixed(1).padStart(6)} s`;
  const show = (text: string) => {
    if (shown.has(text)) return;
    shown.add(text);
    screen.write(`${erase}${colors.dim(time())}  ${text}\n`);
  };
  for (;;) {
    const activity = await client.activity(scalingGroupId, scalingActivityId);
    // After the activity: what has ended it has been answered by then.
    const waits = await client.waits(scalingActivityId);
    for (const wait of waits) show(told(wait, names));
    if (activity === null || activity.statusCode !== 'InProgress') {
      if (activity === null) return null;
      const { statusCode, statusMessage } = activity;
      const paint = statusCode === 'Successful' ? colors.green : colors.red;
      show(paint(`${statusCode}: ${statusMessage}`));
      const hooks = waits.map(({ lifecycleHookId, status, result }) => ({
        name: names.get(lifecycleHookId) ?? lifecycleHookId,
        status,
        result,
      }));
      return { ...activity, tookMs: Date.now() - startedAtMs, hooks };
    }
    if (screen.isInteractive) screen.write(`${erase}${colors.dim(`${time()}  …`)}`);
    await delay(LOOK_EVERY_MS);
  }
}

function told(
  { lifecycleHookId, status, result, instances }: ListedWait,
  names: ReadonlyMap<string, string>,
): string {
  const hook = `hook ${names.get(lifecycleHookId) ?? lifecycleHookId}`;
  if (status === 'Pending')
    return `${hook} holds ${instances === 1 ? '1 instance' : `${instances} instances`}`;
  return status === 'Timeout' ? `${hook} timed out: ${result}` : `${hook} was answered ${result}`;
}
