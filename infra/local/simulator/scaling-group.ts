import type { Application } from '../world/ecs/serving-spans.ts';
import type { LifecycleResult, LifecycleTransition } from '../world/ess/model.ts';

/** A scaling group of a day, there from the beginning: it makes its first instances itself. */
export interface DayScalingGroup {
  /** `asg-…` */
  readonly scalingGroupId: string;
  readonly minSize: number;
  readonly maxSize: number;
  /** `null` = it keeps no number. */
  readonly desiredCapacity: number | null;
  /** What its instances get besides the tag that names the group. */
  readonly instanceTags: Readonly<Record<string, string>>;
  /** How the applications of its instances behave, in order of creation; those beyond the list serve at once. */
  readonly applications: ReadonlyArray<Application>;
  readonly hooks: ReadonlyArray<DayHook>;
}

/** A lifecycle hook of a scaling group. */
export interface DayHook {
  /** `ash-…` */
  readonly lifecycleHookId: string;
  readonly transition: LifecycleTransition;
  /** 30 to 21,600. */
  readonly timeoutSeconds: number;
  readonly defaultResult: LifecycleResult;
  /** What its owner does about its waits, in their order, and those beyond the list; `null` = it is the product's. */
  readonly neighbour: ReadonlyArray<NeighboursAnswer> | null;
}

/** How somebody else answers a hook. */
export interface NeighboursAnswer {
  /** `null` = not at all: it runs into its timeout. */
  readonly result: LifecycleResult | null;
  readonly afterMs: number;
}

/** How a neighbour answers once its list has come to its end, so that a day can. */
export const NEIGHBOUR_AT_LAST: NeighboursAnswer = { result: 'CONTINUE', afterMs: 1_000 };

/** `asg-…#3`: the fourth of those instances that the group has in service when something happens to it, counted round. */
export function memberName(scalingGroupId: string, index: number): string {
  return `${scalingGroupId}#${index}`;
}

/** The parts of such a name; `null` = it names an instance that the day itself starts. */
export function readMemberName(name: string): { scalingGroupId: string; index: number } | null {
  const [, scalingGroupId, index] = /^(asg-[^#]+)#(\d+)$/.exec(name) ?? [];
  return scalingGroupId === undefined ? null : { scalingGroupId, index: Number(index) };
}
