import type { InboundEvent } from '../../../shared/events/model.ts';
import type { VirtualStage } from './stage.ts';

/** Takes the time of drains: from when a function was handed the event of a stop to when weight 0 was in force. */
export class DrainClock {
  readonly #pending = new Map<string, number>();
  readonly #known = new Set<string>();
  #tookMs: Array<number> = [];
  #stage: VirtualStage | null = null;

  /** Looks at the groups of the stage whenever a weight was set there. */
  watch(stage: VirtualStage): void {
    this.#stage = stage;
    const log: Array<{ at: number; from: number; text: string }> = [];
    (this as any).log = log;
    stage.clouds.foundation.gate.onRecord((r) => {
      if (log.length > 400000) log.splice(0, 200000);
      log.push({ at: r.endedAtMs, from: r.startedAtMs, text: `${(r.principal as any).name ?? JSON.stringify(r.principal)} ${r.product} ${r.action} ${r.subject} ${r.errorCode ?? ''}` });
      const { action, applied } = r;
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
  }

  /** How long each drain took since the last time this was asked, in ms. Throws when one has not ended. */
  take(): ReadonlyArray<number> {
    if (this.#pending.size > 0) throw new Error(`${this.#pending.size} drains are not at weight 0`);
    const tookMs = this.#tookMs;
    this.#tookMs = [];
    return tookMs;
  }

  #look({ clock, clouds, config }: VirtualStage): void {
    if (this.#pending.size === 0) return;
    for (const { vServerGroupId } of config.bindings) {
      for (const { serverId, weight } of clouds.slb.group(vServerGroupId)?.backends ?? []) {
        const deliveredAtMs = weight === 0 ? this.#pending.get(serverId) : undefined;
        if (deliveredAtMs === undefined) continue;
        this.#pending.delete(serverId);
        this.#tookMs.push(clock.nowMs() - deliveredAtMs);
        if (clock.nowMs() - deliveredAtMs > 1550) {
          const lb = config.bindings.find((b) => b.vServerGroupId === vServerGroupId)?.loadBalancerId;
          const t0 = deliveredAtMs;
          const groups = new Set(config.bindings.filter((b) => b.loadBalancerId === lb).map((b) => b.vServerGroupId));
          console.error(`DRAIN ${serverId} ${vServerGroupId} ${lb} took ${clock.nowMs() - t0}`);
          // workers that touched this lb's slb
          const log = (this as any).log as Array<any>;
          const win = log.filter((e) => e.at >= t0 - 500);
          const ws = new Set(win.filter((e) => e.text.includes(' slb ') && [...groups, lb].some((g) => e.text.includes(` ${g} `))).map((e) => e.text.split(' ')[0]));
          for (const e of win) if (ws.has(e.text.split(' ')[0])) console.error(`   ${e.at - t0} ${e.text}`);
        }
      }
    }
  }
}
