import { handleInstanceEvents } from '../../../../functions/instance-events/handler.ts';
import { handleTick } from '../../../../functions/tick/handler.ts';
import type { InvariantName } from '../../../../infra/local/simulator/invariants/invariant.ts';
import type { Handlers } from '../../../../infra/local/simulator/play/handlers.ts';
import type { PlayOptions } from '../../../../infra/local/simulator/play/play-day.ts';
import type { Production } from '../../../../shared/adapters/production.ts';
import type { TableClient } from '../../../../shared/adapters/tablestore/client.ts';
import type { RowWrite } from '../../../../shared/adapters/tablestore/rows.ts';
import type { InboundEvent } from '../../../../shared/events/model.ts';
import type { EcsInstance } from '../../../../shared/instances/model.ts';
import type { LaneChange } from '../../../../shared/lanes/model.ts';
import { backendId, type ObservedBackend } from '../../../../shared/server-groups/model.ts';
import type { BackendRow } from '../../../../shared/server-groups/record.ts';

/** A layer of protection taken out of the product, from outside of it. */
export interface PlantedFault {
  readonly without: string;
  /** What else had to go, because it mends or hides what the fault does; `null` = nothing. */
  readonly alsoWithout: string | null;
  readonly invariant: InvariantName;
  /** The first seed whose day finds it. */
  readonly seed: number;
  readonly options: PlayOptions;
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
      // The tick finds what was not handled by itself, so it must not see it.
      list: async () => (await lanes.list()).map((row) => ({ ...row, handled: row.dirty })),
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
              privateIp: null,
              lockReasons: [],
            }),
          );
        return [...found, ...running];
      },
    },
  };
}

/** Handlers on altered ports. */
function onPorts(alter: (deps: Production) => Production, isCompared = true): Handlers {
  return {
    'instance-events': (deps, events) => handleInstanceEvents(alter(deps), events),
    tick: (deps, events) => handleTick(alter(deps), isCompared ? events : events.map(withoutSchedule)),
  };
}

/** A tick that does not say which minute it is of compares nothing. */
function withoutSchedule(event: InboundEvent): InboundEvent {
  return event.kind === 'tick' ? { kind: 'tick' } : event;
}

/** Records are written whoever has written them since. */
function unconditional(tables: TableClient): TableClient {
  const open = (row: RowWrite): RowWrite => {
    if (row.table !== 'backends' || row.condition === undefined) return row;
    const { condition: _, ...rest } = row;
    return rest;
  };
  return {
    ...tables,
    write: (row) => tables.write(open(row)),
    writeMany: (rows) => tables.writeMany(rows.map(open)),
  };
}

export const FAULTS: ReadonlyArray<PlantedFault> = [
  {
    without: 'the dirty compare',
    alsoWithout: 'the tick’s look at unhandled signals, the full comparison',
    invariant: 'I13',
    seed: 0,
    options: { handlers: onPorts(withoutDirtyCompare, false) },
  },
  {
    without: 'the fence check',
    alsoWithout: 'the revision in the same row condition',
    invariant: 'I7',
    seed: 0,
    options: { alter: (transports) => ({ ...transports, tables: unconditional(transports.tables) }) },
  },
  {
    without: 'the verification read',
    alsoWithout: null,
    invariant: 'I3',
    seed: 0,
    options: { handlers: onPorts(withoutVerification) },
  },
  {
    without: 'the generation check',
    alsoWithout: null,
    invariant: 'I7',
    seed: 0,
    options: { handlers: onPorts(withoutGenerationCheck) },
  },
  {
    without: 'the never-empty guard',
    alsoWithout: 'maxDisruption',
    invariant: 'I1',
    seed: 0,
    options: { handlers: onPorts(withoutGuard) },
  },
];
