import { countPerApi, functionCalls } from './function-calls.ts';
import { placementsOf } from './placements.ts';
import { listed, type SceneCheck } from './script.ts';
import type { Stage } from './stage.ts';

/** What a scene came to, as `--json` prints it. */
export interface SceneReport {
  readonly scene: string;
  readonly ok: boolean;
  /** One sentence for each thing that was not as it must be. */
  readonly failures: ReadonlyArray<string>;
  /** From the first build step to the end. */
  readonly durationMs: number;
  readonly checks: ReadonlyArray<{
    readonly sentence: string;
    readonly ok: boolean;
    /** What was counted or measured for it, by name; may be empty. */
    readonly figures: Readonly<Record<string, number>>;
  }>;
  /** The vServer groups at the end. */
  readonly groups: ReadonlyArray<ReportedGroup>;
  /** The listeners with a primary/secondary group at the end. */
  readonly pairs: ReadonlyArray<ReportedPair>;
  /** Calls that the functions made, refused ones too. */
  readonly callsPerApi: Readonly<Record<string, number>>;
  /** `atMs` counts from the beginning of the scene. */
  readonly happened: ReadonlyArray<{
    readonly atMs: number;
    readonly source: string;
    readonly kind: string;
    readonly text: string;
  }>;
}

/** A vServer group as it is. */
export interface ReportedGroup {
  readonly loadBalancerId: string;
  readonly vServerGroupId: string;
  readonly name: string;
  readonly backends: ReadonlyArray<{
    readonly serverId: string;
    readonly port: number;
    readonly weight: number;
  }>;
}

/** Who is what behind a listener. */
export interface ReportedPair {
  readonly loadBalancerId: string;
  /** `tcp:3306` */
  readonly listener: string;
  readonly masterSlaveServerGroupId: string;
  readonly primaryId: string;
  readonly secondaryId: string;
}

/** Puts the report together. `stopped` says why the scene could not go on; `null` = it came to its end. */
export function reportOf(
  { clouds, config }: Stage,
  told: {
    readonly scene: string;
    readonly startedAtMs: number;
    readonly checks: ReadonlyArray<SceneCheck>;
    readonly stopped: string | null;
  },
): SceneReport {
  const { clock, timeline } = clouds.foundation;
  const failed = told.checks.filter(({ problems }) => problems.length > 0);
  const failures = [
    ...failed.map(({ sentence, problems }) => `expected that ${sentence}; found: ${listed(problems)}`),
    ...(told.stopped === null ? [] : [told.stopped]),
  ];
  return {
    scene: told.scene,
    ok: failures.length === 0,
    failures,
    durationMs: clock.nowMs() - told.startedAtMs,
    checks: told.checks.map(({ sentence, problems, figures }) => ({
      sentence,
      ok: problems.length === 0,
      figures,
    })),
    groups: clouds.slb.groups().map(({ loadBalancerId, vServerGroupId, vServerGroupName, backends }) => ({
      loadBalancerId,
      vServerGroupId,
      name: vServerGroupName,
      backends: backends.map(({ serverId, port, weight }) => ({ serverId, port, weight })),
    })),
    pairs: pairsOf(clouds, config.pairs),
    callsPerApi: countPerApi(functionCalls(clouds.foundation)),
    happened: timeline.entries.map(({ atMs, source, kind, text }) => ({
      atMs: atMs - told.startedAtMs,
      source,
      kind,
      text,
    })),
  };
}

function pairsOf(clouds: Stage['clouds'], pairs: Stage['config']['pairs']): ReadonlyArray<ReportedPair> {
  const loadBalancerIds = new Set(pairs.map(({ loadBalancerId }) => loadBalancerId));
  return [...loadBalancerIds].flatMap((loadBalancerId) =>
    placementsOf(clouds, loadBalancerId).flatMap(({ listener, group, primaryId, secondaryId }) =>
      group === null
        ? []
        : [
            {
              loadBalancerId,
              listener,
              masterSlaveServerGroupId: group.masterSlaveServerGroupId,
              primaryId,
              secondaryId,
            },
          ],
    ),
  );
}
