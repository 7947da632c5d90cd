import type { Cancel } from '../world/clock.ts';
import { CloudError } from '../world/errors.ts';
import type { Foundation } from '../world/foundation.ts';
import type { StoredCode } from './code-store.ts';
import { type FunctionInstance, startInstance } from './instance.ts';
import type { LogLine } from './log-lines.ts';
import { type FunctionSettings, instancesMax } from './settings.ts';

/** The instances of one deployment of a function. */
export interface InstancePool {
  readonly instances: ReadonlyArray<FunctionInstance>;
  /**
   * An instance for one request: the one used last, or a new one. Throws CloudError `ResourceExhausted` (429) when as
   * many as may be are busy, `AccessDenied` when the role cannot be assumed, `InternalServerError` when the computer
   * cannot start a process.
   */
  acquire(requestId: string): FunctionInstance;
  /** Gives it back after its request. */
  release(instance: FunctionInstance): void;
  /** Stops taking requests; idle instances stop now, busy ones after their request, or at once with `killBusy`. */
  retire(options: { killBusy: boolean }): Promise<void>;
}

/** An empty pool. Idle instances are stopped after `idleMs`. */
export function createInstancePool(
  foundation: Foundation,
  options: {
    readonly settings: FunctionSettings;
    readonly code: StoredCode;
    readonly freeze: boolean;
    readonly idleMs: number;
    readonly onLog: (line: LogLine) => void;
  },
): InstancePool {
  const { clock, timeline } = foundation;
  const { settings } = options;
  const { functionName } = settings;
  const instances: Array<FunctionInstance> = [];
  const idleTimers = new Map<FunctionInstance, Cancel>();
  let isRetired = false;

  const note = (kind: string, instance: FunctionInstance, text: string) =>
    timeline.record({
      source: 'fc',
      kind,
      text: `${functionName}: ${text}`,
      details: { functionName, instanceId: instance.instanceId, pid: instance.pid },
    });
  const takeFromIdle = (instance: FunctionInstance) => {
    idleTimers.get(instance)?.();
    idleTimers.delete(instance);
  };
  const stop = (instance: FunctionInstance) => {
    takeFromIdle(instance);
    return instance.stop();
  };

  const start = (requestId: string): FunctionInstance => {
    const instance = startOrRefuse(foundation, options, requestId);
    instances.push(instance);
    note('instance-started', instance, `instance ${instance.instanceId} started`);
    void instance.ended.then(() => {
      takeFromIdle(instance);
      instances.splice(instances.indexOf(instance), 1);
      note('instance-ended', instance, `instance ${instance.instanceId} ended`);
    });
    return instance;
  };

  return {
    instances,
    acquire(requestId) {
      const idle = instances.findLast((instance) => instance.isUsable && idleTimers.has(instance));
      if (idle !== undefined) {
        takeFromIdle(idle);
        return idle;
      }
      const max = instancesMax(settings);
      // One that has failed and is on its way out is no instance any more.
      if (instances.filter((instance) => instance.isUsable || instance.isBusy).length >= max) {
        throw new CloudError(
          429,
          'ResourceExhausted',
          `the function ${functionName} has reached its limit of ${max} instances`,
        );
      }
      return start(requestId);
    },
    release(instance) {
      if (!instance.isUsable) return;
      if (isRetired) {
        void stop(instance);
        return;
      }
      // The one used last is taken first, so that the others can go.
      instances.splice(instances.indexOf(instance), 1);
      instances.push(instance);
      idleTimers.set(
        instance,
        clock.at(clock.nowMs() + options.idleMs, () => void stop(instance)),
      );
    },
    async retire({ killBusy }) {
      isRetired = true;
      const all = [...instances];
      for (const instance of all) {
        if (instance.isBusy && killBusy) instance.kill();
        else if (instance.isUsable && !instance.isBusy) void stop(instance);
      }
      await Promise.all(all.map((instance) => instance.ended));
    },
  };
}

function startOrRefuse(
  foundation: Foundation,
  options: Parameters<typeof createInstancePool>[1],
  requestId: string,
): FunctionInstance {
  let instance: FunctionInstance | null = null;
  try {
    instance = startInstance(foundation, { ...options, requestId });
  } catch (error) {
    if (error instanceof CloudError) throw error;
  }
  if (instance === null || instance.pid === null) {
    throw new CloudError(500, 'InternalServerError', 'an instance could not be started on this computer');
  }
  return instance;
}
