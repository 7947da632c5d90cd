import { typeOfServer } from '../../instances/backend-type.ts';
import { isMarked, markOf, type ObservedBackend } from '../model.ts';
import { corrected } from './corrections.ts';
import { withOrder } from './orders.ts';
import { rampWeight, rampWeights } from './ramp.ts';
import { type BackendRow, redirected, withColumns } from './record.ts';
import { acting, asking, decided, type Situation, type Transition, unchanged } from './situation.ts';

/** A backend that is not ready is looked at again after this, and ever more seldom the longer it takes. */
export const READINESS_LOOK_MS = 5_000;
/** Whoever has taken long is found ready at most by this share later, within the bound of a late look. */
const READINESS_LOOK_SHARE = 1 / 6;
/** One that is beyond its limit, or cannot be proven at all, after this. */
const LATE_LOOK_MS = 60_000;

/**
 * Whether somebody else has put there what was to be added. Without any Description it may be our own Add; what was ours
 * before stays ours, whatever anybody has written on it since.
 */
export function isTheirs({ backend, binding }: Situation, row: BackendRow): boolean {
  const wasToBeAdded = row.decidedAtMs !== null;
  const hasTheirMark = backend !== null && backend.description !== '' && !isMarked(backend);
  return wasToBeAdded && hasTheirMark && binding?.adopt !== true;
}

/** A backend that is to come in: first into the group, then proven, then up its ramp. */
export function joining(situation: Situation, row: BackendRow): Transition {
  const { backend } = situation;
  return backend === null ? toAdd(situation, row) : toProve(situation, row, backend);
}

/** Why a network interface, or a container instance, is not added. */
const ECS_ONLY =
  'the load balancer is of shared performance and takes ECS instances only: eni and eci need one of guaranteed performance';

/** Why SLB would refuse the server for the network that it is in; `null` = it would not, as far as can be told. */
function foreignVpc({ group, instance }: Situation): string | null {
  const vpcId = instance?.vpcId ?? null;
  if (vpcId === null || group.vpcId === null || vpcId === group.vpcId) return null;
  return `it is in ${vpcId}, and the load balancer takes servers in ${group.vpcId} only`;
}

function toAdd(situation: Situation, row: BackendRow): Transition {
  const { group, identity, nowMs } = situation;
  if (row.decidedAtMs === null) return unchanged(withColumns(row, { decidedAtMs: nowMs }));
  if (group.isEcsOnly && typeOfServer(identity.serverId) !== 'ecs') {
    return heldBack(row, 'setting', ECS_ONLY, nowMs);
  }
  const foreign = foreignVpc(situation);
  if (foreign !== null) return heldBack(row, 'setting', foreign, nowMs);
  if (row.listedAtMs !== null) {
    if (nowMs < group.settledAtMs) return unchanged(row, group.settledAtMs, 'our last write to settle');
    const again = withColumns(row, { listedAtMs: null, dueSinceMs: nowMs });
    return corrected(situation, row, again, { ours: 'a member', theirs: 'absent' });
  }
  if (!provesFirst(situation)) return acting(released(row), { kind: 'join', weight: joinWeight(situation) });
  const proof = proofOf(situation);
  switch (proof.kind) {
    case 'ready':
      return acting(released(row), { kind: 'join', weight: joinWeight(situation) });
    case 'ask':
      return asking(row, 'probe');
    case 'never':
      return heldBack(row, 'setting', proof.reason, nowMs);
    case 'not-ready': {
      const limitMs = (row.decidedAtMs ?? nowMs) + (situation.binding?.join.readyWithinMs ?? 0);
      if (nowMs < limitMs) return unchanged(row, Math.min(limitMs, proof.againAtMs), proof.reason);
      return tooLate(situation, row, proof.reason);
    }
  }
}

