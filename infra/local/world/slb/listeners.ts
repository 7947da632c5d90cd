import type { Foundation } from '../foundation.ts';
import { changedListenerSettings, newListenerSettings } from './listener-settings.ts';
import type { LoadBalancers } from './load-balancers.ts';
import {
  type Listener,
  type ListenerProtocol,
  listenerKey,
  type Scheduler,
  type SlbTag,
  type VServerGroup,
} from './model.ts';
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
  /** Needed without a vServer group. */
  readonly backendServerPort?: number | undefined;
  /** By the names of `LISTENER_SETTINGS`; what is left out has its default. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  readonly tags?: ReadonlyArray<SlbTag> | undefined;
}

/** What a listener is changed to; what is left out stays. */
export interface SetListenerInput extends ListenerAddress {
  readonly scheduler?: Scheduler | undefined;
  readonly bandwidth?: number | undefined;
  readonly description?: string | undefined;
  /** `null` lets go of the group. */
  readonly vServerGroupId?: string | null | undefined;
  readonly masterSlaveServerGroupId?: string | undefined;
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/** What DescribeLoadBalancerListeners selects; a field left out does not filter. */
export interface ListenerQuery {
  /** At most 10. */
  readonly loadBalancerIds?: ReadonlyArray<string> | undefined;
  readonly listenerProtocol?: ListenerProtocol | undefined;
  readonly listenerPort?: number | undefined;
  readonly description?: string | undefined;
  readonly tags?: ReadonlyArray<{ readonly key: string; readonly value?: string | undefined }> | undefined;
  /** 1–100, default 20. */
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

/** One page of DescribeLoadBalancerListeners. */
export interface ListenerPage {
  readonly listeners: ReadonlyArray<Listener>;
  readonly totalCount: number;
  readonly maxResults: number;
  /** `null` at the end. */
  readonly nextToken: string | null;
}

/** The listeners of all load balancers. */
export interface Listeners {
  /** New listeners are stopped. */
  create(input: CreateListenerInput): void;
  /** Puts one into the world, running; one that is there already stays as it is. */
  seed(input: CreateListenerInput): void;
  set(input: SetListenerInput): void;
  start(address: ListenerAddress): void;
  stop(address: ListenerAddress): void;
  delete(address: ListenerAddress): void;
  describe(query: ListenerQuery): ListenerPage;
  /** Throws `InvalidParameter`, the specified resource does not exist. */
  get(address: ListenerAddress): Listener;
  of(loadBalancerId: string): ReadonlyArray<Listener>;
  usersOf(vServerGroupId: string): ReadonlyArray<Listener>;
}

/** What listeners need of the groups. */
export interface GroupsOfListeners {
  find(vServerGroupId: string): VServerGroup | null;
  /** A listener has let go of the group. */
  release(vServerGroupId: string): void;
  /** The listener is no more, and its rules with it. */
  dropRules(listener: Listener): void;
}

const LISTENERS_MAX = 50;
const LOAD_BALANCER_IDS_MAX = 10;
const HASH_SCHEDULERS: ReadonlyArray<Scheduler> = ['sch', 'tch', 'qch'];

/** The listeners kept in the foundation's store. */
export function createListeners(
  foundation: Foundation,
  loadBalancers: LoadBalancers,
  groups: GroupsOfListeners,
): Listeners {
  const { clock } = foundation;
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
  const checkGroup = (loadBalancerId: string, vServerGroupId: string) => {
    // A group of another load balancer is answered as one that does not exist.
    if (groups.find(vServerGroupId)?.loadBalancerId !== loadBalancerId)
      throw slbRefusals.vServerGroupNotFound();
  };
  const put = (listener: Listener) => rows.set(listenerKey(listener), listener);

  const build = (input: CreateListenerInput): Listener => {
    const {
      loadBalancerId,
      listenerPort,
      listenerProtocol,
      vServerGroupId,
      bandwidth = -1,
      scheduler = 'wrr',
    } = input;
    if (!Number.isInteger(listenerPort) || listenerPort < 1 || listenerPort > 65_535) {
      throw slbRefusals.invalidParameter();
    }
    if (vServerGroupId !== undefined) checkGroup(loadBalancerId, vServerGroupId);
    else if (input.backendServerPort === undefined) throw slbRefusals.missingParameter('BackendServerPort');
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
      vServerGroupId: vServerGroupId ?? null,
      backendServerPort: vServerGroupId === undefined ? (input.backendServerPort ?? null) : null,
      settings: newListenerSettings(listenerProtocol, input.settings ?? {}),
      tags: input.tags ?? [],
      checkingSinceMs: clock.nowMs(),
    };
  };

