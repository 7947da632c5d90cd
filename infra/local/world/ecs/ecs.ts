import type { Foundation } from '../foundation.ts';
import { type Applications, createApplications } from './applications.ts';
import { describeFullStatus, type FullStatusPage, type FullStatusQuery } from './full-status.ts';
import {
  DEFAULT_ECS_TIMINGS,
  type EcsTimings,
  type Instance,
  type InstanceStateChange,
  type InstanceStatus,
  isReleasing,
  type LockReason,
  SPOT_STRATEGIES,
  type Tag,
} from './instance.ts';
import { createLifecycle } from './lifecycle.ts';
import { createMoves } from './moves.ts';
import { createNetworkInterfaces, type NetworkInterfaces } from './network-interfaces.ts';
import { newInstance, type RunInstancesInput, withoutRepeatedKeys } from './new-instance.ts';
import type { InstanceNotice } from './notice.ts';
import { describeInstances, type InstancePage, type InstanceQuery } from './query.ts';
import { ecsRefusals } from './refusals.ts';
import { createSpotInterruptions } from './spot-interruptions.ts';
import type { SystemEvent } from './system-event.ts';
import { createSystemEvents, type SystemEventInput } from './system-events.ts';

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
  /** How instances are doing, with the system events that are ahead of them. */
  describeInstancesFullStatus(query: FullStatusQuery): FullStatusPage;
  /**
   * The world takes a spot instance back: notice at once, the lock `Recycling`, release after `spotNoticeMs`. Throws
   * `NotSpotInstance` or `AlreadyInterrupted` (409); no API does that, so these codes are this world's own.
   */
  interrupt(instanceId: string): { readonly releaseAtMs: number };
  /** The world announces a system event and carries it out; its id. Throws what a wrong `input` deserves. */
  scheduleSystemEvent(input: SystemEventInput): string;
  /** The cloud calls it off. Throws `InvalidEventId.NotFound`, or `IncorrectEventStatus` once it is Executing. */
  cancelSystemEvent(eventId: string): void;
  /** Its owner did something in time that made it superfluous. Throws as {@link Ecs.cancelSystemEvent}. */
  avoidSystemEvent(eventId: string): void;
  /** Those that are not over, in order of publication. */
  systemEvents(): ReadonlyArray<SystemEvent>;
  /** Locks the instance for these reasons and no others; no API does that. Throws when there is no such instance. */
  setLocks(instanceId: string, reasons: ReadonlyArray<LockReason>): void;
  /** Those of instances, and others that only the world itself creates and changes. */
  readonly networkInterfaces: NetworkInterfaces;
  /** What the instances' own applications do, which ECS knows nothing of. */
  readonly applications: Applications;
  /** The instance as it is now, by its own id or its network interface's; `null` when unknown or released. */
  find(id: string): (Instance & { readonly status: InstanceStatus }) | null;
  /** All that are not released, as they are now, in order of creation. */
  instances(): ReadonlyArray<Instance>;
  onStateChange(listener: (change: InstanceStateChange) => void): void;
  /** Interruptions and system events. */
  onNotice(listener: (notice: InstanceNotice) => void): void;
  /** Stops all timers; what falls due happens when the world is opened again. */
  close(): void;
}

const AMOUNT_MAX = 100;

