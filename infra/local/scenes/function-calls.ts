import type { CallRecord } from '../world/calls.ts';
import type { Foundation } from '../world/foundation.ts';

/** Calls that the deployed functions have made, as the gate has recorded them, oldest first. */
export function functionCalls({ gate }: Pick<Foundation, 'gate'>): ReadonlyArray<CallRecord> {
  return gate.records.filter(({ principal }) => principal.kind === 'role-session');
}

/** Their writes to SLB, refused ones too. */
export function slbWrites(foundation: Pick<Foundation, 'gate'>): ReadonlyArray<CallRecord> {
  return functionCalls(foundation).filter(
    ({ product, action }) => product === 'slb' && !action.startsWith('Describe'),
  );
}

/** How often each API was called: `slb:AddVServerGroupBackendServers` → 4, the most frequent first. */
export function countPerApi(calls: ReadonlyArray<CallRecord>): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { product, action } of calls) {
    const api = `${product}:${action}`;
    counts.set(api, (counts.get(api) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}

/** The ids of the servers that a write names. */
export function namedServers({ parameters }: CallRecord): ReadonlyArray<string> {
  const { backendServers = [] } = parameters as { backendServers?: ReadonlyArray<{ serverId?: string }> };
  return backendServers.flatMap(({ serverId }) => serverId ?? []);
}