  return {
    of,
    usersOf: (vServerGroupId) => [...rows.values()].filter((row) => row.vServerGroupId === vServerGroupId),
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
      put(build(input));
    },
    seed(input) {
      if (find(input) === undefined) put({ ...build(input), status: 'running' });
    },
    set(input) {
      const current = getForChange(input);
      const { scheduler = current.scheduler, bandwidth = current.bandwidth, vServerGroupId } = input;
      if (input.masterSlaveServerGroupId !== undefined) {
        if (vServerGroupId) throw slbRefusals.twoGroupsForOneListener();
        throw slbRefusals.masterSlaveGroupNotFound();
      }
      if (vServerGroupId) checkGroup(input.loadBalancerId, vServerGroupId);
      checkScheduler(current.listenerProtocol, scheduler);
      checkBandwidth(bandwidth);
      const isHash = HASH_SCHEDULERS.includes(scheduler) || HASH_SCHEDULERS.includes(current.scheduler);
      if (isHash && scheduler !== current.scheduler) throw slbRefusals.invalidParameter();
      const settings = changedListenerSettings(
        current.listenerProtocol,
        current.settings,
        input.settings ?? {},
      );
      const left = current.vServerGroupId;
      const hasMoved = vServerGroupId !== undefined && vServerGroupId !== left;
      const checksBegin = hasMoved || settings.HealthCheck !== current.settings.HealthCheck;
      put({
        ...current,
        scheduler,
        bandwidth,
        description: input.description ?? current.description,
        vServerGroupId: vServerGroupId === undefined ? left : vServerGroupId,
        settings,
        checkingSinceMs: checksBegin ? clock.nowMs() : current.checkingSinceMs,
      });
      if (left !== null && hasMoved) groups.release(left);
    },
    start(address) {
      const listener = getForChange(address);
      if (listener.status === 'running') return;
      put({ ...listener, status: 'running', checkingSinceMs: clock.nowMs() });
    },
    stop: (address) => void put({ ...getForChange(address), status: 'stopped' }),
    delete(address) {
      const listener = getForChange(address);
      rows.delete(listenerKey(listener));
      groups.dropRules(listener);
      if (listener.vServerGroupId !== null) groups.release(listener.vServerGroupId);
    },
    describe(query) {
      const { loadBalancerIds, maxResults = 20 } = query;
      if ((loadBalancerIds?.length ?? 0) > LOAD_BALANCER_IDS_MAX) throw slbRefusals.invalidParameter();
      if (maxResults < 1 || maxResults > 100) throw slbRefusals.invalidParameter();
      const selected = [...rows.values()].filter((row) => matches(row, query));
      const first =
        query.nextToken === undefined ? 0 : selected.findIndex((row) => tokenOf(row) === query.nextToken) + 1;
      if (first === 0 && query.nextToken !== undefined) throw slbRefusals.invalidParameter();
      const listeners = selected.slice(first, first + maxResults);
      const last = listeners.at(-1);
      const isEnd = first + maxResults >= selected.length || last === undefined;
      return { listeners, totalCount: selected.length, maxResults, nextToken: isEnd ? null : tokenOf(last) };
    },
  };
}

function tokenOf(listener: Listener): string {
  return Buffer.from(listenerKey(listener)).toString('hex');
}

function matches(row: Listener, query: ListenerQuery): boolean {
  return (
    (query.loadBalancerIds === undefined || query.loadBalancerIds.includes(row.loadBalancerId)) &&
    (query.listenerProtocol === undefined || query.listenerProtocol === row.listenerProtocol) &&
    (query.listenerPort === undefined || query.listenerPort === row.listenerPort) &&
    (query.description === undefined || query.description === row.description) &&
    (query.tags ?? []).every((wanted) =>
      row.tags.some(
        (tag) => tag.key === wanted.key && (wanted.value === undefined || wanted.value === tag.value),
      ),
    )
  );
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
