import { fileURLToPath } from 'node:url';
import { QUEUES } from '../../../../shared/adapters/mns/queues.ts';
import { REQUEST_KIND } from '../../../../shared/requests/document.ts';
import type { SweepReport } from '../../../../shared/sweep/model.ts';
import { describeSweep } from '../../../../shared/sweep/report.ts';
import { pairsOf, rowsOf } from '../../simulator/play/tables.ts';
import * as checks from '../checks.ts';
import { functionCalls, slbWrites } from '../function-calls.ts';
import { notPlaced, placementsOf } from '../placements.ts';
import { type Desk, openDesk } from '../requests/desk.ts';
import { QUICK_CLOUDS, type Scene } from '../scene.ts';
import type { Script } from '../script.ts';
import { firstGroupOf, seedPair } from '../seed-pairs.ts';
import type { Stage } from '../stage.ts';
import { notAt, placeIn, textsOf } from './backends.ts';
import { bindingOf, type Cast, pairOf, QUICK_CHECKS, startCast } from './cast.ts';
import { nameOf, strangersChanged, writesToStrangers } from './checks.ts';
import { doDamage, WEB_PARTS } from './damage.ts';
import { checkMended, untilMended } from './mended.ts';
import { beginOutage } from './outage.ts';
import { stopSweeping, sweepOnce } from './sweep.ts';
import { checkTold } from './told.ts';

/** A server may become a primary once it has been Running for `runningFor`; a moment more for its start. */
const PROVEN_MS = 11_000;
const OVERRIDE = { for: '9s', weight: 20 } as const;
const NOT_UNDERSTOOD = '{"whose":"nobody knows"}';

/**
 * Everything is damaged while no function is called and every event is lost: instances, weights, members, listeners, groups,
 * pairs. Then there is one sweep, and what comes of it is as the configuration says, but for what is only told, and why.
 */
export const DRIFT_SCENE: Scene = {
  name: 'drift',
  title:
    'everything is damaged while no function is called; one sweep mends it, and tells what it leaves alone',
  configFile: fileURLToPath(new URL('./autopilot.yaml', import.meta.url)),
  clouds: {
    ...QUICK_CLOUDS,
    // A group that its listener has let go may be deleted at once.
    switches: { slbAssociationLingersMs: 0 },
  },
  async play(stage, script) {
    const desk = await openDesk(stage.clouds);
    try {
      await play({ stage, script, desk });
    } finally {
      await desk.close();
    }
  },
};

interface Play {
  readonly stage: Stage;
  readonly script: Script;
  readonly desk: Desk;
}

async function play(here: Play): Promise<void> {
  const { stage, script } = here;
  const { clouds } = stage;
  const cast = await setTheScene(here);
  await leaveThingsUnderWay(here, cast);
  script.step(
    'every timer, rule, stream and wake-up is gone: nobody is told anything, and no function is called',
  );
  const outage = await beginOutage(clouds, script);
  const begunAtMs = clouds.foundation.clock.nowMs();
  const writesBefore = slbWrites(clouds.foundation).length;
  checkUnderWay(here, cast);
  script.step(
    'instances start, stop and lose their tag; people change weights, members, listeners and groups',
  );
  const damage = await doDamage(stage, script, cast);
  const drainMs = bindingOf(stage, 'web').drain.timeMs;
  const endsAtMs = Math.max(begunAtMs + drainMs, overrideEndMs(clouds, cast));
  await script.until('the override and the drain are past their ends', 15_000, () =>
    clouds.foundation.clock.nowMs() > endsAtMs ? [] : ['they are not'],
  );
  const strangers = textsOf(stage, damage.strangers);
  const different = checks.groupsNotAsDesired(stage).length;
  script.check(
    'no function wrote anything during the outage',
    slbWrites(clouds.foundation)
      .slice(writesBefore)
      .map(({ action }) => action),
    { different },
  );
  script.step('one sweep');
  const sweptAtMs = clouds.foundation.clock.nowMs();
  const report = await sweepOnce(stage);
  const story = { stage, script, cast, damage };
  tellReport(script, report);
  // Some of it waits: joins for company, calls for their turn, on a busy machine all of it. Nobody else wakes anybody up.
  const atOnce = slbWrites(clouds.foundation).length - writesBefore;
  const { activeMessages, delayMessages } = clouds.mns.getQueueAttributes(QUEUES.wakeUps);
  script.check(
    'the sweep has begun to mend, or has called whoever will, before anything else was called',
    atOnce + activeMessages + delayMessages > 0 ? [] : ['it has written nothing, and called nobody'],
    { sweepWrites: atOnce },
  );
  script.step('the functions are called again; no timer of the sweep among them');
  outage.end();
  await untilMended(story);
  checkMended(story, { msFromSweepToMended: clouds.foundation.clock.nowMs() - sweptAtMs });
  checkTold({ ...story, report });
  script.check(
    'every backend of strangers is byte for byte as before, and no write named one',
    [
      ...strangersChanged(strangers, textsOf(stage, damage.strangers)),
      ...writesToStrangers(slbWrites(clouds.foundation), damage.strangers),
    ],
    { strangers: strangers.size },
  );
  await sweepAgain(here, report);
  checkWorld(here, cast);
}

