import type { Random } from '../../../infra/local/world/random.ts';
import { shuffled } from '../events.ts';
import type { VirtualStage } from './stage.ts';

/** RunInstances takes no more at once. */
const INSTANCES_PER_CALL = 100;
const BURST_MAX = 100;
const START_MS = 10_000;

/** So many instances with these tags. */
export interface Demand {
  readonly count: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** Starts instances and lets them be Running, without an event that tells of it: those are published by hand. */
export async function startSilently(
  stage: VirtualStage,
  demands: ReadonlyArray<Demand>,
): Promise<ReadonlyArray<string>> {
  const ids: Array<string> = [];
  await silently(stage, () => {
    for (const { count, tags } of demands) {
      const list = Object.entries(tags).map(([key, value]) => ({ key, value }));
      for (let left = count; left > 0; left -= INSTANCES_PER_CALL) {
        const amount = Math.min(left, INSTANCES_PER_CALL);
        ids.push(...stage.clouds.ecs.runInstances({ amount, tags: list }));
      }
    }
  });
  return ids;
}

/** Cuts the instances' power, without an event that tells of it. */
export async function stopSilently(stage: VirtualStage, ids: ReadonlyArray<string>): Promise<void> {
  await silently(stage, () => {
    for (const instanceId of ids) stage.clouds.ecs.stopInstance({ instanceId, forceStop: true });
  });
}

async function silently(stage: VirtualStage, act: () => void): Promise<void> {
  const { eventBridge } = stage.clouds;
  const rules = eventBridge.listRules();
  for (const { name } of rules) eventBridge.deleteRule(name);
  act();
  await stage.pass(START_MS);
  for (const rule of rules) eventBridge.putRule(rule);
}

/**
 * Publishes an ECS event for each instance within `withinMs` from now: in random order, in bursts of a random size at
 * random instants. Resolves when the last is out.
 */
export async function publishWithin(
  stage: VirtualStage,
  ids: ReadonlyArray<string>,
  state: 'Running' | 'Stopped',
  withinMs: number,
  random: Random,
): Promise<void> {
  const { clock } = stage;
  const { eventBridge } = stage.clouds;
  const fromMs = clock.nowMs();
  const previous = state === 'Running' ? 'Starting' : 'Stopping';
  const order = shuffled(ids, random);
  while (order.length > 0) {
    const burst = order.splice(0, 1 + Math.floor(random() * BURST_MAX));
    clock.at(fromMs + random() * withinMs, () => {
      for (const instanceId of burst) {
        const change = { instanceId, state, atMs: clock.nowMs(), previous } as const;
        eventBridge.publish(eventBridge.cloudEventForInstance(change));
      }
    });
  }
  await stage.pass(withinMs);
}

/** Lets time pass until it holds, looking once a second; throws when it does not within `limitMs`. */
export async function passUntilHolds(
  stage: VirtualStage,
  limitMs: number,
  holds: () => boolean,
): Promise<void> {
  const endMs = stage.clock.nowMs() + limitMs;
  while (!holds()) {
    if (stage.clock.nowMs() >= endMs) throw new Error(`it did not come to pass within ${limitMs} ms`);
    await stage.pass(1_000);
  }
}
