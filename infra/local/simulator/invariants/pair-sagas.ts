import { listenerName, type Pair } from '../../../../shared/config/pair.ts';
import type { WorkerCall } from '../play/calls.ts';
import type { RowWritten } from '../play/observed-store.ts';
import { type PairMemberRecord, type PairRecord, readPair, type SagaRecord } from '../play/tables.ts';
import type { Scene } from './invariant.ts';
import type { ListenerMoves } from './listener-moves.ts';
import { certainAccusers, type Evidence, possibleAccusers } from './pair-evidence.ts';
import { type AllSight, listenerKey } from './pair-sight.ts';

/** What was given up before anything had moved need not be waited after for longer. */
const GIVEN_UP_MS = 60_000;

/** Table time is as exact as half a round trip to the tables. */
const TABLE_TIME_ERROR_MS = 200;
/** So many observers must call a primary bad. */
const OBSERVERS_MIN = 2;

/** What ECS does not list, and has not shown to run for so long, is gone. */
const GONE_MS = 60_000;
/** What a change of its group may cost a listener, as far as anybody knows. */
const SETTINGS_KEPT = ['HealthCheckDomain', 'PersistenceTimeout'] as const;

/** What the rows of pairs are judged with. */
export interface SagaWatch {
  readonly scene: Scene;
  readonly sight: AllSight;
  readonly moves: ListenerMoves;
  readonly violate: (text: string) => void;
}

/**
 * Watches the changes of pairs as their rows tell of them: one after the other, begun by themselves once in a cool-down and
 * only for a primary that two observers had called bad, never in favour of a server that one called bad, and ended with all
 * listeners on one group.
 */
export class PairSagas {
  readonly #watch: SagaWatch;
  /** By pair: when its last change ended, as was written first. */
  /** By pair: until when no change may begin by itself. */
  readonly #coolUntilMs = new Map<string, number>();

  constructor(watch: SagaWatch) {
    this.#watch = watch;
  }

  rowWritten({ table, before, after }: RowWritten, by: WorkerCall | null): void {
    if (table !== 'promotions' || after === null || by === null) return;
    const row = readPair(after);
    const pair = this.#watch.scene.config.pairs.find(({ name }) => name === row?.name);
    if (row === null || pair === undefined || row.saga === null) return;
    const was = before === null ? null : (readPair(before)?.saga ?? null);
    const { saga } = row;
    const isNew = was === null || was.number !== saga.number;
    if (isNew) this.#judgeBegin(pair, row, saga, was, by);
    else if (was.phase === 'ended' && saga.phase !== 'ended') {
      this.#watch.violate(`${by.worker} takes ${name(pair, saga)} up again, which had ended`);
    }
    if (saga.phase === 'ended' && (isNew || was.phase !== 'ended')) this.#judgeEnd(pair, saga, by);
  }

  /** What the worker had seen of a server of the pair until then. */
  evidence(worker: string, pair: Pair, member: PairMemberRecord, untilMs: number): Evidence {
    const { scene, sight } = this.#watch;
    const scalingStates = new Map(
      [...scene.knowledge.of(worker).members.values()].flatMap((states) => [...states]),
    );
    const privateIp = sight.addressOf(member.serverId);
    return { sight: sight.of(worker), pair, member, privateIp, scalingStates, untilMs };
  }

  #judgeBegin(pair: Pair, row: PairRecord, saga: SagaRecord, was: SagaRecord | null, by: WorkerCall): void {
    const { violate } = this.#watch;
    const what = `${by.worker} begins ${name(pair, saga)}`;
    if (was !== null && was.phase !== 'ended') {
      violate(`${what} while ${was.kind} ${was.number} is under way (${was.phase})`);
      return;
    }
    if (was !== null && saga.number <= was.number) {
      violate(`${what} after ${was.kind} ${was.number}`);
      return;
    }
    this.#judgeCoolDown(pair, saga, by, what);
    const { from, to } = saga;
    const primary = from?.members.primary ?? null;
    if (to.primary.serverId === primary?.serverId) return;
    const [accuser] = certainAccusers(this.evidence(by.worker, pair, to.primary, by.sentAtMs));
    if (accuser !== undefined) {
      violate(`${what} in favour of ${to.primary.serverId}, which ${accuser} calls bad`);
      return;
    }
    if (primary === null || saga.kind !== 'promotion' || saga.orderId !== null || this.#wasDropped(saga, by))
      return;
    const accusers = possibleAccusers(this.evidence(by.worker, pair, primary, by.sentAtMs));
    const wasNoticed = row.notices.some(({ serverId }) => serverId === primary.serverId);
    // Of what was released nobody else may be left to say anything.
    const isGone = this.#wasGone(primary, by);
    const isEnough = accusers.size >= OBSERVERS_MIN || isGone || (accusers.has('ecs') && wasNoticed);
    if (isEnough) return;
    const who = accusers.size === 0 ? 'nobody' : `nobody but ${[...accusers].join(', ')}`;
    violate(`${what}, while ${who} calls its primary ${primary.serverId} bad`);
  }

