import type { Binding } from '../config/binding.ts';
import { typeOfServer } from '../instances/backend-type.ts';
import { servingAddresses } from '../instances/selection.ts';
import type { BackendRow } from './backend/record.ts';
import type { Candidate } from './draft.ts';
import {
  type BackendIdentity,
  backendKey,
  type LaneInput,
  type ObservedBackend,
  type ObservedGroup,
} from './model.ts';

/** Every backend that a rule may apply to: recorded, listed, or bound to a signalled instance; in a fixed order. */
export function candidatesOf(
  input: LaneInput,
  group: ObservedGroup,
  bindings: ReadonlyArray<Binding>,
  rows: ReadonlyArray<BackendRow>,
): ReadonlyArray<Candidate> {
  const bound = new Map<number, { binding: Binding; weight: number }>();
  for (const binding of bindings) {
    for (const { port, weight } of binding.ports) bound.set(port, { binding, weight });
  }
  const rowsByKey = new Map(rows.map((row) => [backendKey(row), row]));
  const candidates: Array<Candidate> = [];
  const add = (
    key: string,
    known: BackendIdentity,
    row: BackendRow | null,
    backend: ObservedBackend | null,
  ) => {
    const { serverId, port, serverIp } = known;
    candidates.push({
      key,
      identity: { vServerGroupId: group.vServerGroupId, serverId, port, serverIp },
      row,
      backend,
      binding: bound.get(port)?.binding ?? null,
      weight: bound.get(port)?.weight ?? 0,
    });
  };
  const seen = new Set<string>();
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
  for (const { instanceId: serverId, news } of input.signals) {
    if (news.kind === 'pause') continue;
    for (const [port, { binding }] of bound) {
      for (const serverIp of addressesOf(serverId, binding, input)) {
        const identity = { vServerGroupId: group.vServerGroupId, serverId, port, serverIp };
        const key = backendKey(identity);
        if (seen.has(key)) continue;
        seen.add(key);
        add(key, identity, null, null);
      }
    }
  }
  return candidates.sort((a, b) => (a.key < b.key ? -1 : 1));
}

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