async function setTheScene({ stage, script }: Play): Promise<Cast> {
  const { clouds } = stage;
  stopSweeping(stage);
  script.step('instances of five bindings start, and two pairs with a standby');
  const cast = startCast(stage);
  const startedAtMs = clouds.foundation.clock.nowMs();
  seedPair(clouds, pairOf(stage, 'orders-db'), cast.orders, QUICK_CHECKS);
  seedPair(clouds, pairOf(stage, 'billing-db'), cast.billing, QUICK_CHECKS);
  clouds.mns.sendMessage(QUEUES.instanceEvents, { body: NOT_UNDERSTOOD });
  await script.until('all are in service, and the pairs are known', 30_000, () => [
    ...clouds.ecs.instances().flatMap(({ instanceId, status }) => (status === 'Running' ? [] : [instanceId])),
    ...checks.groupsNotAsDesired(stage),
    ...(pairsOf(clouds).filter(({ groupId }) => groupId !== null).length === 2
      ? []
      : ['a pair is not known']),
    ...(rowsOf(clouds, 'quarantine').length === 1 ? [] : ['the message is not in quarantine']),
    ...(clouds.foundation.clock.nowMs() < startedAtMs + PROVEN_MS ? ['no server has proven itself'] : []),
  ]);
  return cast;
}

/** A promotion that ends; then a drain, and an override for a time, which the outage is to surprise. */
async function leaveThingsUnderWay({ stage, script, desk }: Play, cast: Cast): Promise<void> {
  const { clouds } = stage;
  const orders = pairOf(stage, 'orders-db');
  const ask = { kind: REQUEST_KIND, version: 1, requestedBy: 'ops', reason: 'as planned' } as const;
  script.step('ops asks for a promotion of orders-db');
  await desk.put({ ...ask, requestId: 'promote-1', change: { kind: 'promote', pair: orders.name } });
  const { primaryId, secondaryId } = cast.orders;
  await script.until('it is promoted, and the old group is gone', 20_000, () => [
    ...notPlaced(placementsOf(clouds, orders.loadBalancerId), secondaryId, primaryId),
    ...(clouds.slb.masterSlaveGroup(firstGroupOf(orders)) === null ? [] : ['the old group is there']),
    ...(pairsOf(clouds).find(({ name }) => name === orders.name)?.saga?.outcome === 'done'
      ? []
      : ['not done']),
  ]);
  const drainingId = cast.web[WEB_PARTS.draining] ?? '';
  const overriddenId = cast.web[WEB_PARTS.overridden] ?? '';
  script.step(`ops asks for another weight of ${overriddenId} for ${OVERRIDE.for}; ${drainingId} stops`);
  const { weight, for: duration } = OVERRIDE;
  const instances = [overriddenId];
  await desk.put({
    ...ask,
    requestId: 'weight-1',
    change: { kind: 'set-weight', binding: 'web', instances, weight, for: duration },
  });
  await script.until('the override is in force', 10_000, () =>
    notAt(stage, placeIn(stage, 'web', overriddenId), weight),
  );
  clouds.ecs.stopInstance({ instanceId: drainingId });
  await script.until('the drain has begun', 10_000, () => underWayProblems(stage, cast));
}

