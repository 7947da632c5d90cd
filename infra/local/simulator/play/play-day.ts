import type { Production, Transports } from '../../../../shared/adapters/production.ts';
import { type Config, parseConfig } from '../../../../shared/config/load.ts';
import { steadyCarrier } from '../../memory/carrier.ts';
import { createMemoryClouds, type MemoryClouds } from '../../memory/clouds.ts';
import type { MemoryDeployment } from '../../memory/deployment.ts';
import type { MemoryInvocation } from '../../memory/functions.ts';
import { settled } from '../../memory/passage.ts';
import { createMemoryWorker } from '../../memory/worker.ts';
import { VirtualClock } from '../../world/clock.ts';
import { DAY_BEGINS_MS, type Day, type FaultKind, type Happening } from '../day.ts';
import { Dice } from '../dice.ts';
import type { Violation } from '../invariants/invariant.ts';
import { CallFaults } from './call-faults.ts';
import type { WorkerCall } from './calls.ts';
import { areLanesIdle, areSignalsHandled, differences } from './convergence.ts';
import { scheduleDeliveryFaults } from './delivery-faults.ts';
import { HANDLERS, type Handlers } from './handlers.ts';
import { Stagehand } from './happenings.ts';
import { observedStore } from './observed-store.ts';
import { isUneasy, pairDifferences } from './pair-convergence.ts';
import { setPairs } from './pairs.ts';
import { areRequestsEnded, faultOfAnswers } from './request-convergence.ts';
import { isCalm, isScaling, REQUESTS_MS, restMs } from './rest.ts';
import { setScalingGroups } from './scaling-groups.ts';
import { backendsOf } from './tables.ts';
import { dayTime, Trace } from './trace.ts';
import { Watchers } from './watchers.ts';
import { Workers } from './workers.ts';

/** How a day went. */
export interface PlayedDay {
  readonly seed: number;
  /** At most one: the day ends with the first. */
  readonly violations: ReadonlyArray<Violation>;
  /** Empty unless it was asked for. */
  readonly trace: ReadonlyArray<string>;
  readonly virtualMs: number;
  /** Of that, idle time that was jumped over. */
  readonly jumpedMs: number;
  readonly calls: number;
  /** State changes of instances that the bus has passed on; copies not counted. */
  readonly events: number;
  /** Different backends that were in a group or on their way into one in the course of the day, looked at every minute. */
  readonly backends: number;
  /** Pairs in the configuration. */
  readonly pairs: number;
  /** Changes of pairs that came to their end as they were meant to. */
  readonly pairChanges: number;
  /** Change requests that were sent, copies not counted. */
  readonly requests: number;
  readonly faults: Partial<Record<FaultKind, number>>;
}

/** Tables whose rows are watched. */
export const WATCHED_TABLES = new Set([
  'lanes',
  'backends',
  'done',
  'inbox',
  'members',
  'budget',
  'hooks',
  'promotions',
  'requests',
]);
const MINUTE_MS = 60_000;
/** In each minute: after a tick, which begins with it, and a sweep in its middle, both of which have something to do where anything is held. */
const LOOK_AT_MS = 50_000;
/** No day is shorter, however soon everything is at rest. */
const DAY_MIN_MS = 30 * MINUTE_MS;
/** Lanes with nothing to do for this long are not ticked. */
const IDLE_AHEAD_MS = 2 * MINUTE_MS;
/** What is held for a reason at so many checks in a row is taken to stay so. */
const HELD_CHECKS = 3;
/** Runs of the clock after which a day is given up: something goes round in circles. */
const RUNS_MAX = 1_000_000;
/** No fault of a day lasts so long: the longest delay of events is six hours. */
const DAY_MAX_MS = 30 * 60 * MINUTE_MS;

/** Settings of {@link playDay}. */
export interface PlayOptions {
  /** @default false */
  readonly isTraced?: boolean;
  /** What the functions run; others than the deployed ones show what the invariants find. @default {@link HANDLERS} */
  readonly handlers?: Handlers;
  /** Changes the workers' ways to the clouds, for the same. @default as they are */
  readonly alter?: (transports: Transports) => Transports;
}

