import { fileURLToPath } from 'node:url';
import type { CallRecord } from '../../world/calls.ts';
import * as checks from '../checks.ts';
import { functionCalls, slbWrites } from '../function-calls.ts';
import { QUICK_CLOUDS, type Scene } from '../scene.ts';
import { SceneStopped, type Script } from '../script.ts';
import type { Stage } from '../stage.ts';
import { groupsNotAsDeclared, pairsNotAsDeclared } from './checks.ts';
import { type Ended, type Operator, openTerminal } from './operator.ts';

const CONFIG_FILE = fileURLToPath(new URL('./autopilot.yaml', import.meta.url));
const WEB = 25;
const API = 3;
/** What SLB lets a call have. */
const PER_CALL = 20;
/** How long everything is left to itself, to see that nobody writes any more: more than a tick. */
const QUIET_MS = 7_000;

/**
 * A load balancer has three listeners and nobody behind them. Two vServer groups and a pair are written down; a person plans and
 * applies; then they exist, are filled and used, and there is nothing left to do.
 */
export const GROUPS_SCENE: Scene = {
  name: 'groups',
  title: 'two vServer groups and a pair are declared; one apply creates, tags, fills and binds them',
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
  checkWorld(stage, script);
}

async function setTheScene({ clouds, config }: Stage, script: Script): Promise<void> {
  const { ecs, slb } = clouds;
  script.step('a load balancer with three listeners, and instances that no group has');
  for (const { loadBalancerId, listeners } of config.pairs) {
    for (const { protocol, port } of listeners) {
      slb.seedListener({
        loadBalancerId,
        listenerProtocol: protocol,
        listenerPort: port,
        backendServerPort: port,
      });
    }
  }
  const start = (amount: number, role: string) =>
    ecs.runInstances({ amount, tags: [{ key: 'role', value: role }] });
  const members = config.pairs.flatMap(({ group }) =>
    group === null ? [] : [group.primary.serverId, group.secondary.serverId],
  );
  const instanceIds = [
    ...start(WEB, 'web'),
    ...start(API, 'api'),
    ...ecs.runInstances({
      amount: members.length,
      tags: [{ key: 'role', value: 'db' }],
      instanceIds: members,
    }),
  ];
  await script.until('all of them run', 15_000, () =>
    instanceIds.filter((id) => ecs.find(id)?.status !== 'Running'),
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
  const servers = WEB * 2 + API;
  // Two groups and the pair; their members; two listeners, one rule, and the listener of the pair.
  const least = 3 + Math.ceil((WEB * 2) / PER_CALL) + Math.ceil(API / PER_CALL) + 4;
  script.check('nothing was created twice', createdTwice(writes), {
    servers,
    writes: writes.length,
    leastWrites: least,
    writesPerLeast: Number((writes.length / least).toFixed(2)),
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

function checkWorld(stage: Stage, script: Script): void {
  const { clouds } = stage;
  script.check('everything is as declared at the end', [
    ...groupsNotAsDeclared(stage),
    ...pairsNotAsDeclared(stage),
    ...checks.groupsNotAsDesired(stage),
  ]);
  const calls = functionCalls(clouds.foundation).length;
  script.check('the RAM policy allowed every call', checks.deniedCalls(stage), { calls });
  script.check('every message is done', checks.undoneMessages(clouds));
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
