import { describe, expect, it } from 'vitest';
import { listedOf, policyOf, serves } from '../../../shared/scaling/places.ts';
import { aBackend, aBinding, type BindingOverrides } from '../../support/builders.ts';
import { aPlace } from './scaling-input.ts';

/** Whether a backend of ours whose record says ready serves, by the weight that the group lists. */
function servesAt(listedWeight: number, binding: BindingOverrides = {}, weight = 100): boolean {
  const backend = listedOf(aBackend('i-web0001', { weight: listedWeight }));
  return serves(aPlace({ policy: policyOf(aBinding(binding), weight), backend }));
}

const PROVEN = { readiness: 'load-balancer', join: { weight: 1 } } as const;

describe('serves', () => {
  it('does not take the weight until ready for the weight of a ready backend', () => {
    expect([1, 2, 100].map((weight) => servesAt(weight, PROVEN))).toEqual([false, true, true]);
  });

  it.each([
    ['the weight until ready is 0', { ...PROVEN, join: { weight: 0 } } as const, 100],
    ['nothing has to be proven', {}, 100],
    [
      'the ramp begins with as little',
      { ...PROVEN, join: { weight: 1, rampPercents: [1, 50] } } as const,
      100,
    ],
    ['as little is the full weight', PROVEN, 1],
  ])('counts a weight of 1 where %s', (_, binding, weight) => {
    expect(servesAt(1, binding, weight)).toBe(true);
    expect(servesAt(0, binding, weight)).toBe(false);
  });

  it('asks for no weight where none is configured', () => {
    expect(servesAt(0, PROVEN, 0)).toBe(true);
  });
});
