import { createHash } from 'node:crypto';
import type { News, Signal } from '../../acceptance/model.ts';
import type { AuditAction } from '../../audit/model.ts';
import type { ScalingPolicy } from '../../config/scaling.ts';
import type { LifecycleState } from '../../instances/model.ts';
import type { MetricName } from '../../metrics.ts';
import {
  type HookCall,
  type HookResult,
  type HookRow,
  hookKey,
  type LaneOrder,
  type LifecycleAction,
  type LifecycleHook,
} from '../model.ts';
import type { Place } from '../places.ts';

/** Everything that is known about one waiting hook at one instant. */
export interface HookSituation {
  readonly row: HookRow;
  /** `null` = the scaling group has no such hook (any more). */
  readonly hook: LifecycleHook | null;
  /** `null` = ESS lists no such wait. */
  readonly action: LifecycleAction | null;
  /** Every instance of the scaling group. */
  readonly states: ReadonlyMap<string, LifecycleState>;
  readonly placesOf: (instanceId: string) => ReadonlyArray<Place>;
  /** Signals that lanes have not handled: `<lane> <key>`. */
  readonly unhandled: ReadonlySet<string>;
  /** Instances that ECS does not list (yet, or any more): where they belong cannot be told. */
  readonly unseen: ReadonlySet<string>;
  /** Where the instances are, or are to be, backends could not be found out. */
  readonly isBlind: boolean;
  readonly policy: ScalingPolicy;
  readonly nowMs: number;
}

/** What a situation leads to. Planned again once that is done, so each turn is one step. */
export interface HookTurn {
  /** The row as it is to be; `null` = none. The very same object when nothing changes. */
  readonly row: HookRow | null;
  readonly orders: ReadonlyArray<LaneOrder>;
  readonly call: HookCall | null;
  /** For the audit; `null` = nothing was decided. */
  readonly decision: { readonly action: AuditAction; readonly reason: string } | null;
  /** What needs somebody's eyes; `null` = nothing. */
  readonly count: MetricName | null;
  /** Look again then, for this; `null` = nothing to wait for. */
  readonly wake: { readonly atMs: number; readonly reason: string } | null;
}

/** What was set going is looked at again after this, and later ever more seldom. */
const LOOK_LEAST_MS = 2_000;

const NOTHING = { orders: [], call: null, decision: null, count: null, wake: null } as const;

/** Nothing to do now; look again at `atMs`. */
export function waiting(row: HookRow, atMs: number, reason: string): HookTurn {
  return { ...NOTHING, row, wake: { atMs, reason } };
}

/** The row changes, for a reason. */
export function decided(
  row: HookRow | null,
  action: AuditAction,
  reason: string,
  count: MetricName | null = null,
): HookTurn {
  return { ...NOTHING, row, decision: { action, reason }, count };
}

/** Lanes are told something; what they make of it is looked at soon. */
export function ordering(
  situation: HookSituation,
  orders: ReadonlyArray<LaneOrder>,
  reason: string,
): HookTurn {
  const row = { ...situation.row, orderedAtMs: situation.nowMs };
  const wake = { atMs: situation.nowMs + LOOK_LEAST_MS, reason: 'the lanes to take notice' };
  return { ...NOTHING, row, orders, decision: { action: 'hook-ordered', reason }, wake };
}

/** A call is to be made, for the row as it is then. */
export function calling(row: HookRow, call: HookCall): HookTurn {
  return { ...NOTHING, row, call };
}

/** The answer is decided, written down and then sent. */
export function answering(
  { row, nowMs }: HookSituation,
  result: HookResult,
  reason: string,
  count: MetricName | null = null,
): HookTurn {
  const clientToken = createHash('sha256')
    .update(`${hookKey(row)}/${result}`)
    .digest('hex');
  const answer = { result, reason, clientToken, decidedAtMs: nowMs };
  const answered: HookRow = { ...row, answer, held: null, refusals: 0, notBeforeMs: null };
  const turn = decided(answered, 'hook-decided', `${result}: ${reason}`, count);
  return { ...turn, call: { kind: 'complete', row: answered, answer } };
}

/** What a kind of order is called in the keys of its signals: a repeat of the same is the same signal. */
export type OrderKind = 'leave' | 'hurry' | 'look' | 'return';

/** Tells every lane in which the instance has a place. `repeat` sets a later order apart from the first. */
export function ordersFor(
  { row, nowMs }: HookSituation,
  kind: OrderKind,
  instanceId: string,
  places: ReadonlyArray<Place>,
  news: News,
): ReadonlyArray<LaneOrder> {
  // An order that went unheeded is given again after a while, and is another signal then.
  const repeat = row.orderedAtMs === null ? 0 : Math.floor((nowMs - row.noticedAtMs) / REPEAT_MS);
  const key = `hook/${hookKey(row)}/${kind}/${instanceId}/${repeat}`;
  const signal: Signal = { key, instanceId, news, eventAtMs: null, acceptedAtMs: nowMs };
  return [...new Set(places.map(({ laneId }) => laneId))].sort().map((laneId) => ({ laneId, signal }));
}

/** An instance leaves its scaling group, and is to be out by then. */
export function leaveBy(deadlineAtMs: number): News {
  return { kind: 'leave', cause: 'scale-in', ref: null, fromMs: null, deadlineAtMs, untilMs: null };
}

/** Its scaling group has it stay. */
export const COME_BACK: News = { kind: 'return', cause: 'scale-in', ref: null };

/** Lanes that have not done as they were told are told again after this. */
export const REPEAT_MS = 60_000;

/** Whether lanes have signals of this hook that they have not handled. */
export function isUnhandled({ row, unhandled }: HookSituation): boolean {
  const prefix = `hook/${hookKey(row)}/`;
  return [...unhandled].some((each) => each.slice(each.indexOf(' ') + 1).startsWith(prefix));
}

/** Whether it is time to tell the lanes (again). */
export function mayOrder(situation: HookSituation): boolean {
  const { row, nowMs } = situation;
  if (row.orderedAtMs === null) return true;
  return nowMs >= row.orderedAtMs + REPEAT_MS && !isUnhandled(situation);
}

const LOOK_MOST_MS = 30_000;
const LOOK_SHARE = 1 / 6;

/** When to look at what has gone on since `sinceMs` again: soon at first, later ever more seldom. A whole millisecond. */
export function nextLookMs(sinceMs: number, nowMs: number): number {
  // Whole milliseconds: a lane whose next look is none cannot be written, and stays leased.
  const shareMs = Math.ceil((nowMs - sinceMs) * LOOK_SHARE);
  return nowMs + Math.min(LOOK_MOST_MS, Math.max(LOOK_LEAST_MS, shareMs));
}
