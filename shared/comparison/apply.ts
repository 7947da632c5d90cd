import type { InboxStore } from '../acceptance/ports.ts';
import type { LaneStore } from '../lanes/ports.ts';
import { compareEach, type EachDeps } from './each.ts';
import { createListings } from './listings.ts';
import { type LookDeps, lookUnlessHeld } from './look.ts';
import type { Comparison } from './model.ts';
import { aboutBinding, bindingSections } from './sections/bindings.ts';
import { type TellDeps, tellLane } from './tell.ts';

/** What comparing needs. */
export interface ComparisonDeps extends LookDeps, TellDeps, EachDeps {
  readonly inbox: Pick<InboxStore, 'put' | 'read'>;
  readonly lanes: Pick<LaneStore, 'read' | 'signal'>;
}

/**
 * Compares everything that the bindings of these load balancers want with everything that is, without a lease and
 * without a write where nothing differs. A lane with a difference is signalled, so that its next pass decides anew under
 * its lease. What does not fit into the time is left to its next interval; one failure never fails the others.
 */
export async function compareLanes(
  deps: ComparisonDeps,
  loadBalancerIds: ReadonlyArray<string>,
  deadlineMs: number,
): Promise<Comparison> {
  const listings = createListings(deps);
  const warnings = new Map<string, ReadonlyArray<string>>();
  const heeding = remembering(deps, warnings);
  const { report, sections } = await compareEach(deps, loadBalancerIds, deadlineMs, {
    laneIdOf: (id) => id,
    nameOf: (id) => id,
    labelsOf: (loadBalancerId) => ({ loadBalancerId }),
    about: (id) => deps.bindings.filter(({ loadBalancerId }) => loadBalancerId === id).map(aboutBinding),
    leftToOthers: 'a function works on it now',
    async look(id) {
      const look = await lookUnlessHeld(heeding, id, listings);
      if (look === null) return null;
      if (look.hasWork) await tellLane(deps, look);
      return { hasWork: look.hasWork, failure: look.failure, sections: bindingSections(look) };
    },
  });
  const warned = sections.map((section) => ({
    ...section,
    remarks: [...section.remarks, ...(warnings.get(section.name) ?? [])],
  }));
  return { report, sections: warned };
}

/** The same ports; what is warned of a binding is remembered as well. */
function remembering(deps: ComparisonDeps, warnings: Map<string, ReadonlyArray<string>>): ComparisonDeps {
  return {
    ...deps,
    logger: {
      ...deps.logger,
      warn(fields, message) {
        deps.logger.warn(fields, message);
        const { binding } = fields;
        if (typeof binding !== 'string') return;
        warnings.set(binding, [...new Set([...(warnings.get(binding) ?? []), message])]);
      },
    },
  };
}
