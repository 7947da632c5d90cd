import type { Foundation } from '../foundation.ts';
import type { EcsTimings, Instance, LifecycleStep } from './instance.ts';
import type { Lifecycle } from './lifecycle.ts';

/**
 * What can happen to an instance, by order of a caller or of the world itself; whether it may is checked elsewhere.
 * What was to happen to it before is forgotten.
 */
export interface Moves {
  /** The steps of a new instance. */
  birth(): ReadonlyArray<LifecycleStep>;
  start(instance: Instance): void;
  /** A forced one cuts the power: Stopped follows at once. */
  stop(instance: Instance, isForced: boolean): void;
  /** Stopping, Starting, Running, with Stopped in between by the switch `ecsRebootEmitsStopped`. */
  reboot(instance: Instance, isForced: boolean): void;
  /** A stop and a start: it shows Stopped in between, whatever the switch says. */
  redeploy(instance: Instance, isForced: boolean): void;
  /** Whatever state it is in; it is gone after the time that a release takes. */
  release(instance: Instance): void;
}

/** The moves over a lifecycle. */
export function createMoves(
  { clock, switches }: Pick<Foundation, 'clock' | 'switches'>,
  lifecycle: Lifecycle,
  { pendingMs, startingMs, stoppingMs, releasingMs }: EcsTimings,
): Moves {
  const inMs = (...steps: ReadonlyArray<readonly [LifecycleStep['status'], number]>) =>
    steps.map(([status, ms]): LifecycleStep => ({ status, atMs: clock.nowMs() + ms }));
  const released = () =>
    inMs(['Deleted', releasingMs], ['Forgotten', releasingMs + switches.ecsDescribeLagMs]);
  const goDown = (instance: Instance, steps: ReadonlyArray<LifecycleStep>) =>
    lifecycle.follow(instance, instance.status === 'Stopping' ? null : 'Stopping', steps);
  const downAndUp = (isForced: boolean, showsStopped: boolean) => {
    const downMs = isForced ? 0 : stoppingMs;
    const up = inMs(['Starting', downMs], ['Running', downMs + startingMs]);
    return showsStopped ? [...inMs(['Stopped', downMs]), ...up] : up;
  };

  return {
    birth: () => inMs(['Starting', pendingMs], ['Running', pendingMs + startingMs]),
    start: (instance) => lifecycle.follow(instance, 'Starting', inMs(['Running', startingMs])),
    stop: (instance, isForced) => goDown(instance, inMs(['Stopped', isForced ? 0 : stoppingMs])),
    reboot: (instance, isForced) => goDown(instance, downAndUp(isForced, switches.ecsRebootEmitsStopped)),
    redeploy: (instance, isForced) => goDown(instance, downAndUp(isForced, true)),
    release(instance) {
      if (instance.status === 'Stopped' || switches.ecsForcedReleaseEvents === 'deleted-only') {
        lifecycle.follow(instance, null, released());
      } else goDown(instance, [...inMs(['Stopped', 0]), ...released()]);
    },
  };
}
