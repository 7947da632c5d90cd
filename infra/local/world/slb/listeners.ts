import type { Foundation } from '../foundation.ts';
import { type ListenerPage, type ListenerQuery, listenerPage } from './listener-pages.ts';
import { changedListenerSettings, newListenerSettings } from './listener-settings.ts';
import { changedTarget, type GroupsOfListeners, groupIdOf, type TargetChange } from './listener-target.ts';
import type { LoadBalancers } from './load-balancers.ts';
import { type Listener, type ListenerProtocol, listenerKey, type Scheduler, type SlbTag } from './model.ts';
import { slbRefusals } from './refusals.ts';

/** Which listener. Without a protocol, the one that has the port; a port can serve TCP and UDP at once. */
export interface ListenerAddress {
  readonly loadBalancerId: string;
  readonly listenerPort: number;
  readonly listenerProtocol?: ListenerProtocol | undefined;
}

/** What a new listener is made from. */
export interface CreateListenerInput extends ListenerAddress {
  readonly listenerProtocol: ListenerProtocol;
  /** Default `wrr`. */
  readonly scheduler?: Scheduler | undefined;
  /** Mbit/s, -1 or 1–5120; default -1. */
  readonly bandwidth?: number | undefined;
  readonly description?: string | undefined;
  readonly vServerGroupId?: string | undefined;
  /** TCP and UDP only. */
  readonly masterSlaveServerGroupId?: string | undefined;
  /** Needed without a group. */
  readonly backendServerPort?: number | undefined;
  /** By the names of `LISTENER_SETTINGS`; what is left out has its default. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  readonly tags?: ReadonlyArray<SlbTag> | undefined;
}

/** What a listener is changed to; what is left out stays, but for what the switches `slbSetWithout…` say. */
export interface SetListenerInput extends ListenerAddress, TargetChange {
  readonly scheduler?: Scheduler | undefined;
  readonly bandwidth?: number | undefined;
  readonly description?: string | undefined;
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/** The listeners of all load balancers. */
export interface Listeners {
  /** New listeners are stopped. */
  create(input: CreateListenerInput): void;
  /** Puts one into the world, running; one that is there already stays as it is. */
  seed(input: CreateListenerInput): void;
  /** Throws `ListenerProcessing` too, for `slbListenerProcessingMs` after a write, and what `changedTarget` throws. */
  set(input: SetListenerInput): void;
  start(address: ListenerAddress): void;
  stop(address: ListenerAddress): void;
  delete(address: ListenerAddress): void;
  describe(query: ListenerQuery): ListenerPage;
  /** Throws `InvalidParameter`, the specified resource does not exist. */
  get(address: ListenerAddress): Listener;
  /** The listener as it is; `null` when there is none. */
  find(address: ListenerAddress): Listener | null;
  of(loadBalancerId: string): ReadonlyArray<Listener>;
  /** Replaces the tags alone. */
  retag(listener: Listener, tags: ReadonlyArray<SlbTag>): void;
  /** The listeners with the group, of whichever kind. */
  usersOf(groupId: string): ReadonlyArray<Listener>;
}

const LISTENERS_MAX = 50;
const NO_TARGET = { vServerGroupId: null, masterSlaveServerGroupId: null };
const HASH_SCHEDULERS: ReadonlyArray<Scheduler> = ['sch', 'tch', 'qch'];

/** The listeners kept in the foundation's store. */
export function createListeners(
  foundation: Foundation,
  loadBalancers: LoadBalancers,
  groups: GroupsOfListeners,
): Listeners {
  const { clock, switches, timeline } = foundation;
  const rows = foundation.store.collection<Listener>('slb/listeners');

  const of = (loadBalancerId: string) =>
    [...rows.values()].filter((row) => row.loadBalancerId === loadBalancerId);
  const find = ({ loadBalancerId, listenerPort, listenerProtocol }: ListenerAddress) =>
    of(loadBalancerId).find(
      (row) =>
        row.listenerPort === listenerPort &&
        (listenerProtocol === undefined || row.listenerProtocol === listenerProtocol),
    );
  const getForChange = (address: ListenerAddress): Listener => {
    loadBalancers.getForChange(address.loadBalancerId);
    const found = find(address);
    if (found === undefined) throw slbRefusals.listenerNotFound();
    return found;
  };
  const put = (listener: Listener) => rows.set(listenerKey(listener), listener);
  const write = (listener: Listener) => {
    const { slbListenerProcessingMs } = switches;
    const processing =
      slbListenerProcessingMs > 0 ? { processingUntilMs: clock.nowMs() + slbListenerProcessingMs } : {};
    put({ ...listener, ...processing });
  };
  const recordMove = (listener: Listener, from: string | null) => {
    const { loadBalancerId, listenerProtocol, listenerPort } = listener;
    const to = groupIdOf(listener);
    timeline.record({
      source: 'slb',
      kind: 'listener-moved',
      text: `${listenerProtocol}:${listenerPort} of ${loadBalancerId}: from ${from ?? 'the default group'} to ${to ?? 'the default group'}`,
      details: { loadBalancerId, listenerProtocol, listenerPort, from, to },
    });
  };

  const build = (input: CreateListenerInput): Listener => {
    const {
      loadBalancerId,
      listenerPort,
      listenerProtocol,
      vServerGroupId,
      masterSlaveServerGroupId,
      bandwidth = -1,
      scheduler = 'wrr',
    } = input;
    if (!Number.isInteger(listenerPort) || listenerPort < 1 || listenerPort > 65_535) {
      throw slbRefusals.invalidParameter();
    }
    const target = changedTarget(groups, input, NO_TARGET, { vServerGroupId, masterSlaveServerGroupId });
    const backendServerPort = groupIdOf(target) === null ? input.backendServerPort : null;
    if (backendServerPort === undefined) throw slbRefusals.missingParameter('BackendServerPort');
    checkScheduler(listenerProtocol, scheduler);
    checkBandwidth(bandwidth);
    return {
      loadBalancerId,
      listenerPort,
      listenerProtocol,
      status: 'stopped',
      scheduler,
      bandwidth,
      description: input.description ?? '',
      ...target,
      backendServerPort,
      settings: newListenerSettings(listenerProtocol, input.settings ?? {}),
      tags: input.tags ?? [],
      checkingSinceMs: clock.nowMs(),
    };
  };

  return {
    of,
    find: (address) => find(address) ?? null,
    usersOf: (groupId) => [...rows.values()].filter((row) => groupIdOf(row) === groupId),
    get(address) {
      loadBalancers.get(address.loadBalancerId);
      const found = find(address);
      if (found === undefined) throw slbRefusals.resourceNotFound();
      return found;
    },
    create(input) {
      loadBalancers.getForChange(input.loadBalancerId);
      const neighbours = of(input.loadBalancerId).filter((row) => row.listenerPort === input.listenerPort);
      const sharesPort = (row: Listener) =>
        (row.listenerProtocol === 'udp') !== (input.listenerProtocol === 'udp');
      if (!neighbours.every(sharesPort)) throw slbRefusals.listenerExists();
      if (of(input.loadBalancerId).length >= LISTENERS_MAX) throw slbRefusals.tooManyListeners();
      write(build(input));
    },
    seed(input) {
      if (find(input) === undefined) put({ ...build(input), status: 'running' });
    },
    set(input) {
      const current = getForChange(input);
      if (clock.nowMs() < (current.processingUntilMs ?? 0)) throw slbRefusals.listenerProcessing();
      const { scheduler = current.scheduler, bandwidth = current.bandwidth } = input;
      const { vServerGroupId, masterSlaveServerGroupId = null } = current;
      const target = changedTarget(groups, current, { vServerGroupId, masterSlaveServerGroupId }, input);
      checkScheduler(current.listenerProtocol, scheduler);
      checkBandwidth(bandwidth);
      const isHash = HASH_SCHEDULERS.includes(scheduler) || HASH_SCHEDULERS.includes(current.scheduler);
      if (isHash && scheduler !== current.scheduler) throw slbRefusals.invalidParameter();
      const kept = { ...current.settings };
      // Not a settled fact of the API, so switches.
      if ('HealthCheckDomain' in kept && switches.slbSetWithoutHealthCheckDomain === 'cleared') {
        kept.HealthCheckDomain = '';
      }
      if ('PersistenceTimeout' in kept && switches.slbSetWithoutPersistenceTimeout === 'reset-to-0') {
        kept.PersistenceTimeout = 0;
      }
      const settings = changedListenerSettings(current.listenerProtocol, kept, input.settings ?? {});
      const left = groupIdOf(current);
      const hasMoved = groupIdOf(target) !== left;
      const checksBegin = hasMoved || settings.HealthCheck !== current.settings.HealthCheck;
      const changed: Listener = {
        ...current,
        ...target,
        scheduler,
        bandwidth,
        description: input.description ?? current.description,
        settings,
        checkingSinceMs: checksBegin ? clock.nowMs() : current.checkingSinceMs,
      };
      write(changed);
      if (!hasMoved) return;
      recordMove(changed, left);
      if (left !== null) groups.release(left);
    },
    start(address) {
      const listener = getForChange(address);
      if (listener.status === 'running') return;
      write({ ...listener, status: 'running', checkingSinceMs: clock.nowMs() });
    },
    stop: (address) => write({ ...getForChange(address), status: 'stopped' }),
    delete(address) {
      const listener = getForChange(address);
      rows.delete(listenerKey(listener));
      groups.dropRules(listener);
      const left = groupIdOf(listener);
      if (left !== null) groups.release(left);
    },
    retag: (listener, tags) => put({ ...listener, tags }),
    describe: (query) => listenerPage([...rows.values()], query),
  };
}

function checkScheduler(protocol: ListenerProtocol, scheduler: Scheduler): void {
  const isLayer4 = protocol === 'tcp' || protocol === 'udp';
  if (HASH_SCHEDULERS.includes(scheduler) && (!isLayer4 || (scheduler === 'qch' && protocol !== 'udp'))) {
    throw slbRefusals.invalidParameter();
  }
}

function checkBandwidth(bandwidth: number): void {
  if (bandwidth !== -1 && (bandwidth < 1 || bandwidth > 5_120)) throw slbRefusals.invalidParameter();
}
