import { TransientError } from '../../shared/errors.ts';
import type { EcsInstance } from '../../shared/instances/model.ts';
import { type HeldLane, NO_NOTES } from '../../shared/lanes/model.ts';
import type { BackendHealth } from '../../shared/load-balancers/model.ts';
import { createPairPass, type PairPassDeps } from '../../shared/pairs/apply.ts';
import { pairLaneId } from '../../shared/pairs/model.ts';
import type { PairCommit } from '../../shared/pairs/ports.ts';
import type { PairRow } from '../../shared/pairs/record.ts';
import { anInstance, LB, MAINTENANCE, NOW_MS, TIMING } from './builders.ts';
import { aGroup, aListener, aPair, aPairRow, PRIMARY, SECONDARY, STANDBY } from './pairs.ts';

/** What a test says of its pass. */
export interface PairPassOptions {
  readonly pair?: ReturnType<typeof aPair>;
  readonly pairs?: ReadonlyArray<ReturnType<typeof aPair>>;
  readonly row?: PairRow;
  readonly instances?: ReadonlyArray<EcsInstance>;
  readonly health?: ReadonlyArray<BackendHealth>;
  /** The standby pool, as ECS lists it. */
  readonly pool?: ReadonlyArray<EcsInstance>;
  /** By instance: the lanes that the index of instances leads to. */
  readonly index?: ReadonlyMap<string, ReadonlySet<string>>;
  /** Ports, to be put in the place of those that are there. */
  readonly ports?: Partial<Record<keyof PairPassDeps, object>>;
  /** Instances that hang until their probe's time is over; the others answer at once. */
  readonly hanging?: ReadonlySet<string>;
}

/** One pass over a pair whose clouds and tables are as the test says. Only probes that hang take time. */
export function aPairPass(options: PairPassOptions = {}) {
  const { pair = aPair(), row = aPairRow(), hanging = new Set(), ports = {} } = options;
  const { pool = [anInstance(STANDBY)], index = new Map(), health = [] } = options;
  const { instances = [anInstance(PRIMARY), anInstance(SECONDARY), ...pool] } = options;
  const known = new Map(instances.map((instance) => [instance.instanceId, instance]));
  // Each its own address, so that a probe knows who is asked.
  const addressed = (id: string): ReadonlyArray<EcsInstance> => {
    const instance = known.get(id);
    return instance === undefined ? [] : [{ ...instance, privateIp: id }];
  };
  let nowMs = NOW_MS;
  const clock = { nowMs: () => nowMs };
  const commits: Array<PairCommit> = [];
  let stored: PairRow = row;
  const deps = {
    pairGroups: {
      groups: async () => ({ groups: [aGroup()], users: new Map() }),
      describe: async () => aGroup(),
      listener: async () => aListener(),
      send: async () => {
        throw new TransientError('busy', 'busy');
      },
    },
    pairRows: {
      read: async () => ({ row: stored, orders: [] }),
      commit: async (commit: PairCommit) => {
        commits.push(commit);
        stored = commit.row;
        return true;
      },
      removeOrders: async () => {},
    },
    loadBalancers: { health: async () => health },
    instances: {
      describe: async (ids: ReadonlyArray<string>) => ids.flatMap(addressed),
      list: async () => ({
        instances: pool.flatMap(({ instanceId }) => addressed(instanceId)),
        isComplete: true,
      }),
      openSystemEvents: async (ids: ReadonlyArray<string>) => new Map(ids.map((id) => [id, []])),
      provePermission: async () => {},
    },
    scaling: { instances: async () => new Map() },
    members: { lanesOf: async () => index },
    inbox: { read: async () => [], remove: async () => {}, put: async () => {} },
    budget: {
      settings: { slotMs: 5_000 },
      nowMs: clock.nowMs,
      reserve: async () => ({ granted: 0, untilMs: nowMs, retryAtMs: nowMs + 5_000 }),
      throttled: async () => nowMs + 5_000,
    },
    prober: {
      probe: async (privateIp: string) => {
        if (!hanging.has(privateIp)) return { isReady: true, reason: null };
        const endsAtMs = nowMs + pair.probe.probe.timeoutMs;
        await Promise.resolve();
        nowMs = Math.max(nowMs, endsAtMs);
        return { isReady: false, reason: 'no answer' };
      },
    },
    metrics: { count: () => {} },
    logger: { warn: () => {}, error: () => {}, info: () => {}, debug: () => {} },
    random: () => 0.5,
    newId: () => 'id',
    clock,
    ownClock: clock,
    pairs: options.pairs ?? [pair],
    maintenance: MAINTENANCE,
    timing: TIMING,
    ...ports,
  } as unknown as PairPassDeps;
  const held: HeldLane = {
    laneId: pairLaneId(pair),
    owner: 'me',
    fence: 1,
    leaseUntilMs: NOW_MS + TIMING.leaseMs,
    dirty: 1,
    isTakeover: false,
    notes: NO_NOTES,
  };
  return {
    loadBalancerId: LB,
    deps,
    commits,
    row: () => stored,
    passedMs: () => nowMs - NOW_MS,
    run: () => createPairPass(deps)(held, NOW_MS + TIMING.passBudgetMs),
  };
}
