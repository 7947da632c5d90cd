/**
 * The time that workers compare with each other's, in milliseconds since the epoch, UTC. In production it is table
 * time (own clock corrected by what Tablestore's answers say), since workers' clocks may be minutes apart.
 */
export interface Clock {
  nowMs(): number;
}

/** Uniform numbers in [0, 1), for jitter only. */
export type Random = () => number;

/** Identifiers that no other worker draws, for owners and audit entries: 1–40 letters, digits and `-`. */
export type NewId = () => string;
