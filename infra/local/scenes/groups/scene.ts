import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../../../shared/config/load.ts';
import { boundBindings } from '../../declared-bindings.ts';
import type { CallRecord } from '../../world/calls.ts';
import * as checks from '../checks.ts';
import { functionCalls, slbWrites } from '../function-calls.ts';
import { QUICK_CLOUDS, type Scene } from '../scene.ts';
import { SceneStopped, type Script } from '../script.ts';
import type { Stage } from '../stage.ts';
import { groupsNotAsDeclared, lowestCapacity, pairsNotAsDeclared } from './checks.ts';
import { BACKENDS, furnish, LEAST_WRITES, PER_CALL, WEB } from './furnish.ts';
import { type Ended, type Operator, openTerminal } from './operator.ts';

const CONFIG_FILE = fileURLToPath(new URL('./autopilot.yaml', import.meta.url));
/** What is edited in the file for the move, and what it becomes. */
const [OLD_PORT, NEW_PORT] = [8_080, 8_081];
/** How long everything is left to itself, to see that nobody writes any more: more than a tick. */
const QUIET_MS = 7_000;

/**
 * A load balancer has three listeners and nobody behind them. Two vServer groups and a pair are written down; a person plans and
 * applies; then they exist, are filled and used, and there is nothing left to do. Then a port is edited in the file, which is
 * deployed: every server moves to it without a gap.
 */
export const GROUPS_SCENE: Scene = {
  name: 'groups',
  title:
    'two vServer groups and a pair are declared; one apply creates, tags, fills and binds them; a port moves without a gap',
  configFile: CONFIG_FILE,
  clouds: QUICK_CLOUDS,
  async play(stage, script) {
    const operator = await openTerminal(stage, CONFIG_FILE);
    try {
      await play(stage, script, operator);
    } finally {
      await operator.close();
    }
  },
};

async function play(stage: Stage, script: Script, operator: Operator): Promise<void> {
  await setTheScene(stage, script);
  await applyAll(stage, script, operator);
  await applyAgain(stage, script, operator);
  await askToDelete(stage, script, operator);
  await movePort(stage, script);
  await checkWorld(stage, script);
}

async function setTheScene({ clouds, config }: Stage, script: Script): Promise<void> {
  script.step('a load balancer with three listeners, and servers that no group has');
  const instanceIds = furnish(clouds, config);
  await script.until('all of them run', 15_000, () =>
    instanceIds.filter((id) => clouds.ecs.find(id)?.status !== 'Running'),
  );
  await script.until('the functions have looked at them, and done nothing', 30_000, () =>
    functionCalls(clouds.foundation).some(({ action }) => action === 'DescribeVServerGroups')
      ? []
      : ['nobody has looked'],
  );
  script.check(
    'what is only declared is nobody’s to make before somebody applies it',
    slbWrites(clouds.foundation).map(({ action }) => action),
  );
}

async function applyAll(stage: Stage, script: Script, operator: Operator): Promise<void> {
  const { foundation } = stage.clouds;
  const before = slbWrites(foundation).length;
  script.step('somebody plans and applies');
  const { saved } = await operator.plan();
  const planned = saved.plan.steps.map(({ to }) => to.slice(0, to.indexOf(' ')));
  const created = ['CreateVServerGroup', 'CreateVServerGroup', 'CreateMasterSlaveServerGroup'];
  script.check(
    'the plan shows what would be created, and nothing is held',
    [
      ...missingIn(planned, created).map((action) => `${action} is not planned`),
      ...saved.plan.held.map(({ subject, by }) => `${subject} is held (${by})`),
    ],
    { planned: planned.length },
  );
  const applied = await operator.apply();
  requireOk('apply', applied);
  await script.until('the groups exist, are filled and used as declared', 60_000, () => [
    ...groupsNotAsDeclared(stage),
    ...pairsNotAsDeclared(stage),
    ...checks.groupsNotAsDesired(stage),
  ]);
  const writes = slbWrites(foundation).slice(before);
  script.check('nothing was created twice', createdTwice(writes), {
    servers: BACKENDS,
    writes: writes.length,
    leastWrites: LEAST_WRITES,
    writesPerLeast: Number((writes.length / LEAST_WRITES).toFixed(2)),
  });
}

