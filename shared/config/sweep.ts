import type { ConfigFile } from './schema.ts';

/** How the scheduled comparison of everything is done. */
export interface SweepSettings {
  /** So many load balancers are compared by the sweep itself; more of them get an invocation each. */
  readonly inPlace: number;
}

/** The section of the file, with our default where it is silent. */
export function resolveSweep(sweep: ConfigFile['sweep']): SweepSettings {
  return { inPlace: sweep?.inPlace ?? 8 };
}
