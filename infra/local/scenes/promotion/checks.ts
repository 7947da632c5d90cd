import type { CallRecord } from '../../world/calls.ts';
import type { Listener } from '../../world/slb/model.ts';

/** A listener's parameters that differ from before, but for its group and what follows from that. */
export function changedParameters(
  before: ReadonlyArray<Listener>,
  after: ReadonlyArray<Listener>,
): ReadonlyArray<string> {
  return before.flatMap((was) => {
    const name = `${was.listenerProtocol}:${was.listenerPort}`;
    const is = after.find(
      ({ listenerProtocol, listenerPort }) =>
        listenerProtocol === was.listenerProtocol && listenerPort === was.listenerPort,
    );
    if (is === undefined) return [`${name} is gone`];
    const [old, now] = [parametersOf(was), parametersOf(is)];
    return Object.keys({ ...old, ...now })
      .filter((key) => old[key] !== now[key])
      .map((key) => `${key} of ${name} is ${now[key]} and was ${old[key]}`);
  });
}

function parametersOf({ settings, scheduler, bandwidth, description, status, tags }: Listener) {
  const all = { ...settings, scheduler, bandwidth, description, status, tags: JSON.stringify(tags) };
  return Object.fromEntries(Object.entries(all).map(([key, value]) => [key, String(value)]));
}

/** One entry of the product's audit. */
export interface AuditRow {
  readonly atMs: number;
  readonly action: string;
  readonly reason: string;
  readonly requestIds: ReadonlyArray<string>;
}

/** What an audit should say, in order: an action, and how its reason begins. */
export type Expected = readonly [action: string, reason: string];

/**
 * Entries that are missing or not in their order, a sentence each; others may stand between them. Entries of one
 * millisecond have no order.
 */
export function missingEntries(
  audit: ReadonlyArray<AuditRow>,
  expected: ReadonlyArray<Expected>,
): ReadonlyArray<string> {
  let fromMs = -Infinity;
  return expected.flatMap(([action, reason]) => {
    const found = audit.find(
      (row) => row.atMs >= fromMs && row.action === action && row.reason.startsWith(reason),
    );
    if (found === undefined) return [`“${action}: ${reason}…” is missing, or comes too early`];
    fromMs = found.atMs;
    return [];
  });
}

/** Calls that the audit does not name by their request, or names though nobody made them. */
export function unauditedCalls(
  audit: ReadonlyArray<AuditRow>,
  writes: ReadonlyArray<Pick<CallRecord, 'action' | 'requestId'>>,
): ReadonlyArray<string> {
  const named = new Set(audit.flatMap(({ requestIds }) => requestIds));
  const made = new Set(writes.map(({ requestId }) => requestId));
  return [
    ...writes
      .filter(({ requestId }) => !named.has(requestId))
      .map(({ action, requestId }) => `${action} ${requestId} is not in the audit`),
    ...[...named]
      .filter((requestId) => !made.has(requestId))
      .map((id) => `nobody has made the request ${id}`),
  ];
}
