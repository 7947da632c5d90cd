import { parseConfig } from '../../../../shared/config/load.ts';
import { listenerName, type Pair } from '../../../../shared/config/pair.ts';
import { PAIR_TRIGGERS } from '../../../../shared/config/pair-schema.ts';
import type { Switches } from '../../world/switches.ts';
import type { Dice } from '../dice.ts';
import type { DayPair, DayPairAlarm, DayPairListener } from '../pair.ts';
import type { DayScalingGroup } from '../scaling-group.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** Members have come up by then. */
const SET_MS = 35 * SECOND_MS;
const PORT = 3306;

/** A configuration as it was drawn, as far as pairs go by it. */
interface DrawnFile {
  readonly bindings: ReadonlyArray<{ readonly loadBalancer: string }>;
}

/** What makes a day one with pairs. */
export interface DrawnPairs {
  /** The text of the configuration. */
  readonly configuration: string;
  readonly pairs: ReadonlyArray<DayPair>;
  /** Tags of the instances that may stand by, by pair. */
  readonly pools: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly switches: Partial<Switches>;
}

/** A day without pairs. */
export function noPairs(configuration: string): DrawnPairs {
  return { configuration, pairs: [], pools: new Map(), switches: {} };
}

/** Adds one pair or two to a drawn configuration, on load balancers of its bindings. */
export function drawPairs(
  dice: Dice,
  configuration: string,
  scalingGroups: ReadonlyArray<DayScalingGroup>,
): DrawnPairs {
  const file = JSON.parse(configuration) as DrawnFile;
  const loadBalancers = [...new Set(file.bindings.map(({ loadBalancer }) => loadBalancer))];
  const sharesPool = dice.chance(0.4);
  const pairs = Array.from({ length: dice.chance(0.35) ? 2 : 1 }, (_, n) => ({
    name: `db-${n + 1}`,
    loadBalancer: dice.pick(loadBalancers),
    listeners: dice
      .some(LISTENERS, dice.whole(1, 3))
      .map(([protocol, port]) => `${protocol}:${port + 100 * n}`),
    ...drawStandby(dice, sharesPool ? 1 : n + 1, scalingGroups),
    ...(dice.chance(0.75) ? {} : { promoteOn: dice.some(PAIR_TRIGGERS, dice.whole(1, 3)) }),
    ...drawCandidate(dice),
    badFor: `${dice.pick([1, 5, 10, 30])}s`,
    coolDown: `${dice.whole(1, 10)}m`,
    ...(dice.chance(0.3) ? { failBack: { after: `${dice.whole(1, 5)}m` } } : {}),
    degraded: dice.pick(['swap', 'wait']),
  }));
  return around(dice, JSON.stringify({ ...file, pairs }));
}

/** The pairs that somebody's configuration names, made up around it. */
export function pairsOf(dice: Dice, configuration: string): DrawnPairs {
  const { pairs } = parseConfig(configuration, 'autopilot.yaml');
  return pairs.length === 0 ? noPairs(configuration) : around(dice, configuration);
}

const LISTENERS = [
  ['tcp', 3306],
  ['tcp', 3307],
  ['udp', 3306],
] as const;

function drawStandby(dice: Dice, pool: number, scalingGroups: ReadonlyArray<DayScalingGroup>): object {
  const roll = dice.random();
  if (roll < 0.1) return {};
  if (roll < 0.2 && scalingGroups.length > 0) {
    return { standby: { scalingGroup: dice.pick(scalingGroups).scalingGroupId } };
  }
  return { standby: { tags: { pool: `standby-${pool}` }, ...(dice.chance(0.2) ? { port: PORT } : {}) } };
}

function drawCandidate(dice: Dice): object {
  if (dice.chance(0.65)) return { candidate: 'probe', probe: { timeout: `${dice.pick([1, 2, 5])}s` } };
  return { candidate: 'running-for', runningFor: `${dice.pick([10, 30, 120])}s` };
}

/** Groups, listeners, alarms and switches around the pairs of a configuration. */
function around(dice: Dice, configuration: string): DrawnPairs {
  const { pairs } = parseConfig(configuration, 'autopilot.yaml');
  const pools = new Map(
    pairs.flatMap(({ name, standby }) =>
      standby?.selector.kind === 'tags' ? [[name, standby.selector.tags] as const] : [],
    ),
  );
  return {
    configuration,
    pairs: pairs.map((pair, n) => ({
      name: pair.name,
      groupId: `rsp-pair${n + 1}`,
      atMs: dice.whole(SET_MS, SET_MS + MINUTE_MS),
      port: PORT,
      primary: memberOf(pair, 'a'),
      secondary: memberOf(pair, 'b'),
      listeners: drawListeners(dice, pair),
      alarm: dice.chance(0.7) ? drawAlarm(dice) : null,
    })),
    pools,
    switches: drawSwitches(dice),
  };
}

/** `db-1.a`: the name of an instance of a pair. */
export function memberOf({ name }: Pick<Pair, 'name'>, letter: string): string {
  return `${name}.${letter}`;
}

function drawListeners(dice: Dice, pair: Pair): ReadonlyArray<DayPairListener> {
  // Not every listener that a configuration names need exist.
  const missing = pair.listeners.length > 1 && dice.chance(0.05) ? dice.pick(pair.listeners) : null;
  const isChecked = dice.chance(0.9);
  return pair.listeners
    .filter((listener) => missing === null || listenerName(listener) !== listenerName(missing))
    .map(({ protocol, port }) => ({
      protocol,
      port,
      settings: {
        HealthCheck: isChecked && dice.chance(0.95) ? 'on' : 'off',
        HealthCheckInterval: String(dice.whole(1, 5)),
        HealthCheckConnectTimeout: String(dice.whole(1, 5)),
        HealthyThreshold: String(dice.whole(2, 4)),
        UnhealthyThreshold: String(dice.whole(2, 4)),
        ...(protocol === 'tcp' && dice.chance(0.4) ? { PersistenceTimeout: '300' } : {}),
        ...(protocol === 'tcp' && dice.chance(0.4)
          ? { HealthCheckType: 'http', HealthCheckDomain: 'db.example' }
          : {}),
      },
    }));
}

function drawAlarm(dice: Dice): DayPairAlarm {
  return {
    periodMs: MINUTE_MS,
    times: dice.whole(1, 3),
    silenceMs: dice.pick([MINUTE_MS, 5 * MINUTE_MS, 24 * 60 * MINUTE_MS]),
  };
}

/** Values for the named switches that matter to what the functions do about pairs. */
function drawSwitches(dice: Dice): Partial<Switches> {
  return {
    slbHealthOfSecondary: dice.pick(['not-listed', 'as-checked', 'normal', 'unavailable']),
    slbHealthOfUncheckedListener: dice.pick(['normal', 'unavailable', 'not-listed']),
    slbHealthWithoutChecks: dice.pick(['refused', 'empty']),
    slbAssociationLingersMs: dice.pick([0, 3_000, 3_000, 30_000, 3 * MINUTE_MS]),
    slbListenerProcessingMs: dice.pick([0, 0, 500, 3_000]),
    slbSetWithoutHealthCheckDomain: dice.pick(['cleared', 'kept']),
    slbSetWithoutPersistenceTimeout: dice.pick(['kept', 'reset-to-0']),
    cmsAlarmEventName: dice.pick(['always-AlertOk', 'by-level']),
  };
}
