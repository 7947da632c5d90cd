import { type Binding, selectorTags } from '../../../shared/config/binding.ts';
import type { Config } from '../../../shared/config/load.ts';
import type { Tag } from '../world/ecs/instance.ts';
import { groupsNotAsDesired } from './checks.ts';
import { createScript, SceneStopped, type Script } from './script.ts';
import type { Stage } from './stage.ts';

const JOIN_WITHIN_MS = 60_000;
const DRAIN_BEGINS_WITHIN_MS = 30_000;
const INSTANCES_MAX = 10;
/** Instances that go again, of each scaling group. */
const LEAVING = 2;

/**
 * Does the main job once, with whatever configuration the stage has: starts a few instances for every binding that selects
 * by tags, and when they are in service, one stops and one is released. Then every scaling group that a binding selects by
 * scales out, and in again. `interrupt` ends it early.
 */
export async function playOpening(stage: Stage, interrupt: AbortSignal): Promise<void> {
  const script = createScript(stage.clouds.foundation, interrupt);
  try {
    await playInstances(stage, script);
    await playScaling(stage, script);
  } catch (error) {
    if (!(error instanceof SceneStopped)) throw error;
    if (!interrupt.aborted) script.step(error.message);
  }
}

async function playInstances(stage: Stage, script: Script): Promise<void> {
  const { ecs, slb } = stage.clouds;
  const casts = castsOf(stage.config.bindings);
  if (casts.length === 0) return;
  script.step(
    `instances start: ${casts.map(({ amount, tags }) => `${amount} with ${tags.map(({ key, value }) => `${key}=${value}`).join(' ')}`).join(', ')}`,
  );
  const ids = casts.map(({ amount, tags }) => ecs.runInstances({ amount, tags }));
  await script.until('they are in service', JOIN_WITHIN_MS, () => notJoined(stage, ids.flat()));
  const [stopped, released] = ids[0] ?? [];
  if (stopped === undefined || released === undefined) return;
  script.step('one of them stops, and one is released: weight 0, the drain time, removal');
  ecs.stopInstance({ instanceId: stopped });
  ecs.deleteInstance({ instanceId: released, force: true });
  await script.until('their drains have begun', DRAIN_BEGINS_WITHIN_MS, () =>
    slb
      .groups()
      .flatMap(({ backends }) => backends)
      .filter(({ serverId, weight }) => weight > 0 && (serverId === stopped || serverId === released))
      .map(({ serverId, port }) => `${serverId}:${port} has weight`),
  );
}

async function playScaling({ clouds, config }: Stage, script: Script): Promise<void> {
  const { ess } = clouds;
  const groups = scalingGroupsOf(config);
  if (groups.length === 0) return;
  const describe = (sign: '+' | '−', countOf: (group: Group) => number) =>
    groups
      .map((group) => `${ess.group(group.scalingGroupId)?.scalingGroupName} ${sign}${countOf(group)}`)
      .join(', ');
  const scale = ({ scalingGroupId }: Group, adjustmentValue: number) =>
    ess.scaleWithAdjustment({
      scalingGroupId,
      adjustmentType: 'QuantityChangeInCapacity',
      adjustmentValue,
    });
  script.step(
    `Auto Scaling scales out: ${describe('+', ({ amount }) => amount)}; a hook holds the instances back until they serve`,
  );
  const activityIds = groups.map((group) => scale(group, group.amount));
  await script.until('the scaling groups have their instances in service', JOIN_WITHIN_MS, () =>
    activityIds.filter((id) => ess.activity(id)?.statusCode !== 'Successful').map((id) => `${id} goes on`),
  );
  script.step(
    `Auto Scaling scales in: ${describe('−', () => LEAVING)}; a hook keeps the instances until they are drained`,
  );
  for (const group of groups) scale(group, -LEAVING);
}

/** Instances that are alike, as many as the guards of their bindings let two of them go. */
interface Cast {
  readonly tags: ReadonlyArray<Tag>;
  readonly amount: number;
}

/** One for each different selector by tags; bindings that select by the same tags share their instances. */
function castsOf(bindings: ReadonlyArray<Binding>): ReadonlyArray<Cast> {
  const casts = new Map<string, Cast>();
  for (const { selector, guards } of bindings) {
    if (selector.kind === 'scaling-group') continue;
    const tags = selectorTags(selector);
    const key = JSON.stringify([...tags].sort((a, b) => a.key.localeCompare(b.key)));
    casts.set(key, { tags, amount: Math.max(amountFor(guards), casts.get(key)?.amount ?? 0) });
  }
  return [...casts.values()];
}

/** A scaling group with how many instances it begins with. */
interface Group {
  readonly scalingGroupId: string;
  readonly amount: number;
}

/** Those that bindings select by; half of the instances may be out at once where nothing is said about it. */
function scalingGroupsOf({ bindings }: Pick<Config, 'bindings'>): ReadonlyArray<Group> {
  const amounts = new Map<string, number>();
  for (const { selector, guards } of bindings) {
    if (selector.kind === 'tags') continue;
    const { scalingGroupId } = selector;
    const least = amounts.get(scalingGroupId) ?? 2 * LEAVING;
    amounts.set(scalingGroupId, Math.max(amountFor(guards), least));
  }
  return [...amounts].map(([scalingGroupId, amount]) => ({ scalingGroupId, amount }));
}

function amountFor({ minInService }: Binding['guards']): number {
  return Math.min(INSTANCES_MAX, minInService + LEAVING);
}

function notJoined(stage: Stage, ids: ReadonlyArray<string>): ReadonlyArray<string> {
  const late = ids.filter(
    (id) =>
      stage.clouds.ecs.find(id)?.status === 'Pending' || stage.clouds.ecs.find(id)?.status === 'Starting',
  );
  return [...late.map((id) => `${id} is not Running yet`), ...groupsNotAsDesired(stage)];
}
