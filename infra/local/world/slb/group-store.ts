import type { Foundation } from '../foundation.ts';
import { freshId } from '../operation.ts';
import type { LoadBalancers } from './load-balancers.ts';
import { type BackendServer, backendKey, type SlbTag, type VServerGroup } from './model.ts';
import { slbRefusals } from './refusals.ts';

/** The rows of the vServer groups, and when each may be written. */
export interface GroupStore {
  find(vServerGroupId: string): VServerGroup | null;
  /** Throws 404 `InvalidParameter`: the specified VServerGroupId does not exist. */
  get(vServerGroupId: string): VServerGroup;
  /** As {@link GroupStore.get}; throws `LbStatusNotSupport` or `VServerGroupProcessing` too. */
  getForChange(vServerGroupId: string): VServerGroup;
  of(loadBalancerId: string): ReadonlyArray<VServerGroup>;
  all(): ReadonlyArray<VServerGroup>;
  create(group: {
    readonly vServerGroupId?: string | undefined;
    readonly vServerGroupName: string;
    readonly loadBalancerId: string;
    readonly backends: ReadonlyArray<BackendServer>;
    readonly tags: ReadonlyArray<SlbTag>;
  }): VServerGroup;
  /** Keeps the group's new content and refuses the next write for the time of the switch. */
  change(group: VServerGroup): VServerGroup;
  /** Keeps what happens to the group by itself, without refusing writes. */
  put(group: VServerGroup): void;
  delete(vServerGroupId: string): void;
}

/** The groups kept in the foundation's store; `isTaken` knows the ids of the other groups, which look the same. */
export function createGroupStore(
  foundation: Foundation,
  loadBalancers: LoadBalancers,
  isTaken: (groupId: string) => boolean,
): GroupStore {
  const { clock, switches } = foundation;
  const rows = foundation.store.collection<VServerGroup>('slb/vserver-groups');
  const get = (vServerGroupId: string) => {
    const found = rows.get(vServerGroupId);
    if (found === undefined) throw slbRefusals.vServerGroupNotFound();
    return found;
  };
  const put = (group: VServerGroup) => rows.set(group.vServerGroupId, group);
  /** A backend is asked from the moment it is in the group, whatever its weight. */
  const checkedSince = ({ backends, checkedSinceMs = {} }: VServerGroup): Record<string, number> => {
    const since: Record<string, number> = {};
    for (const backend of backends) {
      const key = backendKey(backend);
      since[key] = checkedSinceMs[key] ?? clock.nowMs();
    }
    return since;
  };
  return {
    get,
    put,
    find: (vServerGroupId) => rows.get(vServerGroupId) ?? null,
    of: (loadBalancerId) => [...rows.values()].filter((row) => row.loadBalancerId === loadBalancerId),
    all: () => [...rows.values()],
    delete: (vServerGroupId) => void rows.delete(vServerGroupId),
    getForChange(vServerGroupId) {
      const found = get(vServerGroupId);
      loadBalancers.getForChange(found.loadBalancerId);
      if (clock.nowMs() < found.processingUntilMs) throw slbRefusals.groupProcessing();
      return found;
    },
    create({ vServerGroupId, ...content }) {
      const created: VServerGroup = {
        ...content,
        vServerGroupId: vServerGroupId ?? freshId(foundation, 'rsp', (id) => rows.has(id) || isTaken(id)),
        createdAtMs: clock.nowMs(),
        processingUntilMs: 0,
        associatedUntilMs: 0,
      };
      const checked = { ...created, checkedSinceMs: checkedSince(created) };
      put(checked);
      return checked;
    },
    change(group) {
      const changed = {
        ...group,
        processingUntilMs: clock.nowMs() + switches.slbGroupProcessingMs,
        checkedSinceMs: checkedSince(group),
      };
      put(changed);
      return changed;
    },
  };
}
