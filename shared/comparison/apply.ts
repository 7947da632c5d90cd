import type { Signal } from '../acceptance/model.ts';
import type { InboxStore } from '../acceptance/ports.ts';
import type { Clock } from '../clock.ts';
import { mapBounded } from '../concurrency.ts';
import type { Binding } from '../config/binding.ts';
import { describeError } from '../errors.ts';
import { eventKey } from '../events/event-key.ts';
import type { LaneStore } from '../lanes/ports.ts';
import { subjectOfBinding } from '../server-groups/backend/pause.ts';
import { createListings } from './listings.ts';
import { type LoadBalancerLook, type LookDeps, lookUnlessHeld } from './look.ts';
import type { ComparedSection, Comparison } from './model.ts';
import { aboutBinding, bindingSections } from './sections/bindings.ts';
import type { PlanSection } from './sections/model.ts';

/** What comparing needs. */
export interface ComparisonDeps extends LookDeps, TellDeps {
  readonly inbox: Pick<InboxStore, 'put' | 'read'>;
  readonly lanes: Pick<LaneStore, 'read' | 'signal'>;
  /** This worker's own clock, for its own time limit. */
  readonly ownClock: Clock;
}

/** What telling a lane needs. */
export interface TellDeps {
  readonly inbox: Pick<InboxStore, 'put'>;
  readonly lanes: Pick<LaneStore, 'signal'>;
}

const LANES_AT_ONCE = 4;
/** Why something was not looked at. */
export const NO_TIME_LEFT = 'no time left in this round';
/** What is said of something that was left to whoever works on it. */
const WORKED_ON = 'a function works on it now';

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
  const seen = await mapBounded(loadBalancerIds, LANES_AT_ONCE, async (laneId): Promise<Seen> => {
    const warnings = new Map<string, ReadonlyArray<string>>();
    const sections = (all: ReadonlyArray<PlanSection>) =>
      all.map((section) => ({
        ...section,
        laneId,
        remarks: [...section.remarks, ...(warnings.get(section.name) ?? [])],
      }));
    const bindings = deps.bindings.filter(({ loadBalancerId }) => loadBalancerId === laneId);
    if (deps.ownClock.nowMs() >= deadlineMs) {
      const failed = bindings.map((binding) => ({ ...aboutBinding(binding), failure: NO_TIME_LEFT }));
      return { laneId, kind: 'failed', failure: NO_TIME_LEFT, sections: sections(failed) };
    }
    try {
      const look = await lookUnlessHeld(remembering(deps, warnings), laneId, listings);
      if (look === null) {
        const held = bindings.map((binding) => ({ ...aboutBinding(binding), remarks: [WORKED_ON] }));
        return { laneId, kind: 'held', failure: null, sections: sections(held) };
      }
      if (look.hasWork) await tellLane(deps, look);
      const kind = look.hasWork ? 'different' : 'same';
      return { laneId, kind, failure: look.failure, sections: sections(bindingSections(look)) };
    } catch (error) {
      const failure = describeError(error);
      deps.logger.warn({ loadBalancerId: laneId }, `not compared: ${failure}`);
      const failed = bindings.map((binding) => ({ ...aboutBinding(binding), failure }));
      return { laneId, kind: 'failed', failure, sections: sections(failed) };
    }
  });
  return comparisonOf(seen);
}

/** What became of one load balancer, or one pair. */
export interface Seen {
  readonly laneId: string;
  /** What stands for it in reports, when that is not the lane. */
  readonly name?: string;
  readonly kind: 'same' | 'different' | 'held' | 'failed';
  readonly failure: string | null;
  readonly sections: ReadonlyArray<ComparedSection>;
}

/** Sums up. */
export function comparisonOf(seen: ReadonlyArray<Seen>): Comparison {
  const nameOf = ({ name, laneId }: Seen) => name ?? laneId;
  const failures = seen.flatMap((each) =>
    each.failure === null ? [] : [[nameOf(each), each.failure] as const],
  );
  return {
    report: {
      compared: seen.filter(({ kind }) => kind === 'same' || kind === 'different').map(nameOf),
      held: seen.filter(({ kind }) => kind === 'held').map(nameOf),
      different: seen.filter(({ kind }) => kind === 'different').map(({ laneId }) => laneId),
      failed: Object.fromEntries(failures),
    },
    sections: seen.flatMap(({ sections }) => sections),
  };
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

/** Has the lane of a binding's load balancer correct nothing of the binding until then; `null` = again as ever. */
export async function tellPause(
  { inbox, lanes }: TellDeps,
  { name, loadBalancerId }: Pick<Binding, 'name' | 'loadBalancerId'>,
  { id, reason, untilMs, atMs }: PauseOrder,
): Promise<void> {
  const signal: Signal = {
    key: eventKey('pause', name, id),
    instanceId: subjectOfBinding(name),
    news: { kind: 'pause', binding: name, reason, untilMs },
    eventAtMs: atMs,
    acceptedAtMs: atMs,
  };
  await inbox.put([{ laneId: loadBalancerId, signal }]);
  await lanes.signal([loadBalancerId]);
}

/** What somebody asks for about a binding's differences. */
export interface PauseOrder {
  /** Unlike any other: a repeat is the same order. */
  readonly id: string;
  /** With who asks. */
  readonly reason: string;
  /** `null` = a pause that stands is to end. */
  readonly untilMs: number | null;
  readonly atMs: number;
}

/** Tells the lane what it has not heard of, and that it has work. Its next pass decides anew, under its lease. */
export async function tellLane(
  { inbox, lanes }: TellDeps,
  { loadBalancerId, lost }: Pick<LoadBalancerLook, 'loadBalancerId' | 'lost'>,
): Promise<void> {
  if (lost.length > 0) await inbox.put(lost.map((signal) => ({ laneId: loadBalancerId, signal })));
  await lanes.signal([loadBalancerId]);
}
