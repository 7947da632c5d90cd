import type { Pair } from '../../shared/config/pair.ts';
import type {
  PairGroup,
  PairInput,
  PairListener,
  PairMember,
  PairMembers,
} from '../../shared/pairs/model.ts';
import type { PairRow } from '../../shared/pairs/record.ts';
import { NO_TAGGING, newPairRow } from '../../shared/pairs/record.ts';
import { beginSaga } from '../../shared/pairs/saga/begin.ts';
import type { Saga } from '../../shared/pairs/saga/model.ts';
import { anInstance, LB, MAINTENANCE, NOW_MS } from './builders.ts';

/** The servers that the builders speak of. */
export const [PRIMARY, SECONDARY, STANDBY] = ['i-bp1primary', 'i-bp1secondary', 'i-bp1standby'] as const;
/** The group that the pair begins with. */
export const OLD_GROUP = 'rsp-bp1old';

/** A pair of one listener with a pool, probed, bad after 10 s, cooling down for 10 min. */
export function aPair(overrides: Partial<Pair> = {}): Pair {
  return {
    name: 'orders-db',
    loadBalancerId: LB,
    listeners: [{ protocol: 'tcp', port: 3306 }],
    group: null,
    standby: { selector: { kind: 'tags', tags: { role: 'standby' } }, port: null },
    promoteOn: new Set(['stop', 'maintenance', 'spot-reclaim', 'unhealthy']),
    probe: { probe: { kind: 'tcp', timeoutMs: 2_000 }, everyMs: 5_000 },
    candidate: 'probe',
    runningForMs: 120_000,
    badForMs: 10_000,
    coolDownMs: 600_000,
    failBackAfterMs: null,
    degraded: 'swap',
    ...overrides,
  };
}

/** A member on the usual port. */
export function aMember(serverId: string): PairMember {
  return { serverId, port: 3306, weight: 100 };
}

/** Who is what, on the usual port. */
export function members(primary: string, secondary: string): PairMembers {
  return { primary: aMember(primary), secondary: aMember(secondary) };
}

/** The group that the pair begins with. */
export function aGroup(overrides: Partial<PairGroup> = {}): PairGroup {
  return {
    groupId: OLD_GROUP,
    name: 'orders',
    loadBalancerId: LB,
    members: members(PRIMARY, SECONDARY),
    tags: [],
    ...overrides,
  };
}

/** A listener that runs, is checked and uses the pair's first group. */
export function aListener(overrides: Partial<PairListener> = {}): PairListener {
  return {
    protocol: 'tcp',
    port: 3306,
    groupId: OLD_GROUP,
    vServerGroupId: null,
    isRunning: true,
    isHealthChecked: true,
    settings: { Scheduler: 'wrr' },
    ...overrides,
  };
}

/** The row of the pair as the product knows it when nothing is wrong. */
export function aPairRow(overrides: Partial<PairRow> = {}): PairRow {
  return {
    ...newPairRow(aPair()),
    groupId: OLD_GROUP,
    memberIds: [PRIMARY, SECONDARY],
    homeId: PRIMARY,
    revision: 1,
    fence: 1,
    ...overrides,
  };
}

/** What a test says of an input; groups are described as they are listed. */
export type PairInputOverrides = Partial<Omit<PairInput, 'groups' | 'described'>> & {
  readonly groups?: ReadonlyArray<PairGroup>;
};

/** A pair in which all is well: three Running instances that answer, health normal, nothing open. */
export function aPairInput({ groups = [aGroup()], ...overrides }: PairInputOverrides = {}): PairInput {
  const instances = [PRIMARY, SECONDARY, STANDBY].map((id) => [id, anInstance(id)] as const);
  return {
    pair: aPair(),
    row: aPairRow(),
    signals: [],
    orders: [],
    answers: new Map(
      [PRIMARY, SECONDARY, STANDBY].map((id) => [`${id}:3306`, { isReady: true, reason: null }]),
    ),
    presumed: new Set(),
    groups: groups.map(({ groupId, name, tags }) => ({ groupId, name, tags })),
    listeners: [aListener()],
    otherUsers: new Map(),
    place: null,
    described: new Map(groups.map((group) => [group.groupId, group])),
    health: [{ listenerPort: 3306, protocol: 'tcp', serverId: PRIMARY, port: 3306, status: 'normal' }],
    instances: new Map(instances),
    asked: new Set([PRIMARY, SECONDARY, STANDBY]),
    systemEvents: new Map(instances.map(([id]) => [id, []])),
    standbyIds: [STANDBY],
    takenIds: new Set(),
    readAtMs: NOW_MS,
    maintenance: MAINTENANCE,
    timing: { callTimeoutMs: 10_000, settleMs: 3_000 },
    nowMs: NOW_MS,
    ...overrides,
  };
}

/** A promotion that has just begun: the secondary takes over, the standby stands by. */
export function aSaga(overrides: Partial<Saga> = {}, listeners = [aListener()]): Saga {
  const change = {
    kind: 'promotion',
    to: members(SECONDARY, STANDBY),
    reason: 'it is bad',
    orderId: null,
  } as const;
  return {
    ...beginSaga({ name: 'orders-db', number: 0, tagging: NO_TAGGING }, aGroup(), listeners, change, NOW_MS),
    ...overrides,
  };
}
