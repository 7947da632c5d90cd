import { canBe, SYSTEM_EVENTS, type SystemEventType } from '../../world/ecs/system-event.ts';
import type { Happening, ScalingHappening } from '../day.ts';
import type { Dice } from '../dice.ts';
import { type DayScalingGroup, memberName } from '../scaling-group.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** Instances have come up by then. */
const SETTLED_MS = 3 * MINUTE_MS;
const NEAR_MS = 10 * SECOND_MS;

/** What happens to the groups until `endsAtMs`, mostly when much else is going on, in the order of its instants. */
export function drawScalingHappenings(
  dice: Dice,
  groups: ReadonlyArray<DayScalingGroup>,
  vServerGroupIds: ReadonlyArray<string>,
  endsAtMs: number,
  busyAtMs: ReadonlyArray<number>,
): ReadonlyArray<Happening> {
  return groups.flatMap((group) => {
    const { scalingGroupId, desiredCapacity } = group;
    const opening: ReadonlyArray<Happening> =
      desiredCapacity === null
        ? [{ atMs: dice.whole(0, 20 * SECOND_MS), kind: 'scale', scalingGroupId, by: dice.whole(4, 7) }]
        : [];
    const later = Array.from({ length: dice.whole(4, 7) }, () => {
      const atMs = drawAtMs(dice, endsAtMs, busyAtMs);
      return drawOne(dice, scalingGroupId, vServerGroupIds, atMs);
    });
    return [...opening, ...later];
  });
}

function drawOne(
  dice: Dice,
  scalingGroupId: string,
  vServerGroupIds: ReadonlyArray<string>,
  atMs: number,
): Happening {
  const name = memberName(scalingGroupId, dice.whole(0, 9));
  const roll = dice.random();
  if (roll < 0.25) return { atMs, kind: 'scale', scalingGroupId, by: dice.whole(1, 3) };
  if (roll < 0.55) return { atMs, kind: 'scale', scalingGroupId, by: -dice.whole(1, 3) };
  if (roll < 0.72) {
    const names = Array.from({ length: dice.whole(1, 3) }, () =>
      memberName(scalingGroupId, dice.whole(0, 9)),
    );
    return { atMs, kind: 'remove-members', scalingGroupId, names, isReplaced: dice.chance(0.3) };
  }
  if (roll < 0.78) return { atMs, kind: 'enter-standby', scalingGroupId };
  if (roll < 0.84) return { atMs, kind: 'exit-standby', scalingGroupId };
  if (roll < 0.89) return { atMs, kind: 'stop', name, force: dice.chance(0.3) };
  if (roll < 0.93) return { atMs, kind: 'reboot', name };
  if (roll < 0.96) return { atMs, kind: 'release', name, force: true };
  const kind = dice.pick(['foreign-weight', 'foreign-remove'] as const);
  return { atMs, kind, name, vServerGroupId: dice.pick(vServerGroupIds), weight: dice.pick([0, 1, 100]) };
}

/** Makes some of the instances that start spot instances and has them taken back, and announces system events. */
export function withNotices(
  dice: Dice,
  happenings: ReadonlyArray<Happening>,
  groups: ReadonlyArray<DayScalingGroup>,
  endsAtMs: number,
  busyAtMs: ReadonlyArray<number>,
): ReadonlyArray<Happening> {
  const starts = happenings.filter((happening) => happening.kind === 'start');
  const spot = new Set(dice.some(starts, dice.whole(1, 4)));
  const added: Array<Happening> = [];
  for (const { atMs, names } of spot) {
    for (const name of names) {
      const group = groups.length > 0 && dice.chance(0.4) ? dice.pick(groups) : null;
      const { scalingGroupId } = group ?? {};
      if (scalingGroupId !== undefined) {
        added.push({ atMs: atMs + MINUTE_MS, kind: 'attach', scalingGroupId, names: [name] });
      }
      if (!dice.chance(0.5)) continue;
      const laterMs = Math.max(atMs + 2 * MINUTE_MS, drawAtMs(dice, endsAtMs, busyAtMs));
      added.push({ atMs: laterMs, kind: 'interrupt', name });
    }
  }
  const own = starts.flatMap(({ names }) => names);
  for (let count = dice.whole(1, 5); count > 0; count--) {
    const group = groups.length > 0 && dice.chance(0.4) ? dice.pick(groups) : null;
    const name = group === null ? dice.pick(own) : memberName(group.scalingGroupId, dice.whole(0, 9));
    added.push(...drawSystemEvent(dice, name, drawAtMs(dice, endsAtMs, busyAtMs)));
  }
  const marked = happenings.map(
    (happening): Happening =>
      happening.kind === 'start' && spot.has(happening) ? { ...happening, isSpot: true } : happening,
  );
  return [...marked, ...added];
}

/** A system event of the instance of that name: announced, and then carried out unless it is called off or avoided. */
export function drawSystemEvent(dice: Dice, name: string, atMs: number): ReadonlyArray<ScalingHappening> {
  const eventType = dice.pick(Object.keys(SYSTEM_EVENTS) as ReadonlyArray<SystemEventType>);
  const aheadMs = dice.chance(0.3) ? 0 : dice.whole(20 * SECOND_MS, 10 * MINUTE_MS);
  const isInquiring = canBe(eventType, 'Inquiring') && dice.chance(0.3);
  const isFailing = canBe(eventType, 'Failed') && dice.chance(0.3);
  const begun = { atMs, kind: 'system-event', name, eventType, aheadMs, isInquiring, isFailing } as const;
  if (aheadMs === 0 || dice.chance(0.6)) return [begun];
  const status = dice.pick(['Canceled', 'Avoided'] as const);
  return [begun, { atMs: atMs + dice.whole(SECOND_MS, aheadMs), kind: 'end-system-events', name, status }];
}

function drawAtMs(dice: Dice, endsAtMs: number, busyAtMs: ReadonlyArray<number>): number {
  if (busyAtMs.length === 0 || dice.chance(0.4)) return dice.whole(SETTLED_MS, endsAtMs);
  const nearMs = dice.pick(busyAtMs) + dice.whole(-NEAR_MS, NEAR_MS);
  return Math.min(Math.max(nearMs, SETTLED_MS), endsAtMs);
}
