import { describe, expect, it } from 'vitest';
import { observeMemberships } from '../../../shared/instances/memberships.ts';
import type { LifecycleState } from '../../../shared/instances/model.ts';
import { observeInstances } from '../../../shared/instances/observe.ts';
import { aBinding, anInstance } from '../../support/builders.ts';

const of = (scalingGroupId: string) => aBinding({ selector: { kind: 'scaling-group', scalingGroupId } });

describe('what scaling groups say', () => {
  it('is asked once for each group that a binding selects by, and for no other', async () => {
    const asked: Array<string> = [];
    const gateway = {
      instances: async (id: string) => {
        asked.push(id);
        return new Map<string, LifecycleState>([[`i-of-${id}`, 'InService']]);
      },
    };

    const found = await observeMemberships(gateway, [of('asg-1'), aBinding(), of('asg-2'), of('asg-1')]);

    expect(asked).toEqual(['asg-1', 'asg-2']);
    expect([...found]).toEqual([
      ['i-of-asg-1', { scalingGroupId: 'asg-1', state: 'InService' }],
      ['i-of-asg-2', { scalingGroupId: 'asg-2', state: 'InService' }],
    ]);
  });

  it('is whole or an error: one group that does not answer is no empty group', async () => {
    const gateway = {
      instances: async (id: string): Promise<ReadonlyMap<string, LifecycleState>> => {
        if (id === 'asg-2') throw new Error('no answer');
        return new Map();
      },
    };

    await expect(observeMemberships(gateway, [of('asg-1'), of('asg-2')])).rejects.toThrow('no answer');
  });

  it('stands with the instances that ECS shows', async () => {
    const instances = {
      describe: async () => [anInstance('i-1'), anInstance('i-2')],
      provePermission: async () => {},
    };
    const memberships = new Map([['i-1', { scalingGroupId: 'asg-1', state: 'Removing' as const }]]);

    const { present } = await observeInstances(instances, ['i-1', 'i-2'], memberships);

    expect([...present.values()].map(({ scaling }) => scaling?.state ?? null)).toEqual(['Removing', null]);
  });
});
