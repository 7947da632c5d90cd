import { handleInstanceEvents } from '../../functions/instance-events/handler.ts';
import { handleTick } from '../../functions/tick/handler.ts';
import { acceptBatch } from '../../shared/acceptance/apply.ts';
import type { Binding } from '../../shared/config/binding.ts';
import { aBinding } from '../support/builders.ts';
import { type Stage, setStage } from '../support/stage.ts';
import { EVENTS_PER_BATCH, stateEvents, statePayload } from './events.ts';
import type { Bench, Line, Measure } from './measure.ts';
import { serveNaive } from './naive/serve.ts';

const ACCEPT_BOUND = 6;
const DUPLICATES_BOUND = 1;

/** Table calls of a batch of 100 events: until they may be acknowledged, and what the lanes' work costs apart. */
export const tableCalls: Measure = {
  name: 'table-calls',
  title: 'Table calls per 100 events',
  instead: 'each message claims and completes a record of its own',
  async run(bench) {
    bench.say(`batches of ${EVENTS_PER_BATCH} events`);
    const naive = await countNaive(bench);
    const lines = [...(await measureLanes(1, naive)), ...(await measureLanes(4, null))];
    return { conditions: { gatherMs: 0, slbRateLimits: 'off' }, lines };
  },
};

interface Counts {
  readonly fresh: number;
  readonly duplicates: number;
}

async function measureLanes(lanes: number, naive: Counts | null): Promise<ReadonlyArray<Line>> {
  const stage = await setStageFor(lanes);
  try {
    const worker = stage.worker();
    const events = stateEvents(await stage.running(EVENTS_PER_BATCH), 'Running');
    const where = lanes === 1 ? 'in one load balancer' : `in each of ${lanes} load balancers`;

    const accepted = await counted(stage, () => acceptBatch(worker, events));
    const worked = await counted(stage, () => handleTick(worker, [{ kind: 'tick' }]));
    await stage.tickUntil(worker, () => stage.rows('inbox').length === 0);
    const repeated = await counted(stage, () => handleInstanceEvents(worker, events));

    const line = (what: string, figure: number, bound: number | null, instead: number | null): Line => ({
      name: `${what}, ${where}`,
      size: EVENTS_PER_BATCH,
      figure,
      unit: 'calls',
      bound,
      instead,
      note: '',
    });
    return [
      line('new events to acknowledgement', accepted.tables, ACCEPT_BOUND, naive?.fresh ?? null),
      { ...line('their lane work', worked.tables, null, null), note: `with ${worked.slb} SLB calls` },
      line('finished duplicates', repeated.tables, DUPLICATES_BOUND, naive?.duplicates ?? null),
      { ...line('finished duplicates', repeated.slb, 0, null), note: 'SLB calls, reads too' },
    ];
  } finally {
    await stage.close();
  }
}

async function countNaive(bench: Bench): Promise<Counts> {
  const stage = await setStageFor(1);
  const naive = await serveNaive(bench, stage);
  try {
    const payload = statePayload(await stage.running(EVENTS_PER_BATCH), 'Running');
    const fresh = await counted(stage, () => naive.handle(payload));
    const repeated = await counted(stage, () => naive.handle(payload));
    return { fresh: fresh.tables, duplicates: repeated.tables };
  } finally {
    await naive.end();
    await stage.close();
  }
}

async function counted(stage: Stage, run: () => Promise<unknown>): Promise<{ tables: number; slb: number }> {
  const { records } = stage.clouds.foundation.gate;
  const before = records.length;
  await run();
  const made = records.slice(before);
  const of = (wanted: string) => made.filter(({ product }) => product === wanted).length;
  return { tables: of('ots'), slb: of('slb') };
}

function setStageFor(lanes: number): Promise<Stage> {
  return setStage({ bindings: bindingsFor(lanes), clouds: { switches: { slbRateLimits: 'off' } } });
}

function bindingsFor(lanes: number): ReadonlyArray<Binding> {
  return Array.from({ length: lanes }, (_, lane) =>
    aBinding({
      name: `lane-${lane}`,
      loadBalancerId: `lb-bench${lane}`,
      vServerGroupId: `rsp-bench${lane}`,
      drain: { timeMs: 0 },
    }),
  );
}
