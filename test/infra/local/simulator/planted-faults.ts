import { handleChangeRequests } from '../../../../functions/change-requests/handler.ts';
import { handleDriftSweep } from '../../../../functions/drift-sweep/handler.ts';
import { handleInstanceEvents } from '../../../../functions/instance-events/handler.ts';
import { handleReconcileLoadBalancer } from '../../../../functions/reconcile-load-balancer/handler.ts';
import { handleScalingHooks } from '../../../../functions/scaling-hooks/handler.ts';
import { handleTick } from '../../../../functions/tick/handler.ts';
import type { MemoryDeployment } from '../../../../infra/local/memory/deployment.ts';
import { drawDay } from '../../../../infra/local/simulator/draw/day.ts';
import type { InvariantName } from '../../../../infra/local/simulator/invariants/invariant.ts';
import type { Handlers } from '../../../../infra/local/simulator/play/handlers.ts';
import { type PlayOptions, playDay } from '../../../../infra/local/simulator/play/play-day.ts';
import type { Production } from '../../../../shared/adapters/production.ts';
import type { TableClient } from '../../../../shared/adapters/tablestore/client.ts';
import type { RowWrite } from '../../../../shared/adapters/tablestore/rows.ts';
import { listenerName } from '../../../../shared/config/pair.ts';
import type { InboundEvent } from '../../../../shared/events/model.ts';
import type { EcsInstance } from '../../../../shared/instances/model.ts';
import type { LaneChange } from '../../../../shared/lanes/model.ts';
import { GROUP_NAME_PREFIX } from '../../../../shared/pairs/saga/model.ts';
import type { HookChange } from '../../../../shared/scaling/model.ts';
import type { BackendRow } from '../../../../shared/server-groups/backend/record.ts';
import { backendId, type ObservedBackend } from '../../../../shared/server-groups/model.ts';

/** A layer of protection taken out of the product, from outside of it: through its ports. */
export interface PlantedFault {
  readonly without: string;
  readonly invariant: InvariantName;
  /** A seed whose day finds it. It changes with how days are drawn: {@link firstSeed} finds another. */
  readonly seed: number;
  readonly options: PlayOptions;
  /** What else had to go, because it mends or hides what the fault does; `null` = nothing. */
  readonly masks: { readonly named: string; readonly options: PlayOptions } | null;
}

/** The tick takes every signal for handled and compares nothing, so that only signals and wake-ups bring a lane work. */
function withoutTickLook(deps: Production): Production {
  const { lanes } = deps;
  const list = async () => (await lanes.list()).map((row) => ({ ...row, handled: row.dirty }));
  return { ...deps, lanes: { ...lanes, list } };
}

/** What became of a request is never told. */
function withoutAnswers(deps: Production): Production {
  return { ...deps, results: { send: async () => {} } };
}

/** Every copy of a request is answered as of the moment. */
function withoutStoredAnswer(deps: Production): Production {
  const { results, newId } = deps;
  const anew = (text: string) => JSON.stringify({ ...(JSON.parse(text) as object), answerId: newId() });
  return { ...deps, results: { send: (text) => results.send(anew(text)) } };
}

/** A finish goes through although signals have come since the lane was taken. */
function withoutDirtyCompare(deps: Production): Production {
  const { lanes } = deps;
  return {
    ...deps,
    lanes: {
      ...lanes,
      change(loadBalancerId, change) {
        const { dirty: _, ...expect } = change.expect;
        return lanes.change(loadBalancerId, { ...change, expect });
      },
    },
  };
}

/** Nobody comes back to look whether a late write has landed. */
function withoutVerification(deps: Production): Production {
  const { lanes } = deps;
  const unverified = ({ expect, set, nextFence }: LaneChange): LaneChange => {
    const { notes, nextWakeUpMs } = set;
    if (notes === undefined) return { expect, set, nextFence };
    const isForThat = nextWakeUpMs !== undefined && nextWakeUpMs === notes.verifyAtMs;
    return {
      expect,
      set: {
        ...set,
        ...(isForThat ? { nextWakeUpMs: null } : {}),
        notes: { ...notes, verifyAtMs: null },
      },
      nextFence,
    };
  };
  return { ...deps, lanes: { ...lanes, change: (id, change) => lanes.change(id, unverified(change)) } };
}

