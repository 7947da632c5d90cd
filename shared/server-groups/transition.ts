import type { AuditAction } from '../audit/model.ts';
import type { Binding } from '../config/binding.ts';
import type { EcsInstance } from '../instances/model.ts';
import { isSelected } from '../instances/selection.ts';
import {
  type BackendIdentity,
  type BackendRow,
  type DrainCause,
  isMarked,
  markOf,
  type ObservedBackend,
  withColumns,
} from './model.ts';

/** An instance is taken for released only after two honest answers without it, this far apart. */
export const ABSENCE_PROOF_MS = 60_000;

/** Everything that is known about one backend at one instant. */
export interface Situation {
  readonly identity: BackendIdentity;
  /** `null` = no binding wants this port in this group (any more). */
  readonly binding: Binding | null;
  readonly weight: number;
  readonly row: BackendRow | null;
  readonly backend: ObservedBackend | null;
  /** `null` = absent from an honest answer. */
  readonly instance: EcsInstance | null;
  readonly hasDeletedSignal: boolean;
  /** An event says that the instance is about to leave, and ECS does not show it yet: no time to begin a join. */
  readonly isSaidToLeave: boolean;
  /** A difference before this instant may be our own last write still landing. */
  readonly settledAtMs: number;
  readonly nowMs: number;
}

/** What is to be done to the backend in the cloud. */
export type Action =
  | { readonly kind: 'none' }
  | { readonly kind: 'join' }
  | { readonly kind: 'set-weight'; readonly weight: number }
  | { readonly kind: 'remove' };

/** What a situation leads to. Rules are applied again to a row that changed, so only the last action counts. */
export interface Transition {
  /** The row as it is to be; `null` = none. The very same object when nothing changes. */
  readonly row: BackendRow | null;
  readonly action: Action;
  /** Look again then; `null` = nothing to wait for. */
  readonly wakeAtMs: number | null;
  /** For the audit; `null` = nothing was decided. */
  readonly decision: { readonly action: AuditAction; readonly reason: string } | null;
}

type Want =
  | { readonly kind: 'in' }
  | { readonly kind: 'out'; readonly cause: DrainCause; readonly reason: string }
  /** Nothing to join yet; outside of joining it serves as little as a stopped one. */
  | { readonly kind: 'not-yet'; readonly reason: string }
  /** ECS did not list it, and that is not proven to mean anything. */
  | { readonly kind: 'unsure'; readonly untilMs: number };

const NOTHING: Action = { kind: 'none' };

/** The next step in the life of one backend. Pure; every rule about a single backend is here, guards are not. */
export function transition(situation: Situation): Transition {
  const row = upToDate(situation);
  const want = wantFor(situation, row);
  if (row === null) return withoutRow(situation, want);
  switch (row.phase) {
    case 'joining':
      return joining(situation, row, want);
    case 'in-service':
      return inService(situation, row, want);
    case 'draining':
      return draining(situation, row, want);
  }
}

/** Keeps in the row what is known about the instance's absence, and the binding that wants the port now. */
function upToDate({ row, instance, binding, hasDeletedSignal, nowMs }: Situation): BackendRow | null {
  if (row === null) return null;
  const absentSinceMs = instance === null ? (row.absentSinceMs ?? nowMs) : null;
  const hasDeletedEvent = instance === null && (row.hasDeletedEvent || hasDeletedSignal);
  const name = binding?.name ?? row.binding;
  const isSame =
    absentSinceMs === row.absentSinceMs && hasDeletedEvent === row.hasDeletedEvent && name === row.binding;
  return isSame ? row : withColumns(row, { absentSinceMs, hasDeletedEvent, binding: name });
}

