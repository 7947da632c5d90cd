import type { BackendServer, BackendServerInput, SlbTag } from './model.ts';

/** What a member of a primary/secondary group is, in the vendor's words. */
export type MasterSlaveRole = 'Master' | 'Slave';

/** One of the two members of a primary/secondary group. */
export interface MasterSlaveBackend extends BackendServer {
  readonly serverType: MasterSlaveRole;
}

/** Such a member as a caller names it, unchecked. */
export interface MasterSlaveBackendInput extends BackendServerInput {
  /** `Master` or `Slave` in any case; default `Master`. */
  readonly serverType?: string | undefined;
}

/**
 * A primary/secondary server group: two backends of which one serves and the other waits. No operation changes one,
 * not even its name.
 */
export interface MasterSlaveServerGroup {
  /** `rsp-…`, as vServer groups have it. */
  readonly masterSlaveServerGroupId: string;
  readonly masterSlaveServerGroupName: string;
  readonly loadBalancerId: string;
  /** One of each role, in the order of the request; fewer when a released server has dropped out. */
  readonly backends: ReadonlyArray<MasterSlaveBackend>;
  readonly tags: ReadonlyArray<SlbTag>;
  readonly createdAtMs: number;
  /** The group counts as in use before this instant, though no listener uses it any more. */
  readonly associatedUntilMs: number;
  /** Since when health checks may have been asking its members. */
  readonly checkedSinceMs: number;
}
