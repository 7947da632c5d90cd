import type { MemoryClouds } from '../../../../infra/local/memory/clouds.ts';
import { QUEUES } from '../../../../shared/adapters/mns/queues.ts';
import type { Change, ChangeRequest } from '../../../../shared/requests/document.ts';
import { aRequest, CI_KEY, OTHER_KEY, signed } from '../../../support/requests.ts';
import {
  configured as configuredPair,
  ORDER_ID,
  PAIR,
  PROMOTIONS,
  type PromotionStory,
} from '../promotions/story.ts';
import { configured, instancesOf, type Story } from '../story.ts';

/** Something that people ask for, the same in every run. */
export interface RequestStory extends Story {
  /** Whether `ops` approves what waits for it, as soon as the notice is on the queue. */
  readonly isApproved: boolean;
  /** Every result that there must be, by the request's id, in the order of the ids: `<id> <outcome> <code>`. */
  readonly results: ReadonlyArray<string>;
  /**
   * How often a backend's weight went from one to another, its first coming included: `<index> <from>><to>`; `-` = it is
   * not in the group.
   */
  readonly moves: Readonly<Record<string, number>>;
}

/** The two who may ask. */
export const REQUESTS = {
  requesters: [
    {
      name: 'ci',
      keys: [{ id: 'ci-2026', publicKey: CI_KEY.publicKey }],
      may: ['drain', 'set-weight', 'promote'],
    },
    {
      name: 'ops',
      keys: [{ id: 'ops-2026', publicKey: OTHER_KEY.publicKey }],
      may: ['approve'],
    },
  ],
};

/** A request of `ci` about the story, signed. */
export function ask(
  requestId: string,
  change: Change,
  overrides: Partial<ChangeRequest> = {},
): ChangeRequest {
  return signed(aRequest({ requestId, change, ...overrides }));
}

/** The approval of a request by `ops`: the same whenever it is given. */
export function approvalOf(requestId: string, planHash: string): ChangeRequest {
  const change: Change = { kind: 'approve', binding: 'story', requestId, planHash };
  const request = aRequest({ requestId: `${requestId}-yes`, requestedBy: 'ops', change });
  return signed(request, OTHER_KEY, 'ops-2026');
}

/** Puts it onto the queue as a producer does. */
export function send({ mns }: MemoryClouds, request: object): void {
  const body = Buffer.from(JSON.stringify(request)).toString('base64');
  mns.sendMessage(QUEUES.changeRequests, { body });
}

/** The n-th instance of the story, in the form that a change names it. */
function named(clouds: MemoryClouds, index: number) {
  return { binding: 'story', instances: [instancesOf(clouds)[index] ?? ''] };
}

/** Short waits, so that as few looks as can be lie between what is asked and its end. */
export const REQUEST_TIMING = {
  compare: '24h',
  lease: '10s',
  callTimeout: '3s',
  passBudget: '15s',
  gather: '0s',
  settle: '1s',
};
const timing = REQUEST_TIMING;
const plain = configured({}, { requests: REQUESTS, timing });
/** Longer than a death can hold anything up, and over before much else happens. */
const FOR = '2m';

/** Primary and secondary change places because somebody has asked for it; what is told of the change is told of an order. */
export const PROMOTION_BY_REQUEST: PromotionStory = {
  ...PROMOTIONS.promotionByOrder,
  name: 'primary and secondary change places by request',
  config: configuredPair(PROMOTIONS.promotionByOrder.listeners, false, { requests: REQUESTS }),
  begin: (clouds) => send(clouds, ask(ORDER_ID, { kind: 'promote', pair: PAIR })),
};

/** Every story of requests about backends. */
export const REQUEST_STORIES = {
  drainAndWeight: {
    name: 'one of three instances is drained for a time by request, and another has less weight',
    config: plain,
    inService: 3,
    begin(clouds) {
      const drain = ask('drain', { kind: 'drain', ...named(clouds, 0), for: FOR });
      send(clouds, drain);
      send(clouds, ask('weight', { kind: 'set-weight', ...named(clouds, 1), weight: 20, for: FOR }));
      send(clouds, drain);
    },
    isApproved: false,
    atEnd: [0, 1, 2],
    results: ['drain done null', 'weight done null'],
    moves: {
      '0 ->100': 2,
      '1 ->100': 1,
      '2 ->100': 1,
      '0 100>0': 1,
      '0 0>-': 1,
      '1 100>20': 1,
      '1 20>100': 1,
    },
  },
  approval: {
    name: 'a request waits for its approval, and gets it',
    config: configured({ approval: 'required' }, { requests: REQUESTS, timing }),
    inService: 2,
    begin(clouds) {
      send(clouds, ask('weight', { kind: 'set-weight', ...named(clouds, 0), percent: 40, for: FOR }));
    },
    isApproved: true,
    atEnd: [0, 1],
    results: ['weight awaiting-approval null', 'weight done null', 'weight-yes done null'],
    moves: { '0 ->100': 1, '1 ->100': 1, '0 100>40': 1, '0 40>100': 1 },
  },
  refused: {
    name: 'requests that cannot be done are told so, each once, beside one that can',
    config: plain,
    inService: 2,
    begin(clouds) {
      const weight = { kind: 'set-weight', ...named(clouds, 0), weight: 20, for: FOR } as const;
      send(clouds, aRequest({ requestId: 'unsigned', change: weight }));
      send(clouds, { ...ask('unreadable', weight), urgent: true });
      send(clouds, ask('stranger', { ...weight, instances: ['i-stranger'] }));
      send(clouds, ask('weight', weight));
    },
    isApproved: false,
    quarantined: 1,
    atEnd: [0, 1],
    results: [
      'stranger refused not-a-member',
      'unreadable quarantined quarantined',
      'unsigned refused unsigned',
      'weight done null',
    ],
    moves: { '0 ->100': 1, '1 ->100': 1, '0 100>20': 1, '0 20>100': 1 },
  },
} as const satisfies Record<string, RequestStory>;
