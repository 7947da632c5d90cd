import type { BackendType, Binding, BindingPort } from '../config/binding.ts';
import { type FoundWeight, weightOn } from '../config/weights.ts';
import { typeOfServer } from '../instances/backend-type.ts';
import { servingAddresses } from '../instances/selection.ts';
import { isSubjectOfBinding } from './backend/pause.ts';
import { type BackendRow, lastFullWeight } from './backend/record.ts';
import type { Candidate } from './draft.ts';
import {
  type BackendIdentity,
  backendKey,
  type LaneInput,
  markedBinding,
  type ObservedBackend,
  type ObservedGroup,
} from './model.ts';

/** The binding that a backend is of, and what it says of its port; `null` = it has left the port. */
interface Bound {
  readonly binding: Binding;
  readonly port: BindingPort | null;
  /** The weight of every instance; `null` = it depends on the instance. */
  readonly always: FoundWeight | null;
}

/**
 * Every backend that a rule may apply to: recorded, listed, or bound to a signalled instance; in a fixed order. Ours on a
 * port that its binding does not name any more stays the binding's as long as that has ports in the group.
 */
export function candidatesOf(
  input: LaneInput,
  group: ObservedGroup,
  bindings: ReadonlyArray<Binding>,
  rows: ReadonlyArray<BackendRow>,
): ReadonlyArray<Candidate> {
  const bound = new Map<string, Bound>();
  for (const binding of bindings) {
    for (const port of binding.ports) {
      const always = port.weightsBy === undefined ? { weight: port.weight, by: null } : null;
      bound.set(placeOf(binding.type, port.port), { binding, port, always });
    }
  }
  const boundOf = (
    { serverId, port }: BackendIdentity,
    row: BackendRow | null,
    backend: ObservedBackend | null,
  ): Bound | null => {
    const known = bound.get(placeOf(typeOfServer(serverId), port));
    if (known !== undefined) return known;
    const name = row?.binding ?? (backend === null ? null : markedBinding(backend));
    const binding = bindings.find((each) => each.name === name);
    return binding === undefined ? null : { binding, port: null, always: null };
  };
  const rowsByKey = new Map(rows.map((row) => [backendKey(row), row]));
  const candidates: Array<Candidate> = [];
  const add = (
    key: string,
    known: BackendIdentity,
    row: BackendRow | null,
    backend: ObservedBackend | null,
  ) => {
    const { serverId, port, serverIp } = known;
    const of = boundOf(known, row, backend);
    const { weight, by } = weightOf(input, serverId, of, row, backend);
    candidates.push({
      key,
      identity: { vServerGroupId: group.vServerGroupId, serverId, port, serverIp },
      row,
      backend,
      binding: of?.binding ?? null,
      hasLeft: of !== null && of.port === null,
      weight,
      weightBy: by,
    });
  };
  const seen = new Set<string>();
  const addOnce = (known: BackendIdentity) => {
    const key = backendKey(known);
    if (seen.has(key)) return;
    seen.add(key);
    add(key, known, null, null);
  };
  for (const backend of group.backends) {
    const key = backendKey(backend);
    seen.add(key);
    add(key, backend, rowsByKey.get(key) ?? null, backend);
  }
  for (const [key, row] of rowsByKey) {
    if (seen.has(key)) continue;
    seen.add(key);
    add(key, row, row, null);
  }
  const { vServerGroupId } = group;
  for (const { instanceId: serverId } of input.signals) {
    if (isSubjectOfBinding(serverId)) continue;
    for (const { binding, port } of bound.values()) {
      if (port === null) continue;
      for (const serverIp of addressesOf(serverId, binding, input)) {
        addOnce({ vServerGroupId, serverId, port: port.port, serverIp });
      }
    }
  }
  // Whom no selector matches no comparison finds, so that its new ports are known by its old ones alone.
  for (const { hasLeft, binding, row } of [...candidates]) {
    if (!hasLeft || row?.override?.joins !== true) continue;
    const { serverId, serverIp } = row;
    for (const { port } of binding?.ports ?? []) addOnce({ vServerGroupId, serverId, port, serverIp });
  }
  return candidates.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Bindings of a group share a port where their servers differ in type. */
function placeOf(type: BackendType, port: number): string {
  return `${type}:${port}`;
}

/** A backend's full weight. Where that cannot be told it is what it was. */
function weightOf(
  { instances }: LaneInput,
  serverId: string,
  of: Bound | null,
  row: BackendRow | null,
  backend: ObservedBackend | null,
): FoundWeight {
  if (of === null) return UNBOUND;
  const { port, always } = of;
  const found =
    always ?? (port === null ? null : weightOn(port, serverId, instances.present.get(serverId) ?? null));
  if (found !== null) return found;
  const last = row === null ? null : lastFullWeight(row);
  return { weight: last ?? backend?.weight ?? of.port?.weight ?? 0, by: null };
}

const UNBOUND: FoundWeight = { weight: 0, by: null };

/** What a signalled server would be in a binding: under no address where it is nothing that the binding could have. */
function addressesOf(
  serverId: string,
  binding: Binding,
  { instances }: LaneInput,
): ReadonlyArray<string | null> {
  const type = typeOfServer(serverId);
  if (type !== binding.type) return [];
  // What ECS does not show may still be ordered out, or wait to be shown.
  if (type === 'ecs') return [null];
  const instance = instances.present.get(serverId);
  return instance === undefined ? [] : servingAddresses(instance, binding);
}
