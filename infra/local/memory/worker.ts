import {
  assembleProduction,
  type Own,
  type Production,
  type Transports,
} from '../../../shared/adapters/production.ts';
import type { Config } from '../../../shared/config/load.ts';
import { seededRandom } from '../world/random.ts';
import type { Caller } from './caller.ts';
import { type Carrier, steadyCarrier } from './carrier.ts';
import type { MemoryClouds } from './clouds.ts';
import { createMemoryTransports } from './transports.ts';

/** What one worker is made from. */
export interface MemoryWorkerOptions {
  readonly config: Config;
  /** Unlike any other worker's: its session, its owners and its audit entries carry it. */
  readonly name: string;
  /** How its calls travel. @default each at once */
  readonly carrier?: Carrier;
  /** What is its own; what is left out: the world's clock, dice seeded by its name, names counted up, no voice. */
  readonly own?: Partial<Own>;
  /** The shipped policy judges its calls, or nothing does. @default 'role' */
  readonly as?: 'role' | 'administrator';
  /** Changes its ways to the clouds, to see what a fault in what is built on them leads to. @default as they are */
  readonly alter?: (transports: Transports) => Transports;
}

const SESSION_LIFE_MS = 365 * 86_400_000;

/** A worker of the product on clouds without HTTP: production's ports on the memory transports. */
export function createMemoryWorker(clouds: MemoryClouds, options: MemoryWorkerOptions): Production {
  const { config, name, as = 'role', alter = (transports) => transports } = options;
  const own = ownOf(clouds, options);
  const { clock, identities } = clouds.foundation;
  const caller: Caller = {
    principal:
      as === 'administrator'
        ? identities.administrator.principal
        : identities.assumeRole(clouds.roleName, name, SESSION_LIFE_MS).principal,
    ownClock: own.ownClock,
    carrier: options.carrier ?? steadyCarrier(clock),
    timeoutMs: config.timing.callTimeoutMs,
  };
  return assembleProduction(config, alter(createMemoryTransports(clouds, caller)), own);
}

function ownOf({ foundation }: MemoryClouds, { name, own = {} }: MemoryWorkerOptions): Own {
  let ids = 0;
  return {
    ownClock: own.ownClock ?? foundation.clock,
    random: own.random ?? seededRandom(hashOf(name)),
    newId: own.newId ?? (() => `${name}-${++ids}`),
    logger: own.logger ?? { info: () => {}, warn: () => {}, error: () => {} },
    metrics: own.metrics ?? { count: () => {} },
  };
}

/** FNV-1a: the same dice for the same name, on every machine. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
