import type { Binding } from '../../config/binding.ts';

/** The weights of a binding's ramp for a port, rising, the full weight last. Never 0, unless the full weight is. */
export function rampWeights(binding: Binding | null, fullWeight: number): ReadonlyArray<number> {
  const percents = binding?.join.rampPercents ?? [];
  const weights = percents.map((percent) => Math.max(1, Math.round((fullWeight * percent) / 100)));
  return [
    ...weights.filter((weight, index) => weight < fullWeight && weight !== weights[index - 1]),
    fullWeight,
  ];
}

/** The weight of a step; beyond the last it is the full weight. */
export function rampWeight(weights: ReadonlyArray<number>, step: number): number {
  return weights[Math.min(step, weights.length - 1)] ?? 0;
}
