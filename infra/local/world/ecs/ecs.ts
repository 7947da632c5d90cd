import type { Foundation } from '../foundation.ts';
import { freshId } from '../operation.ts';
import { type Applications, createApplications } from './applications.ts';
import {
  DEFAULT_ECS_TIMINGS,
  DEFAULT_VPC_ID,
  type EcsTimings,
  type Instance,
  type InstanceStateChange,
  type InstanceStatus,
  isReleasing,
  type LifecycleStep,
  type LockReason,
  type Tag,
} from './instance.ts';
import { createLifecycle } from './lifecycle.ts';
import { describeInstances, type InstancePage, type InstanceQuery } from './query.ts';
import { ecsRefusals } from './refusals.ts';

/** What RunInstances is given; whatever is left out has a default in this world. */
export interface RunInstancesInput {
  /** 1–100. */
  readonly amount: number;
  readonly tags?: ReadonlyArray<Tag> | undefined;
  /** `web-[1,3]` numbers them web-001, web-002, …; default: the instance's id. */
  readonly instanceName?: string | undefined;
  /** Adds 001, 002, … to a name without brackets. */
  readonly uniqueSuffix?: boolean | undefined;
  readonly imageId?: string | undefined;
  readonly instanceType?: string | undefined;
  readonly zoneId?: string | undefined;
  readonly vpcId?: string | undefined;
  readonly vSwitchId?: string | undefined;
  readonly securityGroupIds?: ReadonlyArray<string> | undefined;
  /** A repeated call with the token answers the first one's ids. */
  readonly clientToken?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

/** What the operations on one instance are given. */
export interface InstanceInput {
  readonly instanceId: string;
  /** Checks everything, changes nothing and throws `DryRunOperation`. */
  readonly dryRun?: boolean | undefined;
}

/** The ECS cloud of one world. Methods throw CloudError in ECS' words. */
export interface Ecs {
  /** Creates instances that become Running by themselves; their ids, in order. */
  runInstances(input: RunInstancesInput): ReadonlyArray<string>;
  /** Needs Stopped. */
  startInstance(input: InstanceInput): void;
  /** Needs Running. A forced stop cuts the power: Stopped follows at once. */
  stopInstance(input: InstanceInput & { readonly forceStop?: boolean | undefined }): void;
  /** Needs Running; shows as Stopping, Starting, Running. */
  rebootInstance(input: InstanceInput & { readonly forceStop?: boolean | undefined }): void;
  /** Needs Stopped, unless `force`; a Pending one cannot be released. The instance disappears. */
  deleteInstance(input: InstanceInput & { readonly force?: boolean | undefined }): void;
  /** Behind the truth by the switch `ecsDescribeLagMs`. */
  describeInstances(query: InstanceQuery): InstancePage;
  /** Adds tags, replacing the values of keys that are there. */
  tagResources(input: {
    readonly resourceIds: ReadonlyArray<string>;
    readonly tags: ReadonlyArray<Tag>;
  }): void;
  /** Removes the tags of those keys, or all. */
  untagResources(input: {
    readonly resourceIds: ReadonlyArray<string>;
    readonly tagKeys: ReadonlyArray<string>;
    readonly all?: boolean | undefined;
  }): void;
  /** Locks the instance for these reasons and no others; no API does that. Throws when there is no such instance. */
  setLocks(instanceId: string, reasons: ReadonlyArray<LockReason>): void;
  /** What the instances' own applications do, which ECS knows nothing of. */
  readonly applications: Applications;
  /** The instance as it is now, by its own id or its network interface's; `null` when unknown or released. */
  find(id: string): (Instance & { readonly status: InstanceStatus }) | null;
  /** All that are not released, as they are now, in order of creation. */
  instances(): ReadonlyArray<Instance>;
  onStateChange(listener: (change: InstanceStateChange) => void): void;
}

const AMOUNT_MAX = 100;

/** The ECS cloud over the foundation's store. */
export function createEcs(foundation: Foundation, timings: Partial<EcsTimings> = {}): Ecs {
  const { clock, region, switches } = foundation;
  const { pendingMs, startingMs, stoppingMs, releasingMs } = { ...DEFAULT_ECS_TIMINGS, ...timings };
  const instances = foundation.store.collection<Instance>('ecs/instances');
  const clientTokens = foundation.store.collection<{ input: string; ids: ReadonlyArray<string> }>(
    'ecs/client-tokens',
  );
  const lifecycle = createLifecycle(foundation, instances);
  const applications = createApplications(foundation, instances);
  let lastSequence = Math.max(0, ...[...instances.values()].map((instance) => instance.sequence));

  const living = () => [...instances.values()].filter(isLiving);
  const find: Ecs['find'] = (id) => {
    const found = id.startsWith('eni-')
      ? living().find((instance) => instance.networkInterfaceId === id)
      : instances.get(id);
    return found === undefined || !isLiving(found) ? null : found;
  };
  // Far the most queries name a few instances of many.
  const candidates = ({ instanceIds }: InstanceQuery): Iterable<Instance> => {
    if (instanceIds === undefined) return instances.values();
    const named = [...new Set(instanceIds)].flatMap((id) => instances.get(id) ?? []);
    return named.sort((a, b) => a.sequence - b.sequence);
  };
  const inStatus = (instanceId: string, allowed: ReadonlyArray<InstanceStatus>): Instance => {
    const instance = find(instanceId);
    if (instance === null || !instanceId.startsWith('i-')) throw ecsRefusals.instanceNotFound();
    if (isReleasing(instance)) throw ecsRefusals.incorrectStatus();
    if (instance.status === 'Pending' && !allowed.includes('Pending')) throw ecsRefusals.initializing();
    if (!allowed.includes(instance.status)) throw ecsRefusals.incorrectStatus();
    return instance;
  };
  const inMs = (...steps: ReadonlyArray<readonly [LifecycleStep['status'], number]>) =>
    steps.map(([status, ms]): LifecycleStep => ({ status, atMs: clock.nowMs() + ms }));
  const release = () =>
    inMs(['Deleted', releasingMs], ['Forgotten', releasingMs + switches.ecsDescribeLagMs]);

  const create = (input: RunInstancesInput, index: number): Instance => {
    const sequence = ++lastSequence;
    const instanceId = freshId(foundation, 'i', (id) => instances.has(id));
    const nowMs = clock.nowMs();
    return {
      instanceId,
      instanceName: nameOf(input, index) ?? instanceId,
      status: 'Pending',
      tags: withoutRepeatedKeys(input.tags ?? []),
      imageId: input.imageId ?? 'm-bp1local000000000001',
      instanceType: input.instanceType ?? 'ecs.g7.large',
      vpcId: input.vpcId ?? DEFAULT_VPC_ID,
      vSwitchId: input.vSwitchId ?? 'vsw-bp1local0000000000001',
      zoneId: input.zoneId ?? `${region}-h`,
      securityGroupIds: input.securityGroupIds ?? ['sg-bp1local00000000000001'],
      privateIpAddress: `172.${16 + ((sequence >> 16) & 15)}.${(sequence >> 8) & 255}.${sequence & 255}`,
      networkInterfaceId: `eni-${instanceId.slice(2)}`,
      createdAtMs: nowMs,
      startedAtMs: null,
      sequence,
      steps: inMs(['Starting', pendingMs], ['Running', pendingMs + startingMs]),
      history: [{ status: 'Pending', atMs: nowMs }],
    };
  };

  return {
    find,
    instances: living,
    applications,
    onStateChange: lifecycle.onStateChange,
    setLocks(instanceId, reasons) {
      const instance = find(instanceId);
      if (instance === null) throw ecsRefusals.instanceNotFound();
      instances.set(instance.instanceId, { ...instance, lockReasons: reasons });
    },
    describeInstances: (query) =>
      describeInstances(candidates(query), query, clock.nowMs() - switches.ecsDescribeLagMs),
    runInstances(input) {
      if (!Number.isInteger(input.amount) || input.amount < 1 || input.amount > AMOUNT_MAX) {
        throw ecsRefusals.invalidParameter('Amount');
      }
      if ((input.tags?.length ?? 0) > 20) throw ecsRefusals.tooManyTags();
      if (input.dryRun) throw ecsRefusals.dryRunPassed();
      const { clientToken, ...rest } = input;
      const known = clientToken === undefined ? undefined : clientTokens.get(clientToken);
      if (known !== undefined) {
        if (known.input !== JSON.stringify(rest)) throw ecsRefusals.tokenForOtherParameters();
        return known.ids;
      }
      const created = Array.from({ length: input.amount }, (_, index) => create(input, index));
      const ids = created.map((instance) => instance.instanceId);
      if (clientToken !== undefined) clientTokens.set(clientToken, { input: JSON.stringify(rest), ids });
      for (const instance of created) lifecycle.create(instance);
      return ids;
    },
    startInstance({ instanceId, dryRun }) {
      const instance = inStatus(instanceId, ['Stopped']);
      if (dryRun) throw ecsRefusals.dryRunPassed();
      lifecycle.follow(instance, 'Starting', inMs(['Running', startingMs]));
    },
    stopInstance({ instanceId, dryRun, forceStop }) {
      const instance = inStatus(instanceId, ['Running']);
      if (dryRun) throw ecsRefusals.dryRunPassed();
      lifecycle.follow(instance, 'Stopping', inMs(['Stopped', forceStop ? 0 : stoppingMs]));
    },
    rebootInstance({ instanceId, dryRun, forceStop }) {
      const instance = inStatus(instanceId, ['Running']);
      if (dryRun) throw ecsRefusals.dryRunPassed();
      const downMs = forceStop ? 0 : stoppingMs;
      const up = inMs(['Starting', downMs], ['Running', downMs + startingMs]);
      const steps = switches.ecsRebootEmitsStopped ? [...inMs(['Stopped', downMs]), ...up] : up;
      lifecycle.follow(instance, 'Stopping', steps);
    },
    deleteInstance({ instanceId, dryRun, force }) {
      const instance = inStatus(
        instanceId,
        force ? ['Starting', 'Running', 'Stopping', 'Stopped'] : ['Stopped'],
      );
      if (dryRun) throw ecsRefusals.dryRunPassed();
      if (instance.status === 'Stopped' || switches.ecsForcedReleaseEvents === 'deleted-only') {
        lifecycle.follow(instance, null, release());
      } else {
        const status = instance.status === 'Stopping' ? null : 'Stopping';
        lifecycle.follow(instance, status, [...inMs(['Stopped', 0]), ...release()]);
      }
    },
    tagResources({ resourceIds, tags }) {
      const found = resourceIds.map((id) => find(id) ?? null);
      if (tags.length > 20) throw ecsRefusals.tooManyTags();
      for (const instance of found) if (instance === null) throw ecsRefusals.instanceNotFound();
      for (const instance of found) {
        if (instance === null) continue;
        instances.set(instance.instanceId, {
          ...instance,
          tags: withoutRepeatedKeys([...instance.tags, ...tags]),
        });
      }
    },
    untagResources({ resourceIds, tagKeys, all }) {
      for (const id of resourceIds) {
        const instance = find(id);
        if (instance === null) throw ecsRefusals.instanceNotFound();
        const tags = all ? [] : instance.tags.filter((tag) => !tagKeys.includes(tag.key));
        instances.set(instance.instanceId, { ...instance, tags });
      }
    },
  };
}

function isLiving(instance: Instance): instance is Instance & { readonly status: InstanceStatus } {
  return instance.status !== 'Deleted';
}

/** The last value given for a key counts; its first place is kept. */
function withoutRepeatedKeys(tags: ReadonlyArray<Tag>): ReadonlyArray<Tag> {
  const values = new Map(tags.map((tag) => [tag.key, tag.value]));
  return [...values].map(([key, value]) => ({ key, value }));
}

function nameOf({ instanceName, uniqueSuffix, amount }: RunInstancesInput, index: number): string | null {
  if (instanceName === undefined) return null;
  const [, prefix, begin, bits, suffix] = /^(.*)\[(\d{0,6}),(\d?)\](.*)$/.exec(instanceName) ?? [];
  if (prefix !== undefined && suffix !== undefined) {
    const number = String(Number(begin || 0) + index).padStart(Number(bits || 6), '0');
    return `${prefix}${number}${suffix}`;
  }
  return uniqueSuffix && amount > 1 ? `${instanceName}${String(index + 1).padStart(3, '0')}` : instanceName;
}
