import type { Foundation } from '../foundation.ts';
import type { Slb } from '../slb/slb.ts';
import type { AttachmentWork, WorkState } from './attachment-work.ts';
import type { VServerGroupAttachment } from './model.ts';
import { essRefusals } from './refusals.ts';
import type { EssState } from './state.ts';

/** A vServer group as AttachVServerGroups and DetachVServerGroups name it. */
export interface VServerGroupInput {
  readonly loadBalancerId: string;
  readonly vServerGroupId: string;
  /** 1–65,535 */
  readonly port: number;
  /** 0–100, default 50. Detaching does not read it. */
  readonly weight?: number | undefined;
}

/**
 * The vServer groups that Auto Scaling itself keeps in step with its groups' instances. What a forced call has not
 * finished when the world is closed is not taken up again.
 */
export interface Attachments {
  /**
   * From now on created instances join them; with `forceAttach` those that are there already, too. Throws
   * `InvalidLoadBalancerId.NotFound`, `IncorrectLoadBalancerStatus`, `IncorrectLoadBalancerHealthCheck`,
   * `InvalidVServerGroupId.ForLoadBalancer` or `QuotaExceeded.VServerGroup`.
   */
  attachVServerGroups(input: {
    readonly scalingGroupId: string;
    readonly vServerGroups: ReadonlyArray<VServerGroupInput>;
    /** @default false */
    readonly forceAttach?: boolean | undefined;
  }): void;
  /** Leaves them alone from now on; with `forceDetach` the group's instances are removed from them. */
  detachVServerGroups(input: {
    readonly scalingGroupId: string;
    readonly vServerGroups: ReadonlyArray<VServerGroupInput>;
    /** @default false */
    readonly forceDetach?: boolean | undefined;
  }): void;
}

/** Load balancers and vServer groups that one scaling group takes, each. */
const ATTACHMENTS_MAX = 5;
const WEIGHT_DEFAULT = 50;

/** The calls over the state and the hands that do the work. */
export function createAttachments(
  { clock }: Pick<Foundation, 'clock'>,
  deps: {
    readonly slb: Slb;
    readonly state: EssState;
    readonly work: AttachmentWork;
    readonly attachmentRetryMs: number;
  },
): Attachments {
  const { slb, state, work, attachmentRetryMs } = deps;

  const read = ({ loadBalancerId, vServerGroupId, port, weight }: VServerGroupInput) => {
    const attachment = { loadBalancerId, vServerGroupId, port, weight: weight ?? WEIGHT_DEFAULT };
    if (!isWithin(port, 1, 65_535)) throw essRefusals.invalidParameter('Port');
    if (!isWithin(attachment.weight, 0, 100)) throw essRefusals.invalidParameter('Weight');
    return attachment;
  };
  const requireLoadBalancer = ({ loadBalancerId, vServerGroupId }: VServerGroupAttachment) => {
    const loadBalancer = slb.loadBalancers.find(loadBalancerId);
    if (loadBalancer === null) throw essRefusals.loadBalancerNotFound(loadBalancerId);
    if (loadBalancer.loadBalancerStatus !== 'active') {
      throw essRefusals.loadBalancerNotActive(loadBalancerId);
    }
    const isChecked = slb.listeners.of(loadBalancerId).some(({ settings }) => settings.HealthCheck === 'on');
    if (!isChecked) throw essRefusals.loadBalancerNotChecked(loadBalancerId);
    if (slb.group(vServerGroupId)?.loadBalancerId !== loadBalancerId) {
      throw essRefusals.groupOfOtherLoadBalancer(loadBalancerId);
    }
  };
  const repeat = (step: () => WorkState) => {
    if (step() === 'busy') clock.at(clock.nowMs() + attachmentRetryMs, () => repeat(step));
  };
  const serving = (scalingGroupId: string) =>
    state
      .instancesOf(scalingGroupId)
      .filter(({ heldBy, lifecycleState }) => heldBy === null && lifecycleState !== 'Standby')
      .map(({ instanceId }) => instanceId);

  return {
    attachVServerGroups({ scalingGroupId, vServerGroups, forceAttach = false }) {
      const group = state.activeGroup(scalingGroupId);
      const wanted = vServerGroups.map(read);
      if (wanted.length === 0) throw essRefusals.invalidParameter('VServerGroups');
      for (const attachment of wanted) requireLoadBalancer(attachment);
      const keys = new Set(wanted.map(keyOf));
      const attached = [...group.vServerGroups.filter((kept) => !keys.has(keyOf(kept))), ...wanted];
      if (attached.length > ATTACHMENTS_MAX) throw essRefusals.tooManyVServerGroups();
      state.groups.set(scalingGroupId, { ...group, vServerGroups: attached });
      if (!forceAttach) return;
      repeat(() => {
        const now = state.groups.get(scalingGroupId);
        return now === undefined ? 'done' : work.join(now, serving(scalingGroupId));
      });
    },
    detachVServerGroups({ scalingGroupId, vServerGroups, forceDetach = false }) {
      const group = state.activeGroup(scalingGroupId);
      const keys = new Set(vServerGroups.map(keyOf));
      const leaving = group.vServerGroups.filter((attachment) => keys.has(keyOf(attachment)));
      if (leaving.length < keys.size || keys.size === 0) throw essRefusals.vServerGroupNotAttached();
      const kept = group.vServerGroups.filter((attachment) => !keys.has(keyOf(attachment)));
      state.groups.set(scalingGroupId, { ...group, vServerGroups: kept });
      if (!forceDetach) return;
      const instanceIds = state.instancesOf(scalingGroupId).map(({ instanceId }) => instanceId);
      repeat(() => work.leave(leaving, instanceIds));
    },
  };
}

/** The same vServer group with another port is another attachment. */
function keyOf({ vServerGroupId, port }: Pick<VServerGroupAttachment, 'vServerGroupId' | 'port'>): string {
  return `${vServerGroupId} ${port}`;
}

function isWithin(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}
