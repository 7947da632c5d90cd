import type { Signal } from '../acceptance/model.ts';
import { laneSubject } from '../audit/model.ts';
import { groupBy } from '../collections.ts';
import type { Binding } from '../config/binding.ts';
import { type Candidate, Draft, type Turned } from './draft.ts';
import { planGroupWork } from './group-work.ts';
import {
  type BackendIdentity,
  type BackendRow,
  backendKey,
  HELD_LOOK_MS,
  type LaneInput,
  type LanePlan,
  type ObservedGroup,
  withColumns,
} from './model.ts';
import { fateOf } from './signals.ts';
import { type Action, transition } from './transition.ts';

/** A backend's rules settle in three turns at most; more is a defect that must not become a loop. */
const TURNS_MAX = 6;

/** Decides what one load balancer's groups need. Pure, and linear in the number of backends. */
export function planLane(input: LaneInput): LanePlan {
  const draft = new Draft(input);
  const leaving = leavingInstances(input);
  const rowsByGroup = groupBy(input.rows, (row) => row.vServerGroupId);
  const bindingsByGroup = groupBy(input.bindings, (binding) => binding.vServerGroupId);
  for (const [groupId, bindings] of bindingsByGroup) {
    planGroup(draft, groupId, bindings, rowsByGroup.get(groupId) ?? [], leaving);
  }
  for (const signal of input.signals) planSignal(draft, signal);
  return draft.finish();
}

function planGroup(
  draft: Draft,
  groupId: string,
  bindings: ReadonlyArray<Binding>,
  rows: ReadonlyArray<BackendRow>,
  leaving: Leaving,
): void {
  const { input } = draft;
  const group = input.groups.get(groupId) ?? null;
  if (group === null || group.loadBalancerId !== input.loadBalancerId) {
    const reason =
      group === null ? 'the vServer group does not exist' : `it belongs to ${group.loadBalancerId}`;
    planUnusableGroup(draft, groupId, bindings, rows, leaving, reason);
    return;
  }
  const settledAtMs = (input.notes.writtenAtMs[groupId] ?? -Infinity) + input.timing.settleMs;
  const turned: Array<Turned> = [];
  for (const candidate of candidatesOf(input, group, bindings, rows)) {
    const result = settle(draft, candidate, leaving, settledAtMs);
    if (result === null) continue;
    if (result.row === null) draft.change(candidate.row, null);
    else turned.push({ candidate, row: result.row, action: result.action, reason: result.reason });
  }
  planGroupWork(draft, group, turned, Math.max(...bindings.map(({ guards }) => guards.minInService)));
}

/** Nothing is done in a group that cannot be worked on; but who wants to join is remembered, for its signal is not. */
function planUnusableGroup(
  draft: Draft,
  groupId: string,
  bindings: ReadonlyArray<Binding>,
  rows: ReadonlyArray<BackendRow>,
  leaving: Leaving,
  held: string,
): void {
  const { input } = draft;
  draft.wait(input.nowMs + HELD_LOOK_MS, `group ${groupId}: ${held}`);
  const { loadBalancerId, nowMs } = input;
  const empty = { vServerGroupId: groupId, loadBalancerId, backends: [], readAtMs: nowMs };
  for (const candidate of candidatesOf(input, empty, bindings, rows)) {
    if (candidate.row !== null) continue;
    const row = settle(draft, candidate, leaving, -Infinity)?.row ?? null;
    if (row !== null) draft.change(null, withColumns(row, { held }));
  }
}

/** What the signals say about instances that leave. */
interface Leaving {
  /** A `Deleted` event came. */
  readonly deleted: ReadonlySet<string>;
  /** An event says that it leaves, no later one says that it runs, and ECS still shows it as Running. */
  readonly ahead: ReadonlySet<string>;
}

function leavingInstances({ signals, instances, nowMs }: LaneInput): Leaving {
  const idsOf = (some: ReadonlyArray<Signal>) => new Set(some.map(({ instanceId }) => instanceId));
  const lastRunAtMs = new Map<string, number>();
  for (const { instanceId, state, eventAtMs } of signals) {
    if (state !== 'Running' || eventAtMs === null) continue;
    lastRunAtMs.set(instanceId, Math.max(eventAtMs, lastRunAtMs.get(instanceId) ?? eventAtMs));
  }
  const isOvertaken = ({ instanceId, eventAtMs }: Signal) =>
    (lastRunAtMs.get(instanceId) ?? -Infinity) > (eventAtMs ?? Infinity);
  const out = signals.filter(({ state }) => state !== 'Running');
  const waiting = out.filter((signal) => fateOf(signal, instances, nowMs).kind === 'waiting');
  return {
    deleted: idsOf(out.filter(({ state }) => state === 'Deleted')),
    ahead: idsOf(waiting.filter((signal) => !isOvertaken(signal))),
  };
}

/** Every backend that a rule may apply to: recorded, listed, or bound to a signalled instance; in a fixed order. */
function candidatesOf(
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

interface Settled {
  readonly row: BackendRow | null;
  readonly action: Action;
  readonly reason: string;
}

/** Applies the rules to one backend until they change nothing more; `null` = ECS was not asked about its server. */
function settle(draft: Draft, candidate: Candidate, leaving: Leaving, settledAtMs: number): Settled | null {
  const { input } = draft;
  const { serverId } = candidate.identity;
  // Nothing can be said about a server that ECS was not asked about: a network interface, or a record just read.
  if (!input.instances.asked.has(serverId)) return null;
  let row = candidate.row;
  let reason = '';
  for (let turn = 1; ; turn++) {
    // Written out, here and for each row and step: a spread with properties after it is slow in Node 20.
    const result = transition({
      identity: candidate.identity,
      binding: candidate.binding,
      weight: candidate.weight,
      backend: candidate.backend,
      row,
      instance: input.instances.present.get(serverId) ?? null,
      hasDeletedSignal: leaving.deleted.has(serverId),
      isSaidToLeave: leaving.ahead.has(serverId),
      settledAtMs,
      nowMs: input.nowMs,
    });
    if (result.decision !== null) {
      reason = result.decision.reason;
      draft.decide(candidate, row, result.row, result.decision);
    }
    if (result.wakeAtMs !== null) draft.wait(result.wakeAtMs, waitReason(result.row));
    if (result.row === row || turn >= TURNS_MAX) return { row: result.row, action: result.action, reason };
    row = result.row;
  }
}

function waitReason(row: BackendRow | null): string {
  if (row === null) return 'an answer that may be older than our last write';
  if (row.absentSinceMs !== null && row.cause !== 'released') return 'proof that an instance is gone';
  return row.phase === 'draining' ? 'the end of a drain' : 'our last write to settle';
}

function planSignal(draft: Draft, signal: Signal): void {
  const { input } = draft;
  const fate = fateOf(signal, input.instances, input.nowMs);
  if (fate.kind === 'waiting') {
    draft.wait(fate.untilMs, `ECS to show ${signal.instanceId} as ${signal.state}`);
    return;
  }
  draft.settledKeys.push(signal.key);
  if (fate.kind === 'given-up') {
    draft.decisions.push({
      subject: laneSubject(input.loadBalancerId),
      action: 'signal-given-up',
      reason: `the event says ${signal.instanceId} is ${signal.state}, ECS still shows ${fate.observed}; left to the full comparison`,
      inputs: {
        instanceId: signal.instanceId,
        state: signal.state,
        observed: fate.observed,
        key: signal.key,
      },
    });
  }
}
