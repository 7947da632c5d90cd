import { fileURLToPath } from 'node:url';
import type { Pair } from '../../../../shared/config/pair.ts';
import { rowsOf } from '../../simulator/play/tables.ts';
import type { CallRecord } from '../../world/calls.ts';
import * as checks from '../checks.ts';
import { functionCalls, slbWrites } from '../function-calls.ts';
import { notPlaced, placementsOf } from '../placements.ts';
import { QUICK_CLOUDS, type Scene } from '../scene.ts';
import { SceneStopped, type Script } from '../script.ts';
import type { Stage } from '../stage.ts';
import { type AuditRow, changedParameters, missingEntries, unauditedCalls } from './checks.ts';
import { FIRST_GROUP, seedPair } from './pair.ts';
import { ServingRecorder } from './serving.ts';

/** From a listener's first failed check to the second, which counts, and as much again for a busy computer. */
const FAILOVER_MAX_MS = 6_000;

/**
 * The primary of a pair behind two listeners is killed. CLB's own failover covers until the product has made the secondary
 * the primary and a standby the secondary; then the killed one returns, and everything stays as it is.
 */
export const PROMOTION_SCENE: Scene = {
  name: 'promotion',
  title: 'the primary of a pair behind two listeners is killed; the secondary takes over, and it returns',
  configFile: fileURLToPath(new URL('./autopilot.yaml', import.meta.url)),
  clouds: {
    ...QUICK_CLOUDS,
    // One setting more that does not stay by itself.
    switches: { slbSetWithoutPersistenceTimeout: 'reset-to-0' },
  },
  play,
};

/** The members, by what they were at first. */
interface Cast {
  readonly pair: Pair;
  readonly primaryId: string;
  readonly secondaryId: string;
  readonly standbyId: string;
}

async function play(stage: Stage, script: Script): Promise<void> {
  const { slb, foundation } = stage.clouds;
  const cast = await setTheScene(stage, script);
  const { loadBalancerId } = cast.pair;
  const before = slb.listenersOf(loadBalancerId);
  const killedAtMs = await kill(stage, script, cast);
  checkMoves(stage, script, cast, killedAtMs);
  script.check(
    'the listeners read back on the new group, every parameter as before',
    changedParameters(before, slb.listenersOf(loadBalancerId)),
    { listeners: before.length, repairs: slbWrites(foundation).filter(isPoint).length - before.length },
  );
  await returnOfTheKilled(stage, script, cast);
  checkAudit(stage, script, cast);
  checkWorld(stage, script);
}

async function setTheScene({ clouds, config }: Stage, script: Script): Promise<Cast> {
  const { ecs } = clouds;
  const [pair] = config.pairs;
  if (pair === undefined) throw new SceneStopped('the configuration has no pair');
  script.step('a primary and a secondary behind two listeners, and a standby in the pool');
  const start = (amount: number, role: string) =>
    ecs.runInstances({ amount, tags: [{ key: 'role', value: role }] });
  const [primaryId = '', secondaryId = ''] = start(2, 'db');
  const [standbyId = ''] = start(1, 'db-standby');
  await script.until('all three instances run', 10_000, () =>
    [primaryId, secondaryId, standbyId].filter((id) => ecs.find(id)?.status !== 'Running'),
  );
  seedPair(clouds, pair, [primaryId, secondaryId]);
  await script.until('the product has found the pair', 15_000, () =>
    rowsOf(clouds, 'promotions').length === 0 ? ['nothing is recorded'] : [],
  );
  return { pair, primaryId, secondaryId, standbyId };
}

/** Returns when it was. */
async function kill({ clouds }: Stage, script: Script, cast: Cast): Promise<number> {
  const { pair, primaryId, secondaryId, standbyId } = cast;
  const { loadBalancerId } = pair;
  const { ecs, slb, foundation } = clouds;
  const serving = new ServingRecorder(clouds, loadBalancerId);
  script.step(`the primary ${primaryId} is killed`);
  const killedAtMs = foundation.clock.nowMs();
  ecs.stopInstance({ instanceId: primaryId, forceStop: true });
  await script.until("CLB's own failover sends to the secondary", FAILOVER_MAX_MS, () => serving.look());
  const stillFirst = placementsOf(clouds, loadBalancerId).filter(
    ({ group }) => group?.masterSlaveServerGroupId === FIRST_GROUP,
  );
  const gapMs = Math.max(0, ...serving.gapsMs.map(({ ms }) => ms));
  script.check(
    "CLB's own failover covered the time until the promotion",
    stillFirst.length === pair.listeners.length ? [] : ['a listener had moved before it'],
    { unservedMs: gapMs },
  );
  const gaps = serving.gapsMs.length;
  await script.until('the secondary is the primary, and the standby the secondary', 20_000, () => {
    serving.look();
    return notPlaced(placementsOf(clouds, loadBalancerId), secondaryId, standbyId);
  });
  await script.until('the old group is gone', 20_000, () => {
    serving.look();
    return slb.masterSlaveGroup(FIRST_GROUP) === null ? [] : [`${FIRST_GROUP} is there`];
  });
  script.check(
    'from then on every listener has sent to somebody who answers',
    serving.gapsMs.slice(gaps).map(({ listener, ms }) => `${listener} did not for ${ms} ms`),
  );
  return killedAtMs;
}