function toProve(situation: Situation, row: BackendRow, backend: ObservedBackend): Transition {
  const { binding, group, nowMs, weight } = situation;
  const proof = proofOf(situation);
  if (proof.kind === 'ready') return enter(situation, row, backend, proof.reason);
  const least = Math.min(binding?.join.weight ?? 0, weight);
  if (backend.weight < least) {
    if (nowMs < group.settledAtMs) return unchanged(row, group.settledAtMs, 'our last write to settle');
    if (row.listedAtMs === null) return acting(row, { kind: 'set-weight', weight: least });
    const again = withColumns(row, { listedAtMs: null, dueSinceMs: nowMs });
    return corrected(situation, row, again, { ours: `weight ${least}`, theirs: `weight ${backend.weight}` });
  }
  if (row.listedAtMs === null) {
    const noHold = { held: null, refusals: 0, notBeforeMs: null };
    const listed = withColumns(row, { listedAtMs: nowMs, decidedAtMs: null, ...noHold });
    return decided(listed, 'joined', `in the group at weight ${backend.weight}, not yet proven ready`);
  }
  switch (proof.kind) {
    case 'ask':
      return asking(row, 'probe');
    case 'never':
      return heldBack(row, 'setting', proof.reason, nowMs);
    case 'not-ready': {
      const limitMs = row.listedAtMs + (binding?.join.readyWithinMs ?? 0);
      if (nowMs >= limitMs) return tooLate(situation, row, proof.reason);
      return unchanged(row, Math.min(limitMs, proof.againAtMs), proof.reason);
    }
  }
}

/** Ready: up the ramp from where it stands, or in service at once when there is none or the group needs it. */
function enter(
  { binding, group, weight, nowMs }: Situation,
  row: BackendRow,
  backend: ObservedBackend,
  why: string,
): Transition {
  const weights = rampWeights(binding, weight);
  const isWhole = backend.weight >= weight || weights.length === 1 || group.isShort;
  const changes: Partial<BackendRow> = {
    decidedAtMs: null,
    listedAtMs: null,
    dueSinceMs: null,
    held: null,
    refusals: 0,
    notBeforeMs: null,
  };
  if (isWhole) {
    const isOurs = backend.weight === weight && backend.description === markOf(row.binding);
    const confirmedWeight = isOurs ? weight : null;
    const inService = withColumns(row, { ...changes, phase: 'in-service', confirmedWeight });
    return decided(inService, 'in-service', `${why}; the group lists it`);
  }
  const reached = weights.findLastIndex((each) => each <= backend.weight);
  const rampSinceMs = reached >= 0 ? nowMs : null;
  const dueSinceMs = reached >= 0 ? null : nowMs;
  const rampStep = Math.max(0, reached);
  const ramping = withColumns(row, { ...changes, phase: 'ramping', rampStep, rampSinceMs, dueSinceMs });
  return decided(
    ramping,
    'ramp-started',
    `${why}; weight ${rampWeight(weights, rampStep)} of ${weight} first`,
  );
}

/** The weight of the Add: what its ramp begins with, or next to nothing until it has proven that it serves. */
function joinWeight(situation: Situation): number {
  const { binding, weight, group } = situation;
  const isProven = !needsProof(situation) || provesFirst(situation);
  if (!isProven) return Math.min(binding?.join.weight ?? 0, weight);
  return group.isShort ? weight : rampWeight(rampWeights(binding, weight), 0);
}

function needsProof({ binding, weight }: Situation): boolean {
  return binding !== null && binding.readiness !== 'running' && weight > 0;
}

/** Where weights do not count a backend serves with its Add, so it is proven before. */
function provesFirst(situation: Situation): boolean {
  return needsProof(situation) && situation.group.roundRobin !== null;
}

type Proof =
  | { readonly kind: 'ready'; readonly reason: string }
  | { readonly kind: 'ask' }
  | { readonly kind: 'not-ready'; readonly reason: string; readonly againAtMs: number }
  /** It can never be proven as the configuration asks for. */
  | { readonly kind: 'never'; readonly reason: string };

