import type { Binding } from '../../../../shared/config/binding.ts';
import { parseConfig } from '../../../../shared/config/load.ts';
import type { EssTimings } from '../../world/ess/model.ts';
import type { Switches } from '../../world/switches.ts';
import type { Day, DayListener } from '../day.ts';
import { Dice } from '../dice.ts';
import { drawConfiguration } from './configuration.ts';
import { drawFaults } from './faults.ts';
import { drawHappenings } from './happenings.ts';
import { drawPairFaults, withShortDelays } from './pair-faults.ts';
import { drawPairHappenings } from './pair-happenings.ts';
import { drawPairs, noPairs, pairsOf } from './pairs.ts';
import { drawRequests } from './requests.ts';
import { drawScaling, scalingOf } from './scaling.ts';
import { drawScalingFaults } from './scaling-faults.ts';
import { drawScalingHappenings, withNotices } from './scaling-happenings.ts';

const MINUTE_MS = 60_000;

/** The day of a seed. With the text of a configuration it is played on that one; its groups and instances are made up. */
export function drawDay(seed: number, configuration: string | null = null): Day {
  // Neighbouring seeds must not be neighbouring days.
  const dice = new Dice(Math.imul(seed + 1, 0x9e3779b1) >>> 0);
  const [ofConfiguration, ofHappenings, ofFaults, ofSurroundings, ofScaling, ofPairs, ofSweep, ofRequests] = [
    dice.fork(),
    dice.fork(),
    dice.fork(),
    dice.fork(),
    dice.fork(),
    dice.fork(),
    dice.fork(),
    dice.fork(),
  ];
  const { scaling, hasNotices } = drawSpecial(ofScaling, configuration, () =>
    drawConfiguration(ofConfiguration),
  );
  const { scalingGroups } = scaling;
  const paired =
    configuration !== null
      ? pairsOf(ofPairs, configuration)
      : ofPairs.chance(WITH_PAIRS)
        ? drawPairs(ofPairs, scaling.configuration, scalingGroups)
        : noPairs(scaling.configuration);
  const text = configuration === null ? withSweep(ofSweep, paired.configuration) : paired.configuration;
  const { bindings, pairs: configured } = parseConfig(text, 'autopilot.yaml');
  const endsAtMs = ofSurroundings.whole(30.5 * MINUTE_MS, 32 * MINUTE_MS);
  const byTags = bindings.filter(({ selector }) => selector.kind === 'tags');
  const plain = drawHappenings(ofHappenings, byTags.length > 0 ? byTags : bindings, endsAtMs);
  const busyAtMs = plain.map(({ atMs }) => atMs);
  const groupIds = bindings.map(({ vServerGroupId }) => vServerGroupId);
  const ofGroups = drawScalingHappenings(ofScaling, scalingGroups, groupIds, endsAtMs, busyAtMs);
  const both = [...plain, ...ofGroups];
  const others = hasNotices ? withNotices(ofScaling, both, scalingGroups, endsAtMs, busyAtMs) : both;
  const ofPairsThemselves = drawPairHappenings(ofPairs, paired, configured, endsAtMs);
  const scaledAtMs = ofGroups.map(({ atMs }) => atMs);
  const faults = scalingGroups.length === 0 ? [] : drawScalingFaults(ofScaling, endsAtMs, scaledAtMs);
  const { pairs } = paired;
  const ofAll = pairs.length === 0 ? <T>(drawn: T) => drawn : withShortDelays;
  const started = [...others, ...ofPairsThemselves].sort(byTime);
  const requests = ofRequests.chance(WITH_REQUESTS)
    ? drawRequests(ofRequests, { bindings, pairs: configured }, started, endsAtMs)
    : [];
  const troubledAtMs = ofPairsThemselves.flatMap(({ kind, atMs }) => (kind === 'start' ? [] : [atMs]));
  const faultsOfPairs = drawPairFaults(ofPairs, troubledAtMs);
  const askedAtMs = [...busyAtMs, ...requests.flatMap(({ atMs }) => [atMs, atMs])];
  const switches = { ...drawSwitches(ofSurroundings), ...scaling.switches, ...paired.switches };
  return {
    seed,
    configuration: text,
    switches,
    ecsTimings: {
      pendingMs: ofSurroundings.whole(300, 5_000),
      startingMs: ofSurroundings.whole(700, 20_000),
      stoppingMs: ofSurroundings.whole(500, 20_000),
      releasingMs: ofSurroundings.whole(100, 3_000),
    },
    ...(scalingGroups.length === 0 ? {} : { scalingGroups, essTimings: drawEssTimings(ofScaling) }),
    ...(pairs.length === 0 ? {} : { pairs }),
    clocksApartMs: ofSurroundings.chance(0.8) ? 5 * MINUTE_MS : 0,
    streamConcurrency: ofSurroundings.whole(1, 5),
    listeners: drawListeners(ofSurroundings, bindings, scalingGroups.length > 0),
    happenings: [...started, ...requests].sort(byTime),
    faults: [...ofAll(drawFaults(ofFaults, endsAtMs, askedAtMs)), ...faults, ...faultsOfPairs].sort(byTime),
  };
}

