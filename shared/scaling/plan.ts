import { hookSubject } from '../audit/model.ts';
import type { MetricName } from '../metrics.ts';
import { type Adoption, adoptions } from './hook/adoption.ts';
import type { HookSituation, HookTurn } from './hook/situation.ts';
import { transition } from './hook/transition.ts';
import {
  type HookCall,
  type HookChange,
  type HookDecision,
  type HookRow,
  hookKey,
  type LaneOrder,
  type ScalingInput,
  type ScalingPlan,
} from './model.ts';

/** Decides what the waiting hooks of one scaling group need. Pure, and linear in hooks and instances. */
export function planScaling(input: ScalingInput): ScalingPlan {
  const draft = new Draft(input);
  const taken = adoptions(input);
  for (const adoption of taken) draft.adopt(adoption);
  const replaced = new Set(taken.flatMap(({ before }) => (before === null ? [] : [hookKey(before)])));
  for (const row of input.rows) {
    if (!replaced.has(hookKey(row))) draft.turn(row, transition(situationOf(input, row)));
  }
  return draft.finish();
}

/** All that is known of a row's hook. */
export function situationOf(input: ScalingInput, row: HookRow): HookSituation {
  const { hooks, actions, states, places, unhandled, policy, nowMs } = input;
  const isOf = (each: { lifecycleHookId: string; token: string }) =>
    each.lifecycleHookId === row.lifecycleHookId && each.token === row.token;
  return {
    row,
    hook: hooks.find(({ lifecycleHookId }) => lifecycleHookId === row.lifecycleHookId) ?? null,
    action: actions.find(isOf) ?? null,
    states,
    placesOf: (instanceId) => places.get(instanceId) ?? [],
    unhandled,
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

  constructor(input: ScalingInput) {
    this.#input = input;
  }

  /** Takes up a hook that ESS waits for, in place of the message that told of it, if any did. */
  adopt({ before, row, reason }: Adoption): void {
    const { attachments, nowMs } = this.#input;
    if (before !== null && hookKey(before) !== hookKey(row)) this.#change(before, null);
    const isSame = before !== null && hookKey(before) === hookKey(row);
    this.#change(isSame ? before : null, row);
    this.#decide(row, 'hook-adopted', reason);
    this.#wakeAt({ atMs: nowMs, reason: 'a hook to be worked on' });
    for (const { vServerGroupId, port } of attachments ?? []) {
      const places = row.instanceIds.flatMap((id) => this.#input.places.get(id) ?? []);
      if (!places.some((place) => place.vServerGroupId === vServerGroupId && place.port === port)) continue;
      const fix = 'detach it from the scaling group, or drains cannot be held';
      this.#decide(row, 'native-attachment', `Auto Scaling itself manages ${vServerGroupId}:${port}: ${fix}`);
      this.#counts.push('native-attachments');
    }
  }

  turn(before: HookRow, { row, orders, call, decision, count, wake }: HookTurn): void {
    this.#orders.push(...orders);
    this.#change(before, row);
    if (call !== null) this.#calls.push(call);
    if (decision !== null) this.#decide(row ?? before, decision.action, decision.reason);
    if (count !== null) this.#counts.push(count);
    this.#wakeAt(wake);
  }

  finish(): ScalingPlan {
    return {
      orders: this.#orders,
      changes: this.#changes,
      calls: this.#calls,
      decisions: this.#decisions,
      counts: this.#counts,
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

  #decide(row: HookRow, action: HookDecision['action'], reason: string): void {
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
    this.#decisions.push({ subject: hookSubject(hookKey(row)), action, reason, inputs });
  }

  #wakeAt(wake: HookTurn['wake']): void {
    if (wake === null || (this.#wake !== null && this.#wake.atMs <= wake.atMs)) return;
    this.#wake = wake;
  }
}
