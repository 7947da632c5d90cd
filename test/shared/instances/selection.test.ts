import { describe, expect, it } from 'vitest';
import { hasAddress, isSelected, maySelect, servingAddresses } from '../../../shared/instances/selection.ts';
import { aBinding, aContainerInstance, anInstance, anInterface } from '../../support/builders.ts';

describe('a binding of one type', () => {
  const all = [
    anInstance('i-1'),
    anInterface('eni-1', ['10.0.0.1', '10.0.0.2']),
    aContainerInstance('eci-1', '10.0.1.1'),
  ];

  it.each(['ecs', 'eni', 'eci'] as const)('selects nothing else by the same tags: %s', (type) => {
    const binding = aBinding({ type });
    const own = { ecs: ['i-1'], eni: ['eni-1'], eci: ['eci-1'] }[type];

    expect(all.filter((each) => isSelected(each, binding)).map(({ instanceId }) => instanceId)).toEqual(own);
    expect(all.filter((each) => maySelect(each, binding)).map(({ instanceId }) => instanceId)).toEqual(own);
  });

  it('that says no type, as the pool of a pair, selects ECS instances', () => {
    const { selector } = aBinding();

    expect(all.filter((each) => isSelected(each, { selector }))).toEqual([all[0]]);
  });
});

describe('the addresses under which an instance serves', () => {
  const eni = anInterface('eni-1', ['10.0.0.1', '10.0.0.2']);

  it('are none for an ECS instance, whose id is enough', () => {
    expect(servingAddresses(anInstance('i-1'), { addresses: 'primary' })).toEqual([null]);
  });

  it('are the primary one of a network interface, or all of them', () => {
    expect(servingAddresses(eni, { addresses: 'primary' })).toEqual(['10.0.0.1']);
    expect(servingAddresses(eni, { addresses: 'all' })).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  it('are that of a container instance, once it has one', () => {
    const eci = aContainerInstance('eci-1', '10.0.1.1');

    expect(servingAddresses(eci, { addresses: 'primary' })).toEqual(['10.0.1.1']);
    expect(servingAddresses({ ...eci, privateIp: null, addresses: [] }, { addresses: 'primary' })).toEqual(
      [],
    );
  });

  it('do not reach an interface that has lost the address', () => {
    expect(hasAddress(eni, '10.0.0.2')).toBe(true);
    expect(hasAddress(eni, '10.0.0.3')).toBe(false);
  });
});
