import type { MemoryClouds } from '../../memory/clouds.ts';
import { CloudError } from '../../world/errors.ts';
import type { Happening } from '../day.ts';
import type { Trace } from './trace.ts';

/** Lets happen what the day says, and knows which instance has which name. */
export class Stagehand {
  readonly #clouds: MemoryClouds;
  readonly #trace: Trace;
  readonly #ids = new Map<string, string>();

  constructor(clouds: MemoryClouds, trace: Trace) {
    this.#clouds = clouds;
    this.#trace = trace;
  }

  /** What the clouds refuse at that moment does not happen. */
  perform(happening: Happening): void {
    const { kind } = happening;
    const what = kind === 'start' ? happening.names.join(' ') : happening.name;
    try {
      this.#perform(happening);
      this.#trace.note('world', () => `${kind} ${what}`);
    } catch (error) {
      if (!(error instanceof CloudError)) throw error;
      this.#trace.note('world', () => `${kind} ${what} is refused: ${error.code}`);
    }
  }

  #perform(happening: Happening): void {
    const { ecs } = this.#clouds;
    if (happening.kind === 'start') {
      this.#start(happening);
      return;
    }
    const instanceId = this.#ids.get(happening.name);
    // Its start was taken out of the day.
    if (instanceId === undefined) return;
    switch (happening.kind) {
      case 'stop':
        ecs.stopInstance({ instanceId, forceStop: happening.force });
        return;
      case 'release':
        ecs.deleteInstance({ instanceId, force: happening.force });
        return;
      case 'start-again':
        ecs.startInstance({ instanceId });
        return;
      case 'reboot':
        ecs.rebootInstance({ instanceId });
        return;
      case 'retag': {
        const tags = Object.entries(happening.tags).map(([key, value]) => ({ key, value }));
        ecs.tagResources({ resourceIds: [instanceId], tags });
        return;
      }
      default:
        this.#writeAsStranger(happening, instanceId);
    }
  }

  #start({ names, tags, application }: Extract<Happening, { kind: 'start' }>): void {
    const ids = this.#clouds.ecs.runInstances({
      amount: names.length,
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    });
    for (const [index, name] of names.entries()) this.#ids.set(name, ids[index] ?? '');
    for (const instanceId of ids) this.#clouds.ecs.applications.set({ instanceId }, application);
    this.#trace.note('world', () => names.map((name, index) => `${name} is ${ids[index]}`).join(', '));
  }

  #writeAsStranger(
    { kind, vServerGroupId, weight }: Extract<Happening, { vServerGroupId: string }>,
    serverId: string,
  ): void {
    const { slb } = this.#clouds;
    const present = (slb.group(vServerGroupId)?.backends ?? []).filter(
      (backend) => backend.serverId === serverId,
    );
    if (kind === 'foreign-add') {
      const backendServers = [{ serverId, port: 7_000, weight, description: 'by-hand' }];
      slb.vServerGroups.add({ vServerGroupId, backendServers });
      return;
    }
    if (present.length === 0) return;
    const backendServers = present.map(({ port, description }) => ({ serverId, port, weight, description }));
    if (kind === 'foreign-remove') slb.vServerGroups.remove({ vServerGroupId, backendServers });
    else slb.vServerGroups.set({ vServerGroupId, backendServers });
  }
}
