import { groupBy } from '../collections.ts';
import type { PathFault } from './faults.ts';
import { groupKeyAt, isMap, listAt, valueAt } from './raw-values.ts';
import { WEIGHTS_BY } from './weights.ts';

/** Groups in which every instance would have weight 0 on every port: nobody would be served. */
export function weightFaults(bindings: ReadonlyArray<unknown>): ReadonlyArray<PathFault> {
  const places = bindings.flatMap((binding, index) => {
    // One that names none has its own.
    const key = groupKeyAt(binding) ?? String(index);
    return listAt(binding, 'ports').map((entry, portIndex) => ({
      key,
      path: ['bindings', index, 'ports', portIndex, 'weight'],
      weight: valueAt(entry, 'weight'),
    }));
  });
  return [...groupBy(places, ({ key }) => key).values()].flatMap(([first, ...others]) => {
    if (first === undefined || ![first, ...others].every(({ weight }) => isAlwaysZero(weight))) return [];
    const found = 'weight 0 for every instance on every port of the group';
    return [{ path: first.path, found, allowed: 'a weight above 0 for somebody, or nobody is served' }];
  });
}

function isAlwaysZero(weight: unknown): boolean {
  if (weight === 0) return true;
  if (valueAt(weight, 'default') !== 0) return false;
  const weights = WEIGHTS_BY.map((name) => valueAt(weight, name)).filter(isMap);
  return weights.flatMap((each) => Object.values(each)).every((each) => each === 0);
}
