import type { MemoryClouds } from '../../../infra/local/memory/clouds.ts';
import { type Config, parseConfig } from '../../../shared/config/load.ts';

/** The load balancer, the group and the weight that every story is about. */
export const LOAD_BALANCER = 'lb-story';
/** @see LOAD_BALANCER */
export const GROUP = 'rsp-story';
/** @see LOAD_BALANCER */
export const PORT = 8080;
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
  /** What happens then. */
  begin(clouds: MemoryClouds): void;
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

/** A configuration with this one binding; full comparisons are left out, for they would mend what nothing else did. */
function configured(policy: object): Config {
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
  const file = { version: 1, region: 'cn-hangzhou', bindings: [binding], timing: { compare: '24h' } };
  return parseConfig(JSON.stringify(file), 'autopilot.yaml');
}

const plain = configured({});
const ramp = { ramp: { steps: [10, 50], every: '5s' } };

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
} as const satisfies Record<string, Story>;

/** The story under a configuration that drains for less or more time than it should. */
export function withDrainTime(story: Story, timeMs: number): Story {
  return { ...story, config: configured({ drain: { time: `${timeMs / 1_000}s` } }) };
}