/** Plays a day from its beginning until everything has come to rest. The same day goes the same way, to the letter. */
export async function playDay(
  day: Day,
  deployment: MemoryDeployment,
  options: PlayOptions = {},
): Promise<PlayedDay> {
  const game = new Game(day, deployment, options);
  return await game.play();
}

/** One day at play. */
class Game {
  readonly #day: Day;
  readonly #config: Config;
  readonly #clock = new VirtualClock(DAY_BEGINS_MS);
  readonly #trace: Trace;
  readonly #faults: CallFaults;
  readonly #watchers = new Watchers();
  readonly #landing: { call: WorkerCall | null } = { call: null };
  readonly #workers: Workers;
  readonly #clouds: MemoryClouds;
  #stagehand: Stagehand | null = null;
  #calls = 0;
  #events = 0;
  readonly #backends = new Set<string>();
  #jumpedMs = 0;
  #happeningsLeft: number;
  /** Since when nothing disturbs any more; `null` = something still may. */
  #calmSinceMs: number | null = null;
  #isOver = false;
  /** Checks in a row at which nothing was left but what is held for a reason. */
  #heldChecks = 0;
  #lastActivityMs = DAY_BEGINS_MS;

  constructor(
    day: Day,
    deployment: MemoryDeployment,
    { isTraced = false, handlers = HANDLERS, alter = (transports) => transports }: PlayOptions,
  ) {
    this.#day = day;
    this.#config = parseConfig(day.configuration, 'autopilot.yaml');
    this.#trace = new Trace(this.#clock, isTraced);
    this.#faults = new CallFaults(this.#clock, day.faults);
    const lasting = day.happenings.filter((happening) => endOf(happening) !== null);
    this.#happeningsLeft = day.happenings.length + lasting.length + (day.pairs ?? []).length;
    const watchers = this.#watchers;
    this.#workers = new Workers(
      {
        clock: this.#clock,
        dice: new Dice(Math.imul(day.seed + 7, 0x85ebca6b) >>> 0),
        faults: this.#faults,
        trace: this.#trace,
        landing: this.#landing,
        config: this.#config,
        clocksApartMs: day.clocksApartMs,
        handlers,
        alter,
        watch: {
          sent: (call) => {
            this.#calls++;
            watchers.tell('sent', call);
          },
          landed: (call) => {
            if (!/^(?:Describe|Get|BatchGet)/.test(call.travel.action))
              this.#lastActivityMs = this.#clock.nowMs();
            watchers.tell('landed', call);
          },
          heard: (call, answer) => watchers.heard(call, answer),
        },
        onLog: (worker, level, message, stack) => {
          this.#trace.note(worker, () => `${level}: ${message}`);
          watchers.tell('said', worker, level, message, stack);
        },
        onBegin: (worker, invocation) => watchers.tell('began', worker, invocation),
        onEnd: (worker, invocation, isTaken) => watchers.tell('finished', worker, invocation, isTaken),
      },
      () => this.#clouds,
    );
    this.#clouds = createMemoryClouds({
      clock: this.#clock,
      deployment,
      seed: day.seed,
      switches: day.switches,
      ecsTimings: day.ecsTimings,
      ...(day.essTimings === undefined ? {} : { essTimings: day.essTimings }),
      streamConcurrency: day.streamConcurrency,
      // What is to be known of a call is told when it is made; kept, a day's calls would be most of its memory.
      recordsMax: 0,
      store: observedStore(WATCHED_TABLES, (change) => watchers.rowWritten(change, this.#landing.call)),
      run: (invocation) => this.#run(invocation),
    });
    watchers.begin({ config: this.#config, clouds: this.#clouds, nowMs: () => this.#clock.nowMs() });
  }

  async play(): Promise<PlayedDay> {
    this.#setStage();
    await settled();
    for (let runs = 0; !this.#isOver && this.#watchers.violations.length === 0; runs++) {
      if (runs >= RUNS_MAX) this.#watchers.violate('D', `${RUNS_MAX} things happened and there is no end`);
      else if (!this.#clock.runNext()) break;
      await settled();
    }
    if (this.#watchers.violations.length === 0) this.#watchers.tell('rested');
    const virtualMs = this.#clock.nowMs() - DAY_BEGINS_MS;
    await this.#clouds.close();
    const violations = this.#watchers.violations.slice(0, 1);
    for (const { invariant, text } of violations) this.#trace.note('BROKEN', () => `${invariant}: ${text}`);
    return {
      seed: this.#day.seed,
      violations,
      trace: this.#trace.lines,
      virtualMs,
      jumpedMs: this.#jumpedMs,
      calls: this.#calls,
      events: this.#events,
      backends: this.#backends.size,
      pairs: this.#config.pairs.length,
      pairChanges: this.#watchers.pairs.changesDone,
      requests: this.#requestIds.length,
      faults: this.#faults.struck,
    };
  }

  #setStage(): void {
    const { slb, foundation } = this.#clouds;
    for (const { loadBalancerId, vServerGroupId, name } of this.#config.bindings) {
      slb.seedLoadBalancer({ loadBalancerId });
      slb.seedVServerGroup({ vServerGroupId, loadBalancerId, name });
    }
    for (const { isChecked, ...listener } of this.#day.listeners) {
      slb.seedListener({ ...listener, settings: { HealthCheck: isChecked ? 'on' : 'off' } });
    }
    foundation.timeline.onEntry(({ kind, details }) => {
      if (kind !== 'event-published') return;
      this.#lastActivityMs = this.#clock.nowMs();
      const { state } = details.data as { state?: unknown };
      if (state === 'Running' || state === 'Stopping' || state === 'Stopped' || state === 'Deleted')
        this.#events++;
    });
    setScalingGroups(this.#clouds, this.#day.scalingGroups ?? [], this.#trace);
    this.#setHappenings();
    scheduleDeliveryFaults(this.#clouds, this.#day.faults, this.#faults, (atMs, run) => this.#at(atMs, run));
    this.#at(LOOK_AT_MS, () => this.#lookForRest());
  }

  #setHappenings(): void {
    const { happenings, pairs = [] } = this.#day;
    const { pairs: configured } = this.#config;
    let person: Production | null = null;
    const stagehand = new Stagehand(this.#clouds, this.#trace, {
      pairs,
      configured,
      person: () => (person ??= this.#person()),
    });
    this.#stagehand = stagehand;
    const happens = (atMs: number, run: () => void) =>
      this.#at(atMs, () => {
        this.#happeningsLeft--;
        this.#lastActivityMs = this.#clock.nowMs();
        run();
      });
    for (const happening of happenings) {
      happens(happening.atMs, () => stagehand.perform(happening));
      const endsAtMs = endOf(happening);
      if (endsAtMs !== null) happens(endsAtMs, () => stagehand.end(happening));
    }
    const [clouds, config, trace] = [this.#clouds, this.#config, this.#trace];
    setPairs({ clouds, config, trace, find: (name) => stagehand.find(name), at: happens }, pairs);
  }

  /** Who orders promotions and pauses: no function, so nothing goes wrong with their calls. */
  #person(): Production {
    const carrier = steadyCarrier(this.#clock);
    return createMemoryWorker(this.#clouds, {
      config: this.#config,
      name: 'person',
      as: 'administrator',
      carrier,
    });
  }

  #at(sinceBeginMs: number, run: () => void): void {
    this.#clock.at(DAY_BEGINS_MS + sinceBeginMs, run);
  }

