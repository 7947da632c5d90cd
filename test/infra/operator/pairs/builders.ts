import pc from 'picocolors';
import { parseConfig } from '../../../../shared/config/load.ts';
import type { Pair } from '../../../../shared/config/pair.ts';
import type { PairGroup } from '../../../../shared/pairs/model.ts';
import { newPairRow, type PairRow } from '../../../../shared/pairs/record.ts';
import type { Saga } from '../../../../shared/pairs/saga/model.ts';
import type { Testimony } from '../../../../shared/pairs/testimony/model.ts';
import { LB } from '../../../support/builders.ts';

/** No colours. */
export const PLAIN = pc.createColors(false);

/** A pair of two listeners, with the defaults. */
export function aPair(entry: object = {}): Pair {
  const pairs = [{ name: 'orders-db', loadBalancer: LB, listeners: ['tcp:3306', 'tcp:3307'], ...entry }];
  const config = parseConfig(JSON.stringify({ version: 1, region: 'cn-hangzhou', pairs }), 'autopilot.yaml');
  const [pair] = config.pairs;
  if (pair === undefined) throw new Error('there is no pair');
  return pair;
}

const member = (serverId: string) => ({ serverId, port: 3306, weight: 100 });

/** `i-a` is the primary and `i-b` the secondary. */
export const A_GROUP: PairGroup = {
  groupId: 'rsp-old',
  name: 'orders',
  tags: [],
  loadBalancerId: LB,
  members: { primary: member('i-a'), secondary: member('i-b') },
};

/** A row of which nothing is to be said. */
export function aRow(overrides: Partial<PairRow> = {}): PairRow {
  return { ...newPairRow(aPair()), groupId: 'rsp-old', homeId: 'i-a', ...overrides };
}

/** Promotion 3, whose group is created and which has pointed nothing yet. */
export function aChange(overrides: Partial<Saga> = {}): Saga {
  const listener = (port: number) =>
    ({
      protocol: 'tcp',
      port,
      before: {},
      vServerGroupId: null,
      state: 'waiting',
      mends: 0,
      remark: null,
    }) as const;
  return {
    number: 3,
    kind: 'promotion',
    reason: 'mei asked for it: patch day',
    orderId: 'order-1',
    startedAtMs: 0,
    groupName: 'slb-autopilot/orders-db/3',
    tags: [],
    from: A_GROUP,
    to: { primary: member('i-b'), secondary: member('i-a') },
    groupId: 'rsp-new',
    isFound: false,
    listeners: [listener(3306), listener(3307)],
    phase: 'repoint',
    inFlight: null,
    refusals: 0,
    notBeforeMs: null,
    failure: null,
    outcome: null,
    endedAtMs: null,
    ...overrides,
  };
}

/** Health and ECS call it bad since then; the probe was not asked. */
export function aTestimony(sinceMs: number): Testimony {
  return {
    health: { finding: 'bad', text: 'abnormal on tcp:3306', sinceMs },
    ecs: { finding: 'bad', text: 'Stopped', sinceMs },
    probe: { finding: 'unknown', text: 'not asked', sinceMs },
    heardAtMs: sinceMs,
  };
}
