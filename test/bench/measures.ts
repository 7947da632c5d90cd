import { eventCpu } from './event-cpu.ts';
import type { Measure } from './measure.ts';
import { planTime } from './plan-time.ts';
import { startUp } from './start-up.ts';
import { tableCalls } from './table-calls.ts';
import { writeCalls } from './write-calls.ts';

/** Every measure, in the order in which they are run and shown. */
export const MEASURES: ReadonlyArray<Measure> = [planTime, writeCalls, tableCalls, eventCpu, startUp];
