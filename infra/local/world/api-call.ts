import type { Principal } from './identities.ts';

/** A call to one of the clouds' APIs, as far as judging, disturbing and recording it needs. */
export interface ApiCall {
  readonly product: 'slb' | 'ecs' | 'ess' | 'eci' | 'cms' | 'ots' | 'mns' | 'fc';
  /** The vendor's operation name, `AddVServerGroupBackendServers`. */
  readonly action: string;
  readonly principal: Principal;
  /** What the call is about: load balancer id, table, queue or function name; `null` when nothing in particular. */
  readonly subject: string | null;
  /** ARNs that the caller's policy must allow the action on, all of them. */
  readonly resources: ReadonlyArray<string>;
  /** The parameters, for the record. Never holds secrets. */
  readonly parameters: unknown;
}
