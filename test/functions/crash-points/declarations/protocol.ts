import type { MemoryClouds } from '../../../../infra/local/memory/clouds.ts';
import type { WorkerCall } from '../../../../infra/local/simulator/play/calls.ts';
import type { Protocol } from '../play.ts';
import { LOAD_BALANCER, OLD_GROUP } from './story.ts';

/** What every write about a declared group is held to: whoever gets requests goes on being able to serve them. */
export class DeclarationProtocol implements Protocol {
  readonly faults: Array<string> = [];
  readonly memory: ReadonlyMap<string, number>;
  readonly #clouds: MemoryClouds;
  #idle: ReadonlySet<string>;

  constructor(clouds: MemoryClouds, memory: ReadonlyMap<string, number>) {
    this.#clouds = clouds;
    this.memory = memory;
    this.#idle = this.#unserved();
  }

  landed({ travel }: WorkerCall): void {
    if (travel.product !== 'slb' || travel.action.startsWith('Describe')) return;
    const before = this.#idle;
    this.#idle = this.#unserved();
    for (const user of this.#idle) {
      if (!before.has(user)) this.faults.push(`${travel.action} leaves ${user} without a server`);
    }
    const old = this.#clouds.slb.group(OLD_GROUP);
    if (old?.backends.length !== 1 || old.vServerGroupName !== 'by-hand') {
      this.faults.push(`${travel.action} touches a group of somebody else`);
    }
  }

  /** Listeners and rules whose group has nobody who serves. */
  #unserved(): ReadonlySet<string> {
    const { slb } = this.#clouds;
    const isServed = (groupId: string | null | undefined) =>
      slb.group(groupId ?? '')?.backends.some(({ weight }) => weight > 0) === true;
    const users = slb.listenersOf(LOAD_BALANCER).flatMap((listener) => {
      const { listenerProtocol, listenerPort, vServerGroupId } = listener;
      const name = `${listenerProtocol}:${listenerPort}`;
      const rules = listenerProtocol === 'http' ? slb.rules.of(listener) : [];
      return [
        [name, vServerGroupId] as const,
        ...rules.map((rule) => [`${name} ${rule.domain}${rule.url}`, rule.vServerGroupId] as const),
      ];
    });
    return new Set(users.flatMap(([name, groupId]) => (isServed(groupId) ? [] : [name])));
  }
}
