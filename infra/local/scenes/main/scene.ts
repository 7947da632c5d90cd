import { fileURLToPath } from 'node:url';
import * as checks from '../checks.ts';
import { recordEvents } from '../event-recorder.ts';
import { namedServers, slbWrites } from '../function-calls.ts';
import type { Scene } from '../scene.ts';
import type { Script } from '../script.ts';
import type { Stage } from '../stage.ts';

const SHOP = 'rsp-bp1scene0000000web';
const METRICS = 'rsp-bp1scene000metrics';
const API = 'rsp-bp1scene0000000api';
const KILL = 'the process dies between an SLB write and its record';
const COPIES = 2;
const REORDER_WITHIN_MS = 800;
const TAGS = { web: { role: 'web' }, core: { role: 'web', team: 'core' }, api: { role: 'api' } } as const;

/**
 * The main job from beginning to end: instances start and join, alone and many at once, leave in every way there is,
 * while events come twice and in the wrong order and a function process is killed at the worst moment. In the end
 * every event comes once more, and nothing happens.
 */
export const MAIN_SCENE: Scene = {
  name: 'main',
  title: 'instances join and leave; events doubled and out of order; one function killed; every event again',
  configFile: fileURLToPath(new URL('./autopilot.yaml', import.meta.url)),
  clouds: {
    ecsTimings: { pendingMs: 100, startingMs: 300, stoppingMs: 800, releasingMs: 300 },
    // Fewer processes at a time: two cores must do for the clouds and the functions together.
    streamConcurrency: 2,
    streamTimings: {
      timeBasedWindowMs: 250,
      retry: { backoffMinMs: 500, backoffMaxMs: 1_000, exponentialFirstMs: 500, exponentialMaxMs: 4_000 },
    },
    timerEveryMs: 5_000,
  },
  play,
};

async function play(stage: Stage, script: Script): Promise<void> {
  const { eventBridge, foundation } = stage.clouds;
  const recorder = recordEvents(stage.clouds);
  eventBridge.setDeliveryFaults({ duplicateTimes: COPIES, reorderWithinMs: REORDER_WITHIN_MS });
  foundation.faults.inject({
    name: KILL,
    match: {
      product: 'slb',
      action: 'AddVServerGroupBackendServers',
      subject: 'lb-bp1scene0000000inner',
      callers: 'role-sessions',
    },
    skip: 0,
    times: 1,
    effect: { kind: 'kill-caller', when: 'after' },
  });

  const { first, api, many } = await start(stage, script);
  await leave(stage, script, { first, api, many });
  await settle(stage, script);
  checkArrivals(stage, script, many);
  const events = await recorder.finish();
  await repeat(stage, script, events);
  checkWorld(stage, script);
}

type Ids = ReadonlyArray<string>;

async function start(stage: Stage, script: Script): Promise<{ first: Ids; api: Ids; many: Ids }> {
  const { faults } = stage.clouds.foundation;
  script.step('3 api instances start, each with two ports; the function that adds them is killed at once');
  const api = run(stage, 3, TAGS.api);
  // Before anything else is to do, or the process would hold the other lane as well when it dies.
  await script.until('the fault has struck', 15_000, () => (faults.struck(KILL) === 1 ? [] : ['not yet']));

  script.step('3 web instances start, one of them in two bindings');
  const first = [...run(stage, 2, TAGS.web), ...run(stage, 1, TAGS.core)];
  await script.until('the first 3 web instances are in service', 15_000, () =>
    notServing(stage, SHOP, first),
  );

  script.step('22 more web instances start together (2 of them in two bindings)');
  const many = [...run(stage, 20, TAGS.web), ...run(stage, 2, TAGS.core)];
  await script.until('all 25 web instances are in service', 20_000, () => [
    ...notServing(stage, SHOP, [...first, ...many]),
    ...notServing(stage, METRICS, [...first.slice(2), ...many.slice(20)]),
  ]);
  const adds = slbWrites(stage.clouds.foundation).filter(
    (call) =>
      call.action === 'AddVServerGroupBackendServers' &&
      (call.parameters as { vServerGroupId: string }).vServerGroupId === SHOP &&
      namedServers(call).some((serverId) => many.includes(serverId)),
  );
  script.check(
    'the 22 that started together joined with 2 Add calls',
    adds.length === 2
      ? []
      : [`${adds.length} calls, of ${adds.map((call) => namedServers(call).length).join(', ')} servers`],
  );
  return { first, api, many };
}

async function leave(stage: Stage, script: Script, ids: { first: Ids; api: Ids; many: Ids }): Promise<void> {
  const { ecs } = stage.clouds;
  const stopped = [...ids.many.slice(0, 2), ...ids.many.slice(20, 21), ...ids.api.slice(0, 1)];
  const released = ids.many.slice(2, 4);
  const rebooted = ids.many.slice(4, 5);
  script.step('4 instances stop (one is in two groups, one has two ports), 2 are released, 1 restarts');
  for (const instanceId of stopped) ecs.stopInstance({ instanceId });
  for (const instanceId of released) ecs.deleteInstance({ instanceId, force: true });
  for (const instanceId of rebooted) ecs.rebootInstance({ instanceId });
  await script.until(
    'what left has been drained and removed, and the api group has recovered',
    35_000,
    () => [
      ...stillListed(stage, [...stopped, ...released]),
      ...notServing(stage, SHOP, [...ids.first, ...rebooted]),
      ...notServing(stage, API, ids.api.slice(1)),
    ],
  );
}

