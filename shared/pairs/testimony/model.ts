/** Who says something about a server: CLB's health check of the pair's listeners, ECS, or our own probe. */
export type Observer = 'health' | 'ecs' | 'probe';

/** All of them. */
export const OBSERVERS: ReadonlyArray<Observer> = ['health', 'ecs', 'probe'];

/** What an observer says. `unknown` = it was not asked, or does not say. */
export type Finding = 'good' | 'bad' | 'unknown';

/** What an observer has been saying without a break, and since when we know. */
export interface Statement {
  readonly finding: Finding;
  /** For people: `Stopped`, `abnormal on tcp:3306`, `no answer within 2s`. */
  readonly text: string;
  readonly sinceMs: number;
}

/** What the observers have been saying about a server. */
export interface Testimony {
  readonly health: Statement;
  readonly ecs: Statement;
  readonly probe: Statement;
  /** When they were last heard. What was said long before may have changed in between, and counts anew. */
  readonly heardAtMs: number;
}

/** What the observers say now. */
export type Findings = Readonly<Record<Observer, { readonly finding: Finding; readonly text: string }>>;
