import type { Binding } from '../../../../shared/config/binding.ts';
import { parseConfig } from '../../../../shared/config/load.ts';
import type { Switches } from '../../world/switches.ts';
import type { Day, DayListener } from '../day.ts';
import { Dice } from '../dice.ts';
import { drawConfiguration } from './configuration.ts';
import { drawFaults } from './faults.ts';
import { drawHappenings } from './happenings.ts';

const MINUTE_MS = 60_000;

/** The day of a seed. With the text of a configuration it is played on that one; its groups and instances are made up. */
export function drawDay(seed: number, configuration: string | null = null): Day {
  // Neighbouring seeds must not be neighbouring days.
  const dice = new Dice(Math.imul(seed + 1, 0x9e3779b1) >>> 0);
  const [ofConfiguration, ofHappenings, ofFaults, ofSurroundings] = [
    dice.fork(),
    dice.fork(),
    dice.fork(),
    dice.fork(),
  ];
  const text = configuration ?? drawConfiguration(ofConfiguration);
  const { bindings } = parseConfig(text, 'autopilot.yaml');
  const endsAtMs = ofSurroundings.whole(30.5 * MINUTE_MS, 32 * MINUTE_MS);
  const happenings = drawHappenings(ofHappenings, bindings, endsAtMs);
  const busyAtMs = happenings.map(({ atMs }) => atMs);
  return {
    seed,
    configuration: text,
    switches: drawSwitches(ofSurroundings),
    ecsTimings: {
      pendingMs: ofSurroundings.whole(300, 5_000),
      startingMs: ofSurroundings.whole(700, 20_000),
      stoppingMs: ofSurroundings.whole(500, 20_000),
      releasingMs: ofSurroundings.whole(100, 3_000),
    },
    clocksApartMs: ofSurroundings.chance(0.8) ? 5 * MINUTE_MS : 0,
    streamConcurrency: ofSurroundings.whole(1, 5),
    listeners: drawListeners(ofSurroundings, bindings),
    happenings,
    faults: drawFaults(ofFaults, endsAtMs, busyAtMs),
  };
}

/** Most groups have a listener; most listeners have a health check and obey weights. */
function drawListeners(dice: Dice, bindings: ReadonlyArray<Binding>): ReadonlyArray<DayListener> {
  const groups = new Map(bindings.map((binding) => [binding.vServerGroupId, binding.loadBalancerId]));
  // Where the health checks are to prove readiness, there nearly always are some.
  const askingChecks = new Set(
    bindings
      .filter(({ readiness }) => readiness === 'load-balancer' || readiness === 'both')
      .map(({ vServerGroupId }) => vServerGroupId),
  );
  return [...groups].flatMap(([vServerGroupId, loadBalancerId], index): ReadonlyArray<DayListener> => {
    const likely = askingChecks.has(vServerGroupId) ? 0.97 : 0.85;
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
