import { QUEUES } from '../../../../shared/adapters/mns/queues.ts';
import type { Production } from '../../../../shared/adapters/production.ts';
import type { Pair } from '../../../../shared/config/pair.ts';
import { pairLaneId } from '../../../../shared/pairs/model.ts';
import type { PairOrder } from '../../../../shared/pairs/record.ts';
import { numberOfName, sagaGroupName } from '../../../../shared/pairs/saga/model.ts';
import type { MemoryClouds } from '../../memory/clouds.ts';
import type { ListenerAddress, SetListenerInput } from '../../world/slb/listeners.ts';
import type { MasterSlaveServerGroup } from '../../world/slb/master-slave-model.ts';
import type { DayPair, DayPairListener, PairHappening } from '../pair.ts';

/** What people and CloudMonitor need to meddle with pairs. */
export interface PairMeddling {
  readonly clouds: MemoryClouds;
  readonly pairs: ReadonlyArray<DayPair>;
  readonly configured: ReadonlyArray<Pair>;
  /** The ports as a person's command has them. */
  readonly person: () => Production;
  readonly find: (name: string) => string | null;
}

type OfPair = Extract<PairHappening, { pair: string }>;

/** Lets happen to pairs what people do and alarms say. Methods throw CloudError for what SLB refuses at that moment. */
export class PairStagehand {
  readonly #deps: PairMeddling;
  /** By listener: the group that it used before its present one. */
  readonly #usedBefore = new Map<string, string>();
  /** Groups that operators have pointed listeners at: what becomes of these is theirs to say. */
  readonly chosen = new Set<string>();
  #orders = 0;

  constructor(deps: PairMeddling) {
    this.#deps = deps;
    if (deps.pairs.length === 0) return;
    deps.clouds.foundation.timeline.onEntry(({ kind, details }) => {
      if (kind !== 'listener-moved' || typeof details.from !== 'string') return;
      const { loadBalancerId, listenerProtocol, listenerPort, from } = details;
      this.#usedBefore.set(`${loadBalancerId} ${listenerProtocol}:${listenerPort}`, from);
    });
  }

  perform(happening: OfPair): void {
    const { pairs, configured } = this.#deps;
    const pair = pairs.find(({ name }) => name === happening.pair);
    const config = configured.find(({ name }) => name === happening.pair);
    if (pair === undefined || config === undefined) return;
    const listener = 'listener' in happening ? pair.listeners[happening.listener] : pair.listeners[0];
    if (listener === undefined) return;
    switch (happening.kind) {
      case 'alarm':
        this.#alarm(happening, config, listener);
        return;
      case 'operator-points':
        this.#point(happening, config, pair, listener);
        return;
      case 'operator-describes':
        this.#set(addressOf(config, listener), { description: happening.text });
        return;
      case 'operator-deletes':
        this.#deleteUnused(config);
        return;
      case 'operator-creates':
        this.#createAlike(happening, config, pair);
        return;
      case 'order-promotion':
      case 'order-pause':
        this.#order(happening, config);
    }
  }

