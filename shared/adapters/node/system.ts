import { randomUUID } from 'node:crypto';
import type { Clock, NewId, Random } from '../../clock.ts';

/** The machine's own clock; workers' clocks may be minutes apart, so it is only a base for table time. */
export const systemClock: Clock = { nowMs: () => Date.now() };

/** Node's generator, for jitter. */
export const systemRandom: Random = () => Math.random();

/** Random UUIDs. */
export const systemNewId: NewId = () => randomUUID();
