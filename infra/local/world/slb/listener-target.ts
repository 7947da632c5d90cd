import type { MasterSlaveServerGroup } from './master-slave-model.ts';
import type { Listener, ListenerProtocol, VServerGroup } from './model.ts';
import { slbRefusals } from './refusals.ts';

/** What listeners need of the groups. */
export interface GroupsOfListeners {
  find(vServerGroupId: string): VServerGroup | null;
  findMasterSlave(masterSlaveServerGroupId: string): MasterSlaveServerGroup | null;
  /** A listener has let go of the group, of whichever kind. */
  release(groupId: string): void;
  /** The listener is no more, and its rules with it. */
  dropRules(listener: Listener): void;
}

/** The group that a listener sends to; both `null` = the default group. */
export interface ListenerTarget {
  readonly vServerGroupId: string | null;
  readonly masterSlaveServerGroupId: string | null;
}

/** What a caller wants of the target: an id = that group, `null` = let go, left out = as it is. */
export interface TargetChange {
  readonly vServerGroupId?: string | null | undefined;
  readonly masterSlaveServerGroupId?: string | null | undefined;
}

/** The id of the listener's group of either kind; `null` = the default group. */
export function groupIdOf(
  listener: Pick<Listener, 'vServerGroupId' | 'masterSlaveServerGroupId'>,
): string | null {
  return listener.vServerGroupId ?? listener.masterSlaveServerGroupId ?? null;
}

/**
 * The target after the change. What is left out stays, so that a listener with a group of one kind takes one of the other
 * only when the first is let go in the same call. Throws `Abs.VServerGroupIdAndMasterSlaveServerGroupId.MissMatch` when
 * there would be both, `VipNotMatchRspool` for a group of the wrong kind or a pair at an HTTP listener, and 404
 * `InvalidParameter` for a group that does not exist or belongs to another load balancer.
 */
export function changedTarget(
  groups: Pick<GroupsOfListeners, 'find' | 'findMasterSlave'>,
  listener: Pick<Listener, 'loadBalancerId'> & { readonly listenerProtocol: ListenerProtocol },
  current: ListenerTarget,
  change: TargetChange,
): ListenerTarget {
  const { vServerGroupId = current.vServerGroupId } = change;
  const { masterSlaveServerGroupId = current.masterSlaveServerGroupId } = change;
  if (vServerGroupId !== null && masterSlaveServerGroupId !== null) {
    throw slbRefusals.twoGroupsForOneListener();
  }
  const { loadBalancerId, listenerProtocol } = listener;
  const isHere = (group: { readonly loadBalancerId: string } | null) =>
    group?.loadBalancerId === loadBalancerId;
  if (change.vServerGroupId && !isHere(groups.find(change.vServerGroupId))) {
    if (isHere(groups.findMasterSlave(change.vServerGroupId))) throw slbRefusals.groupNotForListener();
    throw slbRefusals.vServerGroupNotFound();
  }
  if (change.masterSlaveServerGroupId) {
    if (listenerProtocol === 'http' || listenerProtocol === 'https') throw slbRefusals.groupNotForListener();
    if (!isHere(groups.findMasterSlave(change.masterSlaveServerGroupId))) {
      if (isHere(groups.find(change.masterSlaveServerGroupId))) throw slbRefusals.groupNotForListener();
      throw slbRefusals.masterSlaveGroupNotFound();
    }
  }
  return { vServerGroupId, masterSlaveServerGroupId };
}
