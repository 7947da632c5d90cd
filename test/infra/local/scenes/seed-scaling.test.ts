import { describe, expect, it } from 'vitest';
import { seedScalingGroups } from '../../../../infra/local/scenes/seed-scaling.ts';
import { createEcs } from '../../../../infra/local/world/ecs/ecs.ts';
import { createEss } from '../../../../infra/local/world/ess/ess.ts';
import { createEventBridge } from '../../../../infra/local/world/eventbridge/event-bridge.ts';
import { createFoundation } from '../../../../infra/local/world/foundation.ts';
import { createMns } from '../../../../infra/local/world/mns/mns.ts';
import { createSlb } from '../../../../infra/local/world/slb/slb.ts';
import type { Scaling } from '../../../../shared/config/scaling.ts';
import { aBinding, SCALING_GROUP } from '../../../support/builders.ts';

const QUEUE = 'slb-autopilot-scaling-hooks';
const BY_GROUP = aBinding({
  name: 'search',
  selector: { kind: 'scaling-group', scalingGroupId: SCALING_GROUP },
});

function aCloud({ queue = true } = {}) {
  const foundation = createFoundation();
  const ecs = createEcs(foundation);
  const mns = createMns(foundation);
  const slb = createSlb(foundation, { ecs });
  const ess = createEss(foundation, { ecs, slb, mns, eventBridge: createEventBridge(foundation, { mns }) });
  if (queue) mns.createQueue(QUEUE);
  return { foundation, ecs, ess };
}

function scaling(groups: Scaling['groups'] = []): Scaling {
  return {
    policy: { whenNotReady: 'abandon', whenForbidden: 'hold', whenTimeIsUp: 'rollback' },
    groups,
  };
}

describe('seedScalingGroups', () => {
  it('gives a scaling group of a binding its name, no instances, and a hook each way on our queue', () => {
    const clouds = aCloud();

    seedScalingGroups(clouds, { bindings: [aBinding(), BY_GROUP], scaling: scaling() });

    const [group, ...others] = clouds.ess.groups();
    expect(others).toEqual([]);
    expect(group).toMatchObject({ scalingGroupId: SCALING_GROUP, scalingGroupName: 'search' });
    expect(clouds.ess.members(SCALING_GROUP)).toEqual([]);
    const hooks = clouds.ess.describeLifecycleHooks({ scalingGroupId: SCALING_GROUP }).items;
    const { accountId } = clouds.foundation.identities;
    expect(
      hooks.map(({ lifecycleTransition: way, defaultResult, heartbeatTimeoutSeconds }) => [
        way,
        defaultResult,
        heartbeatTimeoutSeconds,
      ]),
    ).toEqual([
      ['SCALE_OUT', 'ABANDON', 600],
      ['SCALE_IN', 'CONTINUE', 600],
    ]);
    expect(new Set(hooks.map(({ notificationArn }) => notificationArn))).toEqual(
      new Set([`acs:mns:cn-hangzhou:${accountId}:queue/${QUEUE}`]),
    );
  });

  it('takes the timeout that the configuration says, and the tags of a binding for a group that is only named', () => {
    const clouds = aCloud();
    const named = scaling([{ scalingGroupId: 'asg-bp1named', hookTimeoutMs: 180_500 }]);

    seedScalingGroups(clouds, { bindings: [aBinding()], scaling: named });

    expect(clouds.ess.group('asg-bp1named')).toMatchObject({
      scalingGroupName: 'asg-bp1named',
      instanceTags: [{ key: 'role', value: 'web' }],
    });
    const [hook] = clouds.ess.describeLifecycleHooks({ scalingGroupId: 'asg-bp1named' }).items;
    expect(hook?.heartbeatTimeoutSeconds).toBe(181);
  });

  it('may be repeated, and changes nothing then', () => {
    const clouds = aCloud();
    const config = { bindings: [BY_GROUP], scaling: scaling() };
    seedScalingGroups(clouds, config);
    clouds.ess.scaleWithAdjustment({
      scalingGroupId: SCALING_GROUP,
      adjustmentType: 'TotalCapacity',
      adjustmentValue: 2,
    });

    seedScalingGroups(clouds, config);

    expect(clouds.ess.members(SCALING_GROUP)).toHaveLength(2);
    expect(clouds.ess.describeLifecycleHooks({ scalingGroupId: SCALING_GROUP }).totalCount).toBe(2);
  });

  it('fails where the queue is not there: nobody would ever answer', () => {
    const clouds = aCloud({ queue: false });

    expect(() => seedScalingGroups(clouds, { bindings: [BY_GROUP], scaling: scaling() })).toThrow(
      expect.objectContaining({ code: 'QueueNotExist' }),
    );
  });

  it('does nothing for a configuration without scaling groups', () => {
    const clouds = aCloud({ queue: false });

    seedScalingGroups(clouds, { bindings: [aBinding()], scaling: scaling() });

    expect(clouds.ess.groups()).toEqual([]);
  });
});
