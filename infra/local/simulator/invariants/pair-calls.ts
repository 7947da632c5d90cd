import { listenerName, type Pair } from '../../../../shared/config/pair.ts';
import { CloudError } from '../../world/errors.ts';
import type { CallOutcome, WorkerCall } from '../play/calls.ts';
import type { PairRecord, SagaRecord } from '../play/tables.ts';
import { certainAccusers } from './pair-evidence.ts';
import type { PairSagas, SagaWatch } from './pair-sagas.ts';
import { type Look, listenerKey } from './pair-sight.ts';
import { numberOf, type PairWrite, pairOf, pairWriteOf, targetOf } from './pair-writes.ts';

/** Older than this, an observation is no ground for a write. */
const OBSERVATION_AGE_MAX_MS = 10_000;

type Create = Extract<PairWrite, { kind: 'create' }>;
type Point = Extract<PairWrite, { kind: 'point' }>;

/**
 * Watches the calls about pairs: each is of the change that is under way and stands in its journal before it leaves; a group
 * is created only after it was looked for, and after a create that nobody has heard of must have landed; a listener is moved
 * only between the two groups of the change, from where it was seen; and what is deleted was the pair's and is used by nobody.
 */
export class PairCalls {
  readonly #watch: SagaWatch;
  readonly #sagas: PairSagas;
  /** By pair: every group that was its own, or that a change of it has made. */
  readonly #own = new Map<string, Set<string>>();
  /** Creates of which it is not known what they did, by the name of their group. */
  readonly #unsettled = new Map<string, Set<WorkerCall>>();

  constructor(watch: SagaWatch, sagas: PairSagas) {
    this.#watch = watch;
    this.#sagas = sagas;
  }

  /** To be told of every row of a pair. */
  know({ name, groupId, saga }: PairRecord): void {
    const own = this.#own.get(name) ?? new Set();
    this.#own.set(name, own);
    for (const id of [groupId, saga?.from?.groupId, saga?.groupId]) if (id != null) own.add(id);
  }

  sent(call: WorkerCall): void {
    const write = pairWriteOf(call);
    if (write === null) return;
    const fault = this.#faultOf(call, write);
    if (fault !== null) this.#watch.violate(`${call.worker} ${describe(write)}, ${fault}`);
    if (write.kind !== 'create') return;
    const unsettled = this.#unsettled.get(write.name) ?? new Set();
    this.#unsettled.set(write.name, unsettled.add(call));
  }

  heard(call: WorkerCall, answer: CallOutcome): void {
    const write = pairWriteOf(call);
    // A lost connection says nothing of what the call did.
    const isSettled = answer.isOk || answer.error instanceof CloudError;
    if (write?.kind === 'create' && isSettled) this.#unsettled.get(write.name)?.delete(call);
  }

  /** No listener of ours is left without a group, or with one that is gone. */
  landed(call: WorkerCall): void {
    const write = call.outcome?.isOk === true ? pairWriteOf(call) : null;
    if (write === null || write.kind === 'create') return;
    const { scene, violate } = this.#watch;
    const { slb } = scene.clouds;
    for (const { name, loadBalancerId, listeners } of scene.config.pairs) {
      // What has no group yet may be left without one, or go back to none.
      const isNew = scene.pairs.find(name)?.saga?.from === null;
      for (const { protocol, port } of listeners) {
        const found = slb.listeners.find({ loadBalancerId, listenerProtocol: protocol, listenerPort: port });
        const groupId = found?.masterSlaveServerGroupId ?? found?.vServerGroupId;
        const exists =
          typeof groupId === 'string' && (slb.masterSlaveGroup(groupId) ?? slb.group(groupId)) !== null;
        if (found === null || exists || (isNew && typeof groupId !== 'string')) continue;
        violate(
          `${call.worker} ${describe(write)}, after which ${protocol}:${port} has ${groupId ?? 'no group'}`,
        );
        return;
      }
    }
  }

