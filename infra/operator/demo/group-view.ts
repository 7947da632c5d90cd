import { groupBy } from '../../../shared/collections.ts';
import type { Binding } from '../../../shared/config/binding.ts';
import { weightOn } from '../../../shared/config/weights.ts';
import { namesPortOf } from '../../../shared/instances/backend-type.ts';
import { backendKey } from '../../../shared/server-groups/model.ts';
import { boundBindings } from '../../local/declared-bindings.ts';
import { matchesBinding } from '../../local/scenes/desired.ts';
import { serversOf, type WorldServer } from '../../local/scenes/servers.ts';
import type { Stage } from '../../local/scenes/stage.ts';
import type { BackendServer } from '../../local/world/slb/model.ts';

/** Where a backend is in its life, as the world shows it. */
export type Phase = 'joining' | 'in service' | 'leaving' | 'draining' | "not the configuration's";

/** A line of the table of groups: one server with all its ports that are in the same phase. */
export interface GroupLine {
  /** `i-…`, or `eni-…@192.168.0.10`. */
  readonly serverId: string;
  readonly ports: ReadonlyArray<number>;
  readonly weights: ReadonlyArray<number>;
  readonly phase: Phase;
  /** For a draining one: since when it has weight 0, and how long it is to keep it. */
  readonly drain: { readonly sinceMs: number; readonly timeMs: number } | null;
}

/** A group as it is now. */
export interface SeenGroup {
  readonly name: string;
  readonly lines: ReadonlyArray<GroupLine>;
}

/** Looks at the groups that the configuration names. */
export interface GroupView {
  groups(): ReadonlyArray<SeenGroup>;
}

interface Seen {
  readonly serverId: string;
  readonly serverIp: string | null;
  readonly port: number;
  readonly weight: number;
  readonly phase: Phase;
  readonly drain: GroupLine['drain'];
}

/** Must be made before the first write, since it notes when weights became 0. */
export function createGroupView(stage: Stage): GroupView {
  const { clouds } = stage;
  const { ess, slb, foundation } = clouds;
  const zeroSinceMs = new Map<string, number>();
  foundation.timeline.onEntry(({ kind, atMs, details }) => {
    if (kind !== 'weights-set' && kind !== 'backends-added') return;
    for (const backend of details.backends as ReadonlyArray<BackendServer>) {
      const key = keyOf(String(details.vServerGroupId), backend);
      if (backend.weight > 0) zeroSinceMs.delete(key);
      else if (!zeroSinceMs.has(key)) zeroSinceMs.set(key, atMs);
    }
  });

  const listed = (
    vServerGroupId: string,
    bindings: ReadonlyArray<Binding>,
    servers: ReadonlyArray<WorldServer>,
  ) =>
    (slb.group(vServerGroupId)?.backends ?? []).map((backend): Seen => {
      const { serverId, serverIp, port, weight } = backend;
      const binding = bindings.find((each) => namesPortOf(each, backend));
      const ofPort = binding?.ports.find((entry) => entry.port === port);
      const server = servers.find((each) => each.serverId === serverId && each.serverIp === serverIp);
      const wanted =
        ofPort === undefined ? null : (weightOn(ofPort, serverId, server ?? null)?.weight ?? ofPort.weight);
      const belongs =
        binding !== undefined && server?.status === 'running' && matchesBinding(server, binding, ess);
      const seen = { serverId, serverIp, port, weight, drain: null };
      if (binding === undefined) return { ...seen, phase: "not the configuration's" };
      if (belongs && weight === wanted) return { ...seen, phase: 'in service' };
      // With less than its whole weight it is still to prove itself, or on its ramp.
      if (weight > 0 && belongs) return { ...seen, phase: weight < (wanted ?? 0) ? 'joining' : 'in service' };
      if (weight > 0) return { ...seen, phase: 'leaving' };
      const sinceMs = zeroSinceMs.get(keyOf(vServerGroupId, backend));
      const drain = sinceMs === undefined ? null : { sinceMs, timeMs: binding.drain.timeMs };
      return { ...seen, phase: 'draining', drain };
    });

  const joining = (
    vServerGroupId: string,
    bindings: ReadonlyArray<Binding>,
    servers: ReadonlyArray<WorldServer>,
  ) => {
    const present = new Set(
      (slb.group(vServerGroupId)?.backends ?? []).map((backend) => keyOf(vServerGroupId, backend)),
    );
    const coming = servers.filter(({ status }) => status !== 'out');
    return bindings.flatMap((binding) =>
      coming
        .filter((server) => matchesBinding(server, binding, ess))
        .flatMap(({ serverId, serverIp }) =>
          binding.ports.map(
            ({ port }): Seen => ({ serverId, serverIp, port, weight: 0, phase: 'joining', drain: null }),
          ),
        )
        .filter((seen) => !present.has(keyOf(vServerGroupId, seen))),
    );
  };

  return {
    groups() {
      const servers = serversOf(clouds);
      const bound = boundBindings(stage.config.bindings, slb);
      return [...groupBy(bound, ({ vServerGroupId }) => vServerGroupId)].map(
        ([vServerGroupId, bindings]) => ({
          // One that is only declared has its name already.
          name: slb.group(vServerGroupId)?.vServerGroupName ?? bindings[0]?.group?.name ?? vServerGroupId,
          lines: mergePorts([
            ...listed(vServerGroupId, bindings, servers),
            ...joining(vServerGroupId, bindings, servers),
          ]),
        }),
      );
    },
  };
}

function keyOf(
  vServerGroupId: string,
  backend: Pick<BackendServer, 'serverId' | 'serverIp' | 'port'>,
): string {
  return `${vServerGroupId} ${backendKey(backend)}`;
}

function mergePorts(seen: ReadonlyArray<Seen>): ReadonlyArray<GroupLine> {
  const merged = new Map<string, GroupLine>();
  for (const { serverId: id, serverIp, port, weight, phase, drain } of seen) {
    const serverId = serverIp === null ? id : `${id}@${serverIp}`;
    const key = `${serverId} ${phase}`;
    const line = merged.get(key) ?? { serverId, ports: [], weights: [], phase, drain };
    merged.set(key, { ...line, ports: [...line.ports, port], weights: [...line.weights, weight] });
  }
  return [...merged.values()];
}
