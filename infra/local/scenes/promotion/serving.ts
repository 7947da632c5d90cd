import type { LocalClouds } from '../../clouds.ts';

/** Who serves behind the listeners of a load balancer, looked at now and then: the clouds tell it for the moment only. */
export class ServingRecorder {
  readonly #clouds: Pick<LocalClouds, 'foundation' | 'slb' | 'ecs'>;
  readonly #loadBalancerId: string;
  /** By listener: since when a server that does not run has been sent to; no entry = nobody is. */
  readonly #unservedSinceMs = new Map<string, number>();
  readonly #gapsMs: Array<{ readonly listener: string; readonly ms: number }> = [];

  constructor(clouds: Pick<LocalClouds, 'foundation' | 'slb' | 'ecs'>, loadBalancerId: string) {
    this.#clouds = clouds;
    this.#loadBalancerId = loadBalancerId;
  }

  /** Times in which a listener sent to somebody who could not answer, those that have ended. */
  get gapsMs(): ReadonlyArray<{ readonly listener: string; readonly ms: number }> {
    return this.#gapsMs;
  }

  /** Notes how it is now; listeners that send to nobody who runs, a sentence each. */
  look(): ReadonlyArray<string> {
    const { foundation, slb, ecs } = this.#clouds;
    const nowMs = foundation.clock.nowMs();
    return slb.listenersOf(this.#loadBalancerId).flatMap((listener) => {
      const name = `${listener.listenerProtocol}:${listener.listenerPort}`;
      const serving = slb.servingMember(listener);
      const sinceMs = this.#unservedSinceMs.get(name);
      if (serving !== null && ecs.applications.serves(serving.serverId, serving.port)) {
        if (sinceMs !== undefined) this.#gapsMs.push({ listener: name, ms: nowMs - sinceMs });
        this.#unservedSinceMs.delete(name);
        return [];
      }
      if (sinceMs === undefined) this.#unservedSinceMs.set(name, nowMs);
      return [`${name} sends to ${serving?.serverId ?? 'nobody'}, who does not answer`];
    });
  }
}