/** How many days have change requests. */
const WITH_REQUESTS = 0.4;
/** How many days have pairs. */
const WITH_PAIRS = 0.25;
/** How many days have scaling groups. */
const WITH_SCALING = 0.25;
/** How many days have sweeps that start tasks. */
const WITH_TASKS = 0.5;
/** How many of these, and of the others, have interruptions and system events. */
const WITH_NOTICES = { scaling: 0.5, plain: 0.25 } as const;

function drawSpecial(dice: Dice, configuration: string | null, draw: () => string) {
  if (configuration !== null) {
    const scaling = scalingOf(dice, configuration);
    return { scaling, hasNotices: scaling.scalingGroups.length > 0 };
  }
  const isScaling = dice.chance(WITH_SCALING);
  const drawn = draw();
  const scaling = isScaling
    ? drawScaling(dice, drawn)
    : { configuration: drawn, scalingGroups: [], switches: {} };
  const hasNotices = dice.chance(isScaling ? WITH_NOTICES.scaling : WITH_NOTICES.plain);
  if (!hasNotices) return { scaling, hasNotices };
  const switches = {
    ecsSystemEventIds: dice.pick(['new-each-status', 'same-for-all-statuses'] as const),
    ecsDiskEventsReboot: dice.chance(0.5),
    ecsReleaseEndsSystemEvents: dice.pick(['silently', 'Canceled', 'Avoided'] as const),
  };
  const maintenance = { drainAhead: `${dice.pick([0, 30, 300])}s` };
  const file = { ...(JSON.parse(scaling.configuration) as object), maintenance };
  return {
    scaling: {
      ...scaling,
      configuration: JSON.stringify(file),
      switches: { ...scaling.switches, ...switches },
    },
    hasNotices,
  };
}

/** On some days the sweep hands every load balancer to an invocation of its own, few as they are. */
function withSweep(dice: Dice, configuration: string): string {
  if (!dice.chance(WITH_TASKS)) return configuration;
  return JSON.stringify({ ...(JSON.parse(configuration) as object), sweep: { inPlace: 0 } });
}

function drawEssTimings(dice: Dice): Partial<EssTimings> {
  return { checkIntervalMs: dice.whole(500, 20_000), healthCheckDelayMs: dice.skewed(1_000, 120_000) };
}

function byTime(a: { readonly atMs: number }, b: { readonly atMs: number }): number {
  return a.atMs - b.atMs;
}

/** Most groups have a listener; most listeners have a health check and obey weights. */
function drawListeners(
  dice: Dice,
  bindings: ReadonlyArray<Binding>,
  areAskingChecked: boolean,
): ReadonlyArray<DayListener> {
  const groups = new Map(bindings.map((binding) => [binding.vServerGroupId, binding.loadBalancerId]));
  // Where the health checks are to prove readiness, there nearly always are some.
  const askingChecks = new Set(
    bindings
      .filter(({ readiness }) => readiness === 'load-balancer' || readiness === 'both')
      .map(({ vServerGroupId }) => vServerGroupId),
  );
  return [...groups].flatMap(([vServerGroupId, loadBalancerId], index): ReadonlyArray<DayListener> => {
    // A scaling group makes new instances for as long as none of them becomes ready.
    const likely = askingChecks.has(vServerGroupId) ? (areAskingChecked ? 1 : 0.97) : 0.85;
    const listener: DayListener = {
      loadBalancerId,
      vServerGroupId,
      listenerPort: 80 + index,
      listenerProtocol: dice.pick(['tcp', 'http']),
      scheduler: dice.chance(likely) ? 'wrr' : 'rr',
      isChecked: dice.chance(likely),
    };
    return dice.chance(likely) ? [listener] : [];
  });
}

/** Values for the named switches that matter to what the functions do. */
function drawSwitches(dice: Dice): Partial<Switches> {
  return {
    slbAddPresent: dice.pick(['reject', 'ignore', 'overwrite-weight']),
    slbSetAbsent: dice.pick(['ignore', 'error']),
    slbGroupProcessingMs: dice.pick([0, 500, 1_000, 3_000]),
    slbRetryAfterMs: dice.pick([null, 500, 5_000]),
    slbReleasedInstanceDroppedAfterMs: dice.pick([null, null, 1_000, 30_000]),
    slbAddNotRunning: dice.pick(['ObtainIpFail', 'accept']),
    slbWriteAnswers: dice.pick(['whole-group', 'affected-only']),
    slbSetWithoutDescription: dice.pick(['kept', 'cleared']),
    ecsDescribeLagMs: dice.pick([0, 0, 500, 3_000, 20_000]),
    ecsCreationEventState: dice.pick(['Created', 'Pending', 'none']),
    ecsRebootEmitsStopped: dice.chance(0.5),
    ecsForcedReleaseEvents: dice.pick(['stopping-first', 'deleted-only']),
    streamEventId: dice.pick(['new-each-delivery', 'stable']),
  };
}
