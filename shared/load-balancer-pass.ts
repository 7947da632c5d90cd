import { createListings, type ListingDeps } from './comparison/listings.ts';
import { missingMembers } from './comparison/plan.ts';
import { selectedBy } from './comparison/selected.ts';
import { allOrFailure } from './concurrency.ts';
import type { Binding } from './config/binding.ts';
import { isUnknownGroupId } from './config/group.ts';
import {
  type DeclarationDeps,
  type Declared,
  hasDeclarationWork,
  workDeclarations,
} from './declarations/apply.ts';
import { noteFilled, toBeFilled } from './declarations/fill.ts';
import { deletedSince, forgetMembers } from './declarations/forget.ts';
import { type DeclaredBinding, isDeclared } from './declarations/model.ts';
import { knownIn } from './declarations/resolve.ts';
import { observeInstances } from './instances/observe.ts';
import type { PassResult, RunPass } from './lanes/apply.ts';
import type { HeldLane } from './lanes/model.ts';
import { earliestDeadline } from './lanes/plan.ts';
import { createServerGroupPass, type PassDeps } from './server-groups/apply.ts';

/** What a pass over the lane of a load balancer needs. */
export type LoadBalancerPassDeps = PassDeps & DeclarationDeps & ListingDeps;

/**
 * Makes the pass over the lane of a load balancer: first what was asked for about declared groups, then the members of all
 * groups that are known, then once more the groups, since listeners wait for members.
 */
export function createLoadBalancerPass(deps: LoadBalancerPassDeps): RunPass {
  const undeclared = createServerGroupPass(deps);
  return async (held, deadlineMs) => {
    const bindings = deps.bindings.filter(isOfLane(held));
    const declared = bindings.filter(isDeclared);
    if (declared.length === 0) return await undeclared(held, deadlineMs);
    const before = await declare(deps, held, declared, deadlineMs);
    if (before.isOutOfTime) return together(deps, held, [before], nothing(held));
    const known = knownIn(bindings, before).filter(isKnown);
    const empty = toBeFilled(before.rows);
    const isEmpty = ({ declaredBy }: Binding) => empty.some(({ binding }) => binding === declaredBy);
    await bringIn(deps, held, known.filter(isEmpty));
    await noteFilled(deps, held, empty);
    const members = createServerGroupPass({ ...deps, bindings: known });
    const result = await members(held, deadlineMs);
    if (before.wake === null || result.failure !== null || result.isOutOfTime) {
      return together(deps, held, [before], result);
    }
    const after = await declare(deps, held, declared, deadlineMs);
    return together(deps, held, [{ ...before, wake: null }, after], result);
  };
}

async function declare(
  deps: LoadBalancerPassDeps,
  held: HeldLane,
  declared: ReadonlyArray<DeclaredBinding>,
  deadlineMs: number,
): Promise<Declared> {
  const recorded = await deps.declarations.read(held.laneId);
  const { rows } = recorded;
  if (!hasDeclarationWork(recorded)) return { rows, writes: 0, wake: null, isOutOfTime: false };
  const worked = await workDeclarations(deps, held, declared, recorded, deadlineMs);
  const known = knownIn(deps.bindings.filter(isOfLane(held)), worked).filter(isKnown);
  const others = known.map(({ vServerGroupId }) => vServerGroupId);
  await forgetMembers(deps, held, deletedSince(rows, worked.rows), others);
  return worked;
}

/** Has everybody brought in who belongs into these groups: a group that was just made has nobody yet who is signalled for. */
async function bringIn(
  deps: LoadBalancerPassDeps,
  { laneId }: HeldLane,
  bindings: ReadonlyArray<Binding>,
): Promise<void> {
  if (bindings.length === 0) return;
  const nowMs = deps.clock.nowMs();
  const selected = await selectedBy(deps, bindings, createListings(deps), nowMs);
  const { ids, memberships, instances } = selected;
  const [{ present }, rows, inbox] = await allOrFailure([
    observeInstances(deps.instances, ids, memberships, instances),
    deps.backends.readGroups(bindings.map(({ vServerGroupId }) => vServerGroupId)),
    deps.inbox.read(laneId),
  ]);
  const missing = missingMembers(bindings, present.values(), rows, inbox, nowMs);
  if (missing.length > 0) await deps.inbox.put(missing.map((signal) => ({ laneId, signal })));
}

function isOfLane({ laneId }: HeldLane): (binding: Binding) => boolean {
  return ({ loadBalancerId }) => loadBalancerId === laneId;
}

/** Nobody can be a member of a group that does not exist yet. */
function isKnown({ vServerGroupId }: Binding): boolean {
  return !isUnknownGroupId(vServerGroupId);
}

function nothing({ notes }: HeldLane): PassResult {
  return { writes: 0, nextLookMs: null, waitingFor: null, isOutOfTime: true, failure: null, notes };
}

function together(
  { timing }: LoadBalancerPassDeps,
  held: HeldLane,
  parts: ReadonlyArray<Declared>,
  members: PassResult,
): PassResult {
  const writes = parts.reduce((sum, part) => sum + part.writes, 0);
  const verifyAtMs = writes > 0 ? held.leaseUntilMs + timing.callTimeoutMs : members.notes.verifyAtMs;
  return {
    ...members,
    writes: members.writes + writes,
    ...earliestDeadline([
      [members.nextLookMs, members.waitingFor ?? ''],
      ...parts.map(({ wake }) => [wake?.atMs ?? null, wake?.reason ?? ''] as const),
      [writes > 0 ? verifyAtMs : null, 'the verification read'],
    ]),
    isOutOfTime: members.isOutOfTime || parts.some((part) => part.isOutOfTime),
    notes: { ...members.notes, verifyAtMs },
  };
}
