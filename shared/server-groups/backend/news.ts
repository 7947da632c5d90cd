import type { LiftableGuard, News, Scope, Signal } from '../../acceptance/model.ts';
import { weightBy } from '../../config/weights.ts';
import type { InstanceObservation } from '../../instances/model.ts';
import { fateOfState, happenedAtMs, isEarly } from '../signals.ts';
import type { Override } from './override.ts';
import { isSubjectOfBinding, type Pause } from './pause.ts';
import type { LeaveOrder, ReturnOrder } from './record.ts';

/** What the signals of a lane say about one instance, in the order of what happened, not of what arrived. */
export interface InstanceNews {
  /** A `Deleted` event came. */
  readonly isDeleted: boolean;
  /** An event says that it leaves, no later one says that it runs, and ECS does not show it yet: no time to begin a join. */
  readonly isAboutToLeave: boolean;
  /** When it last said that it runs; `null` = it did not. */
  readonly runningAtMs: number | null;
  /** The orders to leave that count by now, the oldest first. */
  readonly orders: ReadonlyArray<LeaveOrder>;
  /** What was taken back, the oldest first. */
  readonly returns: ReadonlyArray<ReturnOrder>;
  /** What people ask for beyond the binding, the oldest first. */
  readonly overrides: ReadonlyArray<Override>;
  /** Guards that people have lifted for it. */
  readonly lifted: ReadonlyArray<LiftedGuard>;
  /** What is said of some of its backends only, not summed up yet: {@link newsFor} does. */
  readonly scoped: ReadonlyArray<Signal>;
  /** What keeps its binding's differences from being corrected; left out = nothing. */
  readonly paused?: Pause;
}

/** A guard that does not hold a backend. */
export interface LiftedGuard {
  readonly guard: LiftableGuard;
  /** The change request. */
  readonly ref: string;
}

/** Nothing was said. */
export const NO_NEWS: InstanceNews = {
  isDeleted: false,
  isAboutToLeave: false,
  runningAtMs: null,
  orders: [],
  returns: [],
  overrides: [],
  lifted: [],
  scoped: [],
};

/** Sums the signals up for each instance. */
export function newsOf(
  signals: ReadonlyArray<Signal>,
  instances: InstanceObservation,
  nowMs: number,
): ReadonlyMap<string, InstanceNews> {
  const news = new Map<string, InstanceNews>();
  for (const signal of [...signals].sort(byTime)) {
    const known = news.get(signal.instanceId) ?? NO_NEWS;
    const said =
      scopeOf(signal.news) === null
        ? withSignal(known, signal, signal.instanceId, instances, nowMs)
        : { ...known, scoped: [...known.scoped, signal] };
    news.set(signal.instanceId, said);
  }
  return news;
}

/** The news of one backend: its instance's, with what is said of its binding and port. */
export function newsFor(
  news: InstanceNews,
  backend: { readonly binding: string | null; readonly port: number; readonly serverId: string },
  instances: InstanceObservation,
  nowMs: number,
): InstanceNews {
  if (news.scoped.length === 0) return news;
  return news.scoped
    .filter(({ news: said }) => isWithin(scopeOf(said), backend))
    .reduce((known, signal) => withSignal(known, signal, backend.serverId, instances, nowMs), news);
}

/** Whether something is said of a backend; a scope of `null` is everything. */
export function isWithin(
  scope: Scope | null,
  { binding, port }: { readonly binding: string | null; readonly port: number },
): boolean {
  return scope === null || (scope.binding === binding && (scope.ports?.includes(port) ?? true));
}

/** What a signal is about; `null` = every backend of its instance. */
export function scopeOf(news: News): Scope | null {
  return news.kind === 'state' || news.kind === 'pause' ? null : (news.scope ?? null);
}

/** What is asked of one backend; left out = nothing: no weight is about it, or what it is is not known. */
function weightAsked(
  weight: Extract<News, { kind: 'override' }>['weight'],
  serverId: string,
  { present }: InstanceObservation,
): Override['weight'] | undefined {
  if (weight === null || !('by' in weight)) return weight;
  const found = weightBy(weight.by, serverId, present.get(serverId) ?? null);
  if (found === 'unknown') return undefined;
  const is = found?.weight ?? weight.others;
  return is === null ? undefined : { is };
}

function withSignal(
  news: InstanceNews,
  signal: Signal,
  serverId: string,
  instances: InstanceObservation,
  nowMs: number,
): InstanceNews {
  const atMs = happenedAtMs(signal);
  switch (signal.news.kind) {
    case 'leave': {
      if (isEarly(signal.news, nowMs)) return news;
      const { cause, ref, deadlineAtMs, untilMs } = signal.news;
      const order = { cause, ref, sinceMs: atMs, deadlineAtMs, untilMs };
      return { ...news, orders: [...news.orders, order] };
    }
    case 'return':
      return {
        ...news,
        returns: [...news.returns, { cause: signal.news.cause, ref: signal.news.ref, atMs }],
      };
    case 'override': {
      const { ref, joins, untilMs } = signal.news;
      const weight = weightAsked(signal.news.weight, serverId, instances);
      if (weight === undefined) return news;
      return { ...news, overrides: [...news.overrides, { ref, joins, weight, sinceMs: atMs, untilMs }] };
    }
    case 'lift-guard': {
      const { guard, ref, untilMs } = signal.news;
      return untilMs <= nowMs ? news : { ...news, lifted: [...news.lifted, { guard, ref }] };
    }
    case 'pause':
      // It is about a whole binding.
      return news;
    case 'state': {
      const { state } = signal.news;
      if (state === 'Running') {
        // Only an event tells of a start; that it runs is also what a comparison finds.
        const runningAtMs = signal.eventAtMs ?? news.runningAtMs;
        return { ...news, runningAtMs, isAboutToLeave: false };
      }
      return {
        ...news,
        isDeleted: news.isDeleted || state === 'Deleted',
        isAboutToLeave:
          news.isAboutToLeave || fateOfState(state, signal, instances, nowMs).kind === 'waiting',
      };
    }
  }
}

function byTime(a: Signal, b: Signal): number {
  return happenedAtMs(a) - happenedAtMs(b) || (a.key < b.key ? -1 : 1);
}

/** What is said of whole bindings, pauses apart, by the name of the binding: it is about all their backends that are known. */
export function saidOfBindings(signals: ReadonlyArray<Signal>): ReadonlyMap<string, ReadonlyArray<Signal>> {
  const said = new Map<string, ReadonlyArray<Signal>>();
  for (const signal of signals) {
    const name = scopeOf(signal.news)?.binding;
    if (name === undefined || !isSubjectOfBinding(signal.instanceId)) continue;
    said.set(name, [...(said.get(name) ?? []), signal].sort(byTime));
  }
  return said;
}
