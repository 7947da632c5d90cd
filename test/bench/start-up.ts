import { DEFAULT_TARGET } from '../../infra/deploy/build.ts';
import type { CallRecord } from '../../infra/local/world/calls.ts';
import { loadConfig } from '../../shared/config/load.ts';
import { writeWakeUp } from '../../shared/events/wake-up.ts';
import { type Stage, setStage } from '../support/stage.ts';
import { statePayload } from './events.ts';
import { type FunctionPlace, handleOnce, timeBareNode, timeInitialize } from './function-process.ts';
import type { Bench, Measure, Row } from './measure.ts';
import { naiveVariables } from './naive/serve.ts';
import { median } from './statistics.ts';

/** Above a process of bare Node that does nothing. */
const INITIALIZE_BOUND_MS = 60;
const FIRST_REQUEST_BOUND_MS = 150;

/** Whole processes of the built functions from their start, beside bare Node and a bundle with every SDK in it. */
export const startUp: Measure = {
  name: 'start-up',
  title: 'Start-up of each function, from the start of its process',
  naive: 'the naive function: every SDK in one file, loaded at once',
  async run(bench) {
    const bindings = loadConfig(DEFAULT_TARGET.configFile).bindings;
    const stage = await setStage({ bindings, clouds: { switches: { slbRateLimits: 'off' } } });
    try {
      return {
        conditions: { runs: bench.runs, interleaved: 'yes', configuration: 'autopilot.yaml' },
        rows: rowsOf(await takeTimes(bench, stage)),
      };
    } finally {
      await stage.close();
    }
  },
};

/** What was measured of one function, in ms from the start of the process. */
interface Times {
  readonly initialized: Array<number>;
  readonly firstEcsRequest: Array<number>;
  readonly firstSlbRequest: Array<number>;
}

const NAIVE = 'naive';

async function takeTimes(bench: Bench, stage: Stage): Promise<ReadonlyMap<string, Times | Array<number>>> {
  const folders = new Map(await bench.builds.functions()).set(NAIVE, await bench.builds.naive());
  const bare: Array<number> = [];
  const times = new Map([...folders.keys()].map((name) => [name, noTimes()]));
  const rehearsal = -1;
  for (let run = rehearsal; run < bench.runs; run++) {
    bench.say(run === rehearsal ? 'once unmeasured' : `run ${run + 1} of ${bench.runs}`);
    const bareMs = await timeBareNode();
    if (run !== rehearsal) bare.push(bareMs);
    for (const [name, folder] of folders) {
      const variables = name === NAIVE ? naiveVariables(stage) : {};
      const place = { folder, settings: stage.settings, variables };
      const initialized = await timeInitialize(place);
      const first = await timeFirstRequests(stage, name, place);
      if (run === rehearsal) continue;
      times.get(name)?.initialized.push(initialized);
      if (first.ecs !== null) times.get(name)?.firstEcsRequest.push(first.ecs);
      times.get(name)?.firstSlbRequest.push(first.slb);
    }
  }
  return new Map<string, Times | Array<number>>([['bare', bare], ...times]);
}
