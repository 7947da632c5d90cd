import { createListings } from '../../../shared/comparison/listings.ts';
import { type LoadBalancerLook, lookAtLoadBalancer } from '../../../shared/comparison/look.ts';
import { aboutBinding, bindingSections } from '../../../shared/comparison/sections/bindings.ts';
import { subjectOf } from '../../../shared/comparison/sections/declaration.ts';
import type { Plan, PlanSection } from '../../../shared/comparison/sections/model.ts';
import { aboutPair, pairSection } from '../../../shared/comparison/sections/pair.ts';
import { allOrFailure, mapBounded } from '../../../shared/concurrency.ts';
import type { Binding } from '../../../shared/config/binding.ts';
import type { Pair } from '../../../shared/config/pair.ts';
import { isToBeKept } from '../../../shared/declarations/look.ts';
import { describeError } from '../../../shared/errors.ts';
import { foreseeApplied, foreseeChange } from '../../../shared/pairs/foresee.ts';
import { pairLaneId } from '../../../shared/pairs/model.ts';
import type { PairOrder } from '../../../shared/pairs/record.ts';
import { trustingProber } from '../pairs/preview.ts';
import { whoAsks } from '../who-asks.ts';
import { lookDepsOf, type PlanDesk } from './desk.ts';

/** What a plan is to be about. */
export interface PlanWish {
  readonly bindings: ReadonlyArray<Binding>;
  readonly pairs: ReadonlyArray<Pair>;
  /** Names of bindings whose declared groups are to be deleted; left out = of none. */
  readonly deletes?: ReadonlyArray<string>;
}

/** A plan with what it was made from. */
export interface MadePlan extends Plan {
  /** Of each load balancer that could be looked at. */
  readonly looks: ReadonlyArray<LoadBalancerLook>;
  /** Of bindings that were not asked for, on the same load balancers: a lane works on all of its own. */
  readonly others: ReadonlyArray<PlanSection>;
  /** Pairs whose group is made as declared only when somebody asks for it, as the plan presumes. */
  readonly askedPairs: ReadonlySet<string>;
  /** By pair: the number of its last change. */
  readonly pairNumbers: ReadonlyMap<string, number>;
}

const LOOKS_AT_ONCE = 4;

/**
 * Looks at everything as the full comparison does, and writes nothing. What cannot be looked at is a section with its
 * failure, and does not keep the others from being told.
 */
export async function makePlan(
  desk: PlanDesk,
  { bindings, pairs, deletes = [] }: PlanWish,
): Promise<MadePlan> {
  const loadBalancerIds = [...new Set(bindings.map(({ loadBalancerId }) => loadBalancerId))];
  const warnings: Array<{ readonly binding: string; readonly text: string }> = [];
  const deps = lookDepsOf(desk, (binding, text) => warnings.push({ binding, text }));
  const listings = createListings(deps);
  const pairNumbers = new Map<string, number>();
  const [looked, ofPairs] = await allOrFailure([
    mapBounded(loadBalancerIds, LOOKS_AT_ONCE, async (id) => {
      try {
        return await lookAtLoadBalancer(deps, id, listings);
      } catch (error) {
        return { loadBalancerId: id, error: describeError(error) };
      }
    }),
    mapBounded(pairs, LOOKS_AT_ONCE, async (pair) => {
      try {
        return await sectionOf(desk, pair, pairNumbers);
      } catch (error) {
        return { ...aboutPair(pair), failure: describeError(error) };
      }
    }),
  ]);
  const looks = looked.flatMap((look) => ('error' in look ? [] : [look]));
  const seen = new Map(
    looks
      .flatMap((look) => bindingSections(look, desk.declaredGroups.callOf, new Set(deletes)))
      .map((section) => [section.name, section]),
  );
  const errors = new Map(
    looked.flatMap((look) => ('error' in look ? [[look.loadBalancerId, look.error]] : [])),
  );
  const sections = bindings.map((binding): PlanSection => {
    const section = seen.get(binding.name) ?? {
      ...aboutBinding(binding),
      failure: errors.get(binding.loadBalancerId) ?? '',
    };
    const own = warnings.filter((warning) => warning.binding === binding.name).map(({ text }) => text);
    return { ...section, remarks: [...section.remarks, ...new Set(own)] };
  });
  const asked = new Set(bindings.map(({ name }) => name));
  return {
    madeAtMs: desk.clock.nowMs(),
    sections: [...sections, ...ofPairs],
    looks,
    others: [...seen.values()].filter(({ name }) => !asked.has(name)).map(withoutUnasked(looks)),
    askedPairs: new Set(pairs.filter(isOnlyApplied).map(({ name }) => name)),
    pairNumbers,
  };
}

/** What nobody asks for about declared groups themselves is not done, unless comparisons keep them. */
function withoutUnasked(looks: ReadonlyArray<LoadBalancerLook>): (section: PlanSection) => PlanSection {
  const kept = new Set(
    looks.flatMap(({ declared }) => declared.filter(isToBeKept).map(({ binding }) => binding.name)),
  );
  return (section) => {
    const isDone = ({ subject }: { readonly subject: string }) => subject !== subjectOf(section.name);
    return kept.has(section.name) ? section : { ...section, lines: section.lines.filter(isDone) };
  };
}

/** Whether its group is made as declared only when somebody asks for it. */
function isOnlyApplied({ group }: Pair): boolean {
  return group !== null && !group.isManaged;
}

/** What `autopilot apply` asks of such a pair. */
export function applyOrder(
  orderId: string,
  by: string,
  orderedAtMs: number,
): Extract<PairOrder, { kind: 'apply' }> {
  return { kind: 'apply', orderId, by, reason: 'its group is declared', orderedAtMs };
}

async function sectionOf(desk: PlanDesk, pair: Pair, numbers: Map<string, number>): Promise<PlanSection> {
  const [{ row, orders }, signals] = await allOrFailure([
    desk.pairRows.read(pair.name),
    desk.inbox.read(pairLaneId(pair)),
  ]);
  numbers.set(pair.name, row?.number ?? 0);
  const known = { row, orders, signals };
  // Only functions in its VPC can probe its servers: from here they are taken to answer.
  const presumed = new Set<string>();
  const deps = { ...desk, prober: trustingProber(presumed) };
  const foreseen = isOnlyApplied(pair)
    ? await foreseeApplied(deps, pair, known, applyOrder('plan', whoAsks(), desk.clock.nowMs()))
    : await foreseeChange(deps, pair, known);
  const section = pairSection(desk.pairGroups, pair, known, foreseen);
  const taken = `taken for granted: ${[...presumed].join(', ')} answer the probe, which only functions can ask`;
  return presumed.size === 0 ? section : { ...section, remarks: [taken] };
}
