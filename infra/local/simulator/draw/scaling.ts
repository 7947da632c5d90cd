import { parseConfig } from '../../../../shared/config/load.ts';
import { scalingGroupIdsOf } from '../../../../shared/config/scaling.ts';
import type { Switches } from '../../world/switches.ts';
import type { Dice } from '../dice.ts';
import type { DayHook, DayScalingGroup, NeighboursAnswer } from '../scaling-group.ts';
import { drawApplication } from './applications.ts';

/** A configuration as it was drawn, as far as scaling groups change it. */
interface DrawnFile {
  readonly bindings: ReadonlyArray<DrawnBinding>;
}
interface DrawnBinding {
  readonly selector: { readonly tags?: Readonly<Record<string, string>> };
  readonly readiness: string;
  readonly drain: object;
}

/** What makes a day one with scaling groups. */
export interface DrawnScaling {
  /** The text of the configuration. */
  readonly configuration: string;
  readonly scalingGroups: ReadonlyArray<DayScalingGroup>;
  readonly switches: Partial<Switches>;
}

/** Two ticks: below it a hook has to be told at once that more time is needed. */
const HOOK_TIMEOUT_LEAST_S = 180;

/** Gives some of the bindings of a drawn configuration to scaling groups: one, or two. */
export function drawScaling(dice: Dice, configuration: string): DrawnScaling {
  const file = JSON.parse(configuration) as DrawnFile;
  const policy = {
    whenNotReady: dice.pick(['abandon', 'abandon', 'continue']),
    // What is held may be held for six hours, of which every minute is played.
    whenForbidden: dice.chance(0.08) ? 'hold' : 'rollback',
    whenTimeIsUp: dice.pick(['rollback', 'continue']),
  };
  const switches = drawSwitches(dice, policy);
  const groupCount = file.bindings.length > 2 && dice.chance(0.4) ? 2 : 1;
  const scalingGroups: Array<DayScalingGroup> = [];
  const named: Array<{ readonly id: string; readonly hookTimeout?: string }> = [];
  const bindings = file.bindings.map((binding, index) => {
    // The last groups of the configuration, so that the first has instances of the day's own.
    const isOf = index >= file.bindings.length - groupCount;
    if (!isOf) return binding;
    const id = `asg-sim${scalingGroups.length + 1}`;
    const drainSeconds = dice.pick([0, 30, 60, 120, 170, 300]);
    const group = drawGroup(dice, id, drainSeconds, binding.selector.tags ?? {});
    scalingGroups.push(group);
    const isBySelector = dice.chance(0.6);
    if (!isBySelector || dice.chance(0.2)) {
      const ours = group.hooks.filter(({ neighbour }) => neighbour === null);
      const leastSeconds = Math.min(...ours.map(({ timeoutSeconds }) => timeoutSeconds));
      named.push(dice.chance(0.5) ? { id, hookTimeout: `${leastSeconds}s` } : { id });
    }
    const whenNotGuaranteed = dice.chance(0.95) ? 'wait' : 'refuse';
    const drain = { ...binding.drain, time: `${drainSeconds}s`, whenNotGuaranteed };
    return { ...binding, drain, ...(isBySelector ? { selector: { scalingGroup: id } } : {}) };
  });
  const assumed = dice.chance(0.5) ? 'unknown' : switches.essHeartbeatCountsFrom;
  const scaling = { ...policy, ...(named.length === 0 ? {} : { groups: named }) };
  const text = JSON.stringify({ ...file, bindings, scaling, assume: { heartbeatCountsFrom: assumed } });
  return { configuration: text, scalingGroups, switches };
}

/** The scaling groups that somebody's configuration names, made up around it. */
export function scalingOf(dice: Dice, configuration: string): DrawnScaling {
  const { bindings, pairs, scaling, assume } = parseConfig(configuration, 'autopilot.yaml');
  const ids = scalingGroupIdsOf(bindings, scaling);
  // Whoever only has standbys from a group has no hooks there.
  const pools = pairs.flatMap(({ standby }) =>
    standby?.selector.kind === 'scaling-group' && !ids.includes(standby.selector.scalingGroupId)
      ? [standby.selector.scalingGroupId]
      : [],
  );
  if (ids.length + pools.length === 0) return { configuration, scalingGroups: [], switches: {} };
  const ofPools = [...new Set(pools)].map((id) => ({ ...drawGroup(dice, id, 0, {}), hooks: [] }));
  const ofBindings = ids.map((id) => {
    const named = bindings.filter(
      ({ selector }) => selector.kind === 'scaling-group' && selector.scalingGroupId === id,
    );
    const drainMs = Math.max(0, ...named.map(({ drain }) => drain.timeMs));
    const group = drawGroup(dice, id, Math.ceil(drainMs / 1_000), {});
    const { hookTimeoutMs = null } = scaling.groups.find(({ scalingGroupId }) => scalingGroupId === id) ?? {};
    if (hookTimeoutMs === null) return group;
    const timeoutSeconds = hookTimeoutMs / 1_000;
    const hooks = group.hooks.map((hook) => (hook.neighbour === null ? { ...hook, timeoutSeconds } : hook));
    return { ...group, hooks };
  });
  const { heartbeatCountsFrom } = assume;
  const switches = drawSwitches(dice, scaling.policy);
  const known = heartbeatCountsFrom === 'unknown' ? {} : { essHeartbeatCountsFrom: heartbeatCountsFrom };
  const scalingGroups = [...ofBindings, ...ofPools];
  return { configuration, scalingGroups, switches: { ...switches, ...known } };
}