/** Records are read once in an invocation and then remembered, so that what others decide is never noticed. */
function withoutGenerationCheck(deps: Production): Production {
  const { backends } = deps;
  const remembered = new Map<string, Map<string, BackendRow>>();
  return {
    ...deps,
    backends: {
      async readGroups(ids) {
        for (const id of ids.filter((each) => !remembered.has(each))) {
          const rows = await backends.readGroups([id]);
          remembered.set(id, new Map(rows.map((row) => [backendId(row), row])));
        }
        return ids.flatMap((id) => [...(remembered.get(id)?.values() ?? [])]);
      },
      async commit(batch) {
        const result = await backends.commit(batch);
        for (const { kind, row } of batch.changes) {
          if (kind === 'put') remembered.get(row.vServerGroupId)?.set(backendId(row), row);
          else remembered.get(row.vServerGroupId)?.delete(backendId(row));
        }
        return result;
      },
    },
  };
}

const GHOSTS = ['i-ghost1', 'i-ghost2', 'i-ghost3', 'i-ghost4', 'i-ghost5', 'i-ghost6'];

/** The guards see members that nobody else sees, and believe that those go on serving. */
function withoutGuard(deps: Production): Production {
  const { groups, instances } = deps;
  const ghosts = (vServerGroupId: string): Array<ObservedBackend> =>
    GHOSTS.map((serverId) => ({
      vServerGroupId,
      serverId,
      port: 1,
      serverIp: null,
      weight: 100,
      description: 'ghost',
    }));
  return {
    ...deps,
    groups: {
      ...groups,
      async describe(id) {
        const group = await groups.describe(id);
        return { ...group, backends: [...group.backends, ...ghosts(id)] };
      },
    },
    instances: {
      ...instances,
      async describe(ids) {
        const real = ids.filter((id) => !GHOSTS.includes(id));
        const found = real.length === 0 ? [] : await instances.describe(real);
        const running = ids
          .filter((id) => GHOSTS.includes(id))
          .map(
            (instanceId): EcsInstance => ({
              instanceId,
              status: 'Running',
              tags: {},
              vendorStatus: null,
              privateIp: null,
              addresses: [],
              runningSinceMs: null,
              vpcId: null,
              instanceType: null,
              zoneId: null,
              lockReasons: [],
              scaling: null,
            }),
          );
        return [...found, ...running];
      },
    },
  };
}

/** Whoever leaves a scaling group may go as soon as the lanes have been told, drained or not. */
function withoutDrain(deps: Production): Production {
  const { hooks } = deps;
  const answered = (change: HookChange): HookChange => {
    const { row } = change;
    const isToWait = row.phase === 'waiting' && row.transition === 'SCALE_IN' && row.orderedAtMs !== null;
    if (change.kind !== 'put' || !isToWait || row.answer !== null) return change;
    const answer = { result: 'CONTINUE', reason: 'planted', clientToken: row.token, decidedAtMs: 0 } as const;
    return { ...change, row: { ...row, answer } };
  };
  return {
    ...deps,
    hooks: {
      ...hooks,
      commit: (batch) => hooks.commit({ ...batch, changes: batch.changes.map(answered) }),
    },
  };
}

/** Heartbeats are counted and written down, and never sent. */
function withoutHeartbeats(deps: Production): Production {
  return { ...deps, scaling: { ...deps.scaling, heartbeat: async () => 'planted' } };
}

/** No tick asks a scaling group whether something waits that no message told of. */
function withoutRound(deps: Production): Production {
  return { ...deps, scalingGroupIds: [] };
}

