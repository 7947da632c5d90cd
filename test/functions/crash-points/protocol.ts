import type { MemoryClouds } from '../../../infra/local/memory/clouds.ts';
import type { WorkerCall } from '../../../infra/local/simulator/play/calls.ts';
import type { BackendServer } from '../../../infra/local/world/slb/model.ts';
import type { Protocol } from './play.ts';
import { DRAIN_MS, GROUP, instancesOf, MIN_IN_SERVICE } from './story.ts';

/** What every write to the group is held to, judged by what the clouds themselves show. */
export class GroupProtocol implements Protocol {
  readonly faults: Array<string> = [];
  readonly #clouds: MemoryClouds;
  readonly #strangers: string;
  readonly #idleSinceMs: Map<string, number>;
  #backends: ReadonlyArray<BackendServer>;

  /** What stands in the group now and is not ours stays as it is, to the letter. */
  constructor(clouds: MemoryClouds, idleSinceMs: ReadonlyMap<string, number>) {
    this.#clouds = clouds;
    this.#idleSinceMs = new Map(idleSinceMs);
    this.#backends = clouds.slb.group(GROUP)?.backends ?? [];
    this.#strangers = strangersAmong(this.#backends);
  }

  /** Of each backend at weight 0: since when it has been so. */
  get memory(): ReadonlyMap<string, number> {
    return this.#idleSinceMs;
  }

  /** To be told of every call when it has taken effect. */
  landed({ travel, outcome }: WorkerCall): void {
    const before = this.#backends;
    const after = this.#clouds.slb.group(GROUP)?.backends ?? [];
    if (travel.product !== 'slb' || outcome?.isOk !== true || after === before) return;
    this.#backends = after;
    this.#judgeRemovals(before, after);
    this.#judgeCapacity(before, after);
    if (strangersAmong(after) !== this.#strangers) this.#fault(`${travel.action} touches a stranger`);
  }

  #judgeRemovals(before: ReadonlyArray<BackendServer>, after: ReadonlyArray<BackendServer>): void {
    const nowMs = this.#clouds.foundation.clock.nowMs();
    for (const { serverId } of before) {
      if (after.some((backend) => backend.serverId === serverId)) continue;
      const idleMs = nowMs - (this.#idleSinceMs.get(serverId) ?? nowMs);
      this.#idleSinceMs.delete(serverId);
      if (idleMs < DRAIN_MS) this.#fault(`${serverId} is removed after ${idleMs} ms at weight 0`);
    }
    for (const { serverId, weight } of after) {
      if (weight > 0) this.#idleSinceMs.delete(serverId);
      else if (!this.#idleSinceMs.has(serverId)) this.#idleSinceMs.set(serverId, nowMs);
    }
  }

  #judgeCapacity(before: ReadonlyArray<BackendServer>, after: ReadonlyArray<BackendServer>): void {
    const isLess = this.#ableToServe(after) < this.#ableToServe(before);
    if (isLess && this.#ableToServe(after) < MIN_IN_SERVICE) this.#fault('the group is below its guard');
  }

  /** Our own backends only: a stranger is no reason to leave a group without them. */
  #ableToServe(backends: ReadonlyArray<BackendServer>): number {
    const own = new Set(instancesOf(this.#clouds));
    return backends.filter(
      ({ serverId, weight }) =>
        weight > 0 && own.has(serverId) && this.#clouds.ecs.find(serverId)?.status === 'Running',
    ).length;
  }

  #fault(text: string): void {
    this.faults.push(text);
  }
}

function strangersAmong(backends: ReadonlyArray<BackendServer>): string {
  return JSON.stringify(backends.filter(({ description }) => !description.startsWith('slb-autopilot/')));
}