function underWayProblems(stage: Stage, cast: Cast): ReadonlyArray<string> {
  return [
    ...notAt(stage, placeIn(stage, 'web', cast.web[WEB_PARTS.draining]), 0),
    ...notAt(stage, placeIn(stage, 'web', cast.web[WEB_PARTS.overridden]), OVERRIDE.weight),
  ];
}

/** When the override ends, as the product has recorded it; what is not there has ended. */
function overrideEndMs(clouds: Stage['clouds'], cast: Cast): number {
  const ends = rowsOf(clouds, 'backends').map(({ columns }) => {
    const row = JSON.parse(String(columns.row ?? '{}')) as {
      readonly serverId?: string;
      readonly override?: { readonly untilMs: number } | null;
    };
    return row.serverId === cast.web[WEB_PARTS.overridden] ? (row.override?.untilMs ?? 0) : 0;
  });
  return Math.max(0, ...ends);
}

function checkUnderWay({ stage, script }: Play, cast: Cast): void {
  script.check('the outage caught a drain and an override in the middle', underWayProblems(stage, cast));
}

/** The report in the words that people get: its sentence, what is held and why, and its remarks. */
function tellReport(script: Script, report: SweepReport): void {
  script.step(describeSweep(report));
  for (const { name, lines, remarks } of report.sections) {
    for (const line of lines) {
      if (line.kind === 'held') script.step(`${name}: held (${line.by}): ${line.reason}`);
    }
    for (const remark of remarks) script.step(`${name}: ${remark}`);
  }
  for (const remark of report.remarks) script.step(remark);
}

async function sweepAgain({ stage, script }: Play, first: SweepReport): Promise<void> {
  const { foundation } = stage.clouds;
  const before = slbWrites(foundation).length;
  script.step('one more sweep');
  const { counts } = await sweepOnce(stage);
  script.check(
    'the next sweep finds what is held and no more: 0 SLB writes',
    [
      ...slbWrites(foundation)
        .slice(before)
        .map(({ action }) => action),
      ...(counts.found === counts.held ? [] : [`it found ${counts.found}, of which ${counts.held} are held`]),
    ],
    { found: first.counts.found, corrected: first.counts.corrected, held: counts.held },
  );
}

function checkWorld({ stage, script }: Play, cast: Cast): void {
  const { clouds } = stage;
  // Somebody else took it out, with all its weight.
  const takenOut = nameOf(placeIn(stage, 'web', cast.web[WEB_PARTS.takenOut]));
  const early = checks.earlyRemovals(stage).filter((text) => !text.startsWith(takenOut));
  script.check('nothing of ours was removed before its drain time', early);
  // Not to be listed once is no proof that it is gone.
  const released = nameOf(placeIn(stage, 'web', cast.web[WEB_PARTS.released]));
  const dead = checks.weightOnDeadInstances(stage).filter((text) => !text.startsWith(released));
  script.check('nothing that is known to be stopping or gone keeps weight', dead);
  script.check('no two writes to one load balancer overlapped', checks.overlappingWrites(stage));
  const calls = functionCalls(clouds.foundation).length;
  script.check('the RAM policy allowed every call', checks.deniedCalls(stage), { calls });
  const notes = `1 messages on ${QUEUES.quarantine}`;
  const undone = checks.undoneMessages(clouds).filter((text) => text !== notes);
  script.check('every message is done, but for the one in quarantine', undone);
}