/** Each repeat of an answer is one of its own. */
function withoutClientToken(deps: Production): Production {
  const { scaling, newId } = deps;
  return {
    ...deps,
    scaling: {
      ...scaling,
      complete: (hook, answer) => scaling.complete(hook, { ...answer, clientToken: newId() }),
    },
  };
}

/** A create leaves before the journal says so. */
function withoutJournal(deps: Production): Production {
  const { pairRows } = deps;
  return {
    ...deps,
    pairRows: {
      ...pairRows,
      async commit(batch) {
        const isOfCreate = batch.row.saga?.inFlight?.kind === 'create';
        return isOfCreate ? true : await pairRows.commit(batch);
      },
    },
  };
}

/** Nobody finds a group that a change of a pair has made. */
function withoutLookByName(deps: Production): Production {
  const { pairGroups } = deps;
  return {
    ...deps,
    pairGroups: {
      ...pairGroups,
      async groups(loadBalancerId) {
        const { groups, users } = await pairGroups.groups(loadBalancerId);
        return { groups: groups.filter(({ name }) => !name.startsWith(GROUP_NAME_PREFIX)), users };
      },
    },
  };
}

/** The last change of a pair always ended long ago. */
function withoutCoolDown(deps: Production): Production {
  const { pairRows } = deps;
  return {
    ...deps,
    pairRows: {
      ...pairRows,
      async read(name) {
        const { row, orders } = await pairRows.read(name);
        if (row?.saga?.endedAtMs == null) return { row, orders };
        return { row: { ...row, saga: { ...row.saga, endedAtMs: 0 } }, orders };
      },
    },
  };
}

/** Whoever the health checks find abnormal is no Running instance either, so that one observer makes two. */
function withoutSecondObserver(deps: Production): Production {
  const { loadBalancers, instances, pairs } = deps;
  const accused = new Set<string>();
  const ofPairs = new Set(pairs.flatMap(({ listeners }) => listeners.map(listenerName)));
  return {
    ...deps,
    loadBalancers: {
      ...loadBalancers,
      async health(loadBalancerId) {
        const found = await loadBalancers.health(loadBalancerId);
        for (const { serverId, status, protocol, listenerPort } of found) {
          if (!ofPairs.has(`${protocol}:${listenerPort}`)) continue;
          if (status === 'abnormal') accused.add(serverId);
          else accused.delete(serverId);
        }
        return found;
      },
    },
    instances: {
      ...instances,
      async describe(ids) {
        const found = await instances.describe(ids);
        return found.map((instance) =>
          accused.has(instance.instanceId) ? { ...instance, status: 'Stopped' as const } : instance,
        );
      },
    },
  };
}

/** What a call without an answer may still do is over at once. */
function withoutSettling(deps: Production): Production {
  const { timing } = deps;
  return { ...deps, timing: { ...timing, settleMs: -timing.callTimeoutMs } };
}

/** Handlers on altered ports. */
function onPorts(alter: (deps: Production) => Production, isCompared = true): Handlers {
  return {
    'change-requests': (deps, events) => handleChangeRequests(alter(deps), events),
    'instance-events': (deps, events) => handleInstanceEvents(alter(deps), events),
    'scaling-hooks': (deps, events) => handleScalingHooks(alter(deps), events),
    tick: (deps, events) => handleTick(alter(deps), events),
    'drift-sweep': (deps, events) =>
      handleDriftSweep(alter(deps), isCompared ? events : events.map(withoutSchedule)),
    'reconcile-load-balancer': (deps, events) => handleReconcileLoadBalancer(alter(deps), events),
  };
}

/** A timer that does not say which minute it is of begins no sweep. */
function withoutSchedule(event: InboundEvent): InboundEvent {
  return event.kind === 'tick' ? { kind: 'tick' } : event;
}

