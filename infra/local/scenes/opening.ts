import { type Binding, selectorTags } from '../../../shared/config/binding.ts';
import type { Tag } from '../world/ecs/instance.ts';
import { groupsNotAsDesired } from './checks.ts';
import { createScript, SceneStopped } from './script.ts';
import type { Stage } from './stage.ts';

const JOIN_WITHIN_MS = 60_000;
const INSTANCES_MAX = 10;

/**
 * Does the main job once, with whatever configuration the stage has: starts a few instances for every binding, and when
 * they are in service, one stops and one is released. `interrupt` ends it early.
 */
export async function playOpening(stage: Stage, interrupt: AbortSignal): Promise<void> {
  const { foundation, ecs } = stage.clouds;
  const script = createScript(foundation, interrupt);
  const casts = castsOf(stage.config.bindings);
  script.step(
    `instances start: ${casts.map(({ amount, tags }) => `${amount} with ${tags.map(({ key, value }) => `${key}=${value}`).join(' ')}`).join(', ')}`,
  );
  const ids = casts.map(({ amount, tags }) => ecs.runInstances({ amount, tags }));
  try {
    await script.until('they are in service', JOIN_WITHIN_MS, () => notJoined(stage, ids.flat()));
  } catch (error) {
    if (!(error instanceof SceneStopped)) throw error;
    if (!interrupt.aborted) script.step(error.message);
    return;
  }
  const [stopped, released] = ids[0] ?? [];
  if (stopped === undefined || released === undefined) return;
  script.step('one of them stops, and one is released: weight 0, the drain time, removal');
  ecs.stopInstance({ instanceId: stopped });
  ecs.deleteInstance({ instanceId: released, force: true });
}

/** Instances that are alike, as many as the guards of their bindings let two of them go. */
interface Cast {
  readonly tags: ReadonlyArray<Tag>;
  readonly amount: number;
}

/** One for each different selector; bindings that select by the same tags share their instances. */
function castsOf(bindings: ReadonlyArray<Binding>): ReadonlyArray<Cast> {
  const casts = new Map<string, Cast>();
  for (const { selector, guards } of bindings) {
    const tags = selectorTags(selector);
    const key = JSON.stringify([...tags].sort((a, b) => a.key.localeCompare(b.key)));
    const amount = Math.min(INSTANCES_MAX, guards.minInService + 2);
    casts.set(key, { tags, amount: Math.max(amount, casts.get(key)?.amount ?? 0) });
  }
  return [...casts.values()];
}

function notJoined(stage: Stage, ids: ReadonlyArray<string>): ReadonlyArray<string> {
  const late = ids.filter(
    (id) =>
      stage.clouds.ecs.find(id)?.status === 'Pending' || stage.clouds.ecs.find(id)?.status === 'Starting',
  );
  return [...late.map((id) => `${id} is not Running yet`), ...groupsNotAsDesired(stage)];
}
