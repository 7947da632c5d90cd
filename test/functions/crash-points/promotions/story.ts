import { steadyCarrier } from '../../../../infra/local/memory/carrier.ts';
import type { MemoryClouds } from '../../../../infra/local/memory/clouds.ts';
import { createMemoryWorker } from '../../../../infra/local/memory/worker.ts';
import { type Config, parseConfig } from '../../../../shared/config/load.ts';
import { pairLaneId } from '../../../../shared/pairs/model.ts';
import type { PromoteOrder } from '../../../../shared/pairs/record.ts';

/** The pair that every story is about, on its load balancer; its first group, and the port of its members. */
export const PAIR = 'story';
/** @see PAIR */
export const LOAD_BALANCER = 'lb-story';
/** @see PAIR */
export const FIRST_GROUP = 'rsp-story';
/** @see PAIR */
export const PORT = 3306;
/** The members where a configuration has to name them. */
export const MEMBER_IDS = ['i-story0primary', 'i-story0second'] as const;
/** The order of the stories in which a person asks for a change. */
export const ORDER_ID = 'order-1';
/** A server is found bad, or good, after two seconds. */
const QUICK_CHECKS = { HealthCheckInterval: '1', HealthyThreshold: '2', UnhealthyThreshold: '2' };
/** What of a TCP listener must not be lost; one of it does not stay by itself. */
const TCP_SETTINGS: Readonly<Record<string, string>> = {
  HealthCheckType: 'http',
  HealthCheckDomain: 'db.example',
  PersistenceTimeout: '300',
};

/** The settings that a listener begins with, and keeps: `tcp:3306`. */
export function settingsOf(listener: string): Readonly<Record<string, string>> {
  return listener.startsWith('tcp:') ? { ...QUICK_CHECKS, ...TCP_SETTINGS } : QUICK_CHECKS;
}

/** What the fault of {@link PromotionStory.refusing} answers with. */
export const REFUSAL = { status: 400, code: 'ActionNotAllowed', message: 'The listener is locked.' };

/** `0 > 1`: the primary and the secondary by their order of creation; 2 is the standby. */
export type Roles = `${number} > ${number}`;

/** Something that happens to a pair, the same in every run. */
export interface PromotionStory {
  readonly name: string;
  readonly config: Config;
  readonly listeners: ReadonlyArray<string>;
  readonly hasStandby: boolean;
  /** An operation that is refused for good; `null` = none. */
  readonly refusing: string | null;
  readonly begins: 'by itself' | 'by order';
  /** A `creation` begins without a group, on the default one. */
  readonly kind: 'creation' | 'promotion';
  begin(clouds: MemoryClouds): void | Promise<void>;
  readonly atEnd: {
    readonly roles: Roles;
    readonly outcome: 'done' | 'undone';
    /** Moves of each listener. */
    readonly moves: ReadonlyArray<number>;
    /** The members and the home of the pair, by their order of creation. */
    readonly memberIds: ReadonlyArray<number>;
    readonly home: number;
  };
}

/** The story's own instances, in order of creation. */
export function instancesOf({ ecs }: MemoryClouds): ReadonlyArray<string> {
  return ecs.instances().map(({ instanceId }) => instanceId);
}

/** Short waits, so that as few looks as can be lie between what happens and its end. `more` = whole sections, `ofPair` = more of its entry. */
export function configured(
  listeners: ReadonlyArray<string>,
  hasStandby: boolean,
  more: object = {},
  ofPair: object = {},
): Config {
  const pair = {
    name: PAIR,
    loadBalancer: LOAD_BALANCER,
    listeners,
    badFor: '1s',
    coolDown: '1m',
    ...(hasStandby ? { standby: { tags: { role: 'standby' } } } : {}),
    ...ofPair,
  };
  const timing = { lease: '10s', callTimeout: '3s', passBudget: '15s', gather: '0s', settle: '1s' };
  const file = { version: 1, region: 'cn-hangzhou', pairs: [pair], timing, ...more };
  return parseConfig(JSON.stringify(file), 'autopilot.yaml');
}

function stopPrimary(clouds: MemoryClouds): void {
  const [instanceId = ''] = instancesOf(clouds);
  clouds.ecs.stopInstance({ instanceId, forceStop: true });
}

/** As a person's command does it, whose calls are none of the story's. */
async function order(
  clouds: MemoryClouds,
  config: Config,
  wanted: { readonly kind: 'apply' } | Pick<PromoteOrder, 'kind' | 'to' | 'overridesCoolDown'> = PROMOTE,
): Promise<void> {
  const { clock } = clouds.foundation;
  const person = createMemoryWorker(clouds, { config, name: 'person', carrier: steadyCarrier(clock) });
  const laneId = pairLaneId({ name: PAIR });
  await person.pairOrders.put(PAIR, {
    ...wanted,
    orderId: ORDER_ID,
    by: 'ops',
    reason: 'kernel update',
    orderedAtMs: clock.nowMs(),
  });
  await person.lanes.signal([laneId]);
  await person.wakeUps.send(laneId, clock.nowMs());
}

const PROMOTE = { kind: 'promote', to: null, overridesCoolDown: false } as const;

const declared = configured(
  ['tcp:3306', 'udp:3306'],
  false,
  {},
  {
    group: {
      primary: { server: MEMBER_IDS[0], port: PORT },
      secondary: { server: MEMBER_IDS[1], port: PORT },
      tags: { team: 'orders' },
    },
  },
);
const two = configured(['tcp:3306', 'udp:3306'], true);
const one = configured(['tcp:3306'], false);
const three = configured(['tcp:3306', 'udp:3306', 'tcp:3307'], false);

/** Every story of a pair's change. */
export const PROMOTIONS = {
  promotion: {
    name: "a primary stops; the secondary takes its place on two listeners, a standby the secondary's",
    config: two,
    listeners: ['tcp:3306', 'udp:3306'],
    hasStandby: true,
    refusing: null,
    begins: 'by itself',
    kind: 'promotion',
    begin: stopPrimary,
    atEnd: { roles: '1 > 2', outcome: 'done', moves: [1, 1], memberIds: [0, 1, 2], home: 0 },
  },
  promotionByOrder: {
    name: 'a person has primary and secondary change places',
    config: one,
    listeners: ['tcp:3306'],
    hasStandby: false,
    refusing: null,
    begins: 'by order',
    kind: 'promotion',
    begin: (clouds) => order(clouds, one),
    atEnd: { roles: '1 > 0', outcome: 'done', moves: [1], memberIds: [0, 1], home: 1 },
  },
  promotionUndone: {
    name: 'the second of three listeners refuses the new group for good, and all go back',
    config: three,
    listeners: ['tcp:3306', 'udp:3306', 'tcp:3307'],
    hasStandby: false,
    refusing: 'SetLoadBalancerUDPListenerAttribute',
    begins: 'by order',
    kind: 'promotion',
    begin: (clouds) => order(clouds, three),
    atEnd: { roles: '0 > 1', outcome: 'undone', moves: [2, 0, 0], memberIds: [0, 1], home: 0 },
  },
  creation: {
    name: 'a declared pair is created',
    config: declared,
    listeners: ['tcp:3306', 'udp:3306'],
    hasStandby: false,
    refusing: null,
    begins: 'by order',
    kind: 'creation',
    begin: (clouds) => order(clouds, declared, { kind: 'apply' }),
    atEnd: { roles: '0 > 1', outcome: 'done', moves: [1, 1], memberIds: [0, 1], home: 0 },
  },
} as const satisfies Record<string, PromotionStory>;