/** Records are written without these conditions. */
function withoutConditions(...columns: ReadonlyArray<string>): PlayOptions {
  const open = (row: RowWrite): RowWrite => {
    if (row.table !== 'backends' || row.condition?.columns === undefined) return row;
    const left = row.condition.columns.filter(({ column }) => !columns.includes(column));
    return { ...row, condition: { ...row.condition, columns: left } };
  };
  const opened = (tables: TableClient): TableClient => ({
    ...tables,
    write: (row) => tables.write(open(row)),
    writeMany: (rows) => tables.writeMany(rows.map(open)),
  });
  return { alter: (transports) => ({ ...transports, tables: opened(transports.tables) }) };
}

/** Faults in the changes of pairs: found by the invariant about their changes. */
const FAULTS_OF_PAIRS: ReadonlyArray<PlantedFault> = (
  [
    ['the journal before a create', withoutJournal, 10],
    ['the look by name before a create', withoutLookByName, 32],
    ['the cool-down', withoutCoolDown, 116],
    ['the second observer', withoutSecondObserver, 329],
    ['the wait for a create that may still land', withoutSettling, 31],
  ] as const
).map(([without, alter, seed]) => ({
  without,
  invariant: 'I5',
  seed,
  options: { handlers: onPorts(alter) },
  masks: null,
}));

/** Every planted fault, with what it takes to see it. */
export const PLANTED_FAULTS: ReadonlyArray<PlantedFault> = [
  {
    without: 'the dirty compare',
    invariant: 'I13',
    seed: 146,
    options: { handlers: onPorts((deps) => withoutTickLook(withoutDirtyCompare(deps)), false) },
    masks: {
      named: 'the tick’s look at unhandled signals, the sweep',
      options: { handlers: onPorts(withoutTickLook, false) },
    },
  },
  {
    without: 'the fence check',
    invariant: 'I7',
    seed: 41,
    options: withoutConditions('fence', 'revision'),
    masks: { named: 'the revision in the same condition', options: withoutConditions('revision') },
  },
  {
    without: 'the verification read',
    invariant: 'I3',
    seed: 0,
    options: { handlers: onPorts(withoutVerification) },
    masks: null,
  },
  {
    without: 'the generation check',
    invariant: 'I7',
    seed: 0,
    options: { handlers: onPorts(withoutGenerationCheck) },
    masks: null,
  },
  {
    without: 'the never-empty guard',
    invariant: 'I1',
    seed: 4,
    options: { handlers: onPorts(withoutGuard) },
    masks: null,
  },
  {
    without: 'the wait for a drain',
    invariant: 'I6',
    seed: 22,
    options: { handlers: onPorts(withoutDrain) },
    masks: null,
  },
  {
    without: 'heartbeats',
    invariant: 'I6',
    seed: 22,
    options: { handlers: onPorts(withoutHeartbeats) },
    masks: null,
  },
  {
    without: 'the round of the scaling groups',
    invariant: 'I6',
    seed: 22,
    options: { handlers: onPorts(withoutRound) },
    masks: null,
  },
  {
    without: 'one client token for all repeats',
    invariant: 'I6',
    seed: 22,
    options: { handlers: onPorts(withoutClientToken) },
    masks: null,
  },
  {
    without: 'answers to requests',
    invariant: 'I9',
    seed: 3,
    options: { handlers: onPorts(withoutAnswers) },
    masks: null,
  },
  {
    without: 'one text for all copies of a request',
    invariant: 'I9',
    seed: 58,
    options: { handlers: onPorts(withoutStoredAnswer) },
    masks: null,
  },
  ...FAULTS_OF_PAIRS,
];

/** The first seed from `from` on whose day finds the fault, and is in order without it; `null` = none below `to`. */
export async function firstSeed(
  { invariant, options, masks }: PlantedFault,
  deployment: MemoryDeployment,
  from = 0,
  to = 10_000,
): Promise<number | null> {
  for (let seed = from; seed < to; seed++) {
    const day = drawDay(seed);
    const { violations } = await playDay(day, deployment, options);
    if (violations[0]?.invariant !== invariant) continue;
    const plain = await playDay(day, deployment);
    const masked = await playDay(day, deployment, masks?.options ?? {});
    if (plain.violations.length + masked.violations.length === 0) return seed;
  }
  return null;
}
