import type { MemoryClouds } from '../../../infra/local/memory/clouds.ts';
import { type Config, parseConfig } from '../../../shared/config/load.ts';
import { HOOK_QUEUE } from '../../../shared/scaling/model.ts';

/** The load balancer, the group and the weight that every story is about. */
export const LOAD_BALANCER = 'lb-story';
/** @see LOAD_BALANCER */
export const GROUP = 'rsp-story';
/** @see LOAD_BALANCER */
export const PORT = 8080;
/** The scaling group of the stories that have one. */
export const SCALING_GROUP = 'asg-story';
/** The drain time of every story. */
export const DRAIN_MS = 30_000;
/** At least so many backends of ours stay in service, once they are. */
export const MIN_IN_SERVICE = 1;

/** Something that happens to instances, the same in every run. */
export interface Story {
  readonly name: string;
  readonly config: Config;
  /** What is there when the curtain rises: so many instances in service. */
  readonly inService: number;
  /** They are those of a scaling group with a hook each way, which a binding by tags knows nothing of. */
  readonly isScaled?: true;
  /** What happens then. */
  begin(clouds: MemoryClouds): void;
  /** Messages that nobody can read. @default 0 */
  readonly quarantined?: number;
  /** The instances that are in the group at the end, by their order of creation from 0. */
  readonly atEnd: ReadonlyArray<number>;
}

/** Instances that the binding selects. */
export function startInstances({ ecs }: MemoryClouds, amount: number): void {
  ecs.runInstances({ amount, tags: [{ key: 'role', value: 'web' }] });
}

/** The story's own instances, in order of creation, released ones left out. */
export function instancesOf({ ecs }: MemoryClouds): ReadonlyArray<string> {
  return ecs
    .instances()
    .filter(({ tags }) => tags.some(({ value }) => value === 'web'))
    .map(({ instanceId }) => instanceId);
}

/**
 * A configuration with this one binding; full comparisons are left out, for they would mend what nothing else did. `more` =
 * whole sections.
 */
export function configured(policy: object, more: object = {}): Config {
  const binding = {
    name: 'story',
    loadBalancer: LOAD_BALANCER,
    vServerGroup: GROUP,
    selector: { tags: { role: 'web' } },
    ports: [{ port: PORT, weight: 100 }],
    drain: { time: `${DRAIN_MS / 1_000}s` },
    guards: { minInService: MIN_IN_SERVICE, maxDisruption: 100 },
    ...policy,
  };
  const timing = { compare: '24h' };
  const file = { version: 1, region: 'cn-hangzhou', bindings: [binding], timing, ...more };
  return parseConfig(JSON.stringify(file), 'autopilot.yaml');
}

const plain = configured({});
const ramp = { ramp: { steps: [10, 50], every: '5s' } };

/** The hooks of the scaling group notify us; drains end long before their timeout. */
export function seedScalingGroup({ ess, foundation }: MemoryClouds): void {
  const { region, identities } = foundation;
  ess.seedScalingGroup({
    scalingGroupId: SCALING_GROUP,
    minSize: 0,
    maxSize: 10,
    instanceTags: [{ key: 'role', value: 'web' }],
  });
  for (const lifecycleTransition of ['SCALE_IN', 'SCALE_OUT']) {
    ess.seedLifecycleHook({
      lifecycleHookId: `ash-${lifecycleTransition.toLowerCase().replace('_', '-')}`,
      scalingGroupId: SCALING_GROUP,
      lifecycleTransition,
      notificationArn: `acs:mns:${region}:${identities.accountId}:queue/${HOOK_QUEUE}`,
    });
  }
}

/** The scaling group grows, or shrinks by its oldest instances. */
function scale({ ess }: MemoryClouds, by: number): void {
  ess.scaleWithAdjustment({
    scalingGroupId: SCALING_GROUP,
    adjustmentType: 'QuantityChangeInCapacity',
    adjustmentValue: by,
  });
}

/** The first instance of the story. */
function firstOf(clouds: MemoryClouds): { instanceId: string } {
  const [instanceId = ''] = instancesOf(clouds);
  return { instanceId };
}

/** Every story of the product's life of a backend. */
export const STORIES = {
  join: {
    name: 'two instances join',
    config: plain,
    inService: 0,
    begin: (clouds) => startInstances(clouds, 2),
    atEnd: [0, 1],
  },
  rampByProbe: {
    name: 'an instance joins, is probed until it answers, and is ramped up',
    config: configured({ readiness: 'probe', probe: { every: '3s' }, join: { weight: 0, ...ramp } }),
    inService: 0,
    begin(clouds) {
      startInstances(clouds, 1);
      const { instanceId } = firstOf(clouds);
      clouds.ecs.applications.set({ instanceId }, { kind: 'serves', afterMs: 5_000 });
    },
    atEnd: [0],
  },
  rampByLoadBalancer: {
    name: 'an instance joins, is healthy by the load balancer, and is ramped up',
    config: configured({ readiness: 'load-balancer', join: { weight: 1, ...ramp } }),
    inService: 0,
    begin: (clouds) => startInstances(clouds, 1),
    atEnd: [0],
  },
  drain: {
    name: 'one of two instances stops and is drained and removed',
    config: plain,
    inService: 2,
    begin: (clouds) => clouds.ecs.stopInstance({ ...firstOf(clouds), forceStop: true }),
    atEnd: [1],
  },
  rejoin: {
    name: 'one of two instances reboots, is drained meanwhile and comes back',
    config: plain,
    inService: 2,
    begin: (clouds) => clouds.ecs.rebootInstance(firstOf(clouds)),
    atEnd: [0, 1],
  },
  scaleIn: {
    name: 'one of two instances leaves its scaling group, whose hook waits for the drain',
    config: configured({}, { scaling: { groups: [{ id: SCALING_GROUP }] } }),
    inService: 2,
    isScaled: true,
    begin: (clouds) => scale(clouds, -1),
    // Released ones are not counted.
    atEnd: [0],
  },
  scaleOut: {
    name: 'an instance comes into a scaling group, whose hook waits for it to serve',
    config: configured({}, { scaling: { groups: [{ id: SCALING_GROUP }] } }),
    inService: 0,
    isScaled: true,
    begin: (clouds) => scale(clouds, 1),
    atEnd: [0],
  },
} as const satisfies Record<string, Story>;

/** The story under a configuration that drains for less or more time than it should. */
export function withDrainTime(story: Story, timeMs: number): Story {
  return { ...story, config: configured({ drain: { time: `${timeMs / 1_000}s` } }) };
}