function drawGroup(
  dice: Dice,
  scalingGroupId: string,
  drainSeconds: number,
  instanceTags: Readonly<Record<string, string>>,
): DayScalingGroup {
  const desiredCapacity = dice.chance(0.5) ? dice.whole(4, 8) : null;
  const roll = dice.random();
  const transitions =
    roll < 0.8 ? (['SCALE_OUT', 'SCALE_IN'] as const) : [roll < 0.9 ? 'SCALE_OUT' : 'SCALE_IN'];
  const nearDrain = () => {
    const near = drainSeconds + dice.whole(-60, 150);
    return Math.max(HOOK_TIMEOUT_LEAST_S, dice.chance(0.7) ? near : dice.pick([300, 600, 1_800]));
  };
  const hooks = (transitions as ReadonlyArray<DayHook['transition']>).map(
    (transition): DayHook => ({
      lifecycleHookId: `ash-${scalingGroupId.slice(4)}-${transition === 'SCALE_OUT' ? 'in' : 'out'}`,
      transition,
      timeoutSeconds: nearDrain(),
      defaultResult: dice.pick(['CONTINUE', 'ABANDON', 'ROLLBACK']),
      neighbour: null,
    }),
  );
  return {
    scalingGroupId,
    minSize: dice.whole(0, 2),
    maxSize: 40,
    desiredCapacity,
    instanceTags,
    applications: Array.from({ length: dice.whole(0, 12) }, () => drawApplication(dice)),
    hooks: dice.chance(0.35) ? [...hooks, drawNeighbour(dice, scalingGroupId)] : hooks,
  };
}

function drawNeighbour(dice: Dice, scalingGroupId: string): DayHook {
  const answers = Array.from(
    { length: dice.whole(1, 6) },
    (): NeighboursAnswer => ({
      result: dice.chance(0.2) ? null : dice.pick(['CONTINUE', 'CONTINUE', 'ABANDON', 'ROLLBACK']),
      afterMs: dice.skewed(100, 5 * 60_000),
    }),
  );
  return {
    lifecycleHookId: `ash-${scalingGroupId.slice(4)}-other`,
    transition: dice.pick(['SCALE_IN', 'SCALE_IN', 'SCALE_OUT']),
    timeoutSeconds: dice.whole(30, 600),
    defaultResult: dice.pick(['CONTINUE', 'ABANDON', 'ROLLBACK']),
    neighbour: answers,
  };
}

/** Values for the named switches of Auto Scaling that matter to what the functions do. */
function drawSwitches(
  dice: Dice,
  { whenForbidden, whenTimeIsUp }: { readonly whenForbidden: string; readonly whenTimeIsUp: string },
) {
  // A group that stays lowered tries again at once, for as long as anything has its instances stay: no day would end.
  const mayTryAgain = whenForbidden === 'hold' && whenTimeIsUp === 'continue';
  return {
    essHeartbeatCountsFrom: dice.pick(['now', 'old-deadline'] as const),
    essDesiredCapacityAfterRollback:
      dice.chance(0.5) && mayTryAgain ? ('stays-lowered' as const) : ('restored' as const),
    essCompleteWithoutResult: dice.pick(['default-result', 'continue'] as const),
    essRemovesUnhealthy: dice.pick(['on', 'on', 'off'] as const),
    essHookMessageEncoding: dice.pick(['plain', 'base64'] as const),
    essHookMessageInstanceIds: dice.pick(['listed', 'left-out'] as const),
    essHookMessageMetadata: dice.pick(['left-out', 'in-content'] as const),
    essDescribeLifecycleActionsNeeds: dice.pick(['permission', 'nothing'] as const),
  };
}
