import { fileURLToPath } from 'node:url';
import { backendLivesIn } from '../backend-lives.ts';
import * as checks from '../checks.ts';
import { functionCalls } from '../function-calls.ts';
import { QUICK_CLOUDS, type Scene } from '../scene.ts';
import type { Script } from '../script.ts';
import type { Stage } from '../stage.ts';
import {
  answeredBeforeDrained,
  answeredBeforeServing,
  type Found,
  type HealthyAtAnswer,
  notAnsweredOnce,
  timeouts,
} from './checks.ts';
import { waitsIn } from './waits.ts';

const SCALING_GROUP = 'asg-bp1scene0000hooks';
const SIZES = { first: 3, most: 30, last: 5 } as const;
/** The application on an instance begins to answer so long after the instance runs. */
const APPLICATION_STARTS_MS = 1_500;
/** A server is found good after two seconds instead of six. */
const QUICK_CHECKS = { HealthCheckInterval: '1', HealthyThreshold: '2' };
const COPIES = 2;

/**
 * A scaling group grows from 3 to 30 instances and shrinks to 5, each time held up by a lifecycle hook until the
 * instances serve behind two load balancers, or are drained from both. Every message of a hook comes twice.
 */
export const HOOKS_SCENE: Scene = {
  name: 'hooks',
  title:
    'a scaling group goes from 3 to 30 and to 5 instances, with lifecycle hooks each way; messages doubled',
  configFile: fileURLToPath(new URL('./autopilot.yaml', import.meta.url)),
  clouds: QUICK_CLOUDS,
  play,
};

async function play(stage: Stage, script: Script): Promise<void> {
  const { ecs, ess, slb } = stage.clouds;
  ess.setNotificationFaults({ duplicateTimes: COPIES });
  ecs.onStateChange(({ instanceId, state }) => {
    if (state !== 'Created') return;
    ecs.applications.set({ instanceId }, { kind: 'serves', afterMs: APPLICATION_STARTS_MS });
  });
  for (const { loadBalancerId } of stage.config.bindings) {
    for (const { listenerPort, listenerProtocol } of slb.listeners.of(loadBalancerId)) {
      slb.listeners.set({ loadBalancerId, listenerPort, listenerProtocol, settings: QUICK_CHECKS });
    }
  }
  const healthy = noteHealth(stage);

  script.step(`the scaling group begins with ${SIZES.first} instances`);
  await scaleTo(stage, script, SIZES.first);
  script.step(
    `it scales out to ${SIZES.most}: the hook holds the new ones back until each serves in both groups`,
  );
  await scaleTo(stage, script, SIZES.most);
  script.step(
    `it scales in to ${SIZES.last}: the hook keeps the leaving ones until both groups are done with them`,
  );
  await scaleTo(stage, script, SIZES.last);
  await script.until('every message is done and nothing is under way', 20_000, () => [
    ...checks.groupsNotAsDesired(stage),
    ...checks.undoneMessages(stage.clouds),
    ...checks.workUnderWay(stage.clouds),
  ]);
  checkHooks(stage, script, healthy);
  checkWorld(stage, script);
}

async function scaleTo({ clouds }: Stage, script: Script, size: number): Promise<void> {
  const { ess } = clouds;
  const id = ess.scaleWithAdjustment({
    scalingGroupId: SCALING_GROUP,
    adjustmentType: 'TotalCapacity',
    adjustmentValue: size,
  });
  await script.until(`Auto Scaling has ${size} instances in service`, 40_000, () => {
    const { statusCode, stage: at } = ess.activity(id) ?? {};
    return statusCode === 'InProgress' ? [`its activity is ${at}`] : [];
  });
}

/** Notes what the health checks say at every answer: afterwards nobody can tell. */
function noteHealth({ clouds, config }: Stage): HealthyAtAnswer {
  const { foundation, slb } = clouds;
  const healthy = new Map<string, ReadonlySet<string>>();
  const loadBalancerIds = new Set(config.bindings.map(({ loadBalancerId }) => loadBalancerId));
  foundation.timeline.onEntry(({ source, kind, details }) => {
    if (source !== 'ess' || kind !== 'hook-completed') return;
    const found = [...loadBalancerIds].flatMap((loadBalancerId) => slb.health.describe({ loadBalancerId }));
    const good = found.filter(({ serverHealthStatus }) => serverHealthStatus === 'normal');
    healthy.set(
      String(details.lifecycleActionToken),
      new Set(good.map(({ serverId, port }) => `${serverId}:${port}`)),
    );
  });
  return healthy;
}

function checkHooks({ clouds, config }: Stage, script: Script, healthy: HealthyAtAnswer): void {
  const { entries } = clouds.foundation.timeline;
  const { bindings } = config;
  const waits = waitsIn(entries);
  const lives = backendLivesIn(entries);
  const calls = functionCalls(clouds.foundation).filter(({ product }) => product === 'ess');
  const sent = (action: string) => calls.filter((call) => call.action === action);
  const check = (sentence: string, { problems, figures }: Found) => script.check(sentence, problems, figures);

  check(
    'every token was answered exactly once, by the functions, with CONTINUE',
    notAnsweredOnce(waits, sent('CompleteLifecycleAction')),
  );
  check(
    'on the way in, only after each instance was a ready backend with weight in both groups',
    answeredBeforeServing(waits, lives, bindings, healthy),
  );
  check(
    'on the way out, only after weight 0 had lasted the drain time and the backend was removed',
    answeredBeforeDrained(waits, lives, bindings),
  );
  check('Auto Scaling saw no timeout', timeouts(waits, sent('RecordLifecycleActionHeartbeat').length));
  const told = entries.filter(({ kind }) => kind === 'hook-notified').length;
  script.check(
    `each token was told ${COPIES} times`,
    told === COPIES * waits.length ? [] : [`${told} messages for ${waits.length} tokens`],
    { messages: told },
  );
  const changes = [SIZES.first, SIZES.most, SIZES.last].map((size, index, sizes) =>
    Math.abs(size - (sizes[index - 1] ?? 0)),
  );
  const held = waits.map(({ instanceIds }) => instanceIds.length);
  script.check(
    `the hooks held ${changes.join(', ')} instances`,
    held.join() === changes.join() ? [] : [`they held ${held.join(', ')}`],
    { autoScalingCalls: calls.length },
  );
}

function checkWorld(stage: Stage, script: Script): void {
  const { ess, slb } = stage.clouds;
  const inService = ess.members(SCALING_GROUP).filter(({ lifecycleState }) => lifecycleState === 'InService');
  script.check(
    `the scaling group has ${SIZES.last} instances in service`,
    inService.length === SIZES.last ? [] : [`it has ${inService.length}`],
    { instances: inService.length },
  );
  const backends = slb.groups().reduce((total, group) => total + group.backends.length, 0);
  script.check('the weights at the end are as configured', checks.groupsNotAsDesired(stage), { backends });
  script.check('no two writes to one load balancer overlapped', checks.overlappingWrites(stage));
  const calls = functionCalls(stage.clouds.foundation).length;
  script.check('the RAM policy allowed every call', checks.deniedCalls(stage), { calls });
  script.check('every message is done, none in quarantine or given up', checks.undoneMessages(stage.clouds));
}
