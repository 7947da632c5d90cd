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

/** The limits of the file, with the documented values where it is silent. */
export function resolveLimits(limits: ConfigFile['limits']): Limits {
  const callsPerMinute = limits?.callsPerMinute ?? 90;
  return {
    callsPerMinute,
    reserveForPeople: limits?.reserveForPeople ?? Math.min(12, callsPerMinute - 1),
    backendsPerLoadBalancer: limits?.backendsPerLoadBalancer ?? 200,
  };
}
