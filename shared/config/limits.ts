import type { ConfigFile } from './schema.ts';

/** What the account allows; not every row of the vendor's tables is public, and quotas can be raised. */
export interface Limits {
  /** Calls per 60 s, region and write operation, for the whole account. */
  readonly callsPerMinute: number;
  /** Of these, what is left to people and other tools. Below `callsPerMinute`. */
  readonly reserveForPeople: number;
  /** Server-ports per load balancer, over all its groups (`slb_quota_backendservers_num`). */
  readonly backendsPerLoadBalancer: number;
}

const CALLS_PER_MINUTE = 90;
const RESERVE_FOR_PEOPLE = 12;

/** The limits of the file, with the documented values where it is silent. */
export function resolveLimits(limits: ConfigFile['limits']): Limits {
  const callsPerMinute = limits?.callsPerMinute ?? CALLS_PER_MINUTE;
  // The same share of a smaller limit, and never all of it.
  const share = Math.ceil((callsPerMinute * RESERVE_FOR_PEOPLE) / CALLS_PER_MINUTE);
  return {
    callsPerMinute,
    reserveForPeople: limits?.reserveForPeople ?? Math.min(RESERVE_FOR_PEOPLE, share, callsPerMinute - 1),
    backendsPerLoadBalancer: limits?.backendsPerLoadBalancer ?? 200,
  };
}
