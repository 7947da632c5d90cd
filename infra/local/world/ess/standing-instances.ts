import type { Foundation } from '../foundation.ts';
import type { AttachmentWork } from './attachment-work.ts';
import type { Capacity } from './capacity.ts';
import type { LifecycleState, ScalingInstance } from './model.ts';
import { essRefusals } from './refusals.ts';
import type { EssState } from './state.ts';

/** Instances of a group, by name. */
export interface NamedInstancesInput {
  readonly scalingGroupId: string;
  /** 1–20. */
  readonly instanceIds: ReadonlyArray<string>;
}

/**
 * The calls that set instances aside without taking them out. Each throws `InvalidInstanceId.NotFound`, or
 * `IncorrectInstanceStatus` for one that is in another state than it must be.
 */
export interface StandingInstances {
  /** A protected instance is taken out by name only, and its health is not looked at. */
  setInstancesProtection(input: NamedInstancesInput & { readonly protectedFromScaleIn: boolean }): void;
  /** In Standby an instance is not looked after and has weight 0 in the vServer groups that Auto Scaling keeps. */
  enterStandby(input: NamedInstancesInput): void;
  exitStandby(input: NamedInstancesInput): void;
}

const INSTANCES_PER_CALL_MAX = 20;

/** The calls over the parts that they concern. */
export function createStandingInstances(
  { clock }: Pick<Foundation, 'clock'>,
  deps: {
    readonly state: EssState;
    readonly capacity: Capacity;
    readonly attachments: AttachmentWork;
    readonly attachmentRetryMs: number;
  },
): StandingInstances {
  const { state, capacity, attachments, attachmentRetryMs } = deps;

  const move = (input: NamedInstancesInput, from: ReadonlyArray<LifecycleState>, to: LifecycleState) => {
    const { scalingGroupId, instanceIds } = input;
    if (instanceIds.length === 0 || instanceIds.length > INSTANCES_PER_CALL_MAX) {
      throw essRefusals.invalidParameter('InstanceIds');
    }
    state.activeGroup(scalingGroupId);
    const members = instanceIds.map((id): ScalingInstance => {
      const member = state.instances.get(id);
      if (member?.scalingGroupId !== scalingGroupId) throw essRefusals.instanceNotFound(id);
      if (member.heldBy !== null || !from.includes(member.lifecycleState)) {
        throw essRefusals.incorrectInstanceState(id);
      }
      return member;
    });
    // What was found wrong before counts anew once the group looks at the instance again.
    state.change(instanceIds, { lifecycleState: to, unhealthySinceMs: null });
    for (const member of members) capacity.judge({ ...member, lifecycleState: to, unhealthySinceMs: null });
    capacity.wake(scalingGroupId);
  };
  const weigh = ({ scalingGroupId, instanceIds }: NamedInstancesInput) => {
    const group = state.groups.get(scalingGroupId);
    if (group === undefined) return;
    const inState = (isStandby: boolean) =>
      instanceIds.filter((id) => {
        const member = state.instances.get(id);
        return member?.heldBy === null && (member.lifecycleState === 'Standby') === isStandby;
      });
    const works = [attachments.weigh(group, inState(true), 'zero')];
    works.push(attachments.weigh(group, inState(false), 'own'));
    if (works.includes('busy')) {
      clock.at(clock.nowMs() + attachmentRetryMs, () => weigh({ scalingGroupId, instanceIds }));
    }
  };

  // What the last life of the world left undone.
  for (const { scalingGroupId } of state.groups.values()) {
    const instanceIds = state.instancesOf(scalingGroupId).map(({ instanceId }) => instanceId);
    const isSetAside = (id: string) => state.instances.get(id)?.lifecycleState === 'Standby';
    const asideIds = instanceIds.filter(isSetAside);
    if (asideIds.length > 0) clock.at(clock.nowMs(), () => weigh({ scalingGroupId, instanceIds: asideIds }));
  }

  return {
    setInstancesProtection({ protectedFromScaleIn, ...input }) {
      const states = ['InService', 'Protected'] as const;
      move(input, states, protectedFromScaleIn ? 'Protected' : 'InService');
    },
    enterStandby(input) {
      move(input, ['InService', 'Protected'], 'Standby');
      weigh(input);
    },
    exitStandby(input) {
      move(input, ['Standby'], 'InService');
      weigh(input);
    },
  };
}
