import type { PassResult, RunPass } from '../lanes/apply.ts';
import type { HeldLane } from '../lanes/model.ts';
import { earliestDeadline } from '../lanes/plan.ts';
import { createServerGroupPass, type PassDeps } from '../server-groups/apply.ts';
import { type DeclarationDeps, type Declared, hasDeclarationWork, workDeclarations } from './apply.ts';
import { type DeclaredBinding, isDeclared } from './model.ts';
import { knownIn } from './resolve.ts';

/** What a pass over the lane of a load balancer needs. */
export type LoadBalancerPassDeps = PassDeps & DeclarationDeps;

/**
 * Makes the pass over the lane of a load balancer: first what was asked for about declared groups, then the members of all
 * groups that are known, then once more the groups, since listeners wait for members.
 */
export function createLoadBalancerPass(deps: LoadBalancerPassDeps): RunPass {
  const undeclared = createServerGroupPass(deps);
  return async (held, deadlineMs) => {
    const bindings = deps.bindings.filter(({ loadBalancerId }) => loadBalancerId === held.laneId);
    const declared = bindings.filter(isDeclared);
    if (declared.length === 0) return await undeclared(held, deadlineMs);
    const before = await declare(deps, held, declared, deadlineMs);
    if (before.isOutOfTime) return together(deps, held, [before], nothing(held));
    const members = createServerGroupPass({ ...deps, bindings: knownIn(bindings, before) });
    const result = await members(held, deadlineMs);
    if (before.wake === null || result.writes === 0 || result.failure !== null || result.isOutOfTime) {
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
  if (hasDeclarationWork(recorded)) return await workDeclarations(deps, held, declared, recorded, deadlineMs);
  return { rows: recorded.rows, writes: 0, wake: null, isOutOfTime: false };
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