function checkMoves({ clouds }: Stage, script: Script, { pair }: Cast, killedAtMs: number): void {
  const { foundation, slb } = clouds;
  const moves = foundation.timeline.entries.filter(({ kind }) => kind === 'listener-moved');
  const calls = functionCalls(foundation).filter(({ startedAtMs }) => startedAtMs >= killedAtMs);
  const ofClouds = calls.filter(({ product }) => product === 'slb' || product === 'ecs');
  script.check(
    'each listener moved once',
    moves.length === pair.listeners.length ? [] : [`there were ${moves.length} moves`],
    {
      msFromKillToFirst: (moves[0]?.atMs ?? 0) - killedAtMs,
      msFromKillToLast: (moves.at(-1)?.atMs ?? 0) - killedAtMs,
      cloudCalls: ofClouds.filter(({ endedAtMs }) => endedAtMs <= (moves.at(-1)?.atMs ?? 0)).length,
    },
  );
  const writes = slbWrites(foundation);
  const of = (action: string) => writes.filter((call) => call.action === action);
  const created = of('CreateMasterSlaveServerGroup').length;
  const groups = slb.masterSlaveGroupsOf(pair.loadBalancerId);
  script.check(
    'one group was created, and it is the only one left',
    created === 1 && groups.length === 1 ? [] : [`${created} were created, ${groups.length} are there`],
    { writes: writes.length },
  );
  const refused = writes.filter(({ errorCode }) => errorCode !== null);
  script.check(
    'no write was refused but for a group that had been let go a moment ago',
    refused
      .filter(({ errorCode }) => errorCode !== 'RspoolVipExist')
      .map(({ action, errorCode }) => `${action}: ${errorCode}`),
    { refusals: refused.length },
  );
  const tags = groups[0]?.tags ?? [];
  script.check(
    'the new group has the tags of the old one and ours',
    ['team', 'slb-autopilot:pair', 'slb-autopilot:change']
      .filter((key) => !tags.some((tag) => tag.key === key))
      .map((key) => `the tag ${key} is missing`),
    { tags: tags.length },
  );
}

async function returnOfTheKilled(stage: Stage, script: Script, cast: Cast): Promise<void> {
  const { clouds } = stage;
  const { pair, primaryId, secondaryId, standbyId } = cast;
  const writesBefore = slbWrites(clouds.foundation).length;
  script.step(`the former primary ${primaryId} returns`);
  clouds.ecs.startInstance({ instanceId: primaryId });
  await script.until('it runs, its event is done and the last writes have been verified', 35_000, () => [
    ...(clouds.ecs.find(primaryId)?.status === 'Running' ? [] : ['it does not run yet']),
    ...checks.verificationsDue(stage),
    ...checks.undoneMessages(clouds),
    ...checks.workUnderWay(clouds),
  ]);
  const writes = slbWrites(clouds.foundation).slice(writesBefore);
  script.check(
    'nothing flips back: its return leads to 0 SLB writes',
    [
      ...writes.map(({ action }) => action),
      ...notPlaced(placementsOf(clouds, pair.loadBalancerId), secondaryId, standbyId),
    ],
    { writes: writes.length },
  );
}

function checkAudit({ clouds }: Stage, script: Script, { pair, secondaryId, standbyId }: Cast): void {
  const audit = rowsOf(clouds, 'audit')
    .map(({ key, columns }): AuditRow & { readonly subject: string } => ({
      subject: key[0] ?? '',
      atMs: Number(key[1]),
      action: String(columns.action),
      reason: String(columns.reason),
      requestIds: String(columns.requestIds)
        .split(/[^A-Za-z0-9-]+/)
        .filter((id) => id !== ''),
    }))
    .filter(({ subject }) => subject === `pair:${pair.name}`)
    .sort((a, b) => a.atMs - b.atMs);
  const newId = clouds.slb.masterSlaveGroupsOf(pair.loadBalancerId)[0]?.masterSlaveServerGroupId ?? '';
  script.check(
    'the audit tells it in order: found, begun, created, pointed, deleted, ended',
    missingEntries(audit, [
      ['pair-adopted', `its group is ${FIRST_GROUP}`],
      ['pair-change-begun', 'promotion 1: '],
      [
        'pair-called',
        `create slb-autopilot/${pair.name}/1 with ${secondaryId} as the primary and ${standbyId} as the secondary`,
      ],
      ...pair.listeners.map(
        ({ protocol, port }) => ['pair-called', `point ${protocol}:${port} at ${newId}`] as const,
      ),
      ['pair-called', `delete ${FIRST_GROUP}`],
      ['pair-change-ended', 'promotion 1 done'],
    ]),
    { entries: audit.length },
  );
  const begun = audit.filter(({ action }) => action === 'pair-change-begun').length;
  script.check('one change was begun', begun === 1 ? [] : [`${begun} were begun`]);
  script.check('it names the request of every write', unauditedCalls(audit, slbWrites(clouds.foundation)));
}

function checkWorld(stage: Stage, script: Script): void {
  const { clouds } = stage;
  script.check('no two writes to one load balancer overlapped', checks.overlappingWrites(stage));
  const calls = functionCalls(clouds.foundation).length;
  script.check('the RAM policy allowed every call', checks.deniedCalls(stage), { calls });
  script.check('every message is done, none in quarantine or given up', checks.undoneMessages(clouds));
}

function isPoint({ action, errorCode }: CallRecord): boolean {
  return action.startsWith('SetLoadBalancer') && errorCode === null;
}
