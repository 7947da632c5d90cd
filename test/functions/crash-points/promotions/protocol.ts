import type { MemoryClouds } from '../../../../infra/local/memory/clouds.ts';
import type { WorkerCall } from '../../../../infra/local/simulator/play/calls.ts';
import type { Protocol } from '../play.ts';
import { LOAD_BALANCER } from './story.ts';

/** What every write about the pair is held to. It counts the moves of each listener by its name, `tcp:3306`. */
export class PromotionProtocol implements Protocol {
  readonly faults: Array<string> = [];
  readonly memory: Map<string, number>;
  readonly #clouds: MemoryClouds;
  readonly #isNew: boolean;
  #groupOf: ReadonlyMap<string, string | null>;

  /** `isNew`: the pair begins without a group. */
  constructor(clouds: MemoryClouds, memory: ReadonlyMap<string, number>, isNew: boolean) {
    this.#clouds = clouds;
    this.#isNew = isNew;
    this.memory = new Map(memory);
    this.#groupOf = groupsOfListeners(clouds);
  }

  landed({ travel }: WorkerCall): void {
    if (travel.product !== 'slb' || travel.action.startsWith('Describe')) return;
    const { slb } = this.#clouds;
    const before = this.#groupOf;
    this.#groupOf = groupsOfListeners(this.#clouds);
    for (const [name, groupId] of this.#groupOf) {
      const hasNone = groupId === null && this.#isNew && before.get(name) === null;
      if (!hasNone && (groupId === null || slb.masterSlaveGroup(groupId) === null)) {
        this.faults.push(`${travel.action} leaves ${name} without a group`);
      }
      if (before.get(name) !== groupId) this.memory.set(name, (this.memory.get(name) ?? 0) + 1);
    }
    const groups = slb.masterSlaveGroupsOf(LOAD_BALANCER);
    if (groups.length > (this.#isNew ? 1 : 2))
      this.faults.push(`${travel.action} leads to ${groups.length} groups`);
  }
}

function groupsOfListeners({ slb }: MemoryClouds): ReadonlyMap<string, string | null> {
  return new Map(
    slb
      .listenersOf(LOAD_BALANCER)
      .map(({ listenerProtocol, listenerPort, masterSlaveServerGroupId = null }) => [
        `${listenerProtocol}:${listenerPort}`,
        masterSlaveServerGroupId,
      ]),
  );
}