  /** Whether ECS does not list it, and has not shown anybody that it runs for as long as it takes to believe that. */
  #wasGone({ serverId }: PairMemberRecord, { worker, sentAtMs }: WorkerCall): boolean {
    const { sight } = this.#watch;
    const looks = sight.of(worker).servers.newest(serverId, sentAtMs);
    return (
      looks.some(({ seen }) => seen.status === null) && sentAtMs - sight.runningAtMs(serverId) >= GONE_MS
    );
  }

  /** Whether the worker was shown the group without a primary: SLB has taken out whoever was released. */
  #wasDropped({ from }: SagaRecord, { worker, sentAtMs }: WorkerCall): boolean {
    const { members } = this.#watch.sight.of(worker);
    return (
      from !== null && members.newest(from.groupId, sentAtMs).some(({ seen }) => seen.primary.serverId === '')
    );
  }

  /** What a person asks for may override it, if they say so. */
  #judgeCoolDown(pair: Pair, saga: SagaRecord, by: WorkerCall, what: string): void {
    const { scene, violate } = this.#watch;
    const coolUntilMs = this.#coolUntilMs.get(pair.name);
    const order = saga.orderId === null ? null : scene.pairs.findOrder(saga.orderId);
    if (coolUntilMs === undefined || order?.overridesCoolDown === true) return;
    const leftMs = coolUntilMs - by.sentAtMs;
    if (leftMs <= TABLE_TIME_ERROR_MS) return;
    violate(`${what} ${Math.round(leftMs / 1_000)} s before the cool-down of the change before it is over`);
  }

  #judgeEnd(pair: Pair, saga: SagaRecord, by: WorkerCall): void {
    // That it has a group at last delays nothing.
    const isGiven = saga.kind === 'creation' && saga.outcome === 'done';
    if (saga.endedAtMs !== null && !isGiven) {
      const waitMs = saga.outcome === 'given-up' ? Math.min(pair.coolDownMs, GIVEN_UP_MS) : pair.coolDownMs;
      this.#coolUntilMs.set(pair.name, saga.endedAtMs + waitMs);
    }
    const { scene, sight, moves, violate } = this.#watch;
    const { slb } = scene.clouds;
    const { loadBalancerId } = pair;
    const wanted = saga.outcome === 'done' ? saga.groupId : (saga.from?.groupId ?? null);
    // Somebody else has deleted it, so that nothing can go back.
    if (wanted === null || slb.masterSlaveGroup(wanted) === null) return;
    const astray = pair.listeners.flatMap((listener) => {
      const address = { loadBalancerId, listenerProtocol: listener.protocol, listenerPort: listener.port };
      const now = slb.listeners.find(address);
      if (now === null || now.masterSlaveServerGroupId === wanted) return [];
      const move = moves.last(loadBalancerId, listener);
      if (move?.by === 'others') return [];
      const looks = sight.of(by.worker).listeners.newest(listenerKey(loadBalancerId, listener), by.sentAtMs);
      // What has happened since the worker looked is not held against it.
      const isNews = move !== null && !looks.some(({ sentAtMs }) => sentAtMs >= move.atMs);
      return isNews ? [] : [`${listenerName(listener)} uses ${now.masterSlaveServerGroupId ?? 'none'}`];
    });
    if (astray.length > 0) {
      violate(
        `${by.worker} ends ${name(pair, saga)} as ${saga.outcome} on ${wanted}, and ${astray.join(', ')}`,
      );
      return;
    }
    const lost = saga.outcome === 'done' ? this.#lostSettings(pair, saga, by) : [];
    if (lost.length > 0) violate(`${by.worker} ends ${name(pair, saga)}, which has cost ${lost.join(', ')}`);
  }

  /** What listeners that we have moved had before, and have no more; nobody else changes that in a day. */
  #lostSettings(
    { loadBalancerId, listeners }: Pair,
    saga: SagaRecord,
    by: WorkerCall,
  ): ReadonlyArray<string> {
    const { scene, sight, moves } = this.#watch;
    return listeners.flatMap((listener) => {
      const { protocol, port } = listener;
      const before = saga.listeners.find((each) => each.protocol === protocol && each.port === port)?.before;
      const address = { loadBalancerId, listenerProtocol: protocol, listenerPort: port };
      const now = scene.clouds.slb.listeners.find(address);
      if (before === undefined || now === null || moves.last(loadBalancerId, listener)?.by !== 'us')
        return [];
      const looks = sight.of(by.worker).listeners.newest(listenerKey(loadBalancerId, listener), by.sentAtMs);
      const writtenAtMs = moves.lastWriteAtMs(loadBalancerId, listener);
      // A call that nobody waited for any more, and that landed after the worker looked, is not held against it.
      if (writtenAtMs !== null && !looks.some(({ sentAtMs }) => sentAtMs >= writtenAtMs)) return [];
      return SETTINGS_KEPT.flatMap((setting) => {
        const [was, is] = [before[setting], String(now.settings[setting] ?? '')];
        return was === undefined || was === is ? [] : [`${listenerName(listener)} its ${setting} of ${was}`];
      });
    });
  }
}

function name({ name: pairName }: Pair, { kind, number }: SagaRecord): string {
  return `${kind} ${number} of ${pairName}`;
}