function wantFor(situation: Situation, row: BackendRow | null): Want {
  const { instance, hasDeletedSignal, nowMs } = situation;
  if (instance === null) {
    if (hasDeletedSignal || row?.hasDeletedEvent === true) {
      return { kind: 'out', cause: 'released', reason: 'the instance was released' };
    }
    const provenAtMs = (row?.absentSinceMs ?? nowMs) + ABSENCE_PROOF_MS;
    if (nowMs < provenAtMs) return { kind: 'unsure', untilMs: provenAtMs };
    return { kind: 'out', cause: 'released', reason: 'ECS has not listed the instance for a minute' };
  }
  switch (instance.status) {
    case 'Stopping':
    case 'Stopped':
      return { kind: 'out', cause: 'stopped', reason: `the instance is ${instance.status}` };
    case 'Pending':
    case 'Starting':
      return { kind: 'not-yet', reason: `the instance is ${instance.status}` };
    case 'Running':
      return wantForRunning(situation, row, instance);
  }
}

function wantForRunning(
  { binding, backend, isSaidToLeave }: Situation,
  row: BackendRow | null,
  instance: EcsInstance,
): Want {
  const isNotIn = backend === null && (row === null || row.phase === 'joining');
  if (isSaidToLeave && isNotIn) {
    return { kind: 'not-yet', reason: 'an event says that the instance is about to leave' };
  }
  if (binding !== null && isSelected(instance, binding)) return { kind: 'in' };
  return { kind: 'out', cause: 'unselected', reason: 'no binding selects the instance for this port' };
}

function orStopped(want: Want): Want {
  return want.kind === 'not-yet' ? { kind: 'out', cause: 'stopped', reason: want.reason } : want;
}

function withoutRow(situation: Situation, want: Want): Transition {
  const { backend, binding, settledAtMs, nowMs } = situation;
  if (backend === null) {
    if (want.kind !== 'in') return unchanged(null);
    return decided(newRow(situation, 'joining'), 'join-decided', 'the instance is Running and selected');
  }
  if (isMarked(backend)) {
    // Our mark without a row: the row was lost, or a removal of ours has not yet reached this answer.
    if (nowMs < settledAtMs) return unchanged(null, settledAtMs);
    return decided(newRow(situation, 'in-service'), 'in-service', 'found with our mark and without a record');
  }
  if (want.kind === 'in' && binding?.adopt === true) {
    return decided(newRow(situation, 'in-service'), 'adopted', 'adopted, as the binding says');
  }
  return unchanged(null);
}

function joining(situation: Situation, row: BackendRow, want: Want): Transition {
  const { backend, binding } = situation;
  // Without any Description it may be our own Add; with somebody else's it is not.
  const isTheirs = backend !== null && backend.description !== '' && !isMarked(backend);
  if (isTheirs && binding?.adopt !== true) {
    return decided(null, 'join-cancelled', 'somebody else has added it meanwhile');
  }
  switch (want.kind) {
    case 'in':
      if (backend !== null) return decided(enterService(row), 'in-service', 'the group lists it');
      return { row, action: { kind: 'join' }, wakeAtMs: null, decision: null };
    case 'unsure':
      return unchanged(row, want.untilMs);
    case 'not-yet':
    case 'out':
      if (backend === null) return decided(null, 'join-cancelled', `does not join: ${want.reason}`);
      return startDrain(situation, row, orStopped(want));
  }
}

function inService(situation: Situation, row: BackendRow, wanted: Want): Transition {
  const { backend, weight, settledAtMs, nowMs } = situation;
  const want = orStopped(wanted);
  if (want.kind === 'unsure') return unchanged(row, want.untilMs);
  if (want.kind !== 'in') return startDrain(situation, row, want);
  if (backend !== null && backend.weight === weight && backend.description === markOf(row.binding)) {
    return unchanged(row);
  }
  if (nowMs < settledAtMs) return unchanged(row, settledAtMs);
  if (backend === null) return decided(join(row, nowMs), 'rejoin-decided', 'it vanished from the group');
  return { row, action: { kind: 'set-weight', weight }, wakeAtMs: null, decision: null };
}

