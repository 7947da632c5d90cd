import { cleanPass } from './clean-pass.ts';
import { eventCpu } from './event-cpu.ts';
import { groups } from './groups.ts';
import { hooks } from './hooks.ts';
import { idempotency } from './idempotency/idempotency.ts';
import type { Measure } from './measure.ts';
import { planMemory } from './plan-memory.ts';
import { planTime } from './plan-time.ts';
import { promotion } from './promotion.ts';
import { requestFuzz } from './request-fuzz.ts';
import { requests } from './requests.ts';
import { startUp } from './start-up.ts';
import { storm } from './storm.ts';
import { sweep } from './sweep/sweep.ts';
import { tableCalls } from './table-calls.ts';
import { weights } from './weights.ts';
import { writeCalls } from './write-calls.ts';

/** Every measure, in the order in which they are run and shown. */
export const MEASURES: ReadonlyArray<Measure> = [
  planTime,
  planMemory,
  writeCalls,
  storm,
  tableCalls,
  cleanPass,
  sweep,
  hooks,
  promotion,
  groups,
  requests,
  idempotency,
  requestFuzz,
  eventCpu,
  startUp,
  weights,
];