/** The ECS cloud over the foundation's store. */
export function createEcs(foundation: Foundation, timings: Partial<EcsTimings> = {}): Ecs {
  const { clock, switches } = foundation;
  const instances = foundation.store.collection<Instance>('ecs/instances');
  const clientTokens = foundation.store.collection<{ input: string; ids: ReadonlyArray<string> }>(
    'ecs/client-tokens',
  );
  const lifecycle = createLifecycle(foundation, instances);
  const moves = createMoves(foundation, lifecycle, { ...DEFAULT_ECS_TIMINGS, ...timings });
  const applications = createApplications(foundation, instances);
  const noticeListeners: Array<(notice: InstanceNotice) => void> = [];
  const notify = (notice: InstanceNotice) => {
    for (const listener of noticeListeners) listener(notice);
  };
  const interruptions = createSpotInterruptions(foundation, {
    instances,
    moves,
    notify,
    ...(timings.spotNoticeMs === undefined ? {} : { noticeMs: timings.spotNoticeMs }),
  });
  const systemEvents = createSystemEvents(foundation, { instances, lifecycle, moves, notify });
  let lastSequence = Math.max(0, ...[...instances.values()].map((instance) => instance.sequence));

  const living = () => [...instances.values()].filter(isLiving);
  const find: Ecs['find'] = (id) => {
    const found = id.startsWith('eni-')
      ? living().find((instance) => instance.networkInterfaceId === id)
      : instances.get(id);
    return found === undefined || !isLiving(found) ? null : found;
  };
  // Far the most queries name a few instances of many.
  const candidates = ({ instanceIds }: Pick<InstanceQuery, 'instanceIds'>): Iterable<Instance> => {
    if (instanceIds === undefined) return instances.values();
    const named = [...new Set(instanceIds)].flatMap((id) => instances.get(id) ?? []);
    return named.sort((a, b) => a.sequence - b.sequence);
  };
  /** What the world does to an instance, whatever its state, is not done to one that is on its way out. */
  const staying = (instanceId: string) => {
    const instance = find(instanceId);
    if (instance === null || !instanceId.startsWith('i-')) throw ecsRefusals.instanceNotFound();
    if (isReleasing(instance)) throw ecsRefusals.incorrectStatus();
    return instance;
  };
  const inStatus = (instanceId: string, allowed: ReadonlyArray<InstanceStatus>): Instance => {
    const instance = staying(instanceId);
    if (instance.status === 'Pending' && !allowed.includes('Pending')) throw ecsRefusals.initializing();
    if (!allowed.includes(instance.status)) throw ecsRefusals.incorrectStatus();
    return instance;
  };

  return {
    find,
    instances: living,
    applications,
    networkInterfaces: createNetworkInterfaces(foundation, living),
    onStateChange: lifecycle.onStateChange,
    onNotice: (listener) => void noticeListeners.push(listener),
    interrupt: (instanceId) => interruptions.begin(staying(instanceId)),
    scheduleSystemEvent: (input) => systemEvents.schedule(staying(input.instanceId), input),
    cancelSystemEvent: (eventId) => systemEvents.end(eventId, 'Canceled'),
    avoidSystemEvent: (eventId) => systemEvents.end(eventId, 'Avoided'),
    systemEvents: systemEvents.all,
    close() {
      systemEvents.close();
      interruptions.close();
      lifecycle.close();
    },
    setLocks(instanceId, reasons) {
      const instance = find(instanceId);
      if (instance === null) throw ecsRefusals.instanceNotFound();
      instances.set(instance.instanceId, { ...instance, lockReasons: reasons });
    },
    describeInstances: (query) =>
      describeInstances(candidates(query), query, clock.nowMs() - switches.ecsDescribeLagMs),
    describeInstancesFullStatus: (query) =>
      describeFullStatus(
        {
          instances: candidates(query),
          events: systemEvents.all(),
          seenAtMs: clock.nowMs() - switches.ecsDescribeLagMs,
          switches,
        },
        query,
      ),
    runInstances(input) {
      if (!Number.isInteger(input.amount) || input.amount < 1 || input.amount > AMOUNT_MAX) {
        throw ecsRefusals.invalidParameter('Amount');
      }
      if ((input.tags?.length ?? 0) > 20) throw ecsRefusals.tooManyTags();
      const spotStrategy = SPOT_STRATEGIES.find((known) => known === (input.spotStrategy ?? 'NoSpot'));
      if (spotStrategy === undefined) throw ecsRefusals.invalidParameter('SpotStrategy');
      if (input.dryRun) throw ecsRefusals.dryRunPassed();
      const { clientToken, ...rest } = input;
      const known = clientToken === undefined ? undefined : clientTokens.get(clientToken);
      if (known !== undefined) {
        if (known.input !== JSON.stringify(rest)) throw ecsRefusals.tokenForOtherParameters();
        return known.ids;
      }
      const created = Array.from({ length: input.amount }, (_, index) =>
        newInstance(foundation, input, {
          index,
          sequence: ++lastSequence,
          spotStrategy,
          steps: moves.birth(),
          isTaken: (id) => instances.has(id),
        }),
      );
      const ids = created.map((instance) => instance.instanceId);
      if (clientToken !== undefined) clientTokens.set(clientToken, { input: JSON.stringify(rest), ids });
      for (const instance of created) lifecycle.create(instance);
      return ids;
    },
    startInstance({ instanceId, dryRun }) {
      const instance = inStatus(instanceId, ['Stopped']);
      if (dryRun) throw ecsRefusals.dryRunPassed();
      moves.start(instance);
    },
    stopInstance({ instanceId, dryRun, forceStop }) {
      const instance = inStatus(instanceId, ['Running']);
      if (dryRun) throw ecsRefusals.dryRunPassed();
      moves.stop(instance, forceStop ?? false);
    },
    rebootInstance({ instanceId, dryRun, forceStop }) {
      const instance = inStatus(instanceId, ['Running']);
      if (dryRun) throw ecsRefusals.dryRunPassed();
      systemEvents.avoidByReboot(instanceId);
      moves.reboot(instance, forceStop ?? false);
    },
    deleteInstance({ instanceId, dryRun, force }) {
      const instance = inStatus(
        instanceId,
        force ? ['Starting', 'Running', 'Stopping', 'Stopped'] : ['Stopped'],
      );
      if (dryRun) throw ecsRefusals.dryRunPassed();
      moves.release(instance);
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