function draining(situation: Situation, row: BackendRow, wanted: Want): Transition {
  const { backend, binding, settledAtMs, nowMs } = situation;
  const want = orStopped(wanted);
  if (want.kind === 'in') {
    const rejoined = backend === null ? join(row, nowMs) : enterService(row, 1);
    return decided(rejoined, 'rejoin-decided', 'the instance is Running and selected again');
  }
  if (backend === null) return decided(null, 'departed', 'the group does not list it any more');
  if (want.kind === 'unsure') return unchanged(row, want.untilMs);
  const drain =
    want.kind === 'out' && want.cause !== row.cause ? withColumns(row, { cause: want.cause }) : row;
  if (backend.weight > 0) {
    // An answer that is older than our own Set does not end the drain; a weight that somebody gave back does.
    if (drain.weightZeroAtMs !== null && nowMs < settledAtMs) return unchanged(drain, settledAtMs);
    const restarted = drain.weightZeroAtMs === null ? drain : withColumns(drain, { weightZeroAtMs: null });
    return { row: restarted, action: { kind: 'set-weight', weight: 0 }, wakeAtMs: null, decision: null };
  }
  if (drain.weightZeroAtMs === null) {
    return decided(withColumns(drain, { weightZeroAtMs: nowMs }), 'drain-started', 'observed at weight 0');
  }
  const dueAtMs = drain.weightZeroAtMs + drainTimeMs(binding);
  if (nowMs < dueAtMs) return unchanged(drain, dueAtMs);
  return { row: drain, action: { kind: 'remove' }, wakeAtMs: null, decision: null };
}

/** A port that no binding names any more has no drain time of its own: it is removed as soon as it is at weight 0. */
function drainTimeMs(binding: Binding | null): number {
  return binding?.drainTimeMs ?? 0;
}

function startDrain({ backend, nowMs }: Situation, row: BackendRow, want: Want): Transition {
  if (want.kind !== 'out') return unchanged(row);
  const drained = withColumns(row, {
    phase: 'draining',
    cause: want.cause,
    generation: row.generation + 1,
    readySinceMs: null,
    weightZeroAtMs: backend?.weight === 0 ? nowMs : null,
    held: null,
    refusals: 0,
    notBeforeMs: null,
  });
  return decided(drained, 'drain-decided', want.reason);
}

function join(row: BackendRow, nowMs: number): BackendRow {
  return withColumns(row, {
    phase: 'joining',
    cause: null,
    generation: row.generation + 1,
    readySinceMs: nowMs,
    weightZeroAtMs: null,
    held: null,
    refusals: 0,
    notBeforeMs: null,
  });
}

function enterService(row: BackendRow, generations = 0): BackendRow {
  return withColumns(row, {
    phase: 'in-service',
    cause: null,
    generation: row.generation + generations,
    readySinceMs: null,
    weightZeroAtMs: null,
    held: null,
    refusals: 0,
    notBeforeMs: null,
  });
}

function newRow({ identity, binding, nowMs }: Situation, phase: 'joining' | 'in-service'): BackendRow {
  return {
    vServerGroupId: identity.vServerGroupId,
    serverId: identity.serverId,
    port: identity.port,
    serverIp: identity.serverIp,
    binding: binding?.name ?? '',
    phase,
    cause: null,
    generation: 1,
    readySinceMs: phase === 'joining' ? nowMs : null,
    weightZeroAtMs: null,
    hasDeletedEvent: false,
    absentSinceMs: null,
    held: null,
    refusals: 0,
    notBeforeMs: null,
    revision: 0,
    fence: 0,
  };
}

function unchanged(row: BackendRow | null, wakeAtMs: number | null = null): Transition {
  return { row, action: NOTHING, wakeAtMs, decision: null };
}

function decided(row: BackendRow | null, action: AuditAction, reason: string): Transition {
  return { row, action: NOTHING, wakeAtMs: null, decision: { action, reason } };
}
