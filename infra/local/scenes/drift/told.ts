import type { SweepReport } from '../../../../shared/sweep/model.ts';
import type { Script } from '../script.ts';
import type { Stage } from '../stage.ts';
import { notAt, placeIn } from './backends.ts';
import { bindingOf, type Cast } from './cast.ts';
import { heldTooMuch, type Place, type Told, unremarked, untold, untoldWait } from './checks.ts';
import { type Damage, WEB_PARTS } from './damage.ts';

/** All that the checks of the report look at. */
export interface ToldStory {
  readonly stage: Stage;
  readonly script: Script;
  readonly report: SweepReport;
  readonly cast: Cast;
  readonly damage: Damage;
}

/** Backends, and whole groups, that stay other than their bindings say. */
export function staysAsItIs(
  stage: Stage,
  cast: Cast,
  damage: Pick<Damage, 'newApiId'>,
): { readonly places: ReadonlyArray<Place>; readonly groupIds: ReadonlyArray<string> } {
  return {
    places: [
      placeIn(stage, 'search', cast.search[0]),
      placeIn(stage, 'api', cast.api[0]),
      placeIn(stage, 'api', damage.newApiId),
      placeIn(stage, 'web', cast.web[WEB_PARTS.released]),
    ],
    groupIds: [bindingOf(stage, 'legacy').vServerGroupId],
  };
}

/** Checks that what was left alone is, and that the sweep has said so, with the reason. */
export function checkTold({ stage, script, report, cast, damage }: ToldStory): void {
  const { places, groupIds } = staysAsItIs(stage, cast, damage);
  const [kept, reweighted, missing, released] = places.map(subjectOf);
  const at = (name: string, serverId: string | undefined, weight: number | null) =>
    notAt(stage, placeIn(stage, name, serverId), weight);
  const keeps: Told = { subject: kept ?? '', by: 'drift', reason: 'it is kept' };
  const reports: ReadonlyArray<Told> = [reweighted ?? '', missing ?? ''].map((subject) => ({
    subject,
    by: 'drift',
    reason: 'only has differences reported',
  }));
  const gone: ReadonlyArray<Told> = groupIds.map((subject) => ({
    subject,
    by: 'group',
    reason: 'the vServer group does not exist',
  }));
  script.check('a weight that the binding keeps is kept, and told', [
    ...untold(report, [keeps]),
    ...at('search', cast.search[0], 9),
  ]);
  script.check('differences of a binding that only reports are left, and told', [
    ...untold(report, reports),
    ...at('api', cast.api[0], 5),
    ...at('api', damage.newApiId, null),
  ]);
  script.check('a member whose instance ECS does not list waits for the proof, and that is told', [
    ...untoldWait(report, released ?? '', 'ECS does not list its instance'),
    ...at('web', cast.web[WEB_PARTS.released], 100),
  ]);
  script.check('a binding without its group is held, and told', untold(report, gone));
  script.check(
    'a group that no listener uses is remarked on',
    unremarked(report, 'batch', 'no listener and no forwarding rule uses the group'),
  );
  script.check(
    'a scaling group that manages a group of ours itself is remarked on',
    unremarked(report, null, 'itself manages'),
  );
  script.check(
    'a message in quarantine is remarked on',
    unremarked(report, null, '1 message is in quarantine'),
  );
  script.check('nothing else is held', heldTooMuch(report, [keeps, ...reports, ...gone]), {
    lines: report.sections.flatMap(({ lines }) => lines).length,
  });
}

function subjectOf({ vServerGroupId, serverId, port }: Place): string {
  return `${vServerGroupId}/${serverId}:${port}`;
}
