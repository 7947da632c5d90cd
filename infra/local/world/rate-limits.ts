import type { ApiCall } from './api-call.ts';
import type { WorldClock } from './clock.ts';
import { CloudError } from './errors.ts';

/** So many calls of one operation in any sliding window, for the whole account and region. */
export interface RateLimit {
  readonly calls: number;
  readonly perMs: number;
}

/** The account's rate limits. */
export interface RateLimits {
  /** Sets the limit of an operation; `null` lifts it. */
  set(product: ApiCall['product'], action: string, limit: RateLimit | null): void;
  /** Counts the call; throws `Throttling.User` (400) when the window is full. A refused call does not count. */
  take(call: ApiCall): void;
}

/** No limits at first. `retryAfterMs` is sent as `x-acs-retry-after` unless `null`. */
export function createRateLimits(clock: WorldClock, retryAfterMs: number | null): RateLimits {
  const limits = new Map<string, RateLimit>();
  const windows = new Map<string, Array<number>>();
  return {
    set(product, action, limit) {
      if (limit === null) limits.delete(`${product}:${action}`);
      else limits.set(`${product}:${action}`, limit);
    },
    take(call) {
      const key = `${call.product}:${call.action}`;
      const limit = limits.get(key);
      if (limit === undefined) return;
      const nowMs = clock.nowMs();
      const recent = (windows.get(key) ?? []).filter((atMs) => atMs > nowMs - limit.perMs);
      windows.set(key, recent);
      if (recent.length >= limit.calls) {
        const headers = retryAfterMs === null ? {} : { 'x-acs-retry-after': String(retryAfterMs) };
        throw new CloudError(400, 'Throttling.User', 'Request was denied due to user flow control.', headers);
      }
      recent.push(nowMs);
    },
  };
}