function proofOf(situation: Situation): Proof {
  const { binding } = situation;
  if (binding === null || !needsProof(situation)) return { kind: 'ready', reason: 'Running is enough' };
  const { readiness } = binding;
  const ofHealth = readiness === 'probe' ? null : proofOfHealth(situation);
  if (ofHealth !== null && ofHealth.kind !== 'ready') return ofHealth;
  const ofProbe = readiness === 'load-balancer' ? null : proofOfProbe(situation, binding.probe.everyMs);
  if (ofProbe !== null && ofProbe.kind !== 'ready') return ofProbe;
  const reasons = [ofHealth, ofProbe].flatMap((proof) => (proof?.kind === 'ready' ? [proof.reason] : []));
  return { kind: 'ready', reason: reasons.join(', ') };
}

function proofOfHealth({ group, health, backend, row, nowMs }: Situation): Proof {
  if (group.roundRobin !== null) {
    const reason = `readiness by health checks cannot be proven before it serves under rr on ${group.roundRobin}`;
    return { kind: 'never', reason };
  }
  if (!group.isHealthChecked) {
    return { kind: 'never', reason: 'readiness by health checks, but no listener of the group has one' };
  }
  // What was read before it had its join weight says nothing about it, unless weight 0 is known to make no difference.
  const isSince = row !== null && row.listedAtMs !== null && group.readAtMs > row.listedAtMs;
  const isTelling = group.healthAtWeightZero === 'as-checked' || ((backend?.weight ?? 0) > 0 && isSince);
  if (health === 'normal' && isTelling) return { kind: 'ready', reason: 'health checks say normal' };
  const reason = `health checks say ${health ?? 'nothing yet'}`;
  const sinceMs = row?.listedAtMs ?? nowMs;
  const waitMs = Math.max(READINESS_LOOK_MS, Math.round((nowMs - sinceMs) * READINESS_LOOK_SHARE));
  return { kind: 'not-ready', reason, againAtMs: nowMs + Math.min(LATE_LOOK_MS, waitMs) };
}

function proofOfProbe({ probe, instance, nowMs }: Situation, everyMs: number): Proof {
  if (instance?.privateIp === null) {
    const reason = 'the instance has no private address to probe';
    return { kind: 'not-ready', reason, againAtMs: nowMs + everyMs };
  }
  const isFresh = probe !== null && nowMs < probe.atMs + everyMs;
  if (probe === null || (probe.isReady && !isFresh)) return { kind: 'ask' };
  if (probe.isReady) return { kind: 'ready', reason: 'it answers our probe' };
  // Asked once in a pass: many that never answer take longer than their interval, and would keep it from ever ending.
  const againAtMs = isFresh ? probe.atMs + everyMs : nowMs + everyMs;
  return { kind: 'not-ready', reason: `our probe says ${probe.reason ?? 'no'}`, againAtMs };
}

function tooLate({ binding, nowMs }: Situation, row: BackendRow, why: string): Transition {
  const reason = `not ready within its limit: ${why}`;
  if (binding?.join.whenNotReady !== 'remove') return heldBack(row, 'not-ready', reason, nowMs);
  const order = { cause: 'not-ready', ref: null, sinceMs: nowMs, deadlineAtMs: null, untilMs: null } as const;
  const orders = withOrder(row.orders, order);
  if (row.listedAtMs === null) {
    return decided(redirected(row, 'removed', { cause: 'not-ready', orders }), 'not-ready', reason);
  }
  return decided(withColumns(row, { orders }), 'not-ready', reason);
}

function heldBack(row: BackendRow, by: 'setting' | 'not-ready', reason: string, nowMs: number): Transition {
  // The reason may name what a probe says, which changes; that it is held is said once.
  if (row.held?.by === by) return unchanged(row, nowMs + LATE_LOOK_MS, row.held.reason);
  return decided(
    withColumns(row, { held: { by, reason } }),
    by === 'not-ready' ? 'not-ready' : 'held',
    reason,
  );
}

/** Without a hold that proof has overtaken; the very same row when there is none. */
function released(row: BackendRow): BackendRow {
  const isOvertaken = row.held?.by === 'setting' || row.held?.by === 'not-ready' || row.held?.by === 'group';
  return isOvertaken ? withColumns(row, { held: null }) : row;
}
