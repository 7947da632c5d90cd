import type { Cancel } from '../clock.ts';
import type { Foundation } from '../foundation.ts';
import type { Collection } from '../store.ts';
import type {
  Instance,
  InstanceState,
  InstanceStateChange,
  InstanceStatus,
  LifecycleStep,
} from './instance.ts';

/** Moves instances through their states and tells who listens. */
export interface Lifecycle {
  /** Puts a new instance into the world with what will happen to it. */
  create(instance: Instance): void;
  /** Enters `status` at once, then takes the steps; forgets the steps that were due before. */
  follow(instance: Instance, status: InstanceStatus | null, steps: ReadonlyArray<LifecycleStep>): void;
  onStateChange(listener: (change: InstanceStateChange) => void): void;
  /** Stops the timers; steps that fall due are taken when the world is opened again. */
  close(): void;
}

// Enough for the longest run of changes that a lagging read can be behind by.
const HISTORY_MAX = 12;

/** Takes up where the stored instances were: steps that fell due while the world was down happen at once, in order. */
export function createLifecycle(foundation: Foundation, instances: Collection<Instance>): Lifecycle {
  const { clock, switches, timeline } = foundation;
  const timers = new Map<string, Cancel>();
  const listeners: Array<(change: InstanceStateChange) => void> = [];

  const announce = (instance: Instance, state: InstanceState, previous: InstanceStatus | null) => {
    const { instanceId, instanceName } = instance;
    timeline.record({
      source: 'ecs',
      kind: `instance-${state.toLowerCase()}`,
      text: `${instanceId} (${instanceName}) ${state}`,
      details: { instanceId, instanceName, state, previous },
    });
    for (const listener of listeners) listener({ instanceId, state, atMs: clock.nowMs(), previous });
  };

  const arm = (instanceId: string) => {
    timers.get(instanceId)?.();
    timers.delete(instanceId);
    const next = instances.get(instanceId)?.steps[0];
    if (next !== undefined)
      timers.set(
        instanceId,
        clock.at(next.atMs, () => takeStep(instanceId)),
      );
  };

  const takeStep = (instanceId: string) => {
    const instance = instances.get(instanceId);
    const step = instance?.steps[0];
    if (instance === undefined || step === undefined) return;
    const rest = instance.steps.slice(1);
    if (step.status === 'Forgotten') forget(instanceId);
    else enter({ ...instance, steps: rest }, step.status);
    arm(instanceId);
  };

  const enter = (instance: Instance, status: InstanceStatus | 'Deleted') => {
    const nowMs = clock.nowMs();
    const changed: Instance = {
      ...instance,
      status,
      startedAtMs: status === 'Running' ? nowMs : instance.startedAtMs,
      history: [...instance.history, { status, atMs: nowMs }].slice(-HISTORY_MAX),
    };
    if (status === 'Deleted' && switches.ecsDescribeLagMs === 0) forget(instance.instanceId);
    else instances.set(instance.instanceId, changed);
    announce(changed, status, instance.status === 'Deleted' ? null : instance.status);
  };

  const forget = (instanceId: string) => {
    instances.delete(instanceId);
    timers.get(instanceId)?.();
    timers.delete(instanceId);
  };

  for (const instance of instances.values()) arm(instance.instanceId);

  return {
    onStateChange: (listener) => void listeners.push(listener),
    create(instance) {
      instances.set(instance.instanceId, instance);
      if (switches.ecsCreationEventState !== 'none') announce(instance, switches.ecsCreationEventState, null);
      arm(instance.instanceId);
    },
    follow(instance, status, steps) {
      const withSteps = { ...instance, steps };
      if (status === null) instances.set(instance.instanceId, withSteps);
      else enter(withSteps, status);
      arm(instance.instanceId);
    },
    close() {
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}
