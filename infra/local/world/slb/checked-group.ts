import type { MasterSlaveServerGroup } from './master-slave-model.ts';
import { type BackendServer, backendKey, type VServerGroup } from './model.ts';

/** A group as health checks see it, whatever its kind. */
export interface CheckedGroup {
  readonly members: ReadonlyArray<CheckedMember>;
}

/** A member of such a group. */
export interface CheckedMember {
  readonly backend: BackendServer;
  /** Since when checks may have been asking it; 0 = for longer than anybody knows. */
  readonly checkedSinceMs: number;
  /** The secondary of a pair, which is not checked by default. */
  readonly isSecondary: boolean;
}

/** The members of a vServer group. */
export function checkedVServerGroup({ backends, checkedSinceMs = {} }: VServerGroup): CheckedGroup {
  return {
    members: backends.map((backend) => ({
      backend,
      checkedSinceMs: checkedSinceMs[backendKey(backend)] ?? 0,
      isSecondary: false,
    })),
  };
}

/** The members of a primary/secondary group. */
export function checkedMasterSlaveGroup({ backends, checkedSinceMs }: MasterSlaveServerGroup): CheckedGroup {
  return {
    members: backends.map((backend) => ({
      backend,
      checkedSinceMs,
      isSecondary: backend.serverType === 'Slave',
    })),
  };
}
