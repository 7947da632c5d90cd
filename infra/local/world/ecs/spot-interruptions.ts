import type { Cancel } from '../clock.ts';
import type { Foundation } from '../foundation.ts';
import type { Collection } from '../store.ts';
import { type Instance, isReleasing, isSpot } from './instance.ts';
import type { Moves } from './moves.ts';
import type { InstanceNotice } from './notice.ts';
import { ecsRefusals } from './refusals.ts';

/** Takes spot instances back. */
export interface SpotInterruptions {
  /** Gives notice of the instance's release, locks it and releases it when the notice is over. */
  begin(instance: Instance): { readonly releaseAtMs: number };
  /** Stops the timers; what was to be released is released when the world is opened again. */
  close(): void;
}

const NOTICE_MS = 5 * 60_000;

/** Interruptions that were under way in the store go on. */
export function createSpotInterruptions(
  { clock, timeline }: Pick<Foundation, 'clock' | 'timeline'>,
  deps: {
    readonly instances: Collection<Instance>;
    readonly moves: Moves;
    /** @default 5 minutes, as documented */
    readonly noticeMs?: number;
    readonly notify: (notice: InstanceNotice) => void;
  },
): SpotInterruptions {
  const { instances, moves, notify, noticeMs = NOTICE_MS } = deps;
  const timers = new Map<string, Cancel>();

  const reclaim = (instanceId: string) => {
    timers.delete(instanceId);
    const instance = instances.get(instanceId);
    // Its owner may have released it meanwhile.
    if (instance === undefined || instance.status === 'Deleted' || isReleasing(instance)) return;
    moves.release(instance);
  };
  const arm = ({ instanceId, reclaimAtMs }: Instance) => {
    if (reclaimAtMs === undefined) return;
    timers.set(
      instanceId,
      clock.at(reclaimAtMs, () => reclaim(instanceId)),
    );
  };
  for (const instance of instances.values()) arm(instance);

  return {
    begin(instance) {
      const { instanceId, instanceName } = instance;
      if (!isSpot(instance)) throw ecsRefusals.notSpot();
      if (instance.reclaimAtMs !== undefined) throw ecsRefusals.alreadyInterrupted();
      const atMs = clock.nowMs();
      const releaseAtMs = atMs + noticeMs;
      const interrupted: Instance = {
        ...instance,
        reclaimAtMs: releaseAtMs,
        lockReasons: [...new Set([...(instance.lockReasons ?? []), 'Recycling' as const])],
      };
      instances.set(instanceId, interrupted);
      arm(interrupted);
      timeline.record({
        source: 'ecs',
        kind: 'spot-interruption',
        text: `${instanceId} (${instanceName}) is interrupted: it is released in ${noticeMs / 1_000} s`,
        details: { instanceId, instanceName, releaseAtMs },
      });
      notify({
        instanceId,
        name: 'PreemptibleInstanceInterruption',
        atMs,
        series: null,
        members: { instanceId, action: 'delete' },
      });
      return { releaseAtMs };
    },
    close() {
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}
