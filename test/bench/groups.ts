import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { groupsNotAsDesired } from '../../infra/local/scenes/checks.ts';
import { groupsNotAsDeclared, pairsNotAsDeclared } from '../../infra/local/scenes/groups/checks.ts';
import { BACKENDS, furnish, LEAST_WRITES } from '../../infra/local/scenes/groups/furnish.ts';
import { GROUPS_SCENE } from '../../infra/local/scenes/groups/scene.ts';
import { seedFromBindings } from '../../infra/local/scenes/seed.ts';
import type { Line, Measure } from './measure.ts';
import { setVirtualStage, type VirtualStage } from './virtual/stage.ts';

const MINUTE_MS = 60_000;
/** Only against what never comes to rest. */
const MINUTES_MAX = 60;
const IDLE_MINUTES = 30;
/** A call for each group, backend, listener and rule. */
const ONE_BY_ONE = 3 + BACKENDS + 4;

/** What it costs to make what the scene `groups` declares, from nothing, and to keep it. */
export const groups: Measure = {
  name: 'groups',
  title: 'SLB write calls for two vServer groups and a pair by declaration',
  instead: 'a call for each group, backend, listener and rule',
  async run(bench) {
    bench.say('two vServer groups and a pair are made');
    const stage = await setVirtualStage({
      configuration: await kept(),
      latencyMs: 20,
      seed: 7,
      hasGroups: false,
    });
    try {
      return {
        conditions: { time: 'virtual', latencyMs: 20, compare: '1m', faults: 'none' },
        lines: await measured(stage),
      };
    } finally {
      await stage.close();
    }
  },
};

/** The scene's own file, but that comparisons keep the groups: nobody applies. */
async function kept(): Promise<object> {
  const file = parse(await readFile(GROUPS_SCENE.configFile, 'utf8')) as {
    readonly bindings: ReadonlyArray<object>;
    readonly pairs: ReadonlyArray<object>;
    readonly timing: object;
  };
  const keep = (entry: object) => ('group' in entry ? { ...entry, manage: 'group' } : entry);
  return {
    ...file,
    bindings: file.bindings.map(keep),
    pairs: file.pairs.map(keep),
    timing: { ...file.timing, compare: '1m' },
  };
}

async function measured(stage: VirtualStage): Promise<ReadonlyArray<Line>> {
  const { clouds, config } = stage;
  let writes = 0;
  clouds.foundation.gate.onRecord(({ product, action }) => {
    if (product === 'slb' && !action.startsWith('Describe')) writes++;
  });
  seedFromBindings(clouds.slb, config.bindings);
  furnish(clouds, config);
  let minutes = 0;
  while (missing(stage).length > 0) {
    if (minutes++ > MINUTES_MAX) throw new Error(missing(stage)[0]);
    await stage.pass(MINUTE_MS);
  }
  const made = writes;
  await stage.pass(IDLE_MINUTES * MINUTE_MS);
  return [
    {
      name: 'made, filled and used',
      size: BACKENDS,
      figure: made,
      unit: 'calls',
      bound: LEAST_WRITES,
      instead: ONE_BY_ONE,
      note: `${(made / LEAST_WRITES).toFixed(2)} of the least; as declared after ${minutes} min`,
    },
    {
      name: `kept for ${IDLE_MINUTES} minutes`,
      size: BACKENDS,
      figure: writes - made,
      unit: 'calls',
      bound: 0,
      instead: null,
      note: '',
    },
  ];
}

function missing(stage: VirtualStage): ReadonlyArray<string> {
  return [...groupsNotAsDeclared(stage), ...pairsNotAsDeclared(stage), ...groupsNotAsDesired(stage)];
}