async function applyAgain(
  { clouds: { foundation } }: Stage,
  script: Script,
  operator: Operator,
): Promise<void> {
  const before = slbWrites(foundation).length;
  script.step('somebody plans and applies once more');
  const { status } = await operator.plan();
  script.check('there is nothing left to plan', status === 0 ? [] : [`the plan ended with ${status}`]);
  requireOk('the second apply', await operator.apply());
  const endsAtMs = foundation.clock.nowMs() + QUIET_MS;
  await script.until('another tick has passed', QUIET_MS + 1_000, () =>
    foundation.clock.nowMs() > endsAtMs ? [] : ['it has not'],
  );
  script.check(
    'the second apply makes 0 writes',
    slbWrites(foundation)
      .slice(before)
      .map(({ action }) => action),
  );
}

async function askToDelete(stage: Stage, script: Script, operator: Operator): Promise<void> {
  const before = slbWrites(stage.clouds.foundation).length;
  script.step('somebody asks what deleting the group of web would do');
  const { saved } = await operator.plan('--delete', 'web');
  script.check('a group that is used is not deleted, and who uses it is told', [
    ...(saved.plan.held.some(({ by }) => by === 'in-use') ? [] : ['nothing says that it is in use']),
    ...saved.plan.steps.map(({ to }) => to),
    ...slbWrites(stage.clouds.foundation)
      .slice(before)
      .map(({ action }) => action),
  ]);
}

/** A person edits the port, deploys the file, plans and applies. */
async function movePort(stage: Stage, script: Script): Promise<void> {
  const { foundation, slb } = stage.clouds;
  const folder = await mkdtemp(join(tmpdir(), 'slb-autopilot-edited-'));
  try {
    script.step(`somebody edits port ${OLD_PORT} to ${NEW_PORT}, deploys, plans and applies`);
    const configFile = await editedFile(folder);
    const written = slbWrites(foundation).length;
    const sinceMs = foundation.clock.nowMs();
    await stage.redeploy({ config: loadConfig(configFile), configFile });
    const operator = await openTerminal(stage, configFile);
    const { saved } = await operator.plan();
    const joins = saved.plan.steps.filter(({ subject }) => subject.endsWith(`:${NEW_PORT}`));
    script.check(
      `the plan has every server join on port ${NEW_PORT}`,
      joins.length === WEB ? [] : [`${joins.length} of ${WEB} do`],
    );
    requireOk('the apply of the move', await operator.apply());
    await operator.close();
    await script.until('everybody has moved', 60_000, () => checks.groupsNotAsDesired(stage));
    const [web] = boundBindings(stage.config.bindings, slb);
    const lowest = web === undefined ? 0 : lowestCapacity(stage, web, sinceMs);
    const minInService = web?.guards.minInService ?? 0;
    script.check(
      'at no time of the move did fewer backends serve than the guard asks for',
      lowest >= minInService ? [] : [`${lowest} of ${minInService} did`],
      {
        lowest,
        minInService,
        before: WEB * 2,
        writes: slbWrites(foundation).length - written,
        // Add, weight 0, Remove, in as many calls as the servers need.
        leastWrites: 3 * Math.ceil(WEB / PER_CALL),
      },
    );
    script.check('nobody left the old port before its drain time', checks.earlyRemovals(stage));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function editedFile(folder: string): Promise<string> {
  const file = join(folder, 'autopilot.yaml');
  const text = await readFile(CONFIG_FILE, 'utf8');
  await writeFile(file, text.replace(`port: ${OLD_PORT}`, `port: ${NEW_PORT}`));
  return file;
}

async function checkWorld(stage: Stage, script: Script): Promise<void> {
  const { clouds } = stage;
  await script.until('every message is done', 30_000, () => checks.undoneMessages(clouds));
  script.check('everything is as declared at the end', [
    ...groupsNotAsDeclared(stage),
    ...pairsNotAsDeclared(stage),
    ...checks.groupsNotAsDesired(stage),
  ]);
  const calls = functionCalls(clouds.foundation).length;
  script.check('the RAM policy allowed every call', checks.deniedCalls(stage), { calls });
}

function requireOk(what: string, { status, out, err }: Ended): void {
  if (status !== 0) throw new SceneStopped(`${what} ended with ${status}: ${err || out}`);
}

function missingIn(all: ReadonlyArray<string>, wanted: ReadonlyArray<string>): ReadonlyArray<string> {
  const left = [...all];
  return wanted.filter((each) => {
    const index = left.indexOf(each);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

/** Names of groups that more than one call has created. */
function createdTwice(writes: ReadonlyArray<CallRecord>): ReadonlyArray<string> {
  const names = writes.flatMap(({ action, parameters }) => {
    const { vServerGroupName } = parameters as { readonly vServerGroupName?: string };
    return action === 'CreateVServerGroup' ? [vServerGroupName ?? ''] : [];
  });
  return names.filter((name, index) => names.indexOf(name) !== index).map((name) => `${name} twice`);
}
