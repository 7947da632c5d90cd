import type { Foundation } from '../foundation.ts';
import { freshId } from '../operation.ts';
import type { MasterSlaveServerGroup } from './master-slave-model.ts';
import { slbRefusals } from './refusals.ts';

/** The rows of the primary/secondary groups. */
export interface MasterSlaveStore {
  find(masterSlaveServerGroupId: string): MasterSlaveServerGroup | null;
  /** Throws 404 `InvalidParameter`: the specified MasterSlaveGroupId does not exist. */
  get(masterSlaveServerGroupId: string): MasterSlaveServerGroup;
  of(loadBalancerId: string): ReadonlyArray<MasterSlaveServerGroup>;
  all(): ReadonlyArray<MasterSlaveServerGroup>;
  /** `masterSlaveServerGroupId` left out = a new id. */
  create(
    group: Pick<
      MasterSlaveServerGroup,
      'masterSlaveServerGroupName' | 'loadBalancerId' | 'backends' | 'tags'
    > & { readonly masterSlaveServerGroupId?: string | undefined },
  ): MasterSlaveServerGroup;
  put(group: MasterSlaveServerGroup): void;
  delete(masterSlaveServerGroupId: string): void;
}

/** The groups kept in the foundation's store; `isTaken` knows the ids of the other groups, which look the same. */
export function createMasterSlaveStore(
  foundation: Foundation,
  isTaken: (groupId: string) => boolean,
): MasterSlaveStore {
  const { clock } = foundation;
  const rows = foundation.store.collection<MasterSlaveServerGroup>('slb/master-slave-groups');
  const put = (group: MasterSlaveServerGroup) => rows.set(group.masterSlaveServerGroupId, group);
  return {
    put,
    find: (id) => rows.get(id) ?? null,
    get(id) {
      const found = rows.get(id);
      if (found === undefined) throw slbRefusals.masterSlaveGroupNotFound();
      return found;
    },
    of: (loadBalancerId) => [...rows.values()].filter((row) => row.loadBalancerId === loadBalancerId),
    all: () => [...rows.values()],
    create({ masterSlaveServerGroupId, ...content }) {
      const id = masterSlaveServerGroupId ?? freshId(foundation, 'rsp', (it) => rows.has(it) || isTaken(it));
      const created: MasterSlaveServerGroup = {
        ...content,
        masterSlaveServerGroupId: id,
        createdAtMs: clock.nowMs(),
        associatedUntilMs: 0,
        checkedSinceMs: clock.nowMs(),
      };
      put(created);
      return created;
    },
    delete: (id) => void rows.delete(id),
  };
}
