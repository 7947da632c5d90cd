import { hookSubject } from '../audit/model.ts';
import type { MetricName } from '../metrics.ts';
import { type Adoption, adoptions } from './hook/adoption.ts';
import { recordedHook } from './hook/recorded-decision.ts';
import type { HookSituation, HookTurn } from './hook/situation.ts';
import { transition } from './hook/transition.ts';
import {
  type HookCall,
  type HookChange,
  type HookDecision,
  type HookRow,
  hookKey,
  type LaneOrder,
  type LifecycleAction,
  type ScalingInput,
  type ScalingPlan,
} from './model.ts';

/** Decides what the waiting hooks of one scaling group need. Pure, and linear in hooks and instances. */
export function planScaling(input: ScalingInput): ScalingPlan {
  const draft = new Draft(input);
  const taken = adoptions(input);
  for (const adoption of taken) {
    draft.adopt(adoption);
    draft.turn(situationOf(input, adoption.row), storedBefore(adoption));
  }
  const replaced = new Set(taken.flatMap(({ before }) => (before === null ? [] : [hookKey(before)])));
  for (const row of input.rows) {
    if (!replaced.has(hookKey(row))) draft.turn(situationOf(input, row), row);
  }
  return draft.finish();
}

/** The row of an adoption as it is in the table; `null` = under its key there is none. */
function storedBefore({ before, row }: Adoption): HookRow | null {
  return before !== null && hookKey(before) === hookKey(row) ? before : null;
}

/** All that is known of a row's hook. */
export function situationOf(input: ScalingInput, row: HookRow): HookSituation {
  const { hooks, actions, states, places, unhandled, unseen, isBlind, policy, nowMs } = input;
  const isOf = (each: LifecycleAction) =>
    each.lifecycleHookId === row.lifecycleHookId &&
    (row.token === '' ? each.activityId === row.activityId : each.token === row.token);
  return {
    row,
    hook: hooks.find(({ lifecycleHookId }) => lifecycleHookId === row.lifecycleHookId) ?? null,
    action: actions.find(isOf) ?? null,
    states,
    placesOf: (instanceId) => places.get(instanceId) ?? [],
    unhandled,
    unseen,
    isBlind,
    policy,
    nowMs,
  };
}

/** A plan in the making. */
class Draft {
  readonly #input: ScalingInput;
  readonly #orders: Array<LaneOrder> = [];
  readonly #changes: Array<HookChange> = [];
  readonly #calls: Array<HookCall> = [];
  readonly #decisions: Array<HookDecision> = [];
  readonly #counts: Array<MetricName> = [];
  #wake: HookTurn['wake'] = null;
  #goesOn = false;

  constructor(input: ScalingInput) {
    this.#input = input;
  }

  /** Takes up a hook that ESS waits for, in place of the message that told of it, if any did. */
  adopt({ before, row, reason }: Adoption): void {
    const isRenamed = before !== null && hookKey(before) !== hookKey(row);
    if (isRenamed) this.#change(before, null);
    this.#decide(row, 'hook-adopted', reason);
    for (const { vServerGroupId, port } of this.#input.attachments ?? []) {
      const places = row.instanceIds.flatMap((id) => this.#input.places.get(id) ?? []);
      if (!places.some((place) => place.vServerGroupId === vServerGroupId && place.port === port)) continue;
      const fix = 'detach it from the scaling group, or drains cannot be held';
      this.#decide(row, 'native-attachment', `Auto Scaling itself manages ${vServerGroupId}:${port}: ${fix}`);
      this.#counts.push('native-attachments');
    }
  }

  /** Drafts what a situation leads to. `stored` = the row as it is in the table; `null` = it is not. */
  turn(situation: HookSituation, stored: HookRow | null): void {
    const { row, orders, call, decision, count, wake } = transition(situation);
    this.#orders.push(...orders);
    this.#change(stored, row);
    if (call !== null) this.#calls.push(call);
    if (decision !== null) {
      const { action, reason } = decision;
      this.#decide(row ?? situation.row, action, reason, recordedHook(situation));
    }
    if (count !== null) this.#counts.push(count);
    if (wake === null) this.#goesOn ||= row !== null;
    else if (this.#wake === null || wake.atMs < this.#wake.atMs) this.#wake = wake;
  }

  finish(): ScalingPlan {
    return {
      orders: this.#orders,
      changes: this.#changes,
      calls: this.#calls,
      decisions: this.#decisions,
      counts: this.#counts,
      goesOn: this.#goesOn,
      nextLookMs: this.#wake?.atMs ?? null,
      waitingFor: this.#wake?.reason ?? null,
    };
  }

  #change(before: HookRow | null, after: HookRow | null): void {
    if (before === after) return;
    const expectedRevision = before?.revision ?? null;
    if (after !== null) this.#changes.push({ kind: 'put', row: after, expectedRevision });
    else if (before !== null) this.#changes.push({ kind: 'delete', row: before, expectedRevision });
  }

  #decide(
    row: HookRow,
    action: HookDecision['action'],
    reason: string,
    recorded: HookDecision['recorded'] = null,
  ): void {
    const { scalingGroupId, phase, transition: way, heartbeats, deadlineMs, instanceIds } = row;
    const inputs = {
      scalingGroupId,
      phase,
      transition: way,
      activityId: row.activityId,
      instances: instanceIds.length,
      heartbeats,
      deadlineMs,
      result: row.answer?.result ?? null,
    };
    this.#decisions.push({
      subject: hookSubject(hookKey(row)),
      action,
      reason,
      inputs,
      instanceIds,
      recorded,
    });
  }
}