  #alarm(
    { level, agoMs, copies }: Extract<OfPair, { kind: 'alarm' }>,
    { loadBalancerId }: Pair,
    listener: DayPairListener,
  ): void {
    const { metricAlarms, foundation } = this.#deps.clouds;
    for (let copy = 0; copy < copies; copy++) {
      metricAlarms.sendAlarm({
        queueName: QUEUES.instanceEvents,
        loadBalancerId,
        listenerPort: listener.port,
        curLevel: level,
        atMs: foundation.clock.nowMs() - agoMs,
      });
    }
  }

  #point(
    { to }: Extract<OfPair, { kind: 'operator-points' }>,
    config: Pair,
    pair: DayPair,
    listener: DayPairListener,
  ): void {
    const { slb } = this.#deps.clouds;
    const address = addressOf(config, listener);
    const masterSlaveServerGroupId =
      to === 'own-group'
        ? this.#create(config, pair, 'by-hand', false)?.masterSlaveServerGroupId
        : to === 'back'
          ? this.#usedBefore.get(`${config.loadBalancerId} ${listener.protocol}:${listener.port}`)
          : pair.listeners
              .filter((other) => other !== listener)
              .map((other) => slb.listeners.find(addressOf(config, other))?.masterSlaveServerGroupId)
              .find((groupId) => typeof groupId === 'string');
    if (typeof masterSlaveServerGroupId !== 'string') return;
    this.#set(address, { masterSlaveServerGroupId });
    this.chosen.add(masterSlaveServerGroupId);
  }

  /** As the console does it: with whatever the call would cost the listener. */
  #set(address: ListenerAddress, change: Omit<SetListenerInput, keyof ListenerAddress | 'settings'>): void {
    const { listeners } = this.#deps.clouds.slb;
    const now = listeners.find(address)?.settings ?? {};
    const settings = Object.fromEntries(
      ['HealthCheckDomain', 'PersistenceTimeout'].flatMap((name) =>
        now[name] === undefined ? [] : [[name, String(now[name])]],
      ),
    );
    listeners.set({ ...address, ...change, settings });
  }

  #deleteUnused({ loadBalancerId }: Pair): void {
    const { slb } = this.#deps.clouds;
    const unused = slb
      .masterSlaveGroupsOf(loadBalancerId)
      .findLast((group) => slb.listeners.usersOf(group.masterSlaveServerGroupId).length === 0);
    if (unused !== undefined) slb.masterSlaveGroups.delete(unused);
  }

  #createAlike(
    { ahead, isSwapped }: Extract<OfPair, { kind: 'operator-creates' }>,
    config: Pair,
    pair: DayPair,
  ): void {
    const numbers = this.#deps.clouds.slb
      .masterSlaveGroupsOf(config.loadBalancerId)
      .map((group) => numberOfName(config.name, group.masterSlaveServerGroupName) ?? 0);
    this.#create(config, pair, sagaGroupName(config.name, Math.max(0, ...numbers) + ahead), isSwapped);
  }

  /** A group with the members that the pair had at first; `null` = they were never started. */
  #create(
    { loadBalancerId }: Pair,
    { primary, secondary, port }: DayPair,
    masterSlaveServerGroupName: string,
    isSwapped: boolean,
  ): MasterSlaveServerGroup | null {
    const { clouds, find } = this.#deps;
    const ids = [find(primary), find(secondary)];
    const [serverId, otherId] = isSwapped ? ids.reverse() : ids;
    if (typeof serverId !== 'string' || typeof otherId !== 'string') return null;
    return clouds.slb.masterSlaveGroups.create({
      loadBalancerId,
      masterSlaveServerGroupName,
      backendServers: [
        { serverId, port, serverType: 'Master' },
        { serverId: otherId, port, serverType: 'Slave' },
      ],
    });
  }

  #order(happening: Extract<OfPair, { kind: `order-${string}` }>, { name }: Pair): void {
    const { clouds, find, person } = this.#deps;
    const { clock } = clouds.foundation;
    const nowMs = clock.nowMs();
    const about = { orderId: `order-${++this.#orders}`, by: 'person', reason: 'the day', orderedAtMs: nowMs };
    const order: PairOrder =
      happening.kind === 'order-pause'
        ? { kind: 'pause', ...about, untilMs: happening.forMs === null ? null : nowMs + happening.forMs }
        : {
            kind: 'promote',
            ...about,
            to: happening.to === null ? null : (find(happening.to) ?? happening.to),
            overridesCoolDown: happening.overridesCoolDown,
          };
    const { pairOrders, lanes, wakeUps } = person();
    const laneId = pairLaneId({ name });
    void (async () => {
      await pairOrders.put(name, order);
      await lanes.signal([laneId]);
      await wakeUps.send(laneId, nowMs);
    })();
  }
}

function addressOf({ loadBalancerId }: Pair, { protocol, port }: DayPairListener) {
  return { loadBalancerId, listenerProtocol: protocol, listenerPort: port };
}
