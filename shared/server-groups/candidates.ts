import type { Binding } from '../config/binding.ts';
import type { Candidate } from './draft.ts';
import { type BackendIdentity, backendKey, type LaneInput, type ObservedGroup } from './model.ts';
import type { BackendRow } from './record.ts';

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
  const listed = new Map(group.backends.map((backend) => [backendKey(backend), backend]));
  const identities = new Map<string, BackendIdentity>();
  for (const known of [...rows, ...group.backends]) identities.set(backendKey(known), known);
  for (const { instanceId } of input.signals) {
    for (const port of bound.keys()) {
      const identity = { vServerGroupId: group.vServerGroupId, serverId: instanceId, port, serverIp: null };
      identities.set(backendKey(identity), identity);
    }
  }
  return [...identities.keys()].sort().map((key) => {
    const { serverId, port, serverIp } = identities.get(key) as BackendIdentity;
    return {
      key,
      identity: { vServerGroupId: group.vServerGroupId, serverId, port, serverIp },
      row: rowsByKey.get(key) ?? null,
      backend: listed.get(key) ?? null,
      binding: bound.get(port)?.binding ?? null,
      weight: bound.get(port)?.weight ?? 0,
    };
  });
}
