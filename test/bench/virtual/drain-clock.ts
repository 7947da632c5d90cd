import type { InboundEvent } from '../../../shared/events/model.ts';
import type { VirtualStage } from './stage.ts';

/** How long drains took, in ms, and how many were at weight 0 before their event came; those have no time. */
export interface DrainTimes {
  readonly tookMs: ReadonlyArray<number>;
  readonly ahead: number;
}

/** Takes the time of drains: from when a function was handed the event of a stop to when weight 0 was in force. */
export class DrainClock {
  readonly #pending = new Map<string, number>();
  readonly #known = new Set<string>();
  #tookMs: Array<number> = [];
  #ahead = 0;
  #stage: VirtualStage | null = null;

  /** Looks at the groups of the stage whenever a weight was set there. */
  watch(stage: VirtualStage): void {
    this.#stage = stage;
    stage.clouds.foundation.gate.onRecord(({ action, applied }) => {
      if (applied && action === 'SetVServerGroupAttribute') this.#look(stage);
    });
  }

  /** Notes what a function was handed; only the first event of an instance's stop counts. */
  delivered(events: ReadonlyArray<InboundEvent>): void {
    for (const event of events) {
      if (event.kind !== 'instance-state-changed' || event.state !== 'Stopping') continue;
      if (this.#stage === null || this.#known.has(event.instanceId)) continue;
      this.#known.add(event.instanceId);
      this.#pending.set(event.instanceId, this.#stage.clock.nowMs());
    }
    // A pass for somebody else's sake may have seen the stop before the event of it arrived: no merit of the event's.
    if (this.#stage !== null) this.#look(this.#stage);
  }

  /** The drains since the last time this was asked. Throws when one has not ended. */
  take(): DrainTimes {
    if (this.#pending.size > 0) throw new Error(`${this.#pending.size} drains are not at weight 0`);
    const times = { tookMs: this.#tookMs, ahead: this.#ahead };
    this.#tookMs = [];
    this.#ahead = 0;
    return times;
  }

  #look({ clock, clouds, config }: VirtualStage): void {
    if (this.#pending.size === 0) return;
    for (const { vServerGroupId } of config.bindings) {
      for (const { serverId, weight } of clouds.slb.group(vServerGroupId)?.backends ?? []) {
        const deliveredAtMs = weight === 0 ? this.#pending.get(serverId) : undefined;
        if (deliveredAtMs === undefined) continue;
        this.#pending.delete(serverId);
        const tookMs = clock.nowMs() - deliveredAtMs;
        if (tookMs === 0) this.#ahead++;
        else this.#tookMs.push(tookMs);
      }
    }
  }
}
