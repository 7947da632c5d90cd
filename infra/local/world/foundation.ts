import { createGate, type Gate } from './calls.ts';
import { systemClock, type WorldClock } from './clock.ts';
import { createFaults, type Faults } from './faults.ts';
import { createIdentities, type Identities } from './identities.ts';
import { createIds, type Ids, type Random, seededRandom } from './random.ts';
import { createRateLimits, type RateLimits } from './rate-limits.ts';
import { memoryStore, type WorldStore } from './store.ts';
import { DEFAULT_SWITCHES, type Switches } from './switches.ts';
import { createTimeline, type Timeline } from './timeline.ts';

/** What every cloud of the world stands on. Each cloud is a factory over this, without state of its own outside it. */
export interface Foundation {
  readonly clock: WorldClock;
  readonly random: Random;
  readonly ids: Ids;
  readonly store: WorldStore;
  readonly switches: Switches;
  readonly region: string;
  readonly identities: Identities;
  readonly faults: Faults;
  readonly rateLimits: RateLimits;
  readonly gate: Gate;
  readonly timeline: Timeline;
}

/** Options of {@link createFoundation}; every one has a default. */
export interface FoundationOptions {
  readonly clock?: WorldClock;
  readonly store?: WorldStore;
  readonly seed?: number;
  readonly switches?: Partial<Switches>;
  readonly region?: string;
  readonly accountId?: string;
  readonly accessKeyId?: string;
  readonly accessKeySecret?: string;
  /** Calls that the gate remembers. A long life of a large world is only affordable with a short memory. */
  readonly recordsMax?: number;
}

/** A foundation on the system clock, in memory, unless told otherwise. */
export function createFoundation(options: FoundationOptions = {}): Foundation {
  const clock = options.clock ?? systemClock();
  const random = seededRandom(options.seed ?? 1);
  const ids = createIds(random);
  const switches = { ...DEFAULT_SWITCHES, ...options.switches };
  const identities = createIdentities({
    accountId: options.accountId ?? '1234567890123456',
    accessKeyId: options.accessKeyId ?? `LTAI5t${ids.hex(18)}`,
    accessKeySecret: options.accessKeySecret ?? ids.hex(30),
    clock,
    ids,
  });
  const faults = createFaults();
  const rateLimits = createRateLimits(clock, switches.slbRetryAfterMs);
  const gate = createGate({ clock, identities, faults, rateLimits, recordsMax: options.recordsMax });
  return {
    clock,
    random,
    ids,
    store: options.store ?? memoryStore(),
    switches,
    region: options.region ?? 'cn-hangzhou',
    identities,
    faults,
    rateLimits,
    gate,
    timeline: createTimeline(clock),
  };
}