/** Waits until every copy of every event has arrived and been worked on. */
async function settle(stage: Stage, script: Script): Promise<void> {
  await script.until('the groups are as desired and nothing is under way', 20_000, () => [
    ...checks.groupsNotAsDesired(stage),
    ...copiesUnderWay(stage, COPIES),
    ...checks.undoneMessages(stage.clouds),
    ...checks.workUnderWay(stage.clouds),
  ]);
}

function checkArrivals({ clouds }: Stage, script: Script, many: Ids): void {
  const { entries } = clouds.foundation.timeline;
  const counts = checks.deliveryCounts(entries);
  const single = [...counts].filter(([, count]) => count < COPIES).map(([id]) => `${id} came once`);
  script.check(`each of the ${counts.size} events was delivered at least twice`, single);
  const published = entries
    .filter(({ kind }) => kind === 'event-published')
    .map(({ details }) => details.eventId);
  const inOrder = published.filter((id) => counts.has(String(id))).join();
  script.check(
    'events were delivered out of order',
    inOrder === [...counts.keys()].join() ? ['all came in order'] : [],
  );
  const struck = clouds.foundation.faults.struck(KILL);
  script.check(
    'one function process was killed between an SLB write and its record',
    struck === 1 ? [] : [`${struck} were killed`],
  );
  const sizes = [SHOP, METRICS, API].map((id) => clouds.slb.group(id)?.backends.length ?? 0).join(', ');
  const expected = [3 + many.length - 5, 2, 4].join(', ');
  script.check(
    'the groups hold 20 web, 2 metrics and 4 api backends',
    sizes === expected ? [] : [`they hold ${sizes}`],
  );
}

async function repeat(
  stage: Stage,
  script: Script,
  events: ReadonlyArray<Parameters<Stage['clouds']['eventBridge']['publish']>[0]>,
): Promise<void> {
  const { foundation, eventBridge } = stage.clouds;
  const writesBefore = slbWrites(foundation).length;
  script.step(`all ${events.length} events come once more, with the same ids`);
  for (const event of events) eventBridge.publish(event);
  await script.until('every event is done and the last writes have been verified', 35_000, () => [
    ...copiesUnderWay(stage, 2 * COPIES),
    ...checks.verificationsDue(stage),
    ...checks.undoneMessages(stage.clouds),
    ...checks.workUnderWay(stage.clouds),
  ]);
  const writes = slbWrites(foundation).slice(writesBefore);
  script.check(
    'a second run of every event caused 0 SLB writes',
    writes.map(({ action, subject }) => `${action} on ${subject}`),
  );
}

function checkWorld(stage: Stage, script: Script): void {
  script.check('the final groups are exactly as desired', checks.groupsNotAsDesired(stage));
  script.check('nothing that is stopping or gone keeps weight', checks.weightOnDeadInstances(stage));
  script.check('nothing was removed before its drain time', checks.earlyRemovals(stage));
  script.check('no two writes to one load balancer overlapped', checks.overlappingWrites(stage));
  script.check('the RAM policy allowed every call', checks.deniedCalls(stage));
  script.check('every message is done, none in quarantine or given up', checks.undoneMessages(stage.clouds));
}

function run({ clouds }: Stage, amount: number, tags: Readonly<Record<string, string>>): Ids {
  return clouds.ecs.runInstances({
    amount,
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  });
}

function notServing({ clouds }: Stage, vServerGroupId: string, ids: Ids): Ids {
  const backends = clouds.slb.group(vServerGroupId)?.backends ?? [];
  const serving = new Set(backends.filter(({ weight }) => weight > 0).map(({ serverId }) => serverId));
  return ids.filter((id) => !serving.has(id)).map((id) => `${id} is not in service in ${vServerGroupId}`);
}

function stillListed({ clouds }: Stage, ids: Ids): Ids {
  return clouds.slb
    .groups()
    .flatMap(({ vServerGroupId, backends }) =>
      backends
        .filter(({ serverId }) => ids.includes(serverId))
        .map(({ serverId, port }) => `${serverId}:${port} is still in ${vServerGroupId}`),
    );
}

/** Copies of events that have not arrived yet: those of the latest events may be on their way unseen. */
function copiesUnderWay({ clouds }: Stage, copies: number): ReadonlyArray<string> {
  const { clock, timeline } = clouds.foundation;
  const latest = timeline.entries.findLast(({ kind }) => kind === 'event-published');
  const isOnItsWay = latest !== undefined && clock.nowMs() < latest.atMs + REORDER_WITHIN_MS + 200;
  const missing = [...checks.deliveryCounts(timeline.entries)].filter(([, count]) => count < copies);
  return [
    ...(isOnItsWay ? ['the latest events are on their way'] : []),
    ...missing.map(([id, count]) => `event ${id} has come ${count} times`),
  ];
}
