import type { Signal } from '../acceptance/model.ts';
import type { Binding } from '../config/binding.ts';
import { isSelected } from '../instances/selection.ts';
import { isEcsOnly } from '../load-balancers/model.ts';
import { saidOfBindings } from './backend/news.ts';
import { type Pause, standingPauses } from './backend/pause.ts';
import type { GroupSituation } from './backend/situation.ts';
import type { Candidate } from './draft.ts';
import { capacityOf, isRunning } from './guards.ts';
import { type GroupHealth, healthOf } from './health.ts';
import { listenersOf, roundRobinOf, weightZeroOf } from './listeners.ts';
import { isMarked, type LaneInput, type ObservedBackend, type ObservedGroup } from './model.ts';
import { Moves } from './moves.ts';
import { type MovingServer, Tally } from './tally.ts';

/** What is known of a group as a whole, worked out once for all its backends. */
export class GroupContext {
  readonly group: ObservedGroup;
  readonly health: GroupHealth;
  /** Backends at their join weight that have not yet proven that they serve. */
  readonly unproven: ReadonlySet<ObservedBackend>;
  readonly situation: GroupSituation;
  readonly minInService: number;
  readonly maxDisruptionPercent: number;
  /** Why a binding's selector cannot be believed, by binding. */
  readonly doubts: ReadonlyMap<Binding, string>;
  /** By the name of the binding. */
  readonly pauses: ReadonlyMap<string, Pause>;
  /** What is said of whole bindings, by name. */
  readonly said: ReadonlyMap<string, ReadonlyArray<Signal>>;
  readonly moves: Moves;
  /** Who counts only once although it is in the group on old ports and on new ones. */
  readonly moving: ReadonlyMap<ObservedBackend, MovingServer>;

  constructor(
    input: LaneInput,
    group: ObservedGroup,
    bindings: ReadonlyArray<Binding>,
    candidates: ReadonlyArray<Candidate>,
  ) {
    const { loadBalancer, notes, timing, assume, readAtMs, instances } = input;
    const listeners = listenersOf(loadBalancer, group.vServerGroupId);
    this.group = group;
    this.health = healthOf(loadBalancer, input.health ?? [], group.vServerGroupId);
    this.minInService = Math.max(...bindings.map(({ guards }) => guards.minInService));
    this.maxDisruptionPercent = Math.min(...bindings.map(({ guards }) => guards.maxDisruptionPercent));
    this.doubts = doubtsOf(input, candidates);
    this.pauses = standingPauses(input.signals, input.nowMs);
    this.said = saidOfBindings(input.signals);
    this.unproven = new Set(candidates.flatMap(unprovenOf));
    this.moves = new Moves(candidates, this.health);
    this.moving = this.moves.servers();
    const { health, unproven, moving } = this;
    const capacity = capacityOf({ group, instances, health, unproven });
    const full = candidates.flatMap(({ backend, row }) =>
      backend !== null && capacity.has(backend) && isInFullService(row?.phase) ? [backend] : [],
    );
    this.situation = {
      weightZero: weightZeroOf(listeners),
      roundRobin: roundRobinOf(listeners),
      isHealthChecked: listeners.some(({ isHealthChecked }) => isHealthChecked),
      isShort: new Tally(moving, full).size < this.minInService,
      settledAtMs: (notes.writtenAtMs[group.vServerGroupId] ?? -Infinity) + timing.settleMs,
      readAtMs,
      contestMs: timing.contestMs,
      gatherMs: timing.gatherMs,
      healthAtWeightZero: assume.healthAtWeightZero,
      isEcsOnly: isEcsOnly(loadBalancer, assume),
      vpcId: loadBalancer.vpcId ?? commonVpc(input),
    };
  }
}

/** The candidate's backend, if it is listed and its readiness is still to be proven. */
function unprovenOf({ row, backend, binding }: Candidate): ReadonlyArray<ObservedBackend> {
  const isToProve = row?.phase === 'joining' && binding !== null && binding.readiness !== 'running';
  return isToProve && backend !== null ? [backend] : [];
}

/** A stranger's backend, which has no row, serves as well as one of ours. */
function isInFullService(phase: string | undefined): boolean {
  return phase === undefined || phase === 'in-service';
}

/** A public load balancer is in no VPC, but its servers must all be in one: that of those it has. `null` = not known. */
function commonVpc({ groups, instances }: LaneInput): string | null {
  const vpcIds = new Set<string>();
  for (const group of groups.values()) {
    for (const { serverId } of group?.backends ?? []) {
      const vpcId = instances.present.get(serverId)?.vpcId ?? null;
      if (vpcId !== null) vpcIds.add(vpcId);
    }
  }
  const [first = null] = vpcIds;
  return vpcIds.size === 1 ? first : null;
}

/** So few instances may be unselected at once whatever their share: a small fleet is retagged by hand. */
const UNSELECTED_ALWAYS = 4;

/**
 * A selector that matched what gets requests now and matches none of it any more, or has come to drop most of it, is more
 * likely a mistake than a wish.
 */
function doubtsOf(input: LaneInput, candidates: ReadonlyArray<Candidate>): ReadonlyMap<Binding, string> {
  const { instances } = input;
  const serving = new Map<Binding, { readonly matched: Set<string>; readonly dropped: Set<string> }>();
  for (const candidate of candidates) {
    const { binding, identity } = candidate;
    const instance = instances.present.get(identity.serverId);
    if (binding === null || instance === undefined || !isRunning(identity, instances)) continue;
    const isMatch = isSelected(instance, binding);
    if (!isMatch && !isServingOurs(candidate)) continue;
    const of = serving.get(binding) ?? { matched: new Set(), dropped: new Set() };
    serving.set(binding, of);
    (isMatch ? of.matched : of.dropped).add(identity.serverId);
  }
  return new Map(
    [...serving].flatMap(([binding, { matched, dropped }]) => {
      const doubt = doubtOf(binding, matched.size, dropped.size);
      return doubt === null ? [] : [[binding, `unsure: the selector of ${binding.name} ${doubt}`] as const];
    }),
  );
}

function doubtOf({ guards }: Binding, matched: number, dropped: number): string | null {
  if (dropped === 0) return null;
  if (matched === 0) return 'matches none of the instances that serve';
  const all = matched + dropped;
  const isMost = dropped > UNSELECTED_ALWAYS && 100 * dropped > guards.maxUnselectedPercent * all;
  return isMost
    ? `drops ${dropped} of the ${all} instances that serve, more than ${guards.maxUnselectedPercent} % (maxUnselected)`
    : null;
}

/**
 * Whether it is ours and gets requests, or is to by its record. With any weight the record's phase does not matter: at its
 * join weight it is still to be proven, before its Set it is to leave already, and the record may be lost.
 */
function isServingOurs({ row, backend }: Candidate): boolean {
  if (row?.phase === 'in-service' || row?.phase === 'ramping') return true;
  if (backend === null || backend.weight === 0) return false;
  // What we have removed, or have no record of, is ours only by our mark.
  return row === null || row.phase === 'removed' ? isMarked(backend) : true;
}
