import type { Signal } from '../acceptance/model.ts';
import { laneSubject } from '../audit/model.ts';
import { groupBy } from '../collections.ts';
import type { Binding } from '../config/binding.ts';
import { type Candidate, Draft, type Turned } from './draft.ts';
import { GroupWork } from './group-work.ts';
import {
  type BackendIdentity,
  type BackendRow,
  backendKey,
  HELD_LOOK_MS,
  isMarked,
  type LaneInput,
  type LanePlan,
  type ObservedGroup,
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
    draft.wait(input.nowMs + HELD_LOOK_MS, `group ${groupId}: ${reason}`);
    return;
  }
  const settledAtMs = (input.notes.writtenAtMs[groupId] ?? -Infinity) + input.timing.settleMs;
  const work = new GroupWork(group);
  for (const candidate of candidatesOf(input, group, bindings, rows)) {
    const turned = settle(draft, candidate, leaving, settledAtMs);
    if (turned !== null) work.take(turned);
  }
  work.plan(draft, Math.max(...bindings.map((binding) => binding.guards.minInService)));
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
  const out = signals.filter(({ state }) => state !== 'Running');
  const isOvertaken = (signal: Signal) =>
    signals.some(
      ({ instanceId, state, eventAtMs }) =>
        instanceId === signal.instanceId &&
        state === 'Running' &&
        (eventAtMs ?? 0) > (signal.eventAtMs ?? Infinity),
    );
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
      identity: { vServerGroupId: group.vServerGroupId, serverId, port, serverIp },
      row: rowsByKey.get(key) ?? null,
      backend: listed.get(key) ?? null,
      binding: bound.get(port)?.binding ?? null,
      weight: bound.get(port)?.weight ?? 0,
    };
  });
}

/** Applies the rules to one backend until they change nothing more, and drafts the change of its row. */
function settle(draft: Draft, candidate: Candidate, leaving: Leaving, settledAtMs: number): Turned | null {
  const { input } = draft;
  const { serverId } = candidate.identity;
  const isOurs = candidate.row !== null || (candidate.backend !== null && isMarked(candidate.backend));
  if (!isOurs && !input.instances.asked.has(serverId)) return null;
  let row = candidate.row;
  let action: Action = { kind: 'none' };
  let reason = '';
  for (let turn = 0; turn < TURNS_MAX; turn++) {
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
    if (result.reason !== null) {
      reason = result.reason;
      draft.decide(candidate, row, result.row, reason);
    }
    action = result.action;
    if (result.wakeAtMs !== null && result.wakeAtMs > input.nowMs)
      draft.wait(result.wakeAtMs, waitReason(result.row));
    if (result.row === row) break;
    row = result.row;
  }
  if (row === null) {
    if (candidate.row !== null) draft.change(candidate.row, null);
    return null;
  }
  return { candidate, row, action, reason };
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
