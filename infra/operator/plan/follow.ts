import { changesOf, isWhole } from '../../../shared/comparison/sections/model.ts';
import { allOrFailure, mapBounded } from '../../../shared/concurrency.ts';
import type { RecordedDeclarations } from '../../../shared/declarations/ports.ts';
import { isLeased } from '../../../shared/lanes/plan.ts';
import { pairLaneId } from '../../../shared/pairs/model.ts';
import type { Lines } from '../lines.ts';
import type { Screen } from '../terminal.ts';
import { type Look, type Pace, watch } from '../watching.ts';
import { lanesOf } from './carry-out.ts';
import type { PlanDesk } from './desk.ts';
import { type MadePlan, makePlan, type PlanWish } from './make.ts';
import { type ChangeStanding, type Recorded, standingsOf } from './progress.ts';

/** What became of a plan while somebody watched. */
export type FollowedPlan =
  /** Of its changes none is left to be done; those that are `held` or `failed` are not in force. */
  | { readonly kind: 'ended'; readonly standings: ReadonlyArray<ChangeStanding> }
  /** `why` = the last look failed. */
  | {
      readonly kind: 'time-is-up' | 'detached';
      readonly standings: ReadonlyArray<ChangeStanding>;
      readonly why: string | null;
    };

/** How a plan is watched. */
export interface PlanWatch {
  readonly desk: PlanDesk;
  readonly made: MadePlan;
  readonly wish: PlanWish;
  readonly screen: Screen;
  readonly pace: Pace;
  readonly limitMs: number;
  /** `null` = nobody can let go of it. */
  readonly stop: AbortSignal | null;
}

const READS_AT_ONCE = 8;
/** The clouds are looked at again when the tables say that all is done, and no more often than this. */
const CLOUDS_EVERY_MS = 3_000;

/** Looks at the tables until nothing of the plan goes on, and then at the clouds whether nothing is left of it. */
export async function followPlan({ desk, made, wish, ...watching }: PlanWatch): Promise<FollowedPlan> {
  const changes = changesOf(made);
  const subjects = new Set(changes.map(({ subject }) => subject));
  const concerned = lanesOf(made);
  const groupIds = [...new Set(concerned.looks.flatMap(({ bindings }) => bindings.map(groupOf)))];
  const laneIds = [
    ...concerned.looks.map(({ loadBalancerId }) => loadBalancerId),
    ...concerned.pairs.map((name) => pairLaneId({ name })),
  ];
  const declaring = concerned.looks.flatMap(({ loadBalancerId, declared }) =>
    declared.length === 0 ? [] : [loadBalancerId],
  );
  const numbers = new Map(made.pairNumbers);
  let standings: ReadonlyArray<ChangeStanding> = standingsOf(changes, NOTHING, numbers);
  let lookedAtMs = Number.NEGATIVE_INFINITY;

  const watched = await watch<ReadonlyArray<ChangeStanding>>({
    ...watching,
    subject: 'what becomes of the plan',
    async look(lines) {
      const [lanes, rows, pairRows, declared] = await allOrFailure([
        mapBounded(laneIds, READS_AT_ONCE, (id) => desk.lanes.read(id)),
        groupIds.length === 0 ? Promise.resolve([]) : desk.backends.readGroups(groupIds),
        mapBounded(
          concerned.pairs,
          READS_AT_ONCE,
          async (name) => [name, (await desk.pairRows.read(name)).row] as const,
        ),
        mapBounded(declaring, READS_AT_ONCE, (id) => desk.declarations.read(id)),
      ]);
      const nowMs = desk.clock.nowMs();
      const isTaken = lanes.every((lane) => lane.dirty <= lane.handled);
      const isBusy = lanes.some((lane) => isLeased(lane, nowMs));
      standings = standingsOf(
        changes,
        { rows, pairs: new Map(pairRows), declared: declaredIn(declared), isTakenUp: isTaken },
        numbers,
      );
      tell(lines, standings);
      const isGoingOn = standings.some(({ kind }) => kind === 'going-on' || kind === 'waiting');
      if (isBusy || !isTaken || isGoingOn) return goingOn(standings, isTaken || isBusy);
      if (nowMs - lookedAtMs < CLOUDS_EVERY_MS) return goingOn(standings, true);
      lookedAtMs = nowMs;
      const now = await makePlan(desk, wish);
      const isLeft = changesOf(now).some(({ subject }) => subjects.has(subject));
      return isWhole(now) && !isLeft ? { kind: 'ended', end: standings } : goingOn(standings, true);
    },
  });
  switch (watched.kind) {
    case 'ended':
      return { kind: 'ended', standings: watched.end };
    case 'time-is-up':
      return { kind: 'time-is-up', standings, why: watched.why };
    case 'stopped':
      return { kind: 'detached', standings, why: null };
  }
}

const NOTHING = {
  rows: [],
  pairs: new Map<string, null>(),
  declared: new Map<string, never>(),
  isTakenUp: false,
};

function declaredIn(recorded: ReadonlyArray<RecordedDeclarations>): Recorded['declared'] {
  return new Map(
    recorded.flatMap(({ rows, orders }) =>
      rows.map(
        (row) =>
          [row.binding, { row, isAsked: orders.some(({ binding }) => binding === row.binding) }] as const,
      ),
    ),
  );
}

function groupOf({ vServerGroupId }: { readonly vServerGroupId: string }): string {
  return vServerGroupId;
}

function tell(lines: Lines, standings: ReadonlyArray<ChangeStanding>): void {
  for (const { subject, kind, text } of standings) {
    const isPair = !subject.includes('/');
    if (kind === 'waiting' || (kind === 'going-on' && !isPair)) continue;
    lines.add(`${subject.slice(subject.indexOf('/') + 1)}  ${text}`);
  }
}

function goingOn(standings: ReadonlyArray<ChangeStanding>, isTakenUp: boolean): Look<never> {
  const ended = standings.filter(
    ({ kind }) => kind === 'done' || kind === 'held' || kind === 'failed',
  ).length;
  const next =
    standings.find(({ kind }) => kind === 'going-on') ?? standings.find(({ kind }) => kind === 'waiting');
  const now =
    next === undefined
      ? 'looking whether anything is left'
      : `${next.subject.slice(next.subject.indexOf('/') + 1)} ${next.text}`;
  return {
    kind: 'going-on',
    remark: `${ended} of ${standings.length}; ${now} …`,
    slow: isTakenUp
      ? null
      : 'nobody has taken it up; does the function slb-autopilot-tick run? Its log tells.',
  };
}