  #faultOf(call: WorkerCall, write: PairWrite): string | null {
    const { config, pairs } = this.#watch.scene;
    const pair = pairOf(config, pairs, write);
    const row = pair === null ? null : pairs.find(pair.name);
    if (pair === null || row === null) return 'which is of no pair';
    const saga = row.saga !== null && row.saga.phase !== 'ended' ? row.saga : null;
    // What is left over may be deleted at any time.
    if (write.kind === 'delete' && saga === null) return this.#faultOfDelete(call, write.groupId, pair, row);
    if (saga === null) return `though no change of ${pair.name} is under way`;
    if (saga.inFlight?.target !== targetOf(write)) return 'which its journal does not say is on its way';
    switch (write.kind) {
      case 'create':
        return this.#faultOfCreate(call, write, saga);
      case 'point':
        return this.#faultOfPoint(call, write, pair, saga);
      case 'delete':
        return this.#faultOfDelete(call, write.groupId, pair, row);
    }
  }

  #faultOfCreate(
    call: WorkerCall,
    { name, members, loadBalancerId }: Create,
    saga: SagaRecord,
  ): string | null {
    if (name !== saga.groupName) return `while the change under way makes ${saga.groupName}`;
    for (const role of ['primary', 'secondary'] as const) {
      const [is, isToBe] = [members[role], saga.to[role]];
      if (is.serverId !== isToBe.serverId || is.port !== isToBe.port) {
        return `with ${is.serverId} as the ${role}, which is to be ${isToBe.serverId}`;
      }
    }
    const { sight, scene } = this.#watch;
    const seen = sight.of(call.worker);
    const lists = this.#fresh(call, seen.groups.newest(loadBalancerId, call.sentAtMs));
    if (lists === null) return 'without having looked whether there is one already';
    // By its name alone where nobody has looked at its members.
    const mayBeIt = (groupId: string) => {
      const looks = seen.members.newest(groupId, call.sentAtMs);
      const isIt = ({ seen: { primary, secondary } }: (typeof looks)[number]) =>
        primary.serverId === saga.to.primary.serverId && secondary.serverId === saga.to.secondary.serverId;
      return looks.length === 0 || looks.some(isIt);
    };
    const isThere = lists.every(({ seen: groups }) =>
      groups.some((group) => group.name === name && mayBeIt(group.groupId)),
    );
    if (isThere) return 'which it has seen to be there already';
    const nowMs = scene.nowMs();
    for (const earlier of this.#unsettled.get(name) ?? []) {
      const agoMs = nowMs - earlier.sentAtMs;
      if (agoMs >= earlier.travel.timeoutMs) continue;
      return `though one that ${earlier.worker} sent ${agoMs} ms ago may still land`;
    }
    return null;
  }

  #faultOfPoint(call: WorkerCall, write: Point, pair: Pair, saga: SagaRecord): string | null {
    const { groupId, listener, settings } = write;
    const { from, to } = saga;
    const oldId = from?.groupId ?? null;
    if (groupId !== saga.groupId && groupId !== oldId) {
      return `which is no group of ${saga.kind} ${saga.number}`;
    }
    const { listeners } = this.#watch.sight.of(call.worker);
    const key = listenerKey(pair.loadBalancerId, listener);
    const looks = this.#fresh(call, listeners.newest(key, call.sentAtMs));
    if (looks === null) return 'without having looked where it is';
    const isElsewhere = ({ seen }: (typeof looks)[number]) =>
      seen.groupId !== saga.groupId && seen.groupId !== oldId;
    if (looks.every(isElsewhere)) return `though it was seen on ${looks[0]?.seen.groupId ?? 'no group'}`;
    const isSo = ({ seen }: (typeof looks)[number]) =>
      seen.groupId === groupId &&
      Object.entries(settings).every(([name, value]) => String(seen.settings[name] ?? '') === value);
    if (looks.every(isSo)) return 'where it has seen it so already';
    const hasMoved = pair.listeners.some((each) =>
      listeners
        .newest(listenerKey(pair.loadBalancerId, each), call.sentAtMs)
        .some(({ seen }) => seen.groupId !== null && seen.groupId === saga.groupId),
    );
    // Once a listener has moved, all must end in one place.
    if (groupId !== saga.groupId || hasMoved || this.#hasPointed(saga)) return null;
    if (to.primary.serverId === from?.members.primary.serverId) return null;
    const evidence = this.#sagas.evidence(call.worker, pair, to.primary, call.sentAtMs);
    const accuser = [...certainAccusers(evidence)].find((observer) => observer !== 'probe');
    return accuser === undefined ? null : `whose primary ${to.primary.serverId} ${accuser} calls bad`;
  }

  /** Whether a listener uses the new group, as it really is. */
  #hasPointed({ groupId }: SagaRecord): boolean {
    return groupId !== null && this.#watch.scene.clouds.slb.listeners.usersOf(groupId).length > 0;
  }

  #faultOfDelete(call: WorkerCall, groupId: string, pair: Pair, row: PairRecord): string | null {
    const { scene, sight } = this.#watch;
    const group = scene.clouds.slb.masterSlaveGroup(groupId);
    const number = numberOf(pair, group?.masterSlaveServerGroupName ?? '');
    const isOurs =
      this.#own.get(pair.name)?.has(groupId) === true || (number !== null && number <= row.number);
    // One that is gone by now cannot be judged, and nothing comes of it.
    if (group !== null && !isOurs) return `which is somebody else’s (“${group.masterSlaveServerGroupName}”)`;
    const lists = this.#fresh(call, sight.of(call.worker).groups.newest(pair.loadBalancerId, call.sentAtMs));
    if (lists === null) return 'without having looked who uses it';
    const usersIn = ({ seen }: (typeof lists)[number]) =>
      seen.find((listed) => listed.groupId === groupId)?.users ?? [];
    const own = new Set(pair.listeners.map(listenerName));
    // The pair's own listeners may have been pointed elsewhere since the list was read.
    const others = lists.map((list) => usersIn(list).filter((user) => !own.has(user)));
    if (others.every((users) => users.length > 0)) return `which ${others[0]?.join(', ')} was seen to use`;
    return null;
  }

  /** The looks, if they are young enough for a write; `null` = they are not. */
  #fresh<Seen>(call: WorkerCall, looks: ReadonlyArray<Look<Seen>>): ReadonlyArray<Look<Seen>> | null {
    const young = looks.filter(({ sentAtMs }) => call.sentAtMs - sentAtMs <= OBSERVATION_AGE_MAX_MS);
    return young.length === 0 ? null : young;
  }
}

function describe(write: PairWrite): string {
  switch (write.kind) {
    case 'create':
      return `creates ${write.name}`;
    case 'point':
      return `points ${listenerName(write.listener)} at ${write.groupId ?? 'nothing'}`;
    case 'delete':
      return `deletes ${write.groupId}`;
  }
}
