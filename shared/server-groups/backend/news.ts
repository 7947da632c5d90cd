import type { Signal } from '../../acceptance/model.ts';
import type { InstanceObservation } from '../../instances/model.ts';
import { fateOfState, happenedAtMs, isEarly } from '../signals.ts';
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
}

/** Nothing was said. */
export const NO_NEWS: InstanceNews = {
  isDeleted: false,
  isAboutToLeave: false,
  runningAtMs: null,
  orders: [],
  returns: [],
};

/** Sums the signals up for each instance. */
export function newsOf(
  signals: ReadonlyArray<Signal>,
  instances: InstanceObservation,
  nowMs: number,
): ReadonlyMap<string, InstanceNews> {
  const news = new Map<string, InstanceNews>();
  for (const signal of [...signals].sort(byTime)) {
    news.set(signal.instanceId, withSignal(news.get(signal.instanceId) ?? NO_NEWS, signal, instances, nowMs));
  }
  return news;
}

function withSignal(
  news: InstanceNews,
  signal: Signal,
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
