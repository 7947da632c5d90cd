import { describe, expect, it } from 'vitest';
import { UnprovenError } from '../../../shared/instances/errors.ts';
import type { EcsInstance, LifecycleState } from '../../../shared/instances/model.ts';
import { observeInstances } from '../../../shared/instances/observe.ts';
import { isSelected, maySelect } from '../../../shared/instances/selection.ts';
import { aBinding, anInstance } from '../../support/builders.ts';

/** A gateway that lists these, with a count of what it was asked. */
function gatewayOf(listed: ReadonlyArray<EcsInstance>, mayList = true) {
  const pages: Array<ReadonlyArray<string>> = [];
  let proofs = 0;
  return {
    pages,
    proofs: () => proofs,
    describe: async (ids: ReadonlyArray<string>) => {
      pages.push(ids);
      return listed.filter(({ instanceId }) => ids.includes(instanceId));
    },
    provePermission: async () => {
      proofs++;
      if (!mayList) throw new Error('Forbidden.RAM');
    },
  };
}
const ids = (count: number) => Array.from({ length: count }, (_, n) => `i-${String(n).padStart(4, '0')}`);

describe('observing instances', () => {
  it('asks 100 at a time, each once, and keeps what was asked', async () => {
    const all = ids(250);
    const gateway = gatewayOf(all.map((id) => anInstance(id)));

    const { present, asked } = await observeInstances(gateway, [...all, ...all]);

    expect(gateway.pages.map((page) => page.length)).toEqual([100, 100, 50]);
    expect([present.size, asked.size]).toEqual([250, 250]);
    expect(gateway.proofs()).toBe(0);
  });

  it('believes in absence from a page that lists another instance', async () => {
    const gateway = gatewayOf([anInstance('i-0000')]);

    const { present, asked } = await observeInstances(gateway, ids(2));

    expect([...present.keys()]).toEqual(['i-0000']);
    expect(asked.has('i-0001')).toBe(true);
    expect(gateway.proofs()).toBe(0);
  });

  it('believes in an empty page only when it may list at all', async () => {
    expect((await observeInstances(gatewayOf([]), ids(1))).present.size).toBe(0);
    const half = gatewayOf(ids(100).map((id) => anInstance(id)));
    await observeInstances(half, ids(101));
    expect(half.proofs()).toBe(1);
    await expect(observeInstances(gatewayOf([], false), ids(1))).rejects.toThrow('Forbidden.RAM');
  });

  it('does not ask for those that are known, and tells of nobody who was not asked for', async () => {
    const gateway = gatewayOf(ids(3).map((id) => anInstance(id)));
    const known = [anInstance('i-0001', { status: 'Stopped' }), anInstance('i-0009')];

    const { present, asked } = await observeInstances(gateway, ids(3), new Map(), known);

    expect(gateway.pages).toEqual([['i-0000', 'i-0002']]);
    expect([...present.keys()].sort()).toEqual(ids(3));
    expect(present.get('i-0001')?.status).toBe('Stopped');
    expect([...asked]).toEqual(ids(3));
  });

  it('asks for each type by itself, and container instances 20 at a time', async () => {
    const all = [...ids(1), 'eni-1', 'eni-2', ...Array.from({ length: 21 }, (_, n) => `eci-${n + 10}`)];
    const gateway = gatewayOf(all.map((id) => anInstance(id)));

    const { present } = await observeInstances(gateway, all);

    expect(gateway.pages.map((page) => [page[0]?.split('-')[0], page.length])).toEqual([
      ['eci', 20],
      ['eci', 1],
      ['eni', 2],
      ['i', 1],
    ]);
    expect(present.size).toBe(24);
  });

  it('counts as not asked who is on an empty page that proves nothing, and nobody else', async () => {
    const gateway = gatewayOf([anInstance('i-0000'), anInstance('eni-1')]);
    const provePermission = async (type?: string) => {
      if (type === 'eci') throw new UnprovenError('DescribeContainerGroups');
    };

    const { present, asked } = await observeInstances({ ...gateway, provePermission }, [
      ...ids(2),
      'eni-1',
      'eni-2',
      'eci-1',
    ]);

    expect([...present.keys()].sort()).toEqual(['eni-1', 'i-0000']);
    expect([...asked].sort()).toEqual(['eni-1', 'eni-2', 'i-0000', 'i-0001']);
  });

  it('is an error when one page is', async () => {
    const gateway = gatewayOf(ids(300).map((id) => anInstance(id)));
    const describe = async (page: ReadonlyArray<string>) => {
      if (page.includes('i-0150')) throw new Error('throttled');
      return await gateway.describe(page);
    };

    await expect(observeInstances({ ...gateway, describe }, ids(300))).rejects.toThrow('throttled');
  });

  it('of nobody asks nobody', async () => {
    const gateway = gatewayOf([]);

    expect((await observeInstances(gateway, [])).asked.size).toBe(0);
    expect([gateway.pages, gateway.proofs()]).toEqual([[], 0]);
  });
});

describe('a selector', () => {
  const selected = (tags: Record<string, string>, wanted: Record<string, string>) =>
    isSelected(anInstance('i-1', { tags }), aBinding({ selector: { kind: 'tags', tags: wanted } }));

  it('wants every tag with exactly its value', () => {
    expect(selected({ role: 'web', team: 'a' }, { role: 'web' })).toBe(true);
    expect(selected({ role: 'web' }, { role: 'web', team: 'a' })).toBe(false);
    expect(selected({ role: 'Web' }, { role: 'web' })).toBe(false);
    expect(selected({}, { role: 'web' })).toBe(false);
  });

  describe('of a scaling group', () => {
    const binding = aBinding({ selector: { kind: 'scaling-group', scalingGroupId: 'asg-1' } });
    const member = (scalingGroupId: string, state: LifecycleState) =>
      anInstance('i-1', { tags: {}, scaling: { scalingGroupId, state } });
    const tagged = (id: string) => anInstance('i-1', { tags: { 'acs:autoscaling:scalingGroupId': id } });

    it('goes by what the scaling group says, not by the tag that it sets', () => {
      expect(isSelected(member('asg-1', 'InService'), binding)).toBe(true);
      expect(isSelected(member('asg-2', 'InService'), binding)).toBe(false);
      expect(isSelected(member('asg-1', 'Standby'), binding)).toBe(false);
      expect(isSelected(tagged('asg-1'), binding)).toBe(false);
    });

    it('may be told from the tag where nobody has asked the scaling group', () => {
      expect(
        [tagged('asg-1'), tagged('asg-2'), member('asg-1', 'Pending')].map((each) =>
          maySelect(each, binding),
        ),
      ).toEqual([true, false, true]);
    });
  });
});
