import { allOrFailure, mapBounded, nullWhen } from '../concurrency.ts';
import type { Assumptions } from '../config/load.ts';
import { MissingScalingGroupError } from './errors.ts';
import { toAdopt } from './hook/adoption.ts';
import type { HookRow, ScalingActivity, ScalingInput } from './model.ts';
import { observePlaces, type PlaceDeps } from './observe-places.ts';
import type { HookStore, ScalingGateway } from './ports.ts';

/** What observing needs. */
export interface ObserveScalingDeps extends PlaceDeps {
  readonly hooks: HookStore;
  readonly scaling: ScalingGateway;
  readonly assume: Assumptions;
}

/** What a scaling group, its hooks and the places of their instances looked like. Complete, but for what it says itself. */
export interface ScalingObservation
  extends Pick<
    ScalingInput,
    'rows' | 'hooks' | 'activities' | 'actions' | 'states' | 'attachments' | 'places' | 'unhandled' | 'unseen'
  > {
  /** Why nobody can tell where the instances are backends, as when SLB or ECS does not answer; `null` = it is known. */
  readonly blindness: { readonly error: unknown } | null;
}

const ACTIVITIES_AT_ONCE = 4;

/** Reads what a plan needs; nothing beyond the rows and the activities in progress when there are neither. */
export async function observeScaling(
  deps: ObserveScalingDeps,
  scalingGroupId: string,
): Promise<ScalingObservation> {
  const [rows, found] = await allOrFailure([
    deps.hooks.read(scalingGroupId),
    nullWhen(MissingScalingGroupError, deps.scaling.activitiesInProgress(scalingGroupId)),
  ]);
  // Nothing is known of a group that does not exist: what messages have said of it is given up.
  if (found === null) return { ...NOTHING_GOES_ON, rows };
  const inProgress = found;
  if (rows.length === 0 && inProgress.length === 0) return NOTHING_GOES_ON;
  const activityIds = new Set([...inProgress, ...rows].flatMap(({ activityId }) => activityId ?? []));
  const listed = new Set(inProgress.map(({ activityId }) => activityId));
  const unlisted = rows.flatMap((row) => unlistedActivity(row, listed));
  const [hooks, states, others, actions] = await allOrFailure([
    deps.scaling.hooks(scalingGroupId),
    deps.scaling.instances(scalingGroupId),
    unlisted.length === 0 ? NO_ACTIVITIES : deps.scaling.activities(scalingGroupId, unlisted),
    mapBounded([...activityIds], ACTIVITIES_AT_ONCE, (id) => deps.scaling.actions(id)),
  ]);
  const seen = { rows, hooks, states, activities: [...inProgress, ...others], actions: actions.flat() };
  const taken = toAdopt({ ...seen, assume: deps.assume });
  const instanceIds = [...rows, ...taken.map(({ action }) => action)].flatMap((each) => each.instanceIds);
  const [placed, attachments] = await allOrFailure([
    orBlind(observePlaces(deps, scalingGroupId, [...new Set(instanceIds)], states)),
    taken.length === 0 ? NOT_ASKED : deps.scaling.attachments(scalingGroupId),
  ]);
  return { ...seen, ...placed, attachments };
}

type Placed = Pick<ScalingObservation, 'places' | 'unhandled' | 'unseen' | 'blindness'>;

const NOBODY: Omit<Placed, 'blindness'> = { places: new Map(), unhandled: new Set(), unseen: new Set() };

/** ESS goes on waiting or not whatever the other clouds do, so their failures are no reason to let a hook run out of time. */
async function orBlind(placed: Promise<Omit<Placed, 'blindness'>>): Promise<Placed> {
  try {
    return { ...(await placed), blindness: null };
  } catch (error) {
    return { ...NOBODY, blindness: { error } };
  }
}

const NO_ACTIVITIES: Promise<ReadonlyArray<ScalingActivity>> = Promise.resolve([]);
const NOT_ASKED: Promise<null> = Promise.resolve(null);

const NOTHING_GOES_ON: ScalingObservation = {
  rows: [],
  hooks: [],
  activities: [],
  actions: [],
  states: new Map(),
  attachments: null,
  ...NOBODY,
  blindness: null,
};

/** The activity of a message's row that is not, or no longer, in progress: when it began has to be asked for. */
function unlistedActivity(
  { phase, activityId }: HookRow,
  listed: ReadonlySet<string>,
): ReadonlyArray<string> {
  return phase === 'noticed' && activityId !== null && !listed.has(activityId) ? [activityId] : [];
}
