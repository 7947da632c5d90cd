import type { MemoryClouds } from '../../memory/clouds.ts';
import { CloudError } from '../../world/errors.ts';
import type { Happening } from '../day.ts';
import { readMemberName } from '../scaling-group.ts';
import { type PairMeddling, PairStagehand } from './pair-happenings.ts';
import { RequestStagehand } from './request-happenings.ts';
import { isAtRest, performScaling } from './scaling-happenings.ts';
import type { Trace } from './trace.ts';

/** Lets happen what the day says, and knows which instance has which name. */
export class Stagehand {
  readonly #clouds: MemoryClouds;
  readonly #trace: Trace;
  readonly #ids = new Map<string, string>();
  readonly #pairs: PairStagehand;
  readonly #requests: RequestStagehand;

  constructor(
    clouds: MemoryClouds,
    trace: Trace,
    meddling: Pick<PairMeddling, 'pairs' | 'configured' | 'person'>,
  ) {
    this.#clouds = clouds;
    this.#trace = trace;
    this.#requests = new RequestStagehand(clouds, (name) => this.find(name));
    this.#pairs = new PairStagehand({ ...meddling, clouds, find: (name) => this.find(name) });
  }

  /** What the clouds refuse at that moment does not happen. */
  perform(happening: Happening): void {
    const { kind } = happening;
    const what = subjectOf(happening);
    try {
      this.#perform(happening);
      this.#trace.note('world', () => `${kind} ${what}`);
    } catch (error) {
      if (!(error instanceof CloudError)) throw error;
      this.#trace.note('world', () => `${kind} ${what} is refused: ${error.code}`);
    }
  }

  /** Groups of pairs that operators have pointed listeners at. */
  get chosenGroups(): ReadonlySet<string> {
    return this.#pairs.chosen;
  }

  /** Ids of the change requests that were sent. */
  get requestIds(): ReadonlyArray<string> {
    return this.#requests.sentIds;
  }

  /** What lasts until an instant is over by then. */
  end(happening: Happening): void {
    if (!('name' in happening)) return;
    const instanceId = this.find(happening.name);
    if (instanceId === null) return;
    if (happening.kind === 'application') this.#clouds.ecs.applications.set({ instanceId }, null);
    if (happening.kind === 'health') this.#clouds.slb.setHealth({ serverId: instanceId }, null);
    this.#trace.note('world', () => `${happening.kind} ${happening.name} is over`);
  }

  #perform(happening: Happening): void {
    const { ecs, slb } = this.#clouds;
    if (happening.kind === 'start') {
      this.#start(happening);
      return;
    }
    if ('scalingGroupId' in happening) {
      performScaling(this.#clouds.ess, happening, (name) => this.find(name));
      return;
    }
    if (happening.kind === 'request') {
      this.#requests.perform(happening);
      return;
    }
    if ('pair' in happening) {
      this.#pairs.perform(happening);
      return;
    }
    const instanceId = this.find(happening.name);
    // Its start was taken out of the day, or its scaling group has nobody.
    if (instanceId === null) return;
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
      case 'interrupt':
        ecs.interrupt(instanceId);
        return;
      case 'application':
        ecs.applications.set({ instanceId }, happening.application);
        return;
      case 'health':
        slb.setHealth({ serverId: instanceId }, happening.status);
        return;
      case 'system-event': {
        const { eventType, aheadMs, isInquiring, isFailing } = happening;
        const notBeforeMs = this.#clouds.foundation.clock.nowMs() + aheadMs;
        ecs.scheduleSystemEvent({ instanceId, eventType, notBeforeMs, isInquiring, isFailing });
        return;
      }
      case 'end-system-events':
        for (const event of ecs.systemEvents()) {
          if (event.instanceId !== instanceId || event.status === 'Executing') continue;
          if (happening.status === 'Canceled') ecs.cancelSystemEvent(event.eventId);
          else ecs.avoidSystemEvent(event.eventId);
        }
        return;
      default:
        this.#writeAsStranger(happening, instanceId);
    }
  }

  /** The id of an instance; `null` = it was never started, or its scaling group has nobody. */
  find(name: string): string | null {
    const member = readMemberName(name);
    if (member === null) return this.#ids.get(name) ?? null;
    const standing = this.#clouds.ess.members(member.scalingGroupId).filter(isAtRest);
    return standing[member.index % Math.max(1, standing.length)]?.instanceId ?? null;
  }

  #start({ names, tags, application, isSpot = false }: Extract<Happening, { kind: 'start' }>): void {
    const ids = this.#clouds.ecs.runInstances({
      amount: names.length,
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
      ...(isSpot ? { spotStrategy: 'SpotAsPriceGo' } : {}),
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

function subjectOf(happening: Happening): string {
  if ('name' in happening) return happening.name;
  if (happening.kind === 'request') return `${happening.requestId}: ${happening.change.kind}`;
  if ('names' in happening) return happening.names.join(' ');
  return 'pair' in happening ? happening.pair : happening.scalingGroupId;
}
