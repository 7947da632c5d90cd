import * as checks from '../checks.ts';
import { notPlaced, placementsOf } from '../placements.ts';
import type { Script } from '../script.ts';
import { firstGroupOf } from '../seed-pairs.ts';
import type { Stage } from '../stage.ts';
import { notAt, placeIn } from './backends.ts';
import { type Cast, pairOf } from './cast.ts';
import { unexplained } from './checks.ts';
import { type Damage, WEB_PARTS } from './damage.ts';
import { staysAsItIs } from './told.ts';

/** What the checks of what was mended look at. */
export interface MendedStory {
  readonly stage: Stage;
  readonly script: Script;
  readonly cast: Cast;
  readonly damage: Damage;
}

/** Ends of drains, a join that waits for company, a promotion after both observers have agreed for `badFor`. */
const MENDED_WITHIN_MS = 30_000;

/** Waits until nothing is to be done any more. Throws SceneStopped. */
export async function untilMended(story: MendedStory): Promise<void> {
  const { stage, script } = story;
  await script.until('what is to be mended is, and nothing is under way', MENDED_WITHIN_MS, () => [
    ...differences(story),
    ...billingProblems(story),
    ...leftGroups(stage, groupsToGo(story)),
    ...checks.workUnderWay(stage.clouds),
  ]);
}

/** Checks each thing that was damaged and had to be mended; the figures go with the last check. */
export function checkMended(story: MendedStory, figures: Readonly<Record<string, number>>): void {
  const { stage, script, damage } = story;
  const at = weightsOf(story);
  const joined = notAt(stage, placeIn(stage, 'web', damage.newWebId), 100);
  script.check('a member that nobody had heard of has joined', joined);
  script.check('a member that somebody had taken out is back', at('takenOut', 100));
  script.check('a member whose instance had stopped is out', at('stopped', null));
  script.check('a member whose instance had lost its tag is out', at('unselected', null));
  const onWrongPort = notAt(stage, damage.onWrongPort, null);
  script.check('a backend with our mark on a port that no binding has is out', onWrongPort);
  script.check('a weight that somebody had set is ours again', at('reweighted', 100));
  script.check('a drain whose wake-up was lost has ended', at('draining', null));
  script.check('an override past its end is forgotten', at('overridden', 100));
  script.check('the primary of a pair that failed is replaced, with a standby', billingProblems(story));
  script.check('no group of an earlier promotion is left over', leftGroups(stage, groupsToGo(story)));
  script.check('everything else is as the configuration says', differences(story), figures);
}

function weightsOf({ stage, cast }: MendedStory) {
  return (part: keyof typeof WEB_PARTS, weight: number | null) =>
    notAt(stage, placeIn(stage, 'web', cast.web[WEB_PARTS[part]]), weight);
}

/** Differences that nobody has said are left. */
function differences({ stage, cast, damage }: MendedStory): ReadonlyArray<string> {
  const { places, groupIds } = staysAsItIs(stage, cast, damage);
  return unexplained(checks.groupsNotAsDesired(stage), [...places, ...damage.strangers], groupIds);
}

function billingProblems({ stage, cast }: MendedStory): ReadonlyArray<string> {
  const { loadBalancerId } = pairOf(stage, 'billing-db');
  const { billing, billingStandbyId } = cast;
  return notPlaced(placementsOf(stage.clouds, loadBalancerId), billing.secondaryId, billingStandbyId);
}

function groupsToGo({ stage, damage }: MendedStory): ReadonlyArray<string> {
  return [damage.strayGroupId, firstGroupOf(pairOf(stage, 'billing-db'))];
}

function leftGroups({ clouds }: Stage, groupIds: ReadonlyArray<string>): ReadonlyArray<string> {
  return groupIds.filter((id) => clouds.slb.masterSlaveGroup(id) !== null).map((id) => `${id} is there`);
}