  /** Runs a function; the timer's does not run while there is nothing that it could find. */
  async #run(invocation: MemoryInvocation): Promise<unknown> {
    if (invocation.trigger === 'timer' && this.#isIdle()) {
      if (invocation.codeName === 'tick') this.#jumpedMs += MINUTE_MS;
      return null;
    }
    const atMs = this.#clock.nowMs() - DAY_BEGINS_MS;
    const isOut = this.#day.faults.some(
      (fault) => fault.kind === 'outage' && fault.atMs <= atMs && atMs < fault.untilMs,
    );
    if (isOut) throw new Error('no instance can be started');
    return await this.#workers.run(invocation);
  }

  #isIdle(): boolean {
    const nowMs = this.#clock.nowMs();
    return (
      this.#workers.busy === 0 &&
      nowMs - this.#lastActivityMs > IDLE_AHEAD_MS &&
      !isScaling(this.#clouds) &&
      areLanesIdle(this.#clouds, nowMs + IDLE_AHEAD_MS) &&
      areSignalsHandled(this.#clouds) &&
      areRequestsEnded(this.#clouds) &&
      differences(this.#clouds, this.#config).length === 0 &&
      !isUneasy(this.#clouds, this.#config)
    );
  }

  /** Every minute: has everything that disturbs ended, and is everything as it should be? */
  #lookForRest(): void {
    const nowMs = this.#clock.nowMs();
    for (const { vServerGroupId, backends } of this.#clouds.slb.groups()) {
      for (const { serverId, port } of backends) this.#backends.add(`${vServerGroupId} ${serverId}:${port}`);
    }
    for (const { vServerGroupId, serverId, port } of backendsOf(this.#clouds)) {
      this.#backends.add(`${vServerGroupId} ${serverId}:${port}`);
    }
    if (!this.#isCalm()) this.#calmSinceMs = null;
    else this.#calmSinceMs ??= nowMs;
    if (this.#calmSinceMs !== null) this.#judgeRest(nowMs, this.#calmSinceMs);
    if (nowMs - DAY_BEGINS_MS > DAY_MAX_MS) {
      this.#watchers.violate('I13', 'messages or faults never came to an end');
    }
    if (!this.#isOver) this.#clock.at(nowMs + MINUTE_MS, () => this.#lookForRest());
  }

  #judgeRest(nowMs: number, calmSinceMs: number): void {
    const found = [
      ...differences(this.#clouds, this.#config),
      ...pairDifferences(this.#clouds, this.#config, this.#stagehand?.chosenGroups),
    ];
    const open = found.filter(({ excuse }) => excuse === null);
    const restAtMs = calmSinceMs + restMs(this.#config) + (this.#requestIds.length > 0 ? REQUESTS_MS : 0);
    const isLate = nowMs >= restAtMs;
    const isDone = areSignalsHandled(this.#clouds) && areRequestsEnded(this.#clouds);
    // What is held is looked at every minute, for as long as it is held: then somebody is at work now and then.
    const isQuiet = isLate || (this.#workers.busy === 0 && areLanesIdle(this.#clouds, nowMs));
    if (open.length > 0 || !isDone || !isQuiet) {
      this.#heldChecks = 0;
      if (!isLate) return;
      const what = open.length === 0 ? 'signals are not handled' : open.map(({ text }) => text).join('; ');
      this.#watchers.violate('I13', `calm since ${dayTime(calmSinceMs)} and still ${what}`);
      return;
    }
    this.#heldChecks++;
    if (found.length > 0 && !isLate && this.#heldChecks < HELD_CHECKS) return;
    if (nowMs - DAY_BEGINS_MS < DAY_MIN_MS) return;
    this.#isOver = true;
    const fault = faultOfAnswers(this.#clouds, this.#requestIds);
    if (fault !== null) this.#watchers.violate('I9', fault);
    for (const { text, excuse } of found) this.#trace.note('world', () => `${text}, held: ${excuse}`);
  }

  get #requestIds(): ReadonlyArray<string> {
    return this.#stagehand?.requestIds ?? [];
  }

  #isCalm(): boolean {
    const nowMs = this.#clock.nowMs();
    return (
      this.#happeningsLeft === 0 &&
      this.#faults.isOver() &&
      this.#day.faults.every(({ untilMs }) => DAY_BEGINS_MS + untilMs <= nowMs) &&
      isCalm(this.#clouds)
    );
  }
}

/** Until when something lasts; `null` = it is over at once, or it stays. */
function endOf(happening: Happening): number | null {
  return 'untilMs' in happening ? happening.untilMs : null;
}
